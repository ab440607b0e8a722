// Edits: whatever is done can be undone to the byte, and does the same after it was written and read back.
#include "engine/pipeline/json.h"
#include "tests/engine/edit_samples.h"

#include <QTest>

#include <random>

using namespace streamwright;

namespace {

// Deterministic choices out of a document.
class Dice {
public:
    explicit Dice(unsigned seed) : engine_(seed) {}
    size_t below(size_t count) { return count == 0 ? 0 : engine_() % count; }
    bool half() { return below(2) == 0; }
    NodeId node(const Document& document)
    {
        if (document.nodes.empty() || below(12) == 0) return {"nobody"};
        return document.nodes[below(document.nodes.size())].id;
    }
    std::set<NodeId> nodes(const Document& document)
    {
        std::set<NodeId> some;
        for (size_t i = 1 + below(3); i > 0; --i) some.insert(node(document));
        return some;
    }
    Edge edge(const Document& document)
    {
        if (document.edges.empty() || below(12) == 0) return {"x", "", "y", "in"};
        return document.edges[below(document.edges.size())];
    }
    Json json()
    {
        static const char* const kValues[] = {"1", "2.50", "\"${rate}\"", "[1, \"two\", null]", "{\"deep\": {\"er\": true}}", "null", "\"\\u00e9\\n\""};
        return std::get<Json>(readJson(kValues[below(std::size(kValues))]));
    }
    std::optional<Json> mayBeJson() { return below(4) == 0 ? std::nullopt : std::optional(json()); }
    Position position() { return {static_cast<double>(below(2000)) / 2 - 500, static_cast<double>(below(900))}; }

private:
    std::mt19937 engine_;
};

using Make = Edit (*)(const Document&, Dice&);
constexpr Make kMakers[] = {
    [](const Document& d, Dice& dice) { return addNode(d, {.id = freeName(d, "filter"), .type = "filter"}, dice.position()); },
    [](const Document& d, Dice& dice) { return addEdge(d, {dice.node(d).name, "", dice.node(d).name, dice.half() ? "left" : ""}); },
    [](const Document& d, Dice& dice) { return removeEdge(d, dice.edge(d)); },
    [](const Document& d, Dice& dice) { return removeNodes(d, dice.nodes(d)); },
    [](const Document& d, Dice& dice) { return removeAndHeal(d, dice.nodes(d)); },
    [](const Document& d, Dice& dice) { return insertOnEdge(d, dice.node(d), dice.edge(d), "in", dice.half() ? "out" : ""); },
    [](const Document& d, Dice& dice) { return renameNode(d, dice.node(d), freeName(d, "renamed")); },
    [](const Document& d, Dice& dice) { return setTitle(d, dice.node(d), dice.half() ? "A \"title\"" : ""); },
    [](const Document& d, Dice& dice) { return setOption(d, dice.node(d), dice.half() ? "wand" : "keys", dice.mayBeJson()); },
    [](const Document& d, Dice& dice) {
        static const std::vector<std::string> kept{"wand", "left", "in"};
        return changeType(d, dice.node(d), "select", kept, kept);
    },
    [](const Document& d, Dice& dice) { return setUse(d, dice.nodes(d), static_cast<NodeUse>(dice.below(3))); },
    [](const Document& d, Dice& dice) { return moveNodes(d, {{dice.node(d), dice.position()}, {dice.node(d), dice.position()}}); },
    [](const Document& d, Dice& dice) { return setSetting(d, dice.half() ? "batch_interval" : "memory", dice.mayBeJson()); },
    [](const Document& d, Dice& dice) { return setParameter(d, "rate", dice.mayBeJson()); },
    [](const Document& d, Dice& dice) { return setName(d, dice.half() ? "Words" : ""); },
    [](const Document& d, Dice& dice) { return setBends(d, dice.edge(d), dice.half() ? std::vector<Position>{} : std::vector{dice.position(), dice.position()}); },
    [](const Document& d, Dice& dice) { return setFrame(d, dice.half() ? "f1" : "f2", dice.mayBeJson()); },
    [](const Document& d, Dice& dice) { return setNote(d, "n1", dice.mayBeJson()); },
    [](const Document& d, Dice& dice) {
        auto pasted = paste(d, copyText(d, dice.nodes(d)), dice.position(), dice.half() ? PasteEdges::Between : PasteEdges::AlsoFromOutside);
        return pasted ? std::move(pasted->edit) : Edit();
    },
    [](const Document&, Dice& dice) {
        // The places that a file may fill with something else.
        static const char* const kNames[] = {"format", "name", "settings", "layout", "future", "new"};
        return Edit{{SetMember{{kNames[dice.below(std::size(kNames))]}, dice.mayBeJson(), dice.half() ? std::optional(dice.below(4)) : std::nullopt}}};
    },
    [](const Document&, Dice& dice) { return Edit{{SetMember{{"future", "deep", "x"}, dice.mayBeJson(), std::nullopt}}}; },
    [](const Document&, Dice& dice) { return replaceDocument(read(dice.half() ? kOdd : kPlain)); },
};

// What the test found wrong, empty if nothing.
std::string wrongWith(Document& document, const Edit& edit)
{
    const Document before = document;
    Document twin = document;
    const auto inverse = apply(document, edit);
    if (!inverse) return inverse.error().message;

    const auto readBack = readEdit(printEdit(edit));
    if (!readBack) return readBack.error().message;
    if (printEdit(*readBack) != printEdit(edit)) return "the edit reads back as another one";
    const auto twinInverse = apply(twin, *readBack);
    if (!twinInverse || twin != document || printDocument(twin) != printDocument(document)) return "the edit read back makes another document";

    Document undone = document;
    const auto again = apply(undone, *inverse);
    if (!again || undone != before || printDocument(undone) != printDocument(before)) return "undo gives another document";
    const auto inverseRead = readEdit(printEdit(*inverse));
    if (!inverseRead || !apply(twin, *inverseRead) || twin != before) return "the inverse read back makes another document";
    if (!apply(undone, *again) || undone != document || printDocument(undone) != printDocument(document)) return "redo gives another document";
    return {};
}

}

class EditsTest : public QObject {
    Q_OBJECT

private slots:
    void everythingIsUndoneToTheByte_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("odd") << QByteArray(kOdd);
        QTest::newRow("plain") << QByteArray(kPlain);
        QTest::newRow("empty") << QByteArray("{}");
    }

    void everythingIsUndoneToTheByte()
    {
        QFETCH(QByteArray, text);
        for (unsigned seed = 0; seed < 60; ++seed) {
            Dice dice(seed);
            Document document = read(text.constData());
            const std::string first = printDocument(document);
            std::vector<Edit> inverses;
            Document replay = document;
            for (int i = 0; i < 60; ++i) {
                const size_t maker = dice.below(std::size(kMakers));
                const Edit edit = kMakers[maker](document, dice);
                const std::string wrong = wrongWith(document, edit);
                QVERIFY2(wrong.empty(), (wrong + ": seed " + std::to_string(seed) + ", maker " + std::to_string(maker) + ", " + printEdit(edit)).c_str());
                inverses.push_back(*apply(replay, edit));
            }
            QCOMPARE(printDocument(replay), printDocument(document));
            for (auto inverse = inverses.rbegin(); inverse != inverses.rend(); ++inverse) QVERIFY(apply(replay, *inverse));
            QCOMPARE(printDocument(replay), first);
        }
    }
};

QTEST_GUILESS_MAIN(EditsTest)
#include "edits_test.moc"
