// A folder with the pipeline everything.json and its input, the real program run in it, and what it leaves.
#pragma once
#include "tests/faults/write_journal.h"

#include <QDateTime>
#include <QDir>
#include <QDirIterator>
#include <QProcess>
#include <QTemporaryDir>

#include <filesystem>
#include <random>

namespace streamwright {

inline constexpr int kBatches = 24;

inline QByteArray wordLine(std::mt19937& random, int words)
{
    QByteArrayList line;
    for (int word = 0; word < words; ++word) line += "w" + QByteArray::number(static_cast<int>(random() % 300));
    return line.join(' ');
}

using Content = QMap<QString, QByteArray>;

// What is asked of one run.
struct RunOrders {
    QString crash;              // STEP:BATCH:TIME (run_control.h): dies there
    int64_t killAt = 0;         // dies before this change to its files
    QString journal;            // the file that records what the run does to its files
    QStringList arguments;      // instead of two workers
};

class Place {
public:
    Place()
    {
        std::mt19937 random(7);
        QByteArray lines;
        for (int batch = 0; batch < kBatches; ++batch) {
            QByteArrayList rows;
            for (auto row = random() % 40; row > 0; --row) rows += '"' + wordLine(random, 1 + static_cast<int>(random() % 8)) + '"';
            lines += '[' + rows.join(',') + "]\n";
        }
        QDir(path()).mkdir("incoming");
        put("lines.jsonl", lines);
        for (int file = 0; file < kBatches / 2; ++file) {
            QByteArray text;
            for (int line = 0; line < 10; ++line) text += wordLine(random, 1) + '\n';
            put(QString("incoming/%1.txt").arg(file), text);
        }
        QFile::copy(PROJECT_FOLDER "/tests/faults/everything.json", folder_.filePath("everything.json"));
        dateInput();
    }
    // What a loss of power left: `write` fills the folder.
    template <class Write>
    void replaceBy(const Write& write) const
    {
        for (const auto& entry : std::filesystem::directory_iterator(path().toStdString())) std::filesystem::remove_all(entry.path());
        write(std::filesystem::path(path().toStdString()));
        dateInput();
    }

    QString path() const { return folder_.path(); }
    QString file(const QString& name) const { return folder_.filePath(name); }
    void put(const QString& name, const QByteArray& bytes) const
    {
        QFile file(folder_.filePath(name));
        if (!file.open(QFile::WriteOnly) || file.write(bytes) != bytes.size()) qFatal("cannot write %s", qPrintable(file.fileName()));
    }

    // Runs the pipeline; true: it ended by itself.
    bool run(const RunOrders& orders = {})
    {
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("STREAMWRIGHT_SNAPSHOT_BYTES", "3000");
        environment.insert("LD_PRELOAD", PROGRAM_FOLDER "/libwrite_journal.so");
        environment.insert("ASAN_OPTIONS", "verify_asan_link_order=0");
        environment.insert(kJournalFolder, path());
        if (!orders.crash.isEmpty()) environment.insert("STREAMWRIGHT_CRASH", orders.crash);
        if (!orders.journal.isEmpty()) environment.insert(kJournalFile, orders.journal);
        if (orders.killAt > 0) environment.insert(kJournalKill, QString::number(orders.killAt));
        process.setProcessEnvironment(environment);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(PROGRAM_FOLDER "/streamwright", QStringList{"run", file("everything.json"), "--clock", "virtual", "--progress", "none"} + (orders.arguments.isEmpty() ? QStringList{"--workers", "2"} : orders.arguments));
        if (!process.waitForFinished(60000)) {
            process.kill();
            process.waitForFinished();
            output_ = "the run hangs: " + process.readAll();
            exitCode_ = 1;
            return true;
        }
        output_ = process.readAll();
        const bool ended = process.exitStatus() == QProcess::NormalExit;
        exitCode_ = ended ? process.exitCode() : -1;
        return ended;
    }
    QByteArray output() const { return output_; }
    int exitCode() const { return exitCode_; }

    // Every published file with its bytes, and the rows of the databases.
    Content left() const
    {
        Content files;
        const QDir top(path());
        QDirIterator at(path(), QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
        while (at.hasNext()) {
            const QString full = at.next();
            const QString name = top.relativeFilePath(full);
            if (name.startsWith("run.checkpoint") || name.startsWith("incoming/") || name.contains(".sqlite") || name == "everything.json" || name == "lines.jsonl") continue;
            QFile file(full);
            if (file.open(QFile::ReadOnly)) files[name] = file.readAll();
        }
        files["totals"] = rows("totals.sqlite", "totals");
        files["history"] = rows("history.sqlite", "counts");
        return files;
    }

    // Runs to the end and compares; empty when all is as it should be.
    QByteArray finish(const Content& expected)
    {
        if (!run()) return "the run after it died: " + output_;
        if (exitCode_ != 0) return "the run after it failed: " + output_;
        const Content found = left();
        for (const QString& name : found.keys()) {
            if (!expected.contains(name)) return "there should be no " + name.toUtf8();
        }
        for (const QString& name : expected.keys()) {
            if (!found.contains(name)) return name.toUtf8() + " is missing";
            if (found[name] != expected[name]) return "other bytes in " + name.toUtf8() + ":\n" + found[name].left(2000) + "\ninstead of\n" + expected[name].left(2000);
        }
        return {};
    }

private:
    // The times of the input must not differ between the places, since the source remembers them.
    void dateInput() const
    {
        for (const QFileInfo& info : QDir(file("incoming")).entryInfoList(QDir::Files)) {
            QFile file(info.filePath());
            if (!file.open(QFile::ReadWrite)) continue;
            file.setFileTime(QDateTime::fromSecsSinceEpoch(1'700'000'000 + info.baseName().toInt()), QFileDevice::FileModificationTime);
        }
    }
    QByteArray rows(const QString& database, const QString& table) const
    {
        QProcess sqlite;
        sqlite.start("sqlite3", {file(database), QString("SELECT * FROM %1 ORDER BY 1, 2").arg(table)});
        sqlite.waitForFinished();
        return sqlite.readAllStandardOutput() + sqlite.readAllStandardError();
    }

    QTemporaryDir folder_;
    QByteArray output_;
    int exitCode_ = -1;
};

}
