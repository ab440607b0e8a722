// Pipeline files: what is saved, what survives, what parameters and secrets become, how schemas travel.
#include "engine/dataflow/check.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_file.h"
#include "engine/pipeline/json.h"

#include <QTemporaryDir>
#include <QTest>

#include <fmt/format.h>

using namespace streamwright;

namespace {

// Odd spacing, unknown members, types, options and ports, edges that lead nowhere or are none.
constexpr const char* kOdd = R"({
  "nodes": {
    "lines": {"type": "source.stdin", "options": {"later": [1, 2.50, {"deep": null}]}},
    "magic":   {"type": "transform.magic", "options": {"wand": 1e3}, "shape": "round"},
    "text": "not a node",
    "out": {"type": "sink.console", "disabled": false}
  },
  "edges": ["lines->magic", "magic -> nowhere.left", 17, "a => b", "magic.sparks -> out"],
  "future": {"x": [true, "\u00e9"]},
  "layout": {"nodes": {"lines": [0, 0]}}
}
)";

Document read(const std::string& text)
{
    const DocumentRead read = readDocument(text);
    return *read.document;
}

CheckedPipeline checked(const std::string& text, const CheckOptions& options = {})
{
    static const Catalog catalog = builtInNodes();
    return check(read(text), catalog, options);
}

const PlannedNode& planned(const CheckedPipeline& pipeline, const std::string& name)
{
    return *std::ranges::find_if(pipeline.nodes, [&](const PlannedNode& node) { return node.id.name == name; });
}

std::string problems(const CheckedPipeline& pipeline)
{
    std::string all;
    for (const Diagnostic& diagnostic : pipeline.diagnostics) {
        if (diagnostic.severity == Severity::Error) all += describe(diagnostic, "") + "\n";
    }
    return all;
}

// lines -> keep -> out, with an expression and parameters put in.
std::string filtering(const std::string& condition, const std::string& parameters)
{
    return fmt::format(R"({{"parameters": {}, "nodes": {{"lines": {{"type": "source.stdin"}}, "keep": {{"type": "filter", "options": {{"condition": {}}}}},
        "out": {{"type": "sink.console", "options": {{"rows": "${{rows}}"}}}}}}, "edges": ["lines -> keep", "keep -> out"]}})", parameters, quoteJson(condition));
}

}

class DocumentTest : public QObject {
    Q_OBJECT

private slots:
    void unchangedFilesAreSavedToTheByte_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("odd") << QByteArray(kOdd);
        QTest::newRow("no line end") << QByteArray("{\"nodes\": {}}");
        QTest::newRow("Windows line ends") << QByteArray("{\r\n  \"nodes\": {}\r\n}\r\n");
        QTest::newRow("byte order mark") << QByteArray("\xEF\xBB\xBF{\"nodes\": {}}\n");
        QTest::newRow("tabs") << QByteArray("{\t\"name\" :\t\"x\",\n\n\n\"nodes\":{ } }");
        QTest::newRow("no object") << QByteArray("[1, 2]\n");
    }

    void unchangedFilesAreSavedToTheByte()
    {
        QFETCH(QByteArray, text);
        const DocumentFile file = DocumentFile::fromText(text.toStdString());
        QVERIFY(file.document());
        QCOMPARE(QByteArray::fromStdString(file.print(*file.document())), text);
    }

    // A change that is taken back gives the first bytes again.
    void aChangeTakenBackIsNone()
    {
        const DocumentFile file = DocumentFile::fromText(kOdd);
        Document document = *file.document();
        document.name = "changed";
        QVERIFY(file.print(document) != kOdd);
        document.name.clear();
        QCOMPARE(QByteArray::fromStdString(file.print(document)), QByteArray(kOdd));
    }

    void theUnknownSurvivesAChange()
    {
        Document document = read(kOdd);
        document.name = "changed";
        const Document again = read(printDocument(document));
        QVERIFY(again == document);
        QCOMPARE(again.find("magic")->type, "transform.magic");
        QCOMPARE(again.find("magic")->options.find("wand")->numberText(), "1e3");
        QCOMPARE(again.find("magic")->extra.find("shape")->asString(), "round");
        QCOMPARE(again.find("text")->extra.asString(), "not a node");
        QCOMPARE(printJsonLine(*again.find("lines")->options.find("later")), R"([1, 2.50, {"deep": null}])");
        QCOMPARE(printJsonLine(*again.extra.find("future")), R"({"x": [true, "é"]})");
        QCOMPARE(again.edges.size(), size_t(3));
        QCOMPARE(printEdge(again.edges[1]), "magic -> nowhere.left");
        QCOMPARE(printEdge(again.edges[2]), "magic.sparks -> out");
        QCOMPARE(again.unreadableEdges.size(), size_t(2));
    }

    // The printed form is a fixed point: saving twice changes nothing.
    void printingIsStable()
    {
        const std::string once = printDocument(read(kOdd));
        QCOMPARE(printDocument(read(once)), once);
    }

    void shippedPipelinesAreInThePrintedForm()
    {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(PROJECT_FOLDER "/pipelines")) {
            if (entry.path().extension() != ".json") continue;
            const auto file = DocumentFile::load(entry.path());
            QVERIFY(file.has_value() && file->document());
            QCOMPARE(QByteArray::fromStdString(printDocument(*file->document())), QByteArray::fromStdString(file->print(*file->document())));
        }
    }

    void theUnknownIsTold()
    {
        const std::string all = problems(checked(kOdd));
        QVERIFY2(all.find("magic.type: no node type called transform.magic") != std::string::npos, all.c_str());
        QVERIFY2(all.find("magic -> nowhere.left names a node that is not there: nowhere") != std::string::npos, all.c_str());
        QVERIFY2(all.find("but this one is 17") != std::string::npos, all.c_str());
    }

    void parametersKeepTheirType()
    {
        const CheckedPipeline pipeline = checked(filtering("length(value) > ${least}", R"({"least": 3, "rows": 7})"));
        QCOMPARE(problems(pipeline), "");
        QCOMPARE(planned(pipeline, "keep").options.find("condition")->asString(), "length(value) > 3");
        QCOMPARE(planned(pipeline, "out").options.find("rows")->asInteger(), std::optional<int64_t>(7));
    }

    void theCommandLineWins()
    {
        const std::string text = filtering("value LIKE '${like}'", R"({"like": "a%", "rows": {"value": 1, "type": "integer", "help": "how many"}})");
        const CheckedPipeline pipeline = checked(text, {.parameters = {{"like", "${rows}%"}, {"rows", "12"}}});
        QCOMPARE(problems(pipeline), "");
        // What is inserted is not looked through again.
        QCOMPARE(planned(pipeline, "keep").options.find("condition")->asString(), "value LIKE '${rows}%'");
        QCOMPARE(planned(pipeline, "out").options.find("rows")->asInteger(), std::optional<int64_t>(12));
        QVERIFY(problems(checked(text, {.parameters = {{"rows", "twelve"}}})).find("--set gives \"twelve\"") != std::string::npos);
    }

    void twoDollarsAreOne()
    {
        const CheckedPipeline pipeline = checked(filtering("value = '$${like}'", R"({"rows": 1})"));
        QCOMPARE(problems(pipeline), "");
        QCOMPARE(planned(pipeline, "keep").options.find("condition")->asString(), "value = '${like}'");
    }

    void secretsAreInsertedAndNotHashed()
    {
        QTemporaryDir folder;
        const auto write = [&](const char* text) {
            QFile file(folder.filePath("password.txt"));
            QVERIFY(file.open(QFile::WriteOnly));
            file.write(text);
        };
        qputenv("STREAMWRIGHT_TEST_WORD", "open");
        const std::string text = filtering("value = '${env:STREAMWRIGHT_TEST_WORD} ${file:password.txt}'", R"({"rows": 1})");
        const CheckOptions options{.folder = folder.path().toStdString()};
        write("sesame\n");
        const CheckedPipeline first = checked(text, options);
        QCOMPARE(problems(first), "");
        QCOMPARE(planned(first, "keep").options.find("condition")->asString(), "value = 'open sesame'");
        write("wheat\n");
        const CheckedPipeline second = checked(text, options);
        QCOMPARE(planned(second, "keep").options.find("condition")->asString(), "value = 'open wheat'");
        QCOMPARE(second.documentHash, first.documentHash);
        qunsetenv("STREAMWRIGHT_TEST_WORD");
        QVERIFY(problems(checked(text, options)).find("the environment variable STREAMWRIGHT_TEST_WORD is not set") != std::string::npos);
    }

    // A secret in an expression that fails is not in the message.
    void secretsAreNotPrinted()
    {
        qputenv("STREAMWRIGHT_TEST_WORD", "sesame");
        const CheckedPipeline pipeline = checked(filtering("valu = ${env:STREAMWRIGHT_TEST_WORD} +", R"({"rows": 1})"));
        QVERIFY(!problems(pipeline).empty());
        QVERIFY2(problems(pipeline).find("sesame") == std::string::npos, problems(pipeline).c_str());
        qunsetenv("STREAMWRIGHT_TEST_WORD");
    }

    void theHashIsOfTheMeaning()
    {
        const std::string text = filtering("value <> ''", R"({"rows": 1})");
        Document document = read(text);
        static const Catalog catalog = builtInNodes();
        const std::string hash = check(document, catalog, {}).documentHash;
        document.layout.set("nodes", Json::object({{"lines", Json::array({Json::integer(5), Json::integer(5)})}}));
        document.nodes[1].title = "Keep";
        QCOMPARE(check(document, catalog, {}).documentHash, hash);
        document.nodes[1].options.set("condition", Json::string("value <> 'a'"));
        QVERIFY(check(document, catalog, {}).documentHash != hash);
    }

    // A chain and a fan: every node's columns follow from its options and inputs.
    void schemasTravelThroughAThousandNodes()
    {
        std::string nodes = R"("n0": {"type": "source.stdin"})", edges;
        for (int i = 1; i <= 1000; ++i) {
            nodes += fmt::format(R"(, "n{}": {{"type": "select", "options": {{"columns": ["value", "length(value) + {} AS c{}"]}}}})", i, i, i);
            edges += fmt::format(R"("n{} -> n{}", )", i % 2 ? i - 1 : i / 2, i);
        }
        const std::string text = fmt::format(R"({{"nodes": {{{}, "out": {{"type": "sink.discard"}}}}, "edges": [{}"n1000 -> out"]}})", nodes, edges);
        const CheckedPipeline pipeline = checked(text);
        QCOMPARE(problems(pipeline), "");
        QCOMPARE(pipeline.schemas.size(), size_t(1002));
        for (int i = 1; i <= 1000; ++i) QCOMPARE(pipeline.schemas.at(fmt::format("n{}", i)).front().toDdl(), fmt::format("value STRING, c{} INT", i));
        QVERIFY(checked(text).schemas == pipeline.schemas);
    }

    void nodesStandBehindThoseThatFeedThem()
    {
        const CheckedPipeline pipeline = checked(R"({"nodes": {"out": {"type": "sink.discard"}, "b": {"type": "distinct"}, "a": {"type": "filter", "options": {"condition": "value <> ''"}},
            "in": {"type": "source.stdin"}}, "edges": ["b -> out", "a -> b", "in -> a"]})");
        QCOMPARE(problems(pipeline), "");
        for (size_t i = 0; i < pipeline.nodes.size(); ++i) {
            for (const PlannedNode::Input& edge : pipeline.nodes[i].edges) QVERIFY(edge.from < i);
        }
        QCOMPARE(pipeline.nodes.front().id.name, "in");
    }

    // Disabled nodes do not run, nor do those that only they feed; a bypassed one hands its rows on.
    void disabledAndBypassedNodes()
    {
        const auto names = [](const CheckedPipeline& pipeline) {
            std::string all;
            for (const PlannedNode& node : pipeline.nodes) all += node.id.name + " ";
            return all;
        };
        Document document = read(filtering("value <> ''", R"({"rows": 1})"));
        static const Catalog catalog = builtInNodes();
        document.nodes[1].bypassed = true;
        const CheckedPipeline bypassed = check(document, catalog, {});
        QCOMPARE(problems(bypassed), "");
        QCOMPARE(names(bypassed), "lines out ");
        document.nodes[1].bypassed = false;
        document.nodes[1].disabled = true;
        QCOMPARE(names(check(document, catalog, {})), "lines ");
    }
};

QTEST_GUILESS_MAIN(DocumentTest)
#include "document_test.moc"
