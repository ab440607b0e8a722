// Flows that must fail, fail: at the right line and with both sides in the message.
#ifndef Q_MOC_RUN
#include "engine/flow/runner.h"
#include "engine/nodes/catalog.h"
#endif

#include <QTest>

using namespace streamwright;

namespace {

constexpr const char* kFilter = "in = input n INT, name STRING\n"
                                "keep = filter {\"condition\": \"10 / n > 1\"}\n";

// `LINE: MESSAGE` of everything that is wrong.
std::string failuresOf(const std::string& text)
{
    static const Catalog catalog = builtInNodes();
    const Flow flow = readFlow("/nonexistent/case.flow", text);
    std::string all;
    for (const Diagnostic& diagnostic : flow.diagnostics) all += std::to_string(diagnostic.line) + ": " + diagnostic.message + "\n";
    if (!all.empty()) return all;
    for (const FlowCase& one : flow.cases) {
        for (const FlowFailure& failure : runCase(one, catalog, Thoroughness::Quick).failures) all += std::to_string(failure.line) + ": " + failure.message + "\n";
    }
    return all;
}

}

class FlowFailuresTest : public QObject {
    Q_OBJECT

private slots:
    void failures_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArrayList>("told");
        const auto row = [](const char* name, const std::string& text, const QByteArrayList& told) { QTest::newRow(name) << QByteArray::fromStdString(text) << told; };
        const std::string filter = kFilter;
        row("right", filter + "batch\n in: [[1, \"a\"]]\n keep: [[1, \"a\"]]\n", {});
        row("another value", filter + "batch\n in: [[1, \"a\"]]\n keep: [\n [2, \"a\"]\n]\n", {"6: keep, batch 1: 1 row expected, 1 came", "{\"n\": 2, \"name\": \"a\"}  |  {\"n\": 1, \"name\": \"a\"}"});
        row("a row too few", filter + "batch\n in: []\n keep: [[2, \"a\"]]\n", {"5: keep, batch 1: 1 row expected, 0 came"});
        row("a row too many", filter + "batch\n in: [[1, \"a\"], [2, \"b\"]]\n keep: [[1, \"a\"]]\n", {"5: keep, batch 1: 1 row expected, 2 came", ">  {\"n\": 2, \"name\": \"b\"}"});
        row("another order", filter + "batch\n in: [[1, \"a\"], [2, \"b\"]]\n keep: [[2, \"b\"], [1, \"a\"]]\n", {"5: keep, batch 1: 2 rows expected, 2 came"});
        row("any order", filter + "batch\n in: [[1, \"a\"], [2, \"b\"]]\n keep in any order: [[2, \"b\"], [1, \"a\"]]\n", {});
        row("any order, but twice", filter + "batch\n in: [[1, \"a\"], [2, \"b\"]]\n keep in any order: [[1, \"a\"], [1, \"a\"]]\n", {"5: keep, batch 1"});
        row("a batch that is not named", filter + "batch\n in: [[1, \"a\"]]\n keep: [[1, \"a\"]]\nbatch\n in: [[2, \"b\"]]\n", {"6: keep, batch 2: 0 rows expected, 1 came"});
        row("rejected rows that are not named", filter + "batch\n in: [[0, \"a\"]]\n keep: []\n", {"keep.rejected, batch 1: 0 rows expected, 1 came"});
        row("another reason", filter + "batch\n in: [[0, \"a\"]]\n keep.rejected: [{\"reason\": \"none\"}]\n", {"5: keep.rejected, batch 1"});
        row("no such node", filter + "batch\n in: []\n kep: []\n", {"5: the pipeline has no node \"kep\" (did you mean \"keep\"?)"});
        row("no such port", filter + "batch\n in: []\n keep.rejcted: []\n", {"5: keep (filter) has no output \"rejcted\" (did you mean \"rejected\"?)"});
        row("no such column", filter + "batch\n in: [{\"nn\": 1}]\n keep: []\n", {"4: in: the row names the column \"nn\", but the columns are n INT, name STRING"});
        row("too few values", filter + "batch\n in: [[1]]\n keep: []\n", {"4: in: the row has 1 values"});
        row("a value of another type", filter + "batch\n in: [[\"x\", \"a\"]]\n keep: []\n", {"4: in: n:"});
        row("a mistake in the pipeline", "in = input n INT\nkeep = filter {\"condition\": \"m > 1\"}\nbatch\n in: []\n keep: []\n", {"2: error: keep.condition: at 1:1: unknown column: m"});
        row("no problem where one is expected", filter + "problem 1 up: error: keep.condition\n", {"3: the check does not tell this problem"});
        row("a problem at another line", "in = input n INT\nkeep = fliter {\"condition\": \"n > 1\"}\nproblem 2 up: no node type called fliter\n", {"3: the check does not tell this problem", "2: error: keep.type"});
        row("a run that does not fail", filter + "batch\n in: []\nfails nothing\n", {"5: the run was to fail (nothing), but it did not"});
        row("another file", filter + "out = sink.record {\"file\": \"x\"}\nbatch\n in: [[1, \"a\"]]\nfile x [\"[]\"]\n", {"6: x differs", "[]", "[{\"n\":1,\"name\":\"a\"}]"});
        row("no such file", filter + "out = sink.discard\nbatch\n in: []\nfile x []\n", {"6: the file x is not there"});
        row("another print", filter + "out = sink.console\nbatch\n in: []\nprints [\"x\"]\n", {"6: standard output differs", "Time: 1000 ms"});
        row("another table", filter + "out = sink.sqlite {\"file\": \"x\", \"table\": \"t\"}\nbatch\n in: [[1, \"a\"]]\ntable x t [[2, \"a\"]]\n", {"6: the table t of x differs", "[2, \"a\"]  |  [1, \"a\"]"});
        row("a line that means nothing", filter + "btach\n", {"3: the line \"btach\" cannot be read"});
        row("rows before a batch", filter + " in: []\n", {"3: the rows of in stand before the first `batch`"});
        row("batches that go back", filter + "batch 3\nbatch 2\n", {"4: batches ascend, but 2 follows 3"});
        row("nothing to check", filter, {"the case checks nothing"});
        row("no pipeline", "batch\n", {"the flow names no pipeline"});
    }

    void failures()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArrayList, told);
        const std::string all = failuresOf(text.toStdString());
        for (const QByteArray& one : told) QVERIFY2(all.find(one.toStdString()) != std::string::npos, ("\n" + all + "does not hold " + one.toStdString()).c_str());
        QCOMPARE(all.empty(), told.isEmpty());
    }
};

QTEST_GUILESS_MAIN(FlowFailuresTest)
#include "flow_failures_test.moc"
