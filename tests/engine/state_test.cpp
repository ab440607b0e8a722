// Keyed tables and panes against simple models: random batches, undone batches, restored states.
#include "tests/engine/state_model.h"

#include "engine/columns/block.h"

#include <QtTest>

using namespace streamwright;

class StateTest : public QObject {
    Q_OBJECT

private slots:
    void keyedTable_data();
    void keyedTable();
    void panes();
    void compositeAndNumberKeys();
    void timeouts();
};

void StateTest::keyedTable_data()
{
    QTest::addColumn<int>("seed");
    QTest::addColumn<int>("keys");
    QTest::newRow("few keys") << 1 << 8;
    QTest::newRow("some keys") << 2 << 100;
    QTest::newRow("many keys") << 3 << 5000;
    QTest::newRow("long run") << 4 << 30;
}

void StateTest::keyedTable()
{
    QFETCH(int, seed);
    QFETCH(int, keys);
    std::minstd_rand random(static_cast<unsigned>(seed));
    KeyedTable table(shape());
    auto follower = std::make_unique<KeyedTable>(shape());
    Model model;
    std::array<int64_t, kPartitions> next{};
    QVERIFY(table.untouched());
    const int batches = seed == 4 ? 1000 : 150;
    for (int b = 1; b <= batches; ++b) {
        table.beginBatch();
        const Model before = model;
        const auto nextBefore = next;
        randomBatch(table, model, next, keys, b, random);
        if (random() % 6 == 0) {
            if (random() % 2 == 0) {
                // What fails after the node has finished: some entries are touched a second time.
                for (uint32_t p = 0; p < kPartitions; ++p) table.seal(p);
                randomBatch(table, model, next, keys, b, random);
            }
            table.rollback();
            model = before;
            next = nextBefore;
            continue;
        }
        if (random() % 2 == 0) {
            for (uint32_t p = 0; p < kPartitions; ++p) table.seal(p);
        }
        for (const BatchPtr& changes : table.freeze()) {
            const auto block = decodeBlock(encodeBlock(*changes));
            QVERIFY(block.has_value());
            QVERIFY(follower->apply(**block).has_value());
        }
        if (b % 50 != 0) continue;
        const auto expected = contents(model);
        QCOMPARE(contents(table), expected);
        QCOMPARE(contents(*follower), expected);
        QCOMPARE(static_cast<size_t>(table.rows()), expected.size());
        KeyedTable restored(shape());
        QVERIFY(restoreAtOnce(table, restored, 5000));
        QCOMPARE(contents(restored), expected);
        // A restored table goes on counting as this one does.
        follower = std::make_unique<KeyedTable>(shape());
        QVERIFY(restoreAtOnce(table, *follower, 1 << 20));
        QCOMPARE(follower->untouched(), table.untouched());
    }
    table.beginBatch();
    QVERIFY(table.freeze().empty());
}

void StateTest::panes()
{
    std::minstd_rand random(5);
    const Panes::Shape shape{"panes", {{"text", TypeKind::String}, {"n", TypeKind::BigInt}}, {"text"}};
    Panes panes(shape), follower(shape);
    for (int b = 1; b <= 200; ++b) {
        const std::string before = contents(panes);
        panes.beginBatch();
        for (uint32_t p = 0; p < kPartitions; p += static_cast<uint32_t>(1 + random() % 20)) {
            for (size_t i = random() % 3; i > 0; --i) panes.append(p, {b}, numbers(panes.rowSchema(), b * 100, static_cast<int>(random() % 30)));
        }
        for (uint32_t p = 0; p < kPartitions; ++p) panes.dropUntil(p, {b - static_cast<int>(random() % 10)});
        if (random() % 4 == 0) {
            panes.rollback();
            QCOMPARE(contents(panes), before);
            continue;
        }
        for (const BatchPtr& changes : panes.freeze()) QVERIFY(follower.apply(*changes).has_value());
        QCOMPARE(contents(follower), contents(panes));
        Panes restored(shape);
        QVERIFY(restoreAtOnce(panes, restored, 700));
        QCOMPARE(contents(restored), contents(panes));
        QCOMPARE(restored.rows(), panes.rows());
    }
}

void StateTest::compositeAndNumberKeys()
{
    const std::vector<std::vector<Field>> keySets{{{"id", TypeKind::BigInt}}, {{"id", TypeKind::BigInt}, {"name", TypeKind::String}}, {}};
    for (const std::vector<Field>& keys : keySets) {
        KeyedTable table({"state", keys, {{"v", TypeKind::Int}}, false}), restored({"state", keys, {{"v", TypeKind::Int}}, false});
        std::vector<ColumnPtr> columns;
        std::vector<Value> ids, names;
        for (int i = 0; i < 5000; ++i) {
            ids.push_back(i == 7 ? Value{} : Value{static_cast<int64_t>(i / 2)});
            names.push_back({"n" + std::to_string(i % 2)});
        }
        if (!keys.empty()) columns.push_back(columnOf(TypeKind::BigInt, ids));
        if (keys.size() > 1) columns.push_back(columnOf(TypeKind::String, names));
        const RowKeys all = rowKeys(columns, ids.size());
        table.beginBatch();
        for (uint32_t p = 0; p < kPartitions; ++p) {
            std::vector<StringRef> ours;
            std::vector<uint64_t> hashes;
            for (size_t i = 0; i < ids.size(); ++i) {
                if (partitionOf(all.hashes[i]) != p) continue;
                ours.push_back(all.keys[i]);
                hashes.push_back(all.hashes[i]);
            }
            std::vector<KeyedTable::Entry> entries(ours.size());
            table.findOrInsert(p, ours, hashes, entries);
            const auto there = table.entries(p);
            QCOMPARE(there.size(), table.size(p));
            table.set(p, there, 0, *columnOf(TypeKind::Int, std::vector<Value>(there.size(), Value{int64_t{5}})));
        }
        QCOMPARE(table.rows(), keys.empty() ? 1 : keys.size() == 1 ? 2501 : 5000);
        for (const BatchPtr& changes : table.freeze()) QVERIFY(restored.apply(*changes).has_value());
        QCOMPARE(restored.rows(), table.rows());
        for (uint32_t p = 0; p < kPartitions; ++p) {
            const auto entries = table.entries(p), copies = restored.entries(p);
            const auto a = table.keys(p, entries), b = restored.keys(p, copies);
            for (size_t c = 0; c < a.size(); ++c) {
                for (size_t i = 0; i < entries.size(); ++i) QCOMPARE(valueAt(*a[c], i), valueAt(*b[c], i));
            }
        }
    }
}

void StateTest::timeouts()
{
    KeyedTable table({"state", {{"id", TypeKind::Int}}, {}, true});
    std::vector<Value> ids;
    for (int i = 0; i < 10000; ++i) ids.push_back({int64_t{i}});
    const std::vector<ColumnPtr> columns{columnOf(TypeKind::Int, ids)};
    const RowKeys all = rowKeys(columns, ids.size());
    QVERIFY(!table.firstTouch());
    std::map<uint32_t, std::vector<KeyedTable::Entry>> entries;
    table.beginBatch();
    for (size_t i = 0; i < ids.size(); ++i) {
        const uint32_t p = partitionOf(all.hashes[i]);
        KeyedTable::Entry entry = 0;
        table.findOrInsert(p, {&all.keys[i], 1}, {&all.hashes[i], 1}, {&entry, 1});
        table.touch(p, {&entry, 1}, {static_cast<int64_t>(i)});
    }
    table.freeze();
    QCOMPARE(table.firstTouch()->micros, 0);
    size_t found = 0;
    table.beginBatch();
    for (uint32_t p = 0; p < kPartitions; ++p) {
        const auto old = table.touchedBefore(p, {3000});
        found += old.size();
        table.erase(p, old);
        QVERIFY(table.touchedBefore(p, {3000}).empty());
    }
    QCOMPARE(found, size_t{3000});
    table.rollback();
    table.beginBatch();
    found = 0;
    for (uint32_t p = 0; p < kPartitions; ++p) found += table.touchedBefore(p, {3001}).size();
    QCOMPARE(found, size_t{3001});
}

QTEST_GUILESS_MAIN(StateTest)
#include "state_test.moc"
