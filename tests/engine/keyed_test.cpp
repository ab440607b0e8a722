// Keyed nodes and what they stand on.
#include "engine/columns/key_index.h"
#include "engine/columns/row_keys.h"
#include "tests/engine/batch_driver.h"

#include <algorithm>
#include <string>
#include <unordered_map>

using namespace streamwright;
using namespace streamwright::test;

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

// Runs it in every cut: all must give what the first gave.
Collector runInEveryCut(const std::string& type, const Json& options, const std::vector<PortInput>& inputs)
{
    const auto node = makeNode(type, options, inputs);
    const Collector first = run(*node, inputs, everyCut().front());
    for (const Cut& cut : everyCut()) {
        const Collector other = run(*node, inputs, cut);
        const bool same = other.rows == first.rows && other.rejected == first.rejected;
        if (!same) qWarning("%s: %zu workers, %zu rows%s", type.c_str(), cut.workers, cut.rows, cut.backwards ? ", backwards" : "");
        if (!same) return {};
    }
    return first;
}

std::vector<std::string> sorted(std::vector<std::string> rows)
{
    std::sort(rows.begin(), rows.end());
    return rows;
}

BatchPtr orders(size_t rows)
{
    std::vector<Value::List> list;
    for (size_t i = 0; i < rows; ++i) {
        const auto n = static_cast<int64_t>(i * 7919 % 101);
        list.push_back({n % 10 == 3 ? Value{} : Value{"customer number " + std::to_string(n)}, Value{n}, n % 7 == 0 ? Value{} : Value{static_cast<double>(n) / 8}});
    }
    return batchOf("customer STRING, amount BIGINT, weight DOUBLE", list);
}

uint64_t hashOf(const std::string& text) { return hashKey(StringRef(text)); }

}

class KeyedTest : public QObject {
    Q_OBJECT
private slots:
    void indexGivesDenseNumbers();
    void indexForgets();
    void countsWords();
    void sameForEveryCut_data();
    void sameForEveryCut();
    void folds();
    void rejectsKeysThatFail();
    void countsAnEmptyBatch();
    void manyKeys();
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
        for (size_t i = 0; i < asked.size(); i += 3) hashes[i] = hashOf(asked[i] = "no key " + std::to_string(i));
        index.findAll(hashes, texts, numbers.data());
        for (size_t i = 0; i < asked.size(); ++i) QCOMPARE(numbers[i], i % 3 == 0 ? KeyIndex::kNone : expected[asked[i]]);
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

void KeyedTest::countsWords()
{
    const auto words = batchOf("word STRING", {{{"to"}}, {{"be"}}, {{"or"}}, {{"not"}}, {{"to"}}, {{"be"}}, {Value{}}, {{""}}, {Value{}}});
    const Collector out = runInEveryCut("count_by_value", optionsOf({{"as", Json::string("n")}}), {{"in", words}});
    QCOMPARE(sorted(out.rows), sorted({R"({"word":"to","n":2})", R"({"word":"be","n":2})", R"({"word":"or","n":1})", R"({"word":"not","n":1})", R"({"word":null,"n":2})", R"({"word":"","n":1})"}));
}

void KeyedTest::sameForEveryCut_data()
{
    QTest::addColumn<QString>("type");
    QTest::addColumn<QStringList>("keys");
    QTest::addColumn<QStringList>("aggregates");
    QTest::newRow("exact") << "reduce_by_key" << QStringList{"customer"} << QStringList{"count(*) AS n", "sum(amount)", "min(customer)", "max(amount) FILTER (WHERE weight > 3) AS m"};
    QTest::newRow("in order") << "reduce_by_key" << QStringList{"customer", "amount % 3 AS third"} << QStringList{"sum(weight)", "first(weight)", "last(amount)", "collect_list(amount)"};
    QTest::newRow("reduce exact") << "reduce" << QStringList{} << QStringList{"count(*)", "sum(amount)", "max(weight)"};
    QTest::newRow("reduce in order") << "reduce" << QStringList{} << QStringList{"stddev(weight)", "last(customer)"};
    QTest::newRow("number key") << "reduce_by_key" << QStringList{"weight"} << QStringList{"count(*)"};
    QTest::newRow("fails") << "reduce_by_key" << QStringList{"amount % 5 AS k"} << QStringList{"sum(1 / (amount - 40)) AS s", "count(*)"};
    QTest::newRow("key fails") << "reduce_by_key" << QStringList{"1 / (amount - 40) AS k"} << QStringList{"count(*)"};
    QTest::newRow("exact fails") << "reduce_by_key" << QStringList{"amount % 5 AS k"} << QStringList{"max(1 div (amount - 40)) AS s", "count(*)"};
}

void KeyedTest::sameForEveryCut()
{
    QFETCH(QString, type);
    QFETCH(QStringList, keys);
    QFETCH(QStringList, aggregates);
    const auto list = [](const QStringList& from) {
        std::vector<std::string> to;
        for (const QString& text : from) to.push_back(text.toStdString());
        return texts(to);
    };
    std::vector<Json::Member> options;
    if (!keys.empty()) options.emplace_back("keys", list(keys));
    options.emplace_back("aggregates", list(aggregates));
    QVERIFY(!runInEveryCut(type.toStdString(), optionsOf(options), {{"in", orders(500)}}).rows.empty());
}

void KeyedTest::folds()
{
    const auto rows = batchOf("k STRING, v INT", {{{"a"}, {int64_t{1}}}, {{"b"}, {int64_t{5}}}, {{"a"}, Value{}}, {{"a"}, {int64_t{3}}}});
    const Collector out = runInEveryCut("reduce_by_key", optionsOf({{"keys", texts({"k"})}, {"aggregates", texts({"sum(v) AS s", "count(v) AS n", "avg(v) AS m", "last(v) AS l"})}}), {{"in", rows}});
    QCOMPARE(sorted(out.rows), (std::vector<std::string>{R"({"k":"a","s":4,"n":2,"m":2.0,"l":3})", R"({"k":"b","s":5,"n":1,"m":5.0,"l":5})"}));
    const Collector groups = runInEveryCut("group_by_key", optionsOf({{"keys", texts({"k"})}, {"values", Json::string("v")}}), {{"in", rows}});
    QCOMPARE(sorted(groups.rows), (std::vector<std::string>{R"({"k":"a","values":[1,null,3]})", R"({"k":"b","values":[5]})"}));
    const Collector distinct = runInEveryCut("distinct", optionsOf({{"columns", texts({"k"})}}), {{"in", rows}});
    QCOMPARE(sorted(distinct.rows), (std::vector<std::string>{R"({"k":"a"})", R"({"k":"b"})"}));
}

void KeyedTest::rejectsKeysThatFail()
{
    const auto rows = batchOf("k STRING, v BIGINT", {{{"a"}, {int64_t{1}}}, {{"b"}, {std::numeric_limits<int64_t>::max()}}, {{"b"}, {int64_t{1}}}, {{"c"}, {int64_t{0}}}});
    const Json keys = texts({"k"});
    const Collector sums = runInEveryCut("reduce_by_key", optionsOf({{"keys", keys}, {"aggregates", texts({"sum(v) AS s"})}}), {{"in", rows}});
    QCOMPARE(sorted(sums.rows), (std::vector<std::string>{R"({"k":"a","s":1})", R"({"k":"c","s":0})"}));
    QCOMPARE(sums.rejected, (std::vector<std::string>{R"(aggregates: s: the sum overflows bigint {"k":"b"})"}));
    const Collector quotients = runInEveryCut("reduce_by_key", optionsOf({{"keys", keys}, {"aggregates", texts({"max(10 div v) AS q"})}}), {{"in", rows}});
    QCOMPARE(quotients.rows.size(), size_t{2});
    QCOMPARE(quotients.rejected.size(), size_t{1});
    QVERIFY(quotients.rejected[0].ends_with(R"({"k":"c"})"));
}

void KeyedTest::countsAnEmptyBatch()
{
    const auto none = batchOf("k STRING", {});
    QCOMPARE(runInEveryCut("count", optionsOf({}), {{"in", none}}).rows, (std::vector<std::string>{R"({"count":0})"}));
    QVERIFY(runInEveryCut("reduce", optionsOf({{"aggregates", texts({"count(*)"})}}), {{"in", none}}).rows.empty());
    QVERIFY(runInEveryCut("count_by_value", optionsOf({}), {{"in", none}}).rows.empty());
}

// So many that workers stop folding by themselves.
void KeyedTest::manyKeys()
{
    std::vector<Value::List> list;
    for (size_t i = 0; i < 120'000; ++i) list.push_back({{"a rather long key " + std::to_string(i * 7919 % 90'001)}});
    const auto rows = batchOf("k STRING", list);
    const Json options = optionsOf({{"as", Json::string("n")}});
    const auto node = makeNode("count_by_value", options, {{"in", rows}});
    const Collector first = run(*node, {{"in", rows}}, {1, 4096, false});
    QCOMPARE(first.rows.size(), size_t{90'001});
    for (const Cut& cut : std::vector<Cut>{{2, 4096, false}, {4, 1000, true}, {1, 500, true}}) QCOMPARE(run(*node, {{"in", rows}}, cut).rows, first.rows);
}

QTEST_GUILESS_MAIN(KeyedTest)
#include "keyed_test.moc"
