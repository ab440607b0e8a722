// A folder of its own in the HDFS that runs beside the test (tests/servers/with.sh hdfs), looked at with curl.
#pragma once
#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QProcess>
#include <QString>
#include <QStringList>

#include <atomic>

namespace streamwright {

class HdfsFolder {
public:
    explicit HdfsFolder(QString server = "hdfs") : server_(std::move(server))
    {
        static std::atomic<int> count = 0;
        path_ = QString("/test_%1_%2").arg(QCoreApplication::applicationPid()).arg(++count);
        make("");
    }
    ~HdfsFolder() { remove(""); }
    HdfsFolder(const HdfsFolder&) = delete;
    HdfsFolder& operator=(const HdfsFolder&) = delete;

    // Below the test's folder, and as a node of a pipeline names it.
    QString path(const QString& name) const { return name.isEmpty() ? path_ : path_ + "/" + name; }
    QByteArray url(const QString& name, const QByteArray& user = {}) const { return "hdfs://" + (user.isEmpty() ? QByteArray() : user + "@") + nameNodes() + path(name).toUtf8(); }
    QByteArray nameNodes() const { return qgetenv(server_ == "hdfs" ? "HDFS_NAME_NODE" : "HDFS_NAME_NODES"); }

    void make(const QString& name) const { ask("PUT", name, "op=MKDIRS"); }
    void put(const QString& name, const QByteArray& bytes) const { curl({"-L", "-X", "PUT", "-H", "Content-Type: application/octet-stream", "--data-binary", "@-", address(name, "op=CREATE&overwrite=true")}, bytes); }
    // A data node that talked to a name node which was started again since fails once.
    QByteArray get(const QString& name) const
    {
        QByteArray bytes = curl({"-L", address(name, "op=OPEN")});
        for (int again = 0; again < 10 && bytes.startsWith("{\"RemoteException\""); ++again) bytes = curl({"-L", address(name, "op=OPEN")});
        return bytes;
    }
    QByteArray rename(const QString& from, const QString& to) const { return ask("PUT", from, "op=RENAME&destination=" + path(to)); }
    void remove(const QString& name) const { ask("DELETE", name, "op=DELETE&recursive=true"); }
    bool exists(const QString& name) const { return ask("GET", name, "op=GETFILESTATUS").contains("\"FileStatus\""); }
    // An answer, or what went wrong, as the server says it.
    QByteArray ask(const QString& method, const QString& name, const QString& query) const { return curl({"-X", method, address(name, query)}); }
    QString address(const QString& name, const QString& query) const
    {
        return "http://" + QString::fromUtf8(qgetenv("HDFS_NAME_NODE")) + "/webhdfs/v1" + path(name) + "?user.name=" + qEnvironmentVariable("HDFS_USER") + "&" + query;
    }

    // Names in a folder, in order; those that are hidden are left out.
    QStringList names(const QString& folder, bool hidden = false) const
    {
        QStringList found;
        const QJsonArray entries = QJsonDocument::fromJson(ask("GET", folder, "op=LISTSTATUS")).object()["FileStatuses"].toObject()["FileStatus"].toArray();
        for (const auto& entry : entries) {
            const QString name = entry.toObject()["pathSuffix"].toString();
            if (hidden || !name.startsWith('.')) found += name;
        }
        return found;
    }
    // Every file of the batches' folders with its bytes.
    QMap<QString, QByteArray> content(const QString& folder) const
    {
        QMap<QString, QByteArray> files;
        for (const QString& batch : names(folder)) {
            for (const QString& file : names(folder + "/" + batch)) files[batch + "/" + file] = get(folder + "/" + batch + "/" + file);
        }
        return files;
    }
    // Lines of all batches, in order.
    QByteArrayList lines(const QString& folder) const
    {
        QByteArrayList all;
        const auto files = content(folder);
        for (auto file = files.begin(); file != files.end(); ++file) {
            QByteArrayList some = file.value().split('\n');
            some.removeLast();
            all += some;
        }
        return all;
    }

    // The script of the server: kill, run (namenode or datanode), admin (dfsadmin), failover.
    bool server(const QStringList& arguments) const
    {
        QProcess script;
        script.setProcessChannelMode(QProcess::MergedChannels);
        QStringList all = arguments;
        all.insert(1, qEnvironmentVariable(server_ == "hdfs" ? "HDFS_FOLDER" : "HDFS_HA_FOLDER"));
        script.start(PROJECT_FOLDER "/tests/servers/" + server_ + ".sh", all);
        const bool done = script.waitForFinished(120'000) && script.exitStatus() == QProcess::NormalExit && script.exitCode() == 0;
        if (!done) qWarning("%s.sh %s: %s", qPrintable(server_), qPrintable(arguments.join(' ')), script.readAll().constData());
        return done;
    }

    static QByteArray curl(const QStringList& arguments, const QByteArray& input = {})
    {
        QProcess process;
        process.start("curl", QStringList{"-sS", "--max-time", "60"} + arguments);
        process.write(input);
        process.closeWriteChannel();
        if (!process.waitForFinished(70'000)) {
            process.kill();
            process.waitForFinished();
            return "curl hangs";
        }
        return process.readAllStandardOutput() + process.readAllStandardError();
    }

private:
    QString server_;
    QString path_;
};

}
