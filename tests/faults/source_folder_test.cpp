// Files that misbehave under the directory source, and the ends of standard input and of a recording, through the
// real program: every file that arrived is read once, and what cannot be read is named.
#include "tests/faults/source_room.h"

#include <QTest>

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>

using namespace streamwright;

namespace {

QByteArray folderSource(const QByteArray& options = {}) { return R"({"type": "source.directory", "options": {"path": "incoming")" + (options.isEmpty() ? "" : ", " + options) + "}}"; }

QByteArrayList sorted(QByteArrayList values)
{
    std::ranges::sort(values);
    return values;
}

}

class SourceFolderTest : public QObject {
    Q_OBJECT

private slots:
    void onlyFilesThatHaveArrived()
    {
        SourceRoom room;
        room.write(folderSource(R"("pattern": "*.txt")"));
        room.moveIn("a.txt", "a\n");
        room.start();
        QVERIFY2(room.waitForRows(1), room.output());
        QDir(room.path("incoming")).mkpath("below.txt");
        room.put("incoming/below.txt/inside.txt", "inside\n");
        room.moveIn(".hidden.txt", "hidden\n");
        room.moveIn("_partial.txt", "partial\n");
        room.moveIn("other.csv", "other\n");
        room.put("elsewhere", "linked\n");
        QVERIFY(QFile::link(room.path("nowhere"), room.path("incoming/dangling.txt")));
        QVERIFY(QFile::link(room.path("incoming/circle.txt"), room.path("incoming/circle.txt")));
        QVERIFY(QFile::link(room.path("elsewhere"), room.path("incoming/link.txt")));
        QCOMPARE(::mkfifo(room.path("incoming/pipe.txt").toUtf8(), 0600), 0);
        room.moveIn("empty.txt", "");
        room.moveIn("last.txt", "last");
        QVERIFY2(room.waitForRows(3), room.output());
        // A hidden file that gets its name at last has arrived.
        QVERIFY(QFile::rename(room.path("incoming/_partial.txt"), room.path("incoming/partial.txt")));
        QVERIFY2(room.waitForRows(4), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(sorted(room.values()), (QByteArrayList{"a", "last", "linked", "partial"}));
    }

    // A name is bytes, not text; the next file comes while the first one is read in part.
    void aNameThatIsNoText()
    {
        SourceRoom room;
        room.write(folderSource(), R"("batch_interval": "50ms", "max_rows_per_batch": 1)");
        const std::filesystem::path folder = room.path("incoming").toStdString();
        room.moveIn("plain", "plain\n");
        room.put("odd", "odd 1\nodd 2\n");
        const std::filesystem::path odd = folder / "1 2\n\xFF%41";
        std::filesystem::rename(room.path("odd").toStdString(), odd);
        room.start();
        QVERIFY2(room.waitForRows(3), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(sorted(room.values()), (QByteArrayList{"odd 1", "odd 2", "plain"}));
        // QTemporaryDir cannot remove it.
        QVERIFY(std::filesystem::remove(odd));
    }

    void theFolderComesAndGoes()
    {
        SourceRoom room;
        room.write(folderSource());
        room.start();
        QVERIFY2(room.waitForOutput("in: waiting for the folder " + room.path("incoming").toUtf8()), room.output());
        room.moveIn("a", "a\n");
        QVERIFY2(room.waitForRows(1), room.output());
        QVERIFY(QDir(room.path("incoming")).removeRecursively());
        room.moveIn("b", "b\n");
        QVERIFY2(room.waitForRows(2), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(room.values(), (QByteArrayList{"a", "b"}));
    }

    // One file a batch; the last ones vanish, are truncated and rewritten before their turn.
    void filesThatChangeWhileTheyWait()
    {
        SourceRoom room;
        for (char name = 'a'; name <= 'z'; ++name) room.moveIn(QString(QChar(name)), QByteArray(3, name) + "\n" + QByteArray(3, name) + "\n");
        room.write(folderSource(R"("max_files": 1)"), R"("batch_interval": "100ms")");
        room.start();
        QVERIFY2(room.waitForRows(2), room.output());
        QVERIFY(QFile::remove(room.path("incoming/z")));
        QVERIFY(QFile::resize(room.path("incoming/y"), 4));
        room.moveIn("later", "later\n");
        QVERIFY2(room.waitForRows(2 * 24 + 2), room.output());
        QCOMPARE(room.stop(), 0);
        const QByteArrayList rows = room.values();
        QCOMPARE(rows.size(), 2 * 24 + 2);
        QCOMPARE(rows.count("yyy"), 1);
        QCOMPARE(rows.count("zzz"), 0);
        QCOMPARE(rows.count("later"), 1);
        for (char name = 'a'; name <= 'x'; ++name) QCOMPARE(rows.count(QByteArray(3, name)), 2);
    }

    // Lines are counted piece by piece (2 MiB) on several threads; each kind of line end stands across the end of a piece.
    void aLargeFileIsCutAfterExactlySoManyRows_data()
    {
        QTest::addColumn<QByteArray>("end");
        QTest::newRow("line feed") << QByteArray("\n");
        QTest::newRow("carriage return") << QByteArray("\r");
        QTest::newRow("both") << QByteArray("\r\n");
    }
    void aLargeFileIsCutAfterExactlySoManyRows()
    {
        QFETCH(QByteArray, end);
        constexpr int kRows = 1'000'000, kPiece = 2 << 20;
        QByteArray text;
        QByteArrayList expected;
        for (int i = 0; i < kRows; ++i) {
            QByteArray line = QByteArray::number(i);
            // The line that would end near the end of a piece ends right across it.
            const qsizetype left = kPiece - text.size() % kPiece;
            if (left < 20 && left > line.size() + 1) line.append(left - 1 - line.size(), 'x');
            text += line + end;
            expected += line;
        }
        QVERIFY(text.size() > 3 * kPiece);
        SourceRoom room;
        room.write(folderSource(), R"("trigger": "available_now", "backpressure": false, "max_rows_per_batch": 300000)");
        room.moveIn("large", text);
        room.start({"--progress", "json"});
        QVERIFY2(room.finish() == 0, room.output());
        QList<int> rows;
        for (const QByteArray& line : room.output().split('\n')) {
            const int batch = QJsonDocument::fromJson(line).object()["numInputRows"].toInt();
            if (batch > 0) rows += batch;
        }
        QCOMPARE(rows, (QList<int>{300'000, 300'000, 300'000, 100'000}));
        QCOMPARE(room.values(), expected);
    }

    void whatMustNotBeReadIsWaitedFor()
    {
        SourceRoom room;
        room.moveIn("a", "a\n");
        room.moveIn("secret", "s\n");
        const QByteArray secret = room.path("incoming/secret").toUtf8(), folder = room.path("incoming").toUtf8();
        QCOMPARE(::chmod(secret, 0), 0);
        room.write(folderSource());
        room.start();
        QVERIFY2(room.waitForOutput("waiting for in: "), room.output());
        QVERIFY2(room.output().toLower().contains("incoming/secret: permission denied"), room.output());
        QCOMPARE(::chmod(secret, 0600), 0);
        QVERIFY2(room.waitForRows(2), room.output());
        QCOMPARE(::chmod(folder, 0), 0);
        QVERIFY2(room.waitForOutput("waiting for in: the folder " + folder), room.output());
        QCOMPARE(::chmod(folder, 0700), 0);
        room.moveIn("b", "b\n");
        QVERIFY2(room.waitForRows(3), room.output());
        QCOMPARE(room.stop(), 0);
        QCOMPARE(sorted(room.values()), (QByteArrayList{"a", "b", "s"}));
    }

    // Its range was logged and the run died: the batch can only be made of the same bytes.
    void aFileThatIsAnotherOneWhenItIsReadAgain()
    {
        for (const bool gone : {true, false}) {
            SourceRoom room;
            room.moveIn("a", "a\n");
            room.write(folderSource());
            room.start({}, {{"STREAMWRIGHT_CRASH", "ranges_logged:1"}});
            QCOMPARE(room.finish(), -1);
            const auto time = std::filesystem::last_write_time(room.path("incoming/a").toStdString());
            if (gone) QVERIFY(QFile::remove(room.path("incoming/a")));
            else room.put("incoming/a", "b\n");
            room.start();
            QCOMPARE(room.finish(), 1);
            QVERIFY2(room.output().contains("incoming/a had 2 bytes when it was put into this batch") && room.output().contains("put the file back as it was"), room.output());
            room.put("incoming/a", "a\n");
            std::filesystem::last_write_time(room.path("incoming/a").toStdString(), time);
            room.start();
            QVERIFY2(room.waitForRows(1), room.output());
            QCOMPARE(room.stop(), 0);
            QCOMPARE(room.values(), (QByteArrayList{"a"}));
        }
    }

    // Thousands at once, a kill in between, and no file twice after restarts.
    void thousandsOfFiles()
    {
        constexpr int kFiles = 5000;
        SourceRoom room;
        QDir(room.path("")).mkpath("ready");
        for (int i = 0; i < kFiles; ++i) room.put(QString("ready/%1").arg(i), QByteArray::number(i) + "\n" + QByteArray::number(kFiles + i) + "\n");
        room.write(folderSource(R"("max_files": 300)"), R"("batch_interval": "30ms")");
        room.start();
        QVERIFY(QDir().rename(room.path("ready"), room.path("incoming")));
        QVERIFY2(room.waitForRows(700), room.output());
        room.kill();
        room.start();
        QVERIFY2(room.waitForRows(2 * kFiles), room.output());
        QCOMPARE(room.stop(), 0);
        room.start();
        room.moveIn("one more", "99999\n");
        QVERIFY2(room.waitForRows(2 * kFiles + 1), room.output());
        QCOMPARE(room.stop(), 0);
        std::vector<int> numbers;
        for (const QByteArray& value : room.values()) numbers.push_back(value.toInt());
        std::ranges::sort(numbers);
        QCOMPARE(numbers.size(), 2u * kFiles + 1);
        for (int i = 0; i < 2 * kFiles; ++i) QCOMPARE(numbers[static_cast<size_t>(i)], i);
        QCOMPARE(numbers.back(), 99999);
    }

    void rowsThatAreWrong_data()
    {
        QTest::addColumn<QByteArray>("options");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArrayList>("names");
        QTest::addColumn<QByteArrayList>("reasons");
        const QByteArray csv = R"("format": "csv", "schema": "id INT, name STRING")";
        const QByteArray json = R"("format": "json", "schema": "id INT, name STRING")";
        const QByteArray mark = "\xEF\xBB\xBF";
        QTest::newRow("count of columns") << csv << QByteArray("id,name\n1,a\n2\n3,b,c\n4,d\n") << QByteArrayList{"a", "d"}
                                          << QByteArrayList{"must have 2 fields, but it has 1 (in PATH, line 3)", "must have 2 fields, but it has 3 (in PATH, line 4)"};
        QTest::newRow("quotes over lines") << csv + R"(, "multi_line": true)" << QByteArray("id,name\r\n1,\"a\r\nb\"\r\nx,y\r\n2,\"c\"\"d\"\r\n") << QByteArrayList{"a\r\nb", "c\"d"}
                                           << QByteArrayList{"(in PATH, record 2)"};
        QTest::newRow("an open quote") << csv << QByteArray("id,name\n1,\"a\nb\"\n2,c\n") << QByteArrayList{"c"}
                                       << QByteArrayList{"field 2 opens a quote that is not closed (in PATH, line 2)", "but it has 1 (in PATH, line 3)"};
        QTest::newRow("a header alone") << csv << QByteArray("id,name\n") << QByteArrayList{} << QByteArrayList{};
        QTest::newRow("a header alone, without an end") << csv << QByteArray("id,name") << QByteArrayList{} << QByteArrayList{};
        QTest::newRow("a header of other columns") << csv << QByteArray("id,nom\n1,a\n") << QByteArrayList{} << QByteArrayList{"PATH: the header must name the columns of the schema, but it lacks name"};
        QTest::newRow("CSV with a byte order mark") << csv << mark + "id,name\n1,a\n" << QByteArrayList{"a"} << QByteArrayList{};
        QTest::newRow("without a header, with a mark") << csv + R"(, "header": false)" << mark + "1,a\nx,b\n" << QByteArrayList{"a"} << QByteArrayList{"(in PATH, line 2)"};
        QTest::newRow("JSON with a mark") << json << mark + "{\"id\": 1, \"name\": \"a\"}\n" << QByteArrayList{"a"} << QByteArrayList{};
        QTest::newRow("broken JSON") << json << QByteArray("{\"id\": 1, \"name\": \"a\"}\n{\"id\": 2, \"na\n\n{\"id\": \"x\"}\n[1]\n{\"id\": 3, \"name\": \"b\"}") << QByteArrayList{"a", "b"}
                                     << QByteArrayList{"(in PATH, line 2)", "(in PATH, line 4)", "(in PATH, line 5)"};
        QTest::newRow("lines far behind") << csv << "id,name\n" + QByteArray("1,a longer name that fills the file\n").repeated(200'000) + "x,b\r\n1,a\r\ny,b\n"
                                          << QByteArrayList(200'000, "a longer name that fills the file") + QByteArrayList{"a"} << QByteArrayList{"(in PATH, line 200002)", "(in PATH, line 200004)"};
    }
    void rowsThatAreWrong()
    {
        QFETCH(QByteArray, options);
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArrayList, names);
        QFETCH(QByteArrayList, reasons);
        SourceRoom room;
        room.moveIn("a", bytes);
        room.write(folderSource(options), R"("trigger": "available_now")");
        room.start();
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.values("out", "name"), names);
        const QByteArrayList found = room.values("bad", "reason");
        QVERIFY2(found.size() == reasons.size(), found.join('\n'));
        for (int i = 0; i < found.size(); ++i) {
            QByteArray reason = reasons[i];
            QVERIFY2(found[i].contains(reason.replace("PATH", room.path("incoming/a").toUtf8())), found[i]);
        }
    }

    void linesThatAreTooLongOrNoText()
    {
        SourceRoom room;
        room.moveIn("a", "first\n" + QByteArray(40 << 20, 'x') + "\nsecond\r\nca\xFF" "f\n" + QByteArray("nul\0nul", 7) + "\rlast");
        room.write(folderSource(), R"("trigger": "available_now")");
        room.start();
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.values(), (QByteArrayList{"first", "second", "ca\xEF\xBF\xBD" "f", QByteArray("nul\0nul", 7), "last"}));
        const QByteArrayList reasons = room.values("bad", "reason");
        QVERIFY2(reasons.size() == 1 && reasons[0].contains("has 41943040") && reasons[0].endsWith("incoming/a, line 2)"), reasons.join('\n'));
    }

    void standardInputEndsTheRun()
    {
        SourceRoom room;
        room.write(R"({"type": "source.stdin"})", R"("trigger": "available_now")");
        room.start();
        room.process().write("one\r\ntwo\rthree\n\n" + QByteArray(20 << 20, 'x') + "\nlast");
        room.process().closeWriteChannel();
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.values(), (QByteArrayList{"one", "two", "three", "", "last"}));
        const QByteArrayList reasons = room.values("bad", "reason");
        QVERIFY2(reasons == QByteArrayList{"the record must not be longer than 16777216 bytes, but it has 20971520"}, reasons.join('\n'));
        // Nothing comes any more, and nothing comes again.
        room.start();
        room.process().closeWriteChannel();
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.values().size(), 5);
    }

    // The rows are a beginning of each life's input, and all that it said it had received.
    void killedWhileItReadsStandardInput()
    {
        constexpr int kLives = 6, kLines = 20'000;
        SourceRoom room;
        std::vector<qint64> received;
        for (int life = 0; life < kLives; ++life) {
            room.write(R"({"type": "source.stdin"})", R"("batch_interval": "20ms", "backpressure": false, "max_rows_per_batch": 900)");
            room.start({"--progress", "json"});
            QByteArray lines;
            for (int i = 0; i < kLines; ++i) lines += QByteArray::number(life * kLines + i) + '\n';
            room.process().write(lines);
            QVERIFY2(room.waitFor([&] { return room.received() > 0 && room.output().count("\"batchId\"") > 2 + life; }), room.output());
            room.kill();
            received.push_back(room.received());
        }
        room.write(R"({"type": "source.stdin"})", R"("trigger": "available_now")");
        room.start();
        room.process().closeWriteChannel();
        QVERIFY2(room.finish() == 0, room.output());
        std::vector<qint64> found(kLives);
        for (const QByteArray& row : room.values()) {
            const int number = row.toInt();
            QVERIFY2(number % kLines == found[static_cast<size_t>(number / kLines)]++, row + " is not the next one");
        }
        for (size_t life = 0; life < kLives; ++life) QVERIFY2(found[life] >= received[life], QByteArray::number(found[life]) + " rows of " + QByteArray::number(received[life]) + " that were received");
    }

    void recordingsThatAreWrong()
    {
        const QByteArray replay = R"({"type": "source.replay", "options": {"file": "rows.jsonl", "schema": "n INT"}})";
        SourceRoom room;
        room.write(replay);
        room.start({"--clock", "virtual", "--progress", "none"});
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains("rows.jsonl"), room.output());
        // A row that does not fit is rejected with its line; the last line needs no end.
        room.put("rows.jsonl", "[1, 2]\n[]\n[3, \"x\"]\r\n[4]");
        room.start({"--clock", "virtual", "--progress", "none"});
        QVERIFY2(room.finish() == 0, room.output());
        QCOMPARE(room.values("out", "n"), (QByteArrayList{"1", "2", "3", "4"}));
        const QByteArrayList reasons = room.values("bad", "reason");
        QVERIFY2(reasons.size() == 1 && reasons[0].startsWith("line 3, row 2: "), reasons.join('\n'));
        // More is appended: it goes on there, up to a line that is no batch.
        room.put("rows.jsonl", "[1, 2]\n[]\n[3, \"x\"]\r\n[4]\n[5]\n{\"n\": 6\n");
        room.start({"--clock", "virtual", "--progress", "none"});
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains("rows.jsonl line 6: "), room.output());
        QCOMPARE(room.values("out", "n"), (QByteArrayList{"1", "2", "3", "4", "5"}));
        room.put("rows.jsonl", "[1]\n");
        room.start({"--clock", "virtual", "--progress", "none"});
        QCOMPARE(room.finish(), 1);
        QVERIFY2(room.output().contains("it was changed by another program") || room.output().contains("rows.jsonl line"), room.output());
    }
};

QTEST_GUILESS_MAIN(SourceFolderTest)
#include "source_folder_test.moc"
