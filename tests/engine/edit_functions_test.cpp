// What each change of a pipeline does: edges, layout, state and names follow.
#include "engine/pipeline/json.h"
#include "tests/engine/edit_samples.h"

#include <QTest>

using namespace streamwright;

class EditFunctionsTest : public QObject {
    Q_OBJECT

private slots:
    void renamingCarriesStateEdgesAndLayout()
    {
        Document document = read(kPlain);
        QVERIFY(apply(document, renameNode(document, {"b"}, {"kept"})));
        QCOMPARE(edgesOf(document), std::string("a -> kept, kept -> c, a -> c, kept.rejected -> d, c -> d"));
        QCOMPARE(document.find("kept")->was, (std::vector<std::string>{"b"}));
        QCOMPARE(positionOf(document, {"kept"}), (Position{100, 0}));
        QCOMPARE(bendsOf(document, {"kept", "", "c", ""}), (std::vector<Position>{{150, 50}}));
        QVERIFY(!document.layout.find("bends")->find("b -> c"));
        QCOMPARE(document.layout.find("nodes")->members()[1].first, std::string("kept"));
        QVERIFY(apply(document, renameNode(document, {"kept"}, {"third"})));
        QCOMPARE(document.find("third")->was, (std::vector<std::string>{"b", "kept"}));
        // Back to an old name: that one is none any more.
        QVERIFY(apply(document, renameNode(document, {"third"}, {"b"})));
        QCOMPARE(document.find("b")->was, (std::vector<std::string>{"kept", "third"}));
        QVERIFY(!apply(document, renameNode(document, {"b"}, {"a"})));
    }

    void healingKeepsTheOrderOfInputs()
    {
        Document document = read(kPlain);
        QVERIFY(apply(document, removeAndHeal(document, {{"b"}})));
        // b's way into c was a's way already; rejected rows of b come from nowhere now.
        QCOMPARE(edgesOf(document), std::string("a -> c, c -> d"));
        document = *readDocument(R"({"nodes": {"a": {}, "x": {}, "y": {}, "u": {}, "z": {}}, "edges": ["x -> y", "y -> u", "z -> u", "a.left -> x.in"]})").document;
        QVERIFY(apply(document, removeAndHeal(document, {{"x"}, {"y"}})));
        QCOMPARE(edgesOf(document), std::string("a.left -> u, z -> u"));
        // Fed twice, or in a circle: nothing to heal.
        document = *readDocument(R"({"nodes": {"a": {}, "b": {}, "m": {}, "c": {}, "r": {}}, "edges": ["a -> m", "b -> m", "m -> c", "r -> r", "r -> c"]})").document;
        QVERIFY(apply(document, removeAndHeal(document, {{"m"}, {"r"}})));
        QCOMPARE(edgesOf(document), std::string());
    }

    void aNodeIsPutOnAWireAtItsPlace()
    {
        Document document = read(kPlain);
        QVERIFY(apply(document, addNode(document, {.id = {"n"}, .type = "filter"}, {1, 2})));
        QVERIFY(apply(document, insertOnEdge(document, {"n"}, {"b", "", "c", ""}, "", "")));
        QCOMPARE(edgesOf(document), std::string("a -> b, b -> n, n -> c, a -> c, b.rejected -> d, c -> d"));
        QVERIFY(bendsOf(document, {"b", "", "c", ""}).empty());
    }

    void anotherTypeKeepsWhatItHas()
    {
        Document document = read(R"({"nodes": {"a": {}, "b": {"type": "join", "options": {"keys": ["k"], "how": "inner"}}, "c": {}},
            "edges": ["a -> b.left", "a -> b.right", "b -> c", "b.rejected -> c"], "layout": {"bends": {"a -> b.right": [[1, 1]]}}})");
        const std::vector<std::string> options{"keys"};
        const std::vector<std::string> ports{"left"};
        QVERIFY(apply(document, changeType(document, {"b"}, "group_by", options, ports)));
        QCOMPARE(edgesOf(document), std::string("a -> b.left, b -> c"));
        QCOMPARE(printJsonLine(toJson(*document.find("b"))), std::string(R"({"type": "group_by", "options": {"keys": ["k"]}})"));
        QVERIFY(document.layout.find("bends")->members().empty());
    }

    void whatStandsInTheWrongKindIsReplaced()
    {
        Document document = read(kOdd);
        QVERIFY(apply(document, setTitle(document, {"magic"}, "Magic")));
        QVERIFY(apply(document, setOption(document, {"Foreign.name"}, "condition", Json::boolean(true))));
        QVERIFY(apply(document, setSetting(document, "batch_interval", Json::string("1s"))));
        QVERIFY(apply(document, setFrame(document, "f", Json::object())));
        const Document saved = *readDocument(printDocument(document)).document;
        QCOMPARE(saved.find("magic")->title, std::string("Magic"));
        QCOMPARE(printJsonLine(saved.find("Foreign.name")->options), std::string(R"({"condition": true})"));
        QCOMPARE(printJsonLine(saved.settings), std::string(R"({"batch_interval": "1s"})"));
        QVERIFY(saved.layout.find("frames")->find("f"));
    }

    void whatDoesNotFitChangesNothing_data()
    {
        QTest::addColumn<QByteArray>("edit");
        QTest::newRow("no such node") << QByteArray(R"([["erase_edge", 0], ["erase_node", 9]])");
        QTest::newRow("no such edge") << QByteArray(R"([["erase_node", 0], ["erase_edge", 5]])");
        QTest::newRow("name taken") << QByteArray(R"([["set", ["name"], "x"], ["insert_node", 0, "a", {}]])");
        QTest::newRow("nodes as a member") << QByteArray(R"([["erase_edge", 0], ["set", ["nodes", "a", "type"], "x"]])");
        QTest::newRow("nodes as a whole") << QByteArray(R"([["erase_edge", 0], ["set", ["nodes"], {}]])");
        QTest::newRow("no path") << QByteArray(R"([["erase_edge", 0], ["unset", []]])");
    }

    void whatDoesNotFitChangesNothing()
    {
        QFETCH(QByteArray, edit);
        Document document = read(kPlain);
        const auto steps = readEdit(edit.constData());
        QVERIFY(steps);
        QVERIFY(!apply(document, *steps));
        QCOMPARE(printDocument(document), printDocument(read(kPlain)));
    }

    void brokenLinesAreNoEdits_data()
    {
        QTest::addColumn<QByteArray>("line");
        for (const char* line : {"", "{}", "[1]", "[[]]", "[[\"fly\", 1]]", "[[\"erase_node\"]]", "[[\"erase_node\", -1]]", "[[\"erase_node\", 1, 2]]", "[[\"insert_edge\", 0, [\"a\", \"b\"]]]", "[[\"set\", \"name\", 1]]", "[[\"set\", [1], 1]]", "[[\"erase_no"}) {
            QTest::newRow(line) << QByteArray(line);
        }
    }

    void brokenLinesAreNoEdits()
    {
        QFETCH(QByteArray, line);
        QVERIFY(!readEdit(line.constData()));
    }

    void pastingGivesFreshNamesAroundThePlace()
    {
        Document document = read(kPlain);
        const std::string text = copyText(document, {{"b"}, {"c"}});
        const auto pasted = paste(document, text, {1000, 500});
        QVERIFY(pasted);
        QCOMPARE(pasted->nodes, (std::set<NodeId>{{"b_2"}, {"c_2"}}));
        QVERIFY(apply(document, pasted->edit));
        QCOMPARE(edgesOf(document), std::string("a -> b, b -> c, a -> c, b.rejected -> d, c -> d, b_2 -> c_2"));
        QCOMPARE(positionOf(document, {"b_2"}), (Position{950, 500}));
        QCOMPARE(positionOf(document, {"c_2"}), (Position{1050, 500}));
        QCOMPARE(bendsOf(document, {"b_2", "", "c_2", ""}), (std::vector<Position>{{1000, 550}}));
        const auto connected = paste(document, text, {0, 0}, PasteEdges::AlsoFromOutside);
        QCOMPARE(connected->nodes, (std::set<NodeId>{{"b_3"}, {"c_3"}}));
        QVERIFY(apply(document, connected->edit));
        QVERIFY(edgesOf(document).ends_with("a -> b_3, b_3 -> c_3, a -> c_3"));
        for (const char* none : {"", "hello", "[1]", "{}", "{\"nodes\": {}}", "{\"nodes\": 5}"}) QVERIFY(!paste(document, none, {}));
    }

    void cutAndPastedNodesKeepTheirState()
    {
        Document document = read(kOdd);
        const std::string before = printJsonLine(toJson(*document.find("lines")));
        const std::string text = copyText(document, {{"lines"}});
        QVERIFY(apply(document, removeNodes(document, {{"lines"}})));
        QVERIFY(apply(document, paste(document, text, {})->edit));
        QCOMPARE(printJsonLine(toJson(*document.find("lines"))), before);
        QVERIFY(apply(document, paste(document, text, {})->edit));
        QVERIFY(document.find("lines_2")->was.empty());
    }

    void freeNamesCountOn()
    {
        Document document = read(R"({"nodes": {"a": {}, "a_2": {}, "b_9": {}, "c": {"was": ["d"]}, "_2": {}}})");
        QCOMPARE(freeName(document, "x").name, std::string("x"));
        QCOMPARE(freeName(document, "a").name, std::string("a_3"));
        QCOMPARE(freeName(document, "a_2").name, std::string("a_3"));
        QCOMPARE(freeName(document, "b_9").name, std::string("b_2"));
        QCOMPARE(freeName(document, "d").name, std::string("d_2"));
        QCOMPARE(freeName(document, "_2").name, std::string("_2_2"));
    }
};

QTEST_GUILESS_MAIN(EditFunctionsTest)
#include "edit_functions_test.moc"
