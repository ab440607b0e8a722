// Clients of the network sources: curl, and connections of the tests' own that do what no good client does.
#pragma once
#include "tests/faults/source_room.h"

#include <QMap>
#include <QRegularExpression>

#include <sys/resource.h>

namespace streamwright {

// A port of this machine that was free a moment ago, below those that the system hands out by itself.
inline int freePort()
{
    static int next = 10'000 + static_cast<int>(::getpid()) % 10'000;
    for (;;) {
        const int port = ++next;
        const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const bool is_free = ::bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
        ::close(probe);
        if (is_free) return port;
    }
}

// A connection to a port of this machine. All calls return soon or after `kPatience`.
class RawClient {
public:
    RawClient() = default;
    ~RawClient() { close(); }
    RawClient(RawClient&& other) noexcept : socket_(std::exchange(other.socket_, -1)), read_(std::move(other.read_)) {}
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    bool open(int port)
    {
        close();
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<uint16_t>(port));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return close(), false;
        ::fcntl(socket_, F_SETFL, O_NONBLOCK);
        return true;
    }
    // How many bytes could be sent before none could for `patience` milliseconds, or the connection broke.
    qint64 send(const QByteArray& bytes, int patience = kPatience)
    {
        qint64 sent = 0;
        while (sent < bytes.size()) {
            const ssize_t done = ::send(socket_, bytes.data() + sent, static_cast<size_t>(bytes.size() - sent), MSG_NOSIGNAL);
            if (done > 0) {
                sent += done;
                continue;
            }
            pollfd wait{socket_, POLLOUT, 0};
            if (errno != EAGAIN || ::poll(&wait, 1, patience) != 1) break;
        }
        return sent;
    }
    // The next line, without its end; empty when none came for `patience` milliseconds or the connection ended.
    QByteArray line(int patience = kPatience)
    {
        while (!read_.contains('\n')) {
            if (!readMore(patience)) return {};
        }
        const auto end = read_.indexOf('\n');
        const QByteArray line = read_.left(end);
        read_.remove(0, end + 1);
        return line;
    }
    // So many bytes, or fewer when the connection ended.
    QByteArray bytes(qsizetype count)
    {
        while (read_.size() < count && readMore(kPatience)) {
        }
        const QByteArray bytes = read_.left(count);
        read_.remove(0, count);
        return bytes;
    }
    // Whether the peer closes the connection within `patience` milliseconds.
    bool ends(int patience = kPatience)
    {
        while (readMore(patience)) {
        }
        return ended_;
    }
    void finishSending() { ::shutdown(socket_, SHUT_WR); }
    void close()
    {
        if (socket_ >= 0) ::close(std::exchange(socket_, -1));
        read_.clear();
        ended_ = false;
    }
    bool isOpen() const { return socket_ >= 0; }

private:
    bool readMore(int patience)
    {
        pollfd wait{socket_, POLLIN, 0};
        if (::poll(&wait, 1, patience) != 1) return false;
        char bytes[65536];
        const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
        ended_ = got <= 0;
        if (got > 0) read_.append(bytes, got);
        return got > 0;
    }

    int socket_ = -1;
    QByteArray read_;
    bool ended_ = false;
};

// Posts over one connection as long as it lasts.
class Poster {
public:
    explicit Poster(int port) : port_(port) {}

    // The status, 0 when there was no answer.
    int post(const QByteArray& body, const QByteArray& key = {}, const QByteArray& headers = {})
    {
        if (!connection_.isOpen() && !connection_.open(port_)) return 0;
        QByteArray request = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: " + QByteArray::number(body.size()) + "\r\n" + headers;
        if (!key.isEmpty()) request += "Idempotency-Key: " + key + "\r\n";
        request += "\r\n" + body;
        int status = 0;
        if (connection_.send(request) == request.size()) status = readAnswer();
        if (status == 0) connection_.close();
        return status;
    }
    QByteArray body() const { return body_; }

private:
    int readAnswer()
    {
        const QByteArray first = connection_.line();
        qsizetype length = 0;
        for (QByteArray header = connection_.line(); header.size() > 1; header = connection_.line()) {
            if (header.toLower().startsWith("content-length:")) length = header.mid(15).trimmed().toInt();
        }
        body_ = connection_.bytes(length);
        return first.startsWith("HTTP/1.1 ") && body_.size() == length ? first.mid(9, 3).toInt() : 0;
    }

    int port_;
    RawClient connection_;
    QByteArray body_;
};

// What curl got.
struct Curled {
    int status = 0;
    QByteArray headers, body;
    QByteArray header(const QByteArray& name) const
    {
        for (const QByteArray& line : headers.split('\n')) {
            if (line.toLower().startsWith(name.toLower() + ":")) return line.mid(name.size() + 1).trimmed();
        }
        return {};
    }
};
inline Curled curl(const QStringList& arguments, const QByteArray& input = {})
{
    QProcess process;
    process.start("curl", QStringList{"-sS", "-i", "--max-time", "60"} + arguments);
    process.write(input);
    process.closeWriteChannel();
    process.waitForFinished(kPatience);
    QByteArray text = process.readAllStandardOutput();
    // What was said before a body was sent.
    while (text.startsWith("HTTP/1.1 100")) text.remove(0, text.indexOf("\r\n\r\n") + 4);
    const auto end = text.indexOf("\r\n\r\n");
    return {text.mid(9, 3).toInt(), text.left(end), text.mid(end + 4)};
}

// From now on, or no longer, the program's writes fail as on a disk that is full. Made before it starts.
class FullDisk {
public:
    FullDisk() { std::signal(SIGXFSZ, SIG_IGN); }
    static void fill(QProcess& process) { limit(process, 1); }
    static void free(QProcess& process) { limit(process, RLIM_INFINITY); }

private:
    static void limit(QProcess& process, rlim_t bytes)
    {
        rlimit limit{bytes, RLIM_INFINITY};
        if (::prlimit(static_cast<pid_t>(process.processId()), RLIMIT_FSIZE, &limit, nullptr) != 0) qFatal("cannot limit the files of the program");
    }
};

// Until the program listens.
inline bool opened(SourceRoom& room, RawClient& connection, int port)
{
    return room.waitFor([&] { return connection.open(port); });
}
inline bool listens(SourceRoom& room, int port)
{
    RawClient probe;
    return opened(room, probe, port);
}

// How often each row is there.
inline QMap<QByteArray, int> counts(const QByteArrayList& rows)
{
    QMap<QByteArray, int> found;
    for (const QByteArray& row : rows) ++found[row];
    return found;
}

// Of the last batch that was told, with `--progress json`.
inline double reading(SourceRoom& room, const QByteArray& name)
{
    const QByteArray text = room.output();
    // The source stands before the sinks, which have readings too.
    const QRegularExpression wanted("\"sources\":.*?\"readings\":\\{[^}]*\"" + name + "\":([0-9.e+]+)");
    double value = -1;
    for (auto found = wanted.globalMatch(QString::fromUtf8(text)); found.hasNext();) value = found.next().captured(1).toDouble();
    return value;
}

// Sanitizers keep a multiple of the memory.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr qint64 kMemoryFactor = 8;
#else
inline constexpr qint64 kMemoryFactor = 1;
#endif

}
