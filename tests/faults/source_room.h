// A folder with a small pipeline in it, the real program run on it, and the peer that a socket source connects to.
#pragma once
#include "tests/faults/write_journal.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace streamwright {

inline constexpr int kPatience = 120'000;    // ms; only a failing test waits so long

// Listens on a port of its own; has one connection at a time. All calls return soon or after `kPatience`.
class SocketPeer {
public:
    explicit SocketPeer(bool listening = true)
    {
        if (listening) listen();
    }
    ~SocketPeer()
    {
        close();
        if (server_ >= 0) ::close(server_);
    }
    SocketPeer(const SocketPeer&) = delete;
    SocketPeer& operator=(const SocketPeer&) = delete;

    // The port is kept while nobody listens.
    int port()
    {
        if (port_ == 0) {
            listen();
            ::close(std::exchange(server_, -1));
        }
        return port_;
    }
    void listen()
    {
        server_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const int on = 1;
        ::setsockopt(server_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<uint16_t>(port_));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(server_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(server_, 8) != 0) qFatal("cannot listen");
        ::getsockname(server_, reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    bool accept()
    {
        close();
        pollfd wait{server_, POLLIN, 0};
        if (::poll(&wait, 1, kPatience) != 1) return false;
        connection_ = ::accept4(server_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        return connection_ >= 0;
    }

    // How many bytes could be sent before none could for `patience` milliseconds, or the connection broke.
    qint64 send(const QByteArray& bytes, int patience = kPatience)
    {
        qint64 sent = 0;
        while (sent < bytes.size()) {
            const ssize_t done = ::send(connection_, bytes.data() + sent, static_cast<size_t>(bytes.size() - sent), MSG_NOSIGNAL);
            if (done > 0) {
                sent += done;
                continue;
            }
            pollfd wait{connection_, POLLOUT, 0};
            if (errno != EAGAIN || ::poll(&wait, 1, patience) != 1) break;
        }
        return sent;
    }
    // The next line that came, without its end; empty when there is none for `kPatience` milliseconds.
    QByteArray line()
    {
        while (!read_.contains('\n')) {
            pollfd wait{connection_, POLLIN, 0};
            char bytes[4096];
            if (::poll(&wait, 1, kPatience) != 1) return {};
            const ssize_t got = ::recv(connection_, bytes, sizeof bytes, 0);
            if (got <= 0) return {};
            read_.append(bytes, got);
        }
        const auto end = read_.indexOf('\n');
        const QByteArray line = read_.left(end);
        read_.remove(0, end + 1);
        return line;
    }
    void close()
    {
        read_.clear();
        if (connection_ >= 0) ::close(std::exchange(connection_, -1));
    }
    // Ends the connection as a machine does that forgot it.
    void reset()
    {
        const linger now{1, 0};
        ::setsockopt(connection_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }

private:
    int server_ = -1;
    int connection_ = -1;
    int port_ = 0;
    QByteArray read_;
};

// Batches for source.replay: of each line, an array of rows that are arrays, with the columns' names ("a INT, b ARRAY<INT>").
inline QByteArray replayed(const QByteArray& schema, const QByteArray& lines)
{
    QStringList names;
    qsizetype depth = 0, from = 0;
    for (qsizetype at = 0; at <= schema.size(); ++at) {
        if (at == schema.size() || (depth == 0 && schema[at] == ',')) {
            names += QString::fromUtf8(schema.mid(from, at - from).trimmed().split(' ').first());
            from = at + 1;
        } else if (schema[at] == '<' || schema[at] == '>') {
            depth += schema[at] == '<' ? 1 : -1;
        }
    }
    QByteArray all;
    for (const QByteArray& line : lines.trimmed().split('\n')) {
        QJsonArray rows;
        const QJsonDocument document = QJsonDocument::fromJson(line);
        if (!document.isArray()) qFatal("not an array: %s", line.constData());
        for (const QJsonValue row : document.array()) {
            QJsonObject object;
            for (qsizetype i = 0; i < names.size(); ++i) object[names[i]] = row.toArray().at(i);
            rows += object;
        }
        all += QJsonDocument(rows).toJson(QJsonDocument::Compact) + '\n';
    }
    return all;
}

class SourceRoom {
public:
    // A source `in`, whose rows become JSON lines under `out` and whose rejected ones under `bad`.
    void write(const QByteArray& source, const QByteArray& settings = R"("batch_interval": "50ms")")
    {
        pipeline(R"("in": )" + source + R"(, "out": {"type": "sink.files", "options": {"path": "out", "format": "json"}},)"
                 R"("bad": {"type": "sink.files", "options": {"path": "bad", "format": "json"}})", R"("in -> out", "in.rejected -> bad")", settings);
    }
    void pipeline(const QByteArray& nodes, const QByteArray& edges, const QByteArray& settings)
    {
        put("p.json", R"({"format": "streamwright/1", "name": "p", "settings": {"checkpoint": "p.checkpoint", )" + settings + R"(}, "nodes": {)" + nodes + R"(}, "edges": [)" + edges + "]}");
    }
    ~SourceRoom() { kill(); }

    QString path(const QString& name) const { return folder_.filePath(name); }
    void put(const QString& name, const QByteArray& bytes) const
    {
        QFile file(path(name));
        if (!file.open(QFile::WriteOnly) || file.write(bytes) != bytes.size()) qFatal("cannot write %s", qPrintable(name));
    }
    // Appears whole, as a file should that a directory source reads.
    void moveIn(const QString& name, const QByteArray& bytes) const
    {
        QDir(folder_.path()).mkpath("incoming");
        put("being_written", bytes);
        if (!QFile::rename(path("being_written"), path("incoming/" + name))) qFatal("cannot move %s", qPrintable(name));
    }

    using Environment = QList<std::pair<QString, QString>>;
    void start(const QStringList& more = {}, const Environment& variables = {})
    {
        process_ = std::make_unique<QProcess>();
        process_->setProcessChannelMode(QProcess::MergedChannels);
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const auto& [name, value] : variables) environment.insert(name, value);
        process_->setProcessEnvironment(environment);
        // Modes of files bind this program as they bind everybody's, also when root runs the tests.
        process_->setChildProcessModifier([] {
            ::prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
            ::prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH);
        });
        output_.clear();
        process_->start(PROGRAM_FOLDER "/streamwright", QStringList{"run", path("p.json")} + (more.isEmpty() ? QStringList{"--progress", "none"} : more));
        process_->waitForStarted();
    }
    // The program's changes to its files are recorded, and it dies before one of them, if that is given.
    Environment watched(const QString& journal, qint64 killAt = 0) const
    {
        Environment variables{{"LD_PRELOAD", PROGRAM_FOLDER "/libwrite_journal.so"}, {"ASAN_OPTIONS", "verify_asan_link_order=0"}, {kJournalFolder, folder_.path()}, {kJournalFile, journal}};
        if (killAt > 0) variables.append({kJournalKill, QString::number(killAt)});
        return variables;
    }
    QString folder() const { return folder_.path(); }
    QProcess& process() { return *process_; }
    QByteArray output()
    {
        output_ += process_->readAll();
        return output_;
    }
    // False when it does not come about while the program runs.
    template <class Holds>
    bool waitFor(const Holds& holds)
    {
        QElapsedTimer since;
        since.start();
        while (!holds()) {
            if (process_->state() == QProcess::NotRunning) return holds();
            if (since.elapsed() > kPatience) return false;
            process_->waitForReadyRead(10);
        }
        return true;
    }
    bool waitForOutput(const QByteArray& text)
    {
        return waitFor([&] { return output().contains(text); });
    }
    // The exit code; -1 when it was killed or hangs.
    int finish()
    {
        if (process_->state() != QProcess::NotRunning && !process_->waitForFinished(kPatience)) {
            kill();
            output_ += "\nthe run hangs";
            return -1;
        }
        return process_->exitStatus() == QProcess::NormalExit ? process_->exitCode() : -1;
    }
    int stop(int signal = SIGTERM)
    {
        waitFor([&] { return heeds(signal) || process_->state() == QProcess::NotRunning; });
        this->signal(signal);
        return finish();
    }
    void kill()
    {
        if (!process_) return;
        process_->kill();
        process_->waitForFinished();
    }

    // Waits until the program stands still, as STREAMWRIGHT_HALT says.
    bool waitForHalt()
    {
        return waitFor([&] {
            QFile file(QString("/proc/%1/stat").arg(process_->processId()));
            return file.open(QFile::ReadOnly) && QString::fromUtf8(file.readAll()).section(')', -1).trimmed().startsWith('T');
        });
    }
    // A program that has just been started would only die of a signal.
    bool heeds(int signal) const
    {
        QFile status(QString("/proc/%1/status").arg(process_->processId()));
        if (!status.open(QIODevice::ReadOnly)) return false;
        const QByteArray text = status.readAll(), name = "SigBlk:";
        return text.mid(text.indexOf(name) + name.size()).split('\n').first().trimmed().toULongLong(nullptr, 16) >> (signal - 1) & 1;
    }
    void signal(int signal) const { ::kill(static_cast<pid_t>(process_->processId()), signal); }

    // Records of this run that the log had when it last told, with `--progress json`.
    qint64 received()
    {
        const QByteArray text = output();
        const auto at = text.lastIndexOf("\"received\":");
        return at < 0 ? 0 : text.mid(at + 11, 20).split(',').first().toLongLong();
    }

    // Values of a column of all rows that were published, in order.
    QByteArrayList values(const QString& folder = "out", const QString& column = "value") const
    {
        QByteArrayList values;
        const QDir published(path(folder));
        for (const QString& name : published.entryList({"part-*"}, QDir::Files, QDir::Name)) {
            QFile file(published.filePath(name));
            if (!file.open(QFile::ReadOnly)) qFatal("cannot read %s", qPrintable(name));
            QByteArrayList lines = file.readAll().split('\n');
            lines.removeLast();
            for (const QByteArray& line : lines) values += QJsonDocument::fromJson(line).object()[column].toVariant().toString().toUtf8();
        }
        return values;
    }
    bool waitForRows(int rows, const QString& folder = "out")
    {
        return waitFor([&] { return values(folder).size() >= rows; });
    }

    // The most memory that the program has had in RAM, in MiB.
    qint64 mostMemory() const
    {
        QFile file(QString("/proc/%1/status").arg(process_->processId()));
        if (!file.open(QFile::ReadOnly)) return -1;
        const QByteArray text = file.readAll();
        return text.mid(text.indexOf("VmHWM:") + 6).trimmed().split(' ').first().toLongLong() / 1024;
    }

private:
    QTemporaryDir folder_;
    std::unique_ptr<QProcess> process_;
    QByteArray output_;
};

}
