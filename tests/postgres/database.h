// A database of its own on the server that runs beside the test (tests/servers/with.sh postgres), asked with psql.
#pragma once
#include <QCoreApplication>
#include <QProcess>
#include <QString>

#include <atomic>

namespace streamwright {

class Database {
public:
    Database()
    {
        static std::atomic<int> count = 0;
        name_ = QString("test_%1_%2").arg(QCoreApplication::applicationPid()).arg(++count);
        ask("postgres", "CREATE DATABASE " + name_.toUtf8());
    }
    ~Database() { ask("postgres", "DROP DATABASE IF EXISTS " + name_.toUtf8() + " WITH (FORCE)"); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    QString name() const { return name_; }
    static int serverPort() { return qEnvironmentVariableIntValue("POSTGRES_PORT"); }
    // A row a line, values with | between them; errors are in it too.
    QByteArray sql(const QByteArray& statements) const { return ask(name_, statements); }
    // The options of a node that works with this database as superuser, unencrypted, by way of `port`.
    QByteArray options(int port = serverPort()) const { return "\"url\": \"postgresql://test@127.0.0.1:" + QByteArray::number(port) + "/" + name_.toUtf8() + "\", \"tls\": \"disable\""; }

    // The server as a whole: stop, kill, start.
    static bool server(const QString& verb)
    {
        QProcess script;
        script.setProcessChannelMode(QProcess::MergedChannels);
        script.start(PROJECT_FOLDER "/tests/servers/postgres.sh", {verb, qEnvironmentVariable("POSTGRES_FOLDER")});
        const bool done = script.waitForFinished(90'000) && script.exitStatus() == QProcess::NormalExit && script.exitCode() == 0;
        if (!done) qWarning("postgres.sh %s: %s", qPrintable(verb), script.readAll().constData());
        return done;
    }

private:
    static QByteArray ask(const QString& database, const QByteArray& statements)
    {
        QProcess psql;
        psql.setProcessChannelMode(QProcess::MergedChannels);
        psql.start("psql", {"-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", QString::number(serverPort()), "-U", "test", "-d", database});
        psql.write("SET client_min_messages = warning; SET timezone = 'UTC';" + statements + ";\n");
        psql.closeWriteChannel();
        if (!psql.waitForFinished(60'000)) {
            psql.kill();
            psql.waitForFinished();
            return "psql hangs";
        }
        return psql.readAll().trimmed();
    }

    QString name_;
};

}
