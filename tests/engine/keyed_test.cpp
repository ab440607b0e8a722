// Keyed nodes and what they stand on.
#include "engine/columns/key_index.h"
#include "engine/columns/row_keys.h"

#include <QTest>

#include <string>
#include <unordered_map>

using namespace streamwright;

namespace {

// Texts by number, as an owner of an index keeps them.
struct Texts {
    std::vector<std::string> known;
    std::span<const std::string> asked;
    bool equals(uint32_t number, size_t row) const { return known[number] == asked[row]; }
    void prefetch(uint32_t) const {}
    uint32_t add(size_t row)
    {
        known.push_back(asked[row]);
        return static_cast<uint32_t>(known.size() - 1);
    }
};

uint64_t hashOf(const std::string& text) { return hashKey(StringRef(text)); }

}

class KeyedTest : public QObject {
    Q_OBJECT
private slots:
    void indexGivesDenseNumbers();
    void indexForgets();
};

void KeyedTest::indexGivesDenseNumbers()
{
    KeyIndex index;
    Texts texts;
    std::unordered_map<std::string, uint32_t> expected;
    for (size_t round = 0; round < 40; ++round) {
        std::vector<std::string> asked;
        std::vector<uint64_t> hashes;
        for (size_t i = 0; i < 1000; ++i) {
            asked.push_back("key " + std::to_string((round * 7919 + i * i) % 9973));
            hashes.push_back(hashOf(asked.back()));
        }
        texts.asked = asked;
        std::vector<uint32_t> numbers(asked.size());
        index.findOrAddAll(hashes, texts, numbers.data());
        for (size_t i = 0; i < asked.size(); ++i) QCOMPARE(numbers[i], expected.emplace(asked[i], static_cast<uint32_t>(expected.size())).first->second);
        index.findAll(hashes, texts, numbers.data());
        for (size_t i = 0; i < asked.size(); ++i) QCOMPARE(numbers[i], expected[asked[i]]);
    }
    QCOMPARE(index.size(), expected.size());
}

void KeyedTest::indexForgets()
{
    KeyIndex index;
    std::vector<std::string> texts;
    const auto find = [&](const std::string& text) { return index.find(hashOf(text), [&](uint32_t n) { return texts[n] == text; }); };
    for (uint32_t i = 0; i < 5000; ++i) {
        texts.push_back(std::to_string(i));
        index.findOrAdd(hashOf(texts[i]), [](uint32_t) { return false; }, [&] { return i; });
    }
    for (uint32_t i = 0; i < 5000; i += 2) index.erase(hashOf(texts[i]), i);
    for (uint32_t i = 0; i < 5000; ++i) QCOMPARE(find(texts[i]), i % 2 == 0 ? KeyIndex::kNone : i);
    index.renumber(hashOf(texts[1]), 1, 0);
    std::swap(texts[0], texts[1]);
    QCOMPARE(find("1"), 0u);
    QCOMPARE(index.size(), size_t{2500});
}

QTEST_GUILESS_MAIN(KeyedTest)
#include "keyed_test.moc"
