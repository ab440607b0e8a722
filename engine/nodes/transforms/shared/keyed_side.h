// One input of join and cogroup: its rows, brought to the owner of their key.
#pragma once
#include "engine/columns/key_index.h"
#include "engine/dataflow/key_columns.h"
#include "engine/dataflow/key_exchange.h"

namespace streamwright {

class KeyedSide {
public:
    // `carried` are the columns that come out of `rows` beside the keys.
    KeyedSide(const KeyColumns& keys, std::vector<Type> carried, size_t workers);

    // From many workers. `carry` fills in the carried columns, and may leave rows out of all three.
    struct Carried {
        BatchPtr batch;
        std::vector<ColumnPtr> keys;
        std::vector<ColumnPtr> columns;
    };
    template <class Carry>
    void add(const Morsel& in, const BatchContext& context, size_t worker, Emitter& rejects, Carry&& carry)
    {
        KeyColumns::Evaluation keys = keys_.evaluate(in.batch, context, rejects);
        if (keys.batch->rows() == 0) return;
        Carried carried{std::move(keys.batch), std::move(keys.columns), {}};
        carry(carried);
        if (carried.batch->rows() > 0) send(in, std::move(carried), worker);
    }
    void close() { exchange_.close(); }

    // The rows of a partition in input order.
    struct Rows {
        size_t count = 0;
        std::vector<ColumnPtr> keys;
        std::vector<ColumnPtr> columns;
        std::vector<StringRef> texts;       // the keys as key_index takes them
        std::vector<uint64_t> hashes;
    };
    Rows rows(uint32_t partition) const;

private:
    void send(const Morsel& in, Carried carried, size_t worker);

    const KeyColumns& keys_;
    KeyExchange exchange_;
};

// The rows of a list that belong to each distinct key, in input order.
class RowsByKey {
public:
    // Keys get numbers in the order of their first row.
    uint32_t add(const StringRef& key, uint64_t hash);
    // kNone if it is not there.
    uint32_t find(const StringRef& key, uint64_t hash) const;
    void append(uint32_t key, uint32_t row);
    size_t keys() const { return texts_.size(); }
    // Calls f(row) for each row of the key.
    template <class F>
    void forEach(uint32_t key, F&& f) const
    {
        for (uint32_t row = first_[key]; row != KeyIndex::kNone; row = next_[row]) f(row);
    }

private:
    KeyIndex index_;
    std::vector<StringRef> texts_;
    std::vector<uint32_t> first_, last_;    // by key
    std::vector<uint32_t> next_;            // by row
};

}
