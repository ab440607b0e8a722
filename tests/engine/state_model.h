// Keyed tables and panes for tests: simple models of them, and random batches that change both alike.
#pragma once
#include "engine/columns/builder.h"
#include "engine/dataflow/keyed_table.h"
#include "engine/dataflow/panes.h"

#include <fmt/format.h>

#include <map>
#include <random>

namespace streamwright {

struct Row {
    int64_t sequence = 0;
    std::vector<Value> values;
    int64_t touched = 0;
    bool operator==(const Row&) const = default;
};

// A table as a map per partition; keys as text of their own.
using Model = std::array<std::map<std::string, Row>, kPartitions>;

inline KeyedTable::Shape shape()
{
    return {"state",
            {{"word", TypeKind::String}},
            {{"n", TypeKind::BigInt}, {"text", TypeKind::String}, {"list", Type::array(TypeKind::Int)}, {"pair", Type::structure({{"a", TypeKind::Double}, {"b", TypeKind::String}})}},
            true};
}

inline std::string keyText(int k)
{
    if (k == 0) return {};
    return k % 3 == 0 ? std::string(static_cast<size_t>(k % 300), 'x') + std::to_string(k) : "k" + std::to_string(k);
}

inline Value randomValue(const Type& type, std::minstd_rand& random)
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
inline std::vector<std::tuple<uint32_t, std::string, Row>> contents(KeyedTable& table)
{
    std::vector<std::tuple<uint32_t, std::string, Row>> result;
    const size_t chunks = table.cutSnapshot(2000);
    for (size_t c = 0; c < chunks; ++c) {
        const BatchPtr rows = table.snapshotChunk(c);
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

inline std::vector<std::tuple<uint32_t, std::string, Row>> contents(const Model& model)
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
inline void randomBatch(KeyedTable& table, Model& model, std::array<int64_t, kPartitions>& next, int keys, int64_t time, std::minstd_rand& random)
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

inline BatchPtr numbers(const SchemaPtr& schema, int from, int rows)
{
    std::vector<Value> texts, values;
    for (int i = 0; i < rows; ++i) {
        texts.push_back({"a text that is longer than a view " + std::to_string(from + i)});
        values.push_back({static_cast<int64_t>(from + i)});
    }
    return makeBatch(schema, {columnOf(TypeKind::String, texts), columnOf(TypeKind::BigInt, values)}, static_cast<size_t>(rows));
}

inline std::string contents(const Panes& panes)
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

inline bool restoreAtOnce(State& from, State& into, size_t chunkBytes)
{
    const size_t chunks = from.cutSnapshot(chunkBytes);
    for (size_t c = 0; c < chunks; ++c) {
        if (!into.apply(*from.snapshotChunk(c))) return false;
    }
    return true;
}

}
