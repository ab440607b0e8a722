// The DStream cases of Spark's own test suites (tests/fidelity/dstream.json), each as a flow in every way of
// running, also stopped and restored after every batch.
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

// What the operation of a case is as nodes: lines of a flow, and the node whose rows are compared.
struct Nodes {
    QByteArray lines;
    QByteArray out;
    QByteArray extra = {};  // further expectations, behind the batches
};

constexpr const char* kWords = "ones = select {\"columns\": [\"value AS key\", \"1 AS value\"]}\n";

QByteArray joined(const char* type)
{
    return QByteArray("one = select {\"columns\": [\"value AS key\", \"1 AS value\"]}\n"
                      "two = select {\"columns\": [\"value AS key\", \"'x' AS value\"]}\n"
                      "out = join {\"keys\": [\"key\"], \"type\": \"") + type + "\"}\n"
           "left -> one -> out.left\nright -> two -> out.right\n";
}

QByteArray windowed(const QByteArray& more) { return "out = reduce_by_key_and_window {\"keys\": [\"key\"], \"aggregates\": [\"sum(value) AS value\"], \"length\": \"2s\", \"slide\": \"1s\"" + more + "}\n"; }

Nodes nodesOf(const QString& name)
{
    static const QByteArray sums = QByteArray(kWords) + "out = reduce_by_key {\"keys\": [\"key\"], \"aggregates\": [\"sum(value) AS value\"]}\n";
    static const QByteArray states = "\"keys\": [\"key\"], \"state\": \"coalesce(value, 0) + coalesce(state, 0)\"";
    static const QMap<QString, Nodes> all{
        {"map", {"out = select {\"columns\": [\"CAST(value AS STRING) AS value\"]}\n", "out"}},
        {"filter", {"out = filter {\"condition\": \"value % 2 = 0\"}\n", "out"}},
        {"repartition (fewer partitions)", {"out = repartition {\"partitions\": 2}\nsave = sink.text_files {\"prefix\": \"saved\"}\n", "out", "files saved-1000 [\"_SUCCESS\", \"part-00000\", \"part-00001\"]\n"}},
        {"union", {"more = select {\"columns\": [\"value + 4 AS value\"]}\nout = union\nin -> more\nin -> out\nmore -> out\n", "out"}},
        {"join", {joined("inner"), "out"}},
        {"leftOuterJoin", {joined("left"), "out"}},
        {"rightOuterJoin", {joined("right"), "out"}},
        {"window - tumbling window", {"out = window {\"length\": \"2s\", \"slide\": \"2s\"}\n", "out"}},
        {"window - larger window", {"out = window {\"length\": \"4s\", \"slide\": \"2s\"}\n", "out"}},
        {"window - non-overlapping window", {"out = window {\"length\": \"2s\", \"slide\": \"3s\"}\n", "out"}},
        {"reduceByKeyAndWindow - basic reduction", {windowed(""), "out"}},
        {"reduceByKeyAndWindow - new key added into window", {windowed(""), "out"}},
        {"reduceByKeyAndWindow - key removed from window", {windowed(""), "out"}},
        {"reduceByKeyAndWindow - big test", {windowed(""), "out"}},
        {"reduceByKeyAndWindow with inverse function - key already in window and new value added into window", {windowed(", \"inverse\": true"), "out"}},
        {"reduceByKeyAndWindow with inverse function - key removed from window", {windowed(", \"inverse\": true"), "out"}},
        {"reduceByKeyAndWindow with inverse and filter functions - big test", {windowed(", \"inverse\": true, \"having\": \"value != 0\""), "out"}},
        {"mapWithState - basic operations with advanced API", {kWords + ("out = map_with_state {" + states) + ", \"columns\": [\"repeat(key, 2) AS value\"]}\n", "out"}},
        {"mapWithState - states as mapped data", {kWords + ("out = map_with_state {" + states) + ", \"columns\": [\"key\", \"state\"]}\n", "out"}},
        {"mapWithState - state timing out", {kWords + QByteArray("out = map_with_state {\"keys\": [\"key\"], \"state\": \"1\", \"columns\": [\"key AS value\"], \"emit_when\": \"timing_out\", \"timeout\": \"3s\"}\n"), "out"}},
        {"recovery with map and reduceByKey operations", {"settings {\"batch_interval\": \"500ms\"}\n" + sums, "out"}},
        {"recovery with saveAsHadoopFiles operation", {"settings {\"batch_interval\": \"500ms\"}\n" + sums + "save = sink.text_files {\"prefix\": \"saved/batch\"}\n", "out",
            "files saved [\"batch-500/_SUCCESS\", \"batch-500/part-00000\", \"batch-1000/_SUCCESS\", \"batch-1000/part-00000\", \"batch-1500/_SUCCESS\", \"batch-1500/part-00000\", "
            "\"batch-2000/_SUCCESS\", \"batch-2000/part-00000\", \"batch-2500/_SUCCESS\", \"batch-2500/part-00000\", \"batch-3000/_SUCCESS\", \"batch-3000/part-00000\"]\n"}},
    };
    return all.value(name);
}

// Rows of a single column are bare in a flow.
QByteArray rowsText(const QJsonArray& rows)
{
    QJsonArray written;
    for (const QJsonValue& row : rows) written += row.toArray().size() == 1 ? row.toArray().at(0) : row;
    return QJsonDocument(written).toJson(QJsonDocument::Compact);
}

// The rows expected of each batch, by number.
QMap<qsizetype, QJsonArray> expectedOf(const QJsonObject& spark)
{
    QMap<qsizetype, QJsonArray> expected;
    const QJsonArray batches = spark["expected"].toArray();
    const double every = spark["emits_every_s"].toDouble() / spark["batch_interval_s"].toDouble();
    for (qsizetype i = 0; i < batches.size(); ++i) expected[static_cast<qsizetype>(every) * (i + 1)] = batches[i].toArray();
    // Spark does not fix the batch in which keys time out; here it is the first after last touch + timeout.
    if (spark.contains("expected_flattened_sorted")) expected = {{5, {QJsonArray{"c"}}}, {6, {QJsonArray{"b"}}}};
    return expected;
}

QByteArray flowOf(const QJsonObject& spark)
{
    const Nodes nodes = nodesOf(spark["name"].toString());
    const QJsonObject inputs = spark["inputs"].toObject();
    QByteArray text, schema;
    qsizetype batches = 0;
    for (const QString& input : inputs.keys()) {
        QStringList columns;
        for (const QJsonValue& column : spark["input_schema"].toObject()[input].toArray()) columns += column.toString();
        text += input.toUtf8() + " = input " + columns.join(", ").toUtf8() + "\n";
        batches = std::max(batches, inputs[input].toArray().size());
    }
    text += nodes.lines;
    const auto expected = expectedOf(spark);
    if (!expected.isEmpty()) batches = std::max(batches, expected.lastKey());
    for (qsizetype i = 0; i < batches; ++i) {
        text += "batch\n";
        for (const QString& input : inputs.keys()) text += input.toUtf8() + ": " + rowsText(inputs[input].toArray().at(i).toArray()) + "\n";
        text += nodes.out + (spark["unordered"].toBool() ? " in any order: " : ": ") + rowsText(expected[i + 1]) + "\n";
        const QJsonArray states = spark["expected_state"].toArray();
        if (!states.isEmpty()) text += nodes.out + ".snapshots in any order: " + rowsText(states.at(i).toArray()) + "\n";
    }
    return text + nodes.extra;
}

}

class DstreamTest : public QObject {
    Q_OBJECT

private slots:
    void cases_data()
    {
        QTest::addColumn<QJsonObject>("spark");
        QFile file(PROJECT_FOLDER "/tests/fidelity/dstream.json");
        QVERIFY(file.open(QFile::ReadOnly));
        const QJsonArray cases = QJsonDocument::fromJson(file.readAll()).object()["cases"].toArray();
        QCOMPARE(cases.size(), 22);
        for (const QJsonValue& one : cases) QTest::newRow(qPrintable(one["name"].toString())) << one.toObject();
    }

    void cases()
    {
        QFETCH(QJsonObject, spark);
        QVERIFY2(!nodesOf(spark["name"].toString()).lines.isEmpty(), "the case is not written as nodes");
        const QByteArray text = flowOf(spark);
        const Flow flow = readFlow("/nonexistent/dstream.flow", text.toStdString());
        for (const Diagnostic& diagnostic : flow.diagnostics) QFAIL(describe(diagnostic, "").c_str());
        const CaseResult result = runCase(flow.cases.front(), builtInNodes(), Thoroughness::Thorough);
        std::string all;
        for (const FlowFailure& failure : result.failures) all += describe(failure, "dstream.flow", result.modes) + "\n";
        QVERIFY2(all.empty(), (all + text.toStdString()).c_str());
        QVERIFY(result.modes >= 12);
    }
};

QTEST_GUILESS_MAIN(DstreamTest)
#include "dstream_test.moc"
