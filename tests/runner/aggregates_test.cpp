// Aggregates against what Apache Spark answered (tests/fidelity/aggregates.jsonl), as flows of reduce and
// reduce_by_key in every way of running. skipped_aggregates.txt lists what is missing; it may only shrink.
#ifndef Q_MOC_RUN
#include "engine/expression/aggregate.h"
#include "engine/flow/runner.h"
#include "engine/nodes/catalog.h"
#endif

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QTest>

using namespace streamwright;

namespace {

QByteArray contentOf(const char* name)
{
    QFile file(QStringLiteral(PROJECT_FOLDER "/tests/fidelity/") + name);
    return file.open(QFile::ReadOnly) ? file.readAll() : QByteArray();
}

QByteArray compact(const QJsonValue& value)
{
    return value.isArray() ? QJsonDocument(value.toArray()).toJson(QJsonDocument::Compact) : QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact);
}

// Rows of a single column are bare in a flow; Spark's answers hold -0.0 as text.
QByteArray rowsText(const QJsonArray& rows)
{
    QJsonArray written;
    for (const QJsonValue& row : rows) written += row.toArray().size() == 1 ? row.toArray().at(0) : row;
    return compact(written).replace("\"-0.0\"", "-0.0");
}

// An expression over aggregates is a select behind them.
struct Parts {
    QStringList aggregates;
    QString result;
};

Parts partsOf(const QString& aggregate)
{
    static const QMap<QString, Parts> composed{
        {"sort_array(collect_set(v))", {{"collect_set(v) AS one"}, "sort_array(one)"}},
        {"max(v) - min(v)", {{"max(v) AS one", "min(v) AS two"}, "one - two"}},
        {"avg(x) + avg(y)", {{"avg(x) AS one", "avg(y) AS two"}, "one + two"}},
    };
    return composed.value(aggregate, {{aggregate + " AS result"}, "result"});
}

QByteArray flowOf(const QJsonObject& spark)
{
    const QJsonArray keys = spark["group_by"].toArray();
    const Parts parts = partsOf(spark["agg"].toString());
    QJsonObject options{{"aggregates", QJsonArray::fromStringList(parts.aggregates)}};
    if (!keys.isEmpty()) options["keys"] = keys;
    // A column of NULLs alone has the type of any other.
    QByteArray text = "in = input " + spark["schema"].toString().replace("VOID", "INT").toUtf8() + "\n";
    text += "folded = " + QByteArray(keys.isEmpty() ? "reduce " : "reduce_by_key ") + compact(options) + "\n";
    QJsonArray columns = keys;
    columns += parts.result + " AS result";
    text += "out = select " + compact(QJsonObject{{"columns", columns}}) + "\n";
    text += "batch\nin: " + rowsText(spark["rows"].toArray()) + "\n";
    if (spark.contains("error")) return text + "folded.rejected: [{\"node\": \"folded\"}]\nout: [[\"q\", -2]]\n";
    return text + "out in any order: " + rowsText(spark["expected"].toArray()) + "\n";
}

struct Ran {
    std::optional<size_t> modes;    // none: the text is no flow; zero: the check refuses it
    std::string failures;           // empty if all went as the flow says
};

Ran run(const QByteArray& text)
{
    const Flow flow = readFlow("/nonexistent/aggregate.flow", text.toStdString());
    Ran ran;
    for (const Diagnostic& diagnostic : flow.diagnostics) ran.failures += describe(diagnostic, "") + "\n";
    if (!ran.failures.empty()) return ran;
    const CaseResult result = runCase(flow.cases.front(), builtInNodes(), Thoroughness::Thorough);
    ran.modes = result.modes;
    for (const FlowFailure& failure : result.failures) ran.failures += describe(failure, "aggregate.flow", result.modes) + "\n";
    if (!ran.failures.empty()) ran.failures += text.toStdString();
    return ran;
}

// What differs from Spark's answer; empty if nothing does.
std::string differences(const QJsonObject& spark)
{
    const Ran ran = run(flowOf(spark));
    // Spark refuses some of them when it plans, as the check does.
    if (spark.contains("error") && ran.modes == 0u) return {};
    return ran.failures;
}

}

class AggregatesTest : public QObject {
    Q_OBJECT

private slots:
    void examples_data()
    {
        QTest::addColumn<QString>("example");
        for (const AggregateFunction& aggregate : allAggregates()) {
            QVERIFY(!aggregate.help.empty());
            QTest::newRow(aggregate.name.c_str()) << QString::fromStdString(aggregate.example);
        }
    }

    // Every example has a value, and with FILTER that of the rows which a filter before it keeps.
    void examples()
    {
        QFETCH(QString, example);
        const auto reduced = [](const QString& aggregate) { return compact(QJsonObject{{"aggregates", QJsonArray{aggregate + " AS result"}}}); };
        const QByteArray text = "in = input name STRING, amount INT, flags INT, ok BOOLEAN, failed BOOLEAN, x DOUBLE, y DOUBLE, kept BOOLEAN\n"
                                "filtered = reduce " + reduced(example + " FILTER (WHERE kept)") + "\n"
                                R"(rows = filter {"condition": "kept"})" "\n"
                                "plain = reduce " + reduced(example) + "\n"
                                R"(one = select {"columns": ["1 AS one", "result"]})" "\n"
                                R"(other = select {"columns": ["1 AS one", "result"]})" "\n"
                                R"(both = join {"keys": ["one"]})" "\n"
                                R"(same = select {"columns": ["left_result <=> right_result AND left_result IS NOT NULL AS same"]})" "\n"
                                "in -> filtered\nfiltered -> one\none -> both.left\n"
                                "in -> rows\nrows -> plain\nplain -> other\nother -> both.right\nboth -> same\n"
                                "batch\n"
                                R"(in: [["a", 3, 6, true, false, 1.5, 2.0, true], ["b", 100, 7, false, true, 9.0, -4.0, false], ["c", 20, 12, false, true, 2.5, 1.0, true],)"
                                R"( ["a", 7, 4, true, false, 4.0, 6.5, true], ["d", 1, 1, true, true, 0.0, 0.0, null], ["e", 11, 5, true, false, -1.0, 3.0, true]])" "\n"
                                "same: [true]\n";
        const std::string wrong = run(text).failures;
        QVERIFY2(wrong.empty(), wrong.c_str());
    }

    void aggregates_data()
    {
        QTest::addColumn<QJsonObject>("spark");
        QTest::addColumn<bool>("skipped");
        QByteArrayList skipped;
        for (const QByteArray& line : contentOf("skipped_aggregates.txt").split('\n')) skipped += line.mid(line.indexOf('\t') + 1);
        int number = 0;
        for (const QByteArray& line : contentOf("aggregates.jsonl").split('\n')) {
            if (line.isEmpty()) continue;
            const QJsonObject spark = QJsonDocument::fromJson(line).object();
            const QString name = spark["agg"].toString() + " over " + spark["schema"].toString();
            QTest::newRow(qPrintable(QString("%1 %2").arg(number++).arg(name))) << spark << skipped.contains(name.toUtf8());
        }
        QCOMPARE(number, 70);
    }

    void aggregates()
    {
        QFETCH(QJsonObject, spark);
        QFETCH(bool, skipped);
        const std::string wrong = differences(spark);
        if (skipped) QVERIFY2(!wrong.empty(), "passes now: take it out of tests/fidelity/skipped_aggregates.txt");
        else QVERIFY2(wrong.empty(), wrong.c_str());
    }
};

QTEST_GUILESS_MAIN(AggregatesTest)
#include "aggregates_test.moc"
