#include "engine/nodes/transforms/shared/keyed_side.h"

namespace streamwright {

namespace {

std::vector<Type> exchangeTypes(const KeyColumns& keys, std::vector<Type> carried)
{
    std::vector<Type> types;
    for (const Field& key : keys.fields()) types.push_back(key.type);
    types.insert(types.end(), carried.begin(), carried.end());
    return types;
}

}

KeyedSide::KeyedSide(const KeyColumns& keys, std::vector<Type> carried, size_t workers) : keys_(keys), exchange_(exchangeTypes(keys, std::move(carried)), workers) {}

void KeyedSide::send(const Morsel& in, Carried carried, size_t worker)
{
    std::vector<ColumnPtr> columns = carried.keys;
    columns.insert(columns.end(), carried.columns.begin(), carried.columns.end());
    exchange_.add(Morsel{carried.batch, in.ordinal, in.partition}, carried.keys, std::move(columns), worker);
}

KeyedSide::Rows KeyedSide::rows(uint32_t partition) const
{
    KeyExchange::Rows taken = exchange_.take(partition);
    Rows rows{taken.count, {}, {}, std::move(taken.keys), std::move(taken.hashes)};
    const auto keys = static_cast<ptrdiff_t>(keys_.fields().size());
    if (taken.count == 0) return rows;
    rows.keys.assign(taken.columns.begin(), taken.columns.begin() + keys);
    rows.columns.assign(taken.columns.begin() + keys, taken.columns.end());
    return rows;
}

uint32_t RowsByKey::add(const StringRef& key, uint64_t hash)
{
    return index_.findOrAdd(hash, [&](uint32_t number) { return texts_[number] == key; }, [&] {
        texts_.push_back(key);
        first_.push_back(KeyIndex::kNone);
        last_.push_back(KeyIndex::kNone);
        return static_cast<uint32_t>(texts_.size() - 1);
    });
}

uint32_t RowsByKey::find(const StringRef& key, uint64_t hash) const
{
    return index_.find(hash, [&](uint32_t number) { return texts_[number] == key; });
}

void RowsByKey::append(uint32_t key, uint32_t row)
{
    if (next_.size() <= row) next_.resize(row + 1, KeyIndex::kNone);
    if (first_[key] == KeyIndex::kNone) first_[key] = row;
    else next_[last_[key]] = row;
    last_[key] = row;
}

}
