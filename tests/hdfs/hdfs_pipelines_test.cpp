// The shipped pipelines that work with HDFS, run as the README says.
#include "tests/faults/source_room.h"
#include "tests/hdfs/hdfs_server.h"

#include <QTest>

using namespace streamwright;

namespace {

// A copy of a pipeline in a folder of its own.
class Shipped : public SourceRoom {
public:
    explicit Shipped(const QString& name) { QFile::copy(QString(PROJECT_FOLDER "/pipelines/connectors/") + name, path("p.json")); }
    int now(const QStringList& more)
    {
        start(QStringList{"--trigger", "available_now", "--progress", "none"} + more, {{"XDG_STATE_HOME", path("state")}});
        return finish();
    }
    QByteArrayList saved() const
    {
        QByteArrayList lines;
        const QDir folder(path("saved"));
        for (const QString& batch : folder.entryList({"counts-*.txt"}, QDir::Dirs, QDir::Name)) {
            QFile file(folder.filePath(batch + "/part-00000"));
            if (!file.open(QFile::ReadOnly)) qFatal("cannot read %s", qPrintable(batch));
            for (const QByteArray& line : file.readAll().split('\n')) {
                if (!line.isEmpty()) lines += line;
            }
        }
        std::ranges::sort(lines);
        return lines;
    }
};

}

class HdfsPipelinesTest : public QObject {
    Q_OBJECT

private slots:
    void aFolderInAndTextFilesOut()
    {
        HdfsFolder hdfs;
        hdfs.put("incoming/a", "hello world\nhello\n");
        Shipped room("hdfs_text_files.json");
        const QStringList parameters{"--set", "server=" + hdfs.nameNodes(), "--set", "folder=" + hdfs.path("incoming")};
        QVERIFY2(room.now(parameters) == 0, room.output());
        QCOMPARE(room.saved(), QByteArrayList({"(hello,2)", "(world,1)"}));
        hdfs.put("incoming/b", "again\n");
        QVERIFY2(room.now(parameters) == 0, room.output());
        QCOMPARE(room.saved(), QByteArrayList({"(again,1)", "(hello,2)", "(world,1)"}));
    }

    // The pipeline's folders are at the root: this test has the server for itself.
    void aCheckpointInHdfsAndRecoveryInAnotherFolder()
    {
        HdfsFolder hdfs;
        for (const char* folder : {"incoming", "checkpoints", "counts"}) HdfsFolder::curl({"-X", "DELETE", address(folder, "op=DELETE&recursive=true")});
        const QStringList parameters{"--set", "server=" + hdfs.nameNodes()};
        put("incoming/a", "hello world\nhello\n");
        Shipped here("hdfs_checkpoint.json"), elsewhere("hdfs_checkpoint.json");
        QVERIFY2(here.now(parameters) == 0, here.output());
        QCOMPARE(newest(), QByteArrayList({"(hello,2)", "(world,1)"}));
        put("incoming/b", "hello\n");
        QVERIFY2(elsewhere.now(parameters) == 0, elsewhere.output());
        QCOMPARE(newest(), QByteArrayList({"(hello,3)", "(world,1)"}));
        // Who was there before goes on from what the other one did.
        put("incoming/c", "world\n");
        QVERIFY2(here.now(parameters) == 0, here.output());
        QCOMPARE(newest(), QByteArrayList({"(hello,3)", "(world,2)"}));
    }

private:
    static QString address(const QString& path, const QString& query) { return "http://" + QString::fromUtf8(qgetenv("HDFS_NAME_NODE")) + "/webhdfs/v1/" + path + "?user.name=" + qEnvironmentVariable("HDFS_USER") + "&" + query; }
    static void put(const QString& path, const QByteArray& bytes) { HdfsFolder::curl({"-L", "-X", "PUT", "-H", "Content-Type: application/octet-stream", "--data-binary", "@-", address(path, "op=CREATE&overwrite=true")}, bytes); }
    // The rows of the last batch that had any.
    static QByteArrayList newest()
    {
        QByteArrayList lines;
        const QJsonArray folders = QJsonDocument::fromJson(HdfsFolder::curl({address("counts", "op=LISTSTATUS")})).object()["FileStatuses"].toObject()["FileStatus"].toArray();
        for (const auto& folder : folders) {
            const QString name = folder.toObject()["pathSuffix"].toString();
            if (name.startsWith('.')) continue;
            QByteArrayList rows = HdfsFolder::curl({"-L", address("counts/" + name + "/part-00000", "op=OPEN")}).split('\n');
            rows.removeLast();
            if (!rows.isEmpty()) lines = rows;
        }
        std::ranges::sort(lines);
        return lines;
    }
};

QTEST_GUILESS_MAIN(HdfsPipelinesTest)
#include "hdfs_pipelines_test.moc"
