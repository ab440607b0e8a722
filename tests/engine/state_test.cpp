// Keyed tables and panes against simple models: random batches, undone batches, restored states.
#include "engine/columns/block.h"
#include "engine/columns/builder.h"
#include "engine/dataflow/keyed_table.h"
#include "engine/dataflow/panes.h"

#include <QtTest>
#include <fmt/format.h>

#include <map>
#include <random>

using namespace streamwright;

namespace {

struct Row {
    int64_t sequence = 0;
    std::vector<Value> values;
    int64_t touched = 0;
    bool operator==(const Row&) const = default;
};

// A table as a map per partition; keys as text of their own.
using Model = std::array<std::map<std::string, Row>, kPartitions>;

KeyedTable::Shape shape()
{
    return {"state",
            {{"word", TypeKind::String}},
            {{"n", TypeKind::BigInt}, {"text", TypeKind::String}, {"list", Type::array(TypeKind::Int)}, {"pair", Type::structure({{"a", TypeKind::Double}, {"b", TypeKind::String}})}},
            true};
}

std::string keyText(int k)
{
    if (k == 0) return {};
    return k % 3 == 0 ? std::string(static_cast<size_t>(k % 300), 'x') + std::to_string(k) : "k" + std::to_string(k);
}

Value randomValue(const Type& type, std::minstd_rand& random)
{
    if (random() % 5 == 0) return {};
    switch (type.kind()) {
        case TypeKind::BigInt:
        case TypeKind::Int: return {static_cast<int64_t>(random() % 1000)};
        case TypeKind::Double: return {static_cast<double>(random() % 100) / 4};
        case TypeKind::String: return {std::string(random() % 40, 'v') + std::to_string(random() % 10)};
        case TypeKind::Array: {
            Value::List list;
            for (size_t i = random() % 4; i > 0; --i) list.push_back(randomValue(type.element(), random));
            return {list};
        }
        default: {
            Value::List list;
            for (const Field& field : type.fields()) list.push_back(randomValue(field.type, random));
            return {list};
        }
    }
}

// Every entry, by partition and insertion.
std::vector<std::tuple<uint32_t, std::string, Row>> contents(const KeyedTable& table)
{
    std::vector<std::tuple<uint32_t, std::string, Row>> result;
    const size_t chunks = table.snapshotChunks(2000);
    for (size_t c = 0; c < chunks; ++c) {
        const BatchPtr rows = table.snapshotChunk(c, 2000);
        for (size_t i = 0; i < rows->rows(); ++i) {
            if (rows->column(2)->value<uint8_t>(i)) continue;
            Row row{rows->column(1)->value<int64_t>(i), {}, rows->column(8)->value<int64_t>(i)};
            for (size_t v = 4; v < 8; ++v) row.values.push_back(valueAt(*rows->column(v), i));
            const Value key = valueAt(*rows->column(3), i);
            result.emplace_back(static_cast<uint32_t>(rows->column(0)->value<int32_t>(i)), key.isNull() ? "NULL" : std::get<std::string>(key.data), row);
        }
    }
    return result;
}

std::vector<std::tuple<uint32_t, std::string, Row>> contents(const Model& model)
{
    std::vector<std::tuple<uint32_t, std::string, Row>> result;
    for (uint32_t p = 0; p < kPartitions; ++p) {
        std::map<int64_t, std::pair<std::string, Row>> ordered;
        for (const auto& [key, row] : model[p]) ordered[row.sequence] = {key, row};
        for (const auto& [sequence, entry] : ordered) result.emplace_back(p, entry.first, entry.second);
    }
    return result;
}

// Changes table and model in the same random way.
void randomBatch(KeyedTable& table, Model& model, std::array<int64_t, kPartitions>& next, int keys, int64_t time, std::minstd_rand& random)
{
    std::vector<Value> picked;
    for (size_t i = random() % 60; i > 0; --i) {
        const int k = static_cast<int>(random() % static_cast<unsigned>(keys));
        picked.push_back(k == 1 ? Value{} : Value{keyText(k)});
    }
    const std::vector<ColumnPtr> columns{columnOf(TypeKind::String, picked)};
    const RowKeys all = rowKeys(columns, picked.size());
    for (uint32_t p = 0; p < kPartitions; ++p) {
        std::vector<StringRef> ours;
        std::vector<uint64_t> hashes;
        std::vector<std::string> names;
        for (size_t i = 0; i < picked.size(); ++i) {
            if (partitionOf(all.hashes[i]) != p) continue;
            ours.push_back(all.keys[i]);
            hashes.push_back(all.hashes[i]);
            names.push_back(picked[i].isNull() ? "NULL" : std::get<std::string>(picked[i].data));
        }
        std::vector<KeyedTable::Entry> entries(ours.size());
        table.findOrInsert(p, ours, hashes, entries);
        std::vector<KeyedTable::Entry> kept, gone;
        std::vector<std::vector<Value>> values(4);
        for (size_t i = 0; i < ours.size(); ++i) {
            if (std::find(entries.begin(), entries.begin() + static_cast<long>(i), entries[i]) != entries.begin() + static_cast<long>(i)) continue;
            if (!model[p].contains(names[i])) model[p][names[i]] = {next[p]++, {}, 0};
            if (random() % 4 == 0) {
                gone.push_back(entries[i]);
                model[p].erase(names[i]);
                continue;
            }
            kept.push_back(entries[i]);
            Row& row = model[p][names[i]];
            row.touched = time;
            row.values.clear();
            for (size_t v = 0; v < 4; ++v) {
                values[v].push_back(randomValue(table.shape().values[v].type, random));
                row.values.push_back(values[v].back());
            }
        }
        for (size_t v = 0; v < 4; ++v) table.set(p, kept, v, *columnOf(table.shape().values[v].type, values[v]));
        table.touch(p, kept, {time});
        table.erase(p, gone);
    }
}

BatchPtr numbers(const SchemaPtr& schema, int from, int rows)
{
    std::vector<Value> texts, values;
    for (int i = 0; i < rows; ++i) {
        texts.push_back({"a text that is longer than a view " + std::to_string(from + i)});
        values.push_back({static_cast<int64_t>(from + i)});
    }
    return makeBatch(schema, {columnOf(TypeKind::String, texts), columnOf(TypeKind::BigInt, values)}, static_cast<size_t>(rows));
}

std::string contents(const Panes& panes)
{
    std::string result;
    for (uint32_t p = 0; p < kPartitions; ++p) {
        for (const Panes::Pane& pane : panes.panes(p)) {
            result += fmt::format("{}@{}:", p, pane.time.micros);
            for (const BatchPtr& batch : pane.batches) {
                for (size_t i = 0; i < batch->rows(); ++i) result += fmt::format(" {}", batch->column(1)->value<int64_t>(i));
            }
            result += '\n';
        }
    }
    return result;
}

}

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
        for (size_t c = 0; c < table.snapshotChunks(5000); ++c) QVERIFY(restored.apply(*table.snapshotChunk(c, 5000)).has_value());
        QCOMPARE(contents(restored), expected);
        // A restored table goes on counting as this one does.
        follower = std::make_unique<KeyedTable>(shape());
        for (size_t c = 0; c < table.snapshotChunks(1 << 20); ++c) QVERIFY(follower->apply(*table.snapshotChunk(c, 1 << 20)).has_value());
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
        for (size_t c = 0; c < panes.snapshotChunks(700); ++c) QVERIFY(restored.apply(*panes.snapshotChunk(c, 700)).has_value());
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
