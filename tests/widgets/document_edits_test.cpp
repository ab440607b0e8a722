// Changes of a document: each is done, undone and done again; keystrokes merge; saving is remembered.
#include "tests/widgets/document_samples.h"
#include "widgets/document/edit_command.h"

#include <QSignalSpy>

using namespace streamwright;

namespace {

using Make = Edit (*)(const Document&);
struct Command {
    const char* name;
    Make make;
};
constexpr Command kCommands[] = {
    {"add a node", [](const Document& d) { return addNode(d, {.id = freeName(d, "words"), .type = "filter"}, {10, 20}); }},
    {"connect", [](const Document& d) { return addEdge(d, {"lines", "", "out", ""}); }},
    {"cut a wire", [](const Document& d) { return removeEdge(d, {"words", "", "out", ""}); }},
    {"delete", [](const Document& d) { return removeNodes(d, {{"words"}, {"magic"}}); }},
    {"delete and heal", [](const Document& d) { return removeAndHeal(d, {{"words"}}); }},
    {"drop on a wire", [](const Document& d) { return insertOnEdge(d, {"magic"}, {"lines", "", "words", ""}, "in", "out"); }},
    {"rename", [](const Document& d) { return renameNode(d, {"words"}, {"tokens"}); }},
    {"title", [](const Document& d) { return setTitle(d, {"words"}, "All words"); }},
    {"option", [](const Document& d) { return setOption(d, {"words"}, "as", Json::string("token")); }},
    {"option to default", [](const Document& d) { return setOption(d, {"words"}, "as", std::nullopt); }},
    {"type", [](const Document& d) { return changeType(d, {"words"}, "filter", {}, {}); }},
    {"disable", [](const Document& d) { return setUse(d, {{"words"}, {"magic"}}, NodeUse::Disabled); }},
    {"bypass", [](const Document& d) { return setUse(d, {{"words"}}, NodeUse::Bypassed); }},
    {"move", [](const Document& d) { return moveNodes(d, {{{"lines"}, {5, 6}}, {{"magic"}, {7, 8}}}); }},
    {"setting", [](const Document& d) { return setSetting(d, "batch_interval", Json::string("2s")); }},
    {"parameter", [](const Document& d) { return setParameter(d, "rate", Json::integer(5)); }},
    {"name", [](const Document& d) { return setName(d, "Words"); }},
    {"bend", [](const Document& d) { return setBends(d, {"lines", "", "words", ""}, {{1, 2}}); }},
    {"straighten", [](const Document& d) { return setBends(d, {"words", "", "out", ""}, {}); }},
    {"frame", [](const Document& d) { return setFrame(d, "f1", Json::object({{"title", Json::string("All")}})); }},
    {"note", [](const Document& d) { return setNote(d, "n1", Json::object({{"text", Json::string("Look")}})); }},
    {"paste", [](const Document& d) { return paste(d, copyText(d, {{"lines"}, {"words"}}), {0, 300})->edit; }},
};

}

class DocumentEditsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyCommandIsDoneUndoneAndDoneAgain_data()
    {
        QTest::addColumn<int>("command");
        for (size_t i = 0; i < std::size(kCommands); ++i) QTest::newRow(kCommands[i].name) << static_cast<int>(i);
    }

    void everyCommandIsDoneUndoneAndDoneAgain()
    {
        QFETCH(int, command);
        PipelineDocument document(catalog());
        document.openText(kWords);
        QSignalSpy edited(&document, &PipelineDocument::edited);
        document.apply(kCommands[command].make(document.document()), QString::fromLatin1(kCommands[command].name));
        QCOMPARE(document.undoStack().count(), 1);
        QCOMPARE(document.undoStack().undoText(), QString::fromLatin1(kCommands[command].name));
        const std::string done = document.text();
        QVERIFY(done != kWords);
        QVERIFY(document.isModified());
        document.undoStack().undo();
        QCOMPARE(document.text(), std::string(kWords));
        QVERIFY(!document.isModified());
        document.undoStack().redo();
        QCOMPARE(document.text(), done);
        document.undoStack().undo();
        QCOMPARE(document.text(), std::string(kWords));
        QCOMPARE(edited.count(), 4);
    }

    void keystrokesInAFieldAreOneCommand()
    {
        PipelineDocument document(catalog());
        document.openText(kWords);
        const auto type = [&](const char* text) { document.apply(setOption(document.document(), {"words"}, "as", Json::string(text)), QStringLiteral("Set as"), QStringLiteral("words.as")); };
        for (const char* text : {"t", "to", "tok"}) type(text);
        QCOMPARE(document.undoStack().count(), 1);
        document.endMerge();
        type("toke");
        QCOMPARE(document.undoStack().count(), 2);
        type("token");
        QCOMPARE(document.undoStack().count(), 2);
        // Another change between ends it as well, and so does undo.
        document.apply(setTitle(document.document(), {"words"}, "W"), QStringLiteral("Title"));
        type("a");
        QCOMPARE(document.undoStack().count(), 4);
        document.undoStack().undo();
        document.undoStack().redo();
        type("ab");
        QCOMPARE(document.undoStack().count(), 5);
        while (document.undoStack().canUndo()) document.undoStack().undo();
        QCOMPARE(document.text(), std::string(kWords));
    }

    void changesOfSeveralStepsMergeToo()
    {
        PipelineDocument document(catalog());
        document.openText(kWords);
        for (int i = 1; i <= 5; ++i) document.apply(moveNodes(document.document(), {{{"lines"}, {i * 10.0, 0}}, {{"magic"}, {0, i * 10.0}}}), QStringLiteral("Move"), QStringLiteral("nudge"));
        QCOMPARE(document.undoStack().count(), 1);
        QCOMPARE(positionOf(document.document(), {"magic"}), (Position{0, 50}));
        const std::string done = document.text();
        document.undoStack().undo();
        QCOMPARE(document.text(), std::string(kWords));
        document.undoStack().redo();
        QCOMPARE(document.text(), done);
    }

    void aSecondEndsMerging()
    {
        const MergeMark first{QStringLiteral("k"), 5000, 3};
        QVERIFY((MergeMark{QStringLiteral("k"), 6000, 3}.continues(first)));
        QVERIFY((!MergeMark{QStringLiteral("k"), 6001, 3}.continues(first)));
        QVERIFY((!MergeMark{QStringLiteral("k"), 5100, 4}.continues(first)));
        QVERIFY((!MergeMark{QStringLiteral("j"), 5100, 3}.continues(first)));
        QVERIFY((!MergeMark{{}, 5100, 3}.continues(MergeMark{{}, 5000, 3})));
    }

    void savedIsWhereItWasSaved()
    {
        Room room;
        PipelineDocument document(catalog());
        QVERIFY(document.open(room.file("words.json", kWords)));
        QSignalSpy modified(&document, &PipelineDocument::modifiedChanged);
        const auto type = [&](const char* text) { document.apply(setOption(document.document(), {"words"}, "as", Json::string(text)), QStringLiteral("Set as"), QStringLiteral("words.as")); };
        type("t");
        QVERIFY(document.save());
        QVERIFY(!document.isModified());
        // What was saved stays a state of its own: the next keystroke does not merge into it.
        type("to");
        QVERIFY(document.isModified());
        document.undoStack().undo();
        QVERIFY(!document.isModified());
        document.undoStack().undo();
        QVERIFY(document.isModified());
        document.undoStack().redo();
        QVERIFY(!document.isModified());
        QCOMPARE(modified.count(), 6);
    }

    void selectionFollowsTheDocument()
    {
        PipelineDocument document(catalog());
        document.openText(kWords);
        QSignalSpy changed(&document, &PipelineDocument::selectionChanged);
        document.selection().set({.nodes = {{"words"}, {"out"}}, .edges = {"lines -> words", "words -> out"}});
        document.apply(renameNode(document.document(), {"words"}, {"tokens"}), QStringLiteral("Rename"));
        QCOMPARE(document.selection().nodes(), (std::set<NodeId>{{"out"}, {"tokens"}}));
        document.undoStack().undo();
        QCOMPARE(document.selection().nodes(), (std::set<NodeId>{{"out"}, {"words"}}));
        document.apply(removeNodes(document.document(), {{"words"}}), QStringLiteral("Delete"));
        QCOMPARE(document.selection().only(), std::optional(NodeId{"out"}));
        QCOMPARE(changed.count(), 4);
    }

    void checkingFollowsTheDocument()
    {
        PipelineDocument document(catalog());
        document.openText(kWords);
        QSignalSpy checked(&document, &PipelineDocument::checkedChanged);
        QTRY_VERIFY(!document.diagnosticsOf({"magic"}).empty());
        // Many changes at once: the newest is checked, most of the others never.
        const auto before = checked.count();
        for (int i = 0; i < 200; ++i) document.apply(setTitle(document.document(), {"out"}, std::to_string(i)), QStringLiteral("Title"));
        document.apply(removeNodes(document.document(), {{"magic"}}), QStringLiteral("Delete"));
        QTRY_VERIFY(document.diagnosticsOf({"magic"}).empty());
        QVERIFY(checked.count() - before <= 3);
        document.apply(setOption(document.document(), {"words"}, "expression", Json::string("nothing(")), QStringLiteral("Set"));
        QVERIFY(hasErrors(document.checkNow()->diagnostics));
        QVERIFY(!document.diagnosticsOf({"words"}).empty());
    }

    void whatHasNoPlaceIsRefused()
    {
        PipelineDocument document(catalog());
        document.openText(R"({"nodes": [1, 2]})");
        QSignalSpy refused(&document, &PipelineDocument::refused);
        document.apply(addNode(document.document(), {.id = {"a"}, .type = "filter"}, {}), QStringLiteral("Add"));
        QCOMPARE(refused.count(), 1);
        QCOMPARE(document.undoStack().count(), 0);
        QCOMPARE(document.text(), std::string(R"({"nodes": [1, 2]})"));
    }

    // Numbers to look at: undo is to take at most 20 ms.
    void howLongUndoTakesWithAThousandNodes()
    {
        PipelineDocument document(catalog());
        document.openText(printDocument(chain(1000)));
        std::set<NodeId> all;
        for (const Node& node : document.document().nodes) all.insert(node.id);
        const auto measure = [&](const char* what, const Edit& edit) {
            const double start = threadMillis();
            document.apply(edit, QString::fromLatin1(what));
            const double done = threadMillis();
            document.undoStack().undo();
            qInfo("%-24s do %6.2f ms, undo %6.2f ms of this thread", what, done - start, threadMillis() - done);
        };
        measure("option of one node", setOption(document.document(), {"n500"}, "condition", Json::string("true")));
        measure("rename in the middle", renameNode(document.document(), {"n500"}, {"other"}));
        std::map<NodeId, Position> places;
        for (const NodeId& node : all) places[node] = {1, 2};
        measure("move all", moveNodes(document.document(), places));
        measure("delete all", removeNodes(document.document(), all));
        measure("delete 200 and heal", removeAndHeal(document.document(), {all.begin(), std::next(all.begin(), 200)}));
        measure("paste all", paste(document.document(), copyText(document.document(), all), {0, 0})->edit);
        QCOMPARE(document.document(), chain(1000));
    }
};

QTEST_MAIN(DocumentEditsTest)
#include "document_edits_test.moc"
