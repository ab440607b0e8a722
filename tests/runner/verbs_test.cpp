// The verbs beside `run` as a person uses them: answers, messages, exit codes, help, completion; a checkpoint that
// is looked into while the run goes on.
#include <QDir>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

namespace {

constexpr const char* kWords = R"json({"format": "streamwright/1", "name": "words",
    "settings": {"batch_interval": "20ms", "checkpoint": "checkpoint"},
    "parameters": {"rows": 10},
    "nodes": {
        "lines": {"type": "source.stdin"},
        "words": {"type": "flat_map", "options": {"expression": "split(value, ' ')", "as": "word"}},
        "totals": {"type": "update_state_by_key", "options": {"keys": ["word"], "values": "word", "as": "total", "update": "coalesce(state, 0) + size(values)"}},
        "out": {"type": "sink.console", "options": {"rows": "${rows}"}}},
    "edges": ["lines -> words", "words -> totals", "totals -> out"]})json";

// Nobody listens on port 1.
constexpr const char* kSocket = R"json({"format": "streamwright/1", "name": "socket", "settings": {"checkpoint": "socket.checkpoint"},
    "nodes": {"lines": {"type": "source.socket", "options": {"port": 1}}, "out": {"type": "sink.console"}},
    "edges": ["lines -> out"]})json";

constexpr const char* kFlow = "in = input n INT\nkeep = filter {\"condition\": \"n > 1\"}\nbatch\n  in: [1, 2]\n  keep: [2]\n";

struct Done {
    int exitCode = -1;
    QString out, err;
};

void writeFile(const QString& path, const QByteArray& text)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly)) qFatal("cannot write %s", qPrintable(path));
    file.write(text);
}

// The names below "Subcommands:" in a help text.
QStringList verbsIn(const QString& help)
{
    QStringList verbs;
    static const QRegularExpression name("^  ([a-z]+) ", QRegularExpression::MultilineOption);
    const QString list = help.section("Subcommands:\n", 1).section("\n\n", 0, 0);
    for (auto found = name.globalMatch(list); found.hasNext();) verbs += found.next().captured(1);
    return verbs;
}

}

class VerbsTest : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        folder_ = std::make_unique<QTemporaryDir>();
        write("words.json", kWords);
        write("socket.json", kSocket);
        write("good.flow", kFlow);
        write("different.flow", QByteArray(kFlow).replace("keep: [2]", "keep: [1]"));
        write("broken.flow", "batch\n  nonsense");
        write("rows.jsonl", "{\"amount\": 3}\n{\"amount\": null}\n{\"amount\": 4.5}\n");
        write("people.csv", "name,age\nAnn,3\n\"B, C\",\n");
        write("garbage.json", QByteArray("\x7f" "ELF\x1b[2J\x01", 9));
        write("latin.json", "{\"name\": \"caf\xe9\"}");
        write("large.json", QByteArray((64 << 20) + 1, ' '));
    }

    void answers_data()
    {
        QTest::addColumn<QString>("arguments");
        QTest::addColumn<QByteArray>("input");
        QTest::addColumn<int>("exitCode");
        QTest::addColumn<QString>("out");  // all of it, or with … only what it begins with
        QTest::addColumn<QString>("err");
        const auto add = [](const char* name, const char* arguments, int exitCode, const char* out, const char* err = "", const QByteArray& input = {}) {
            QTest::newRow(name) << arguments << input << exitCode << out << err;
        };
        add("no verb", "", 2, "", "error: A subcommand is required…");
        add("unknown verb", "chek", 2, "", "error: no verb called chek (did you mean \"check\"?)…");
        add("unknown inner verb", "checkpoint|lst", 2, "", "error: no verb called lst (did you mean \"list\"?)\n  `streamwright checkpoint --help` lists them\n");
        add("unknown option", "check|--jsn|words.json", 2, "", "error: The following argument was not expected: --jsn…");
        add("an expression", "eval|1 + 1", 0, "int\n2\n");
        add("an expression as JSON", "eval|array(1.5, NULL)|--json", 0, "{\"type\": \"array<double>\", \"value\": [1.5, null]}\n");
        add("a failing expression", "eval|1 / 0", 1, "double\nerror: division by zero\n");
        add("a wrong expression", "eval|uper('a')", 2, "", "error: at 1:1: unknown function: uper\n  did you mean \"upper\"?\n");
        add("expressions from standard input", "eval", 0, "{\"type\": \"int\", \"value\": 2}\n{\"error\": \"at 1:1: unknown column: x\"}\n{\"error\": \"the expression is not UTF-8 text\"}\n{\"error\": \"division by zero\"}\n", "", "1 + 1\nx\n'\xff'\n1 / 0");
        add("rows of JSON", "eval|amount * 2|--rows|rows.jsonl", 0, "double\n6.0\nNULL\n9.0\n");
        add("rows of CSV", "eval|upper(name)|--rows|people.csv", 0, "string\nANN\nB, C\n");
        add("no rows", "eval|1|--rows|none.csv", 2, "", "error: cannot read the rows: none.csv\n…");
        add("a node type", "nodes|filter", 0, "filter\n…");
        add("no node type", "nodes|fliter", 2, "", "error: no node type or function called fliter (did you mean \"filter\"?)\n");
        add("a function", "functions|upper", 0, "upper(…");
        add("a good pipeline", "check|words.json", 0, "words.json: no problems\n");
        add("a pipeline through a pipe", "check|/dev/stdin", 0, "/dev/stdin: no problems\n", "", kWords);
        add("verified", "check|socket.json|--verify", 1, "socket.json: lines: passed: find localhost: 127.0.0.1, ::1\nsocket.json: lines: failed: connect to localhost:1: connection refused\n");
        add("a wrong parameter", "check|words.json|--set|rows=many", 2, "words.json:3: error: parameters.rows: rows must be of type number, but --set gives \"many\"\n");
        add("a missing pipeline", "check|none.json", 2, "none.json: error: cannot open none.json: No such file or directory\n");
        add("a folder", "check|.", 2, ".: error: cannot read .: Is a directory\n");
        add("a program", "check|garbage.json", 2, "garbage.json:1: error: not JSON: syntax error near \"\\u007fELF\\u001b[2J\\u0001\"\n");
        add("another encoding", "check|latin.json", 2, "latin.json:1: error: not UTF-8 text: there is a byte 0xE9\n");
        add("a large file", "check|large.json", 2, "large.json: error: large.json is larger than 64 MiB (is it the right file?)\n");
        add("a flow", "test|good.flow", 0, "1 case in 1 file: all as expected, in …");
        add("a flow that differs", "test|different.flow", 1, "different.flow:5: …");
        add("a broken flow", "test|broken.flow", 2, "broken.flow:2: error: the line \"nonsense\" cannot be read …");
        add("no checkpoint", "checkpoint|list|none", 2, "", "error: there is no checkpoint at none\n…");
        add("no epoch", "checkpoint|show|none|--epoch|0", 2, "", "error: --epoch: Value 0 not in range 1 to …");
    }
    void answers()
    {
        QFETCH(QString, arguments);
        QFETCH(QByteArray, input);
        QFETCH(int, exitCode);
        QFETCH(QString, out);
        QFETCH(QString, err);
        const Done done = run(arguments.split('|', Qt::SkipEmptyParts), input);
        for (const auto& [is, wanted] : {std::pair(done.out, out), std::pair(done.err, err)}) {
            if (wanted.endsWith(QString("…"))) QVERIFY2(is.startsWith(wanted.chopped(1)), qPrintable(is));
            else QCOMPARE(is, wanted);
        }
        QCOMPARE(done.exitCode, exitCode);
    }

    void everyVerbExplainsItself()
    {
        const QStringList verbs = verbsIn(run({"--help"}).out);
        QVERIFY(verbs.size() >= 8);
        for (const QString& verb : verbs) {
            const QStringList inner = verbsIn(explanation({verb}));
            for (const QString& below : inner) QVERIFY(explanation({verb, below}).contains("streamwright " + verb + " " + below + " "));
        }
    }

    void completionInBash_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QString>("answer");
        QTest::newRow("verb") << "ch" << "check checkpoint";
        QTest::newRow("option") << "run words.json --tr" << "--trigger";
        QTest::newRow("value") << "run words.json --progress j" << "json";
        QTest::newRow("node type") << "nodes source.s" << "source.socket source.stdin";
        QTest::newRow("function") << "functions array_co" << "array_compact array_contains";
        QTest::newRow("inner verb") << "checkpoint re" << "rewind resolve";
        QTest::newRow("inner option") << "checkpoint show c --ke" << "--key";
        QTest::newRow("positional choice") << "completion b" << "bash";
    }
    void completionInBash()
    {
        QFETCH(QString, words);
        QFETCH(QString, answer);
        QProcess bash;
        bash.start("bash", {"--norc", "-c", QString("source <('%1' completion); COMP_WORDS=(streamwright %2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _streamwright; echo \"${COMPREPLY[*]}\"").arg(PROGRAM_FOLDER "/streamwright", words)});
        QVERIFY(bash.waitForFinished());
        QCOMPARE(QString(bash.readAllStandardOutput()).trimmed(), answer);
        QCOMPARE(bash.readAllStandardError(), QByteArray());
    }

    void aCheckpointIsReadWhileTheRunGoesOn()
    {
        QProcess program;
        begin(program, {"run", "words.json", "--progress", "none"});
        program.write("hello world\n");
        QTRY_COMPARE(epochs().size(), 1);
        program.write("hello again\n");
        QTRY_COMPARE(epochs().size(), 2);
        const QString first = epochs()[0], second = epochs()[1];
        QVERIFY(run({"checkpoint", "show", "checkpoint"}).out.contains("totals  state  update_state_by_key  3 "));
        QCOMPARE(run({"checkpoint", "show", "checkpoint", "--node", "totals", "--key", "hello", "--epoch", first, "--json"}).out, QString("{\"partition\":3,\"sequence\":0,\"word\":\"hello\",\"state\":1}\n"));
        QVERIFY(run({"checkpoint", "diff", "checkpoint", first, second}).out.startsWith("totals.state: 1 added, 1 changed, 0 removed\n"));
        QVERIFY(run({"checkpoint", "export", "checkpoint", "--format", "csv"}).out.contains("\n3,0,hello,2\n"));
        QVERIFY(run({"checkpoint", "verify", "checkpoint"}).out.endsWith("everything is whole\n"));
        QCOMPARE(run({"checkpoint", "export", "checkpoint", "--format", "sqlite", "-o", "states.sqlite"}).out, QString("totals: 3 entries\n"));
        QCOMPARE(run({"checkpoint", "export", "checkpoint", "--format", "sqlite"}).exitCode, 2);
        // The history is written once a second.
        QTRY_VERIFY_WITH_TIMEOUT(run({"checkpoint", "history", "checkpoint", "--csv"}).out.startsWith("run,time,seconds,first,last,batches,input_rate_min,"), 10000);
        const Done refused = run({"checkpoint", "rewind", "checkpoint", "--epoch", first});
        QCOMPARE(refused.exitCode, 1);
        QVERIFY2(refused.err.startsWith("error: the checkpoint checkpoint is in use by "), qPrintable(refused.err));
        ::kill(static_cast<pid_t>(program.processId()), SIGTERM);
        QVERIFY(program.waitForFinished(5000));
        QCOMPARE(run({"checkpoint", "rewind", "checkpoint", "--epoch", first}).exitCode, 0);
        QVERIFY(!run({"checkpoint", "export", "checkpoint"}).out.contains("again"));
    }

private:
    void write(const QString& name, const QByteArray& text) const { writeFile(folder_->filePath(name), text); }

    void begin(QProcess& program, const QStringList& arguments) const
    {
        program.setWorkingDirectory(folder_->path());
        program.start(PROGRAM_FOLDER "/streamwright", arguments);
        QVERIFY(program.waitForStarted());
    }

    Done run(const QStringList& arguments, const QByteArray& input = {}) const
    {
        QProcess program;
        begin(program, arguments);
        program.write(input);
        program.closeWriteChannel();
        program.waitForFinished(30'000);
        return {program.exitStatus() == QProcess::NormalExit ? program.exitCode() : -1, program.readAllStandardOutput(), program.readAllStandardError()};
    }

    // The epochs of the checkpoint, as `list` prints them.
    QStringList epochs() const
    {
        QStringList numbers;
        static const QRegularExpression number("^(\\d+) ", QRegularExpression::MultilineOption);
        const QString list = run({"checkpoint", "list", "checkpoint"}).out;
        for (auto found = number.globalMatch(list); found.hasNext();) numbers += found.next().captured(1);
        return numbers;
    }

    // The help of a verb, which has examples.
    QString explanation(const QStringList& verb) const
    {
        const Done help = run(verb + QStringList{"--help"});
        if (help.exitCode != 0 || !help.out.contains("Example")) QTest::qFail(qPrintable("no help with examples: " + verb.join(' ') + "\n" + help.out), __FILE__, __LINE__);
        return help.out;
    }

    std::unique_ptr<QTemporaryDir> folder_;
};

QTEST_GUILESS_MAIN(VerbsTest)
#include "verbs_test.moc"
