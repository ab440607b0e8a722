// Brings the rows of a batch to the one owner of their key: many workers add morsels, then each virtual
// partition takes its rows, in input order, whoever added them.
#pragma once
#include "engine/columns/row_keys.h"
#include "engine/dataflow/context.h"

#include <array>

namespace streamwright {

class KeyExchange {
public:
    // Rows that follow each other and come of one morsel.
    struct Run {
        uint32_t logical = 0;               // partition of the morsel
        Ordinal ordinal;
        const Batch* batch = nullptr;
        const uint32_t* rows = nullptr;     // their numbers in the batch, ascending; null for 0, 1, 2, …
        uint32_t count = 0;
        uint32_t row(size_t i) const { return rows ? rows[i] : static_cast<uint32_t>(i); }
    };
    // Rows of one partition, in input order.
    struct Rows {
        size_t count = 0;
        std::vector<ColumnPtr> columns;     // those that were added
        std::vector<StringRef> keys;        // views of the input or of the exchange
        std::vector<uint64_t> hashes;
        std::vector<Run> runs;
    };

    // `types` of the columns that add() is given.
    KeyExchange(std::vector<Type> types, size_t workers) : types_(std::move(types)), perWorker_(workers) {}

    // From many threads, each its own `worker`. `keys` and `columns` have one row per row of `in.batch`.
    void add(const Morsel& in, const std::vector<ColumnPtr>& keys, std::vector<ColumnPtr> columns, size_t worker);
    // After the last add.
    void close();
    // From many threads, each partition once or more.
    Rows take(uint32_t partition) const;
    // The row of the input that row `row` of take(partition) was made of.
    std::pair<const Batch*, uint32_t> origin(uint32_t partition, size_t row) const;

private:
    struct Piece {
        Ordinal ordinal;
        uint32_t logical = 0;
        BatchPtr batch;
        std::vector<uint32_t> order;                    // rows by partition; empty: all of one partition
        // In the order of `order`, so that an owner reads them one after the other.
        std::vector<ColumnPtr> columns;
        RowKeys keys;
        std::array<uint32_t, kPartitions + 1> from{};   // into order
    };
    static void scatter(Piece& piece);
    ColumnPtr joinColumn(size_t column, uint32_t partition, size_t count) const;

    std::vector<Type> types_;
    std::vector<std::vector<std::unique_ptr<Piece>>> perWorker_;
    std::vector<std::unique_ptr<Piece>> pieces_;        // in input order
};

}
