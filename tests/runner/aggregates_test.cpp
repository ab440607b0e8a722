// Aggregates against what Apache Spark answered (tests/fidelity/aggregates.jsonl), as flows of reduce and
// reduce_by_key in every way of running. skipped_aggregates.txt lists what is missing; it may only shrink.
#ifndef Q_MOC_RUN
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

// What differs from Spark's answer; empty if nothing does.
std::string differences(const QJsonObject& spark)
{
    const QByteArray text = flowOf(spark);
    const Flow flow = readFlow("/nonexistent/aggregate.flow", text.toStdString());
    std::string all;
    for (const Diagnostic& diagnostic : flow.diagnostics) all += describe(diagnostic, "") + "\n";
    if (!all.empty()) return all;
    const CaseResult result = runCase(flow.cases.front(), builtInNodes(), Thoroughness::Thorough);
    // Spark refuses some of them when it plans, as the check does.
    if (spark.contains("error") && result.modes == 0) return {};
    for (const FlowFailure& failure : result.failures) all += describe(failure, "aggregate.flow", result.modes) + "\n";
    return all.empty() ? all : all + text.toStdString();
}

}

class AggregatesTest : public QObject {
    Q_OBJECT

private slots:
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
