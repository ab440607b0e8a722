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
        uint32_t piece = 0;                 // the how manieth morsel in input order
        const uint32_t* rows = nullptr;     // their numbers in the morsel, ascending; null for 0, 1, 2, …
        uint32_t count = 0;
        std::span<const StringRef> keys;
        const char* text = nullptr;         // of keys that are long and have one length, one after the other: `keys` is empty then
        uint32_t length = 0;
        std::span<const uint64_t> hashes;
        uint32_t row(size_t i) const { return rows ? rows[i] : static_cast<uint32_t>(i); }
        // The keys, put together in `made` where only their text was kept.
        std::span<const StringRef> keysIn(std::vector<StringRef>& made) const
        {
            if (!text) return keys;
            made.resize(count);
            for (uint32_t i = 0; i < count; ++i) made[i] = StringRef::padded(text + i * size_t{length}, length);
            return made;
        }
    };
    // Rows of one partition, in input order.
    struct Rows {
        size_t count = 0;
        std::vector<ColumnPtr> columns;     // those that were added
        std::vector<StringRef> keys;        // views of the input or of the exchange
        std::vector<uint64_t> hashes;
    };

    // Whether the batches that were added stay, for origin().
    enum class Input : unsigned char { Kept, Dropped };

    // `types` of the columns that add() is given.
    KeyExchange(std::vector<Type> types, size_t workers, Input input = Input::Kept) : types_(std::move(types)), input_(input), workers_(workers) {}

    // From many threads, each its own `worker`. `keys` and `columns` have one row per row of `in.batch`; a
    // column of numbers that is null stands for zeros.
    void add(const Morsel& in, const std::vector<ColumnPtr>& keys, std::vector<ColumnPtr> columns, size_t worker);
    // After the last add.
    void close();
    // The morsels that were added, as runs of no rows, in input order.
    std::vector<Run> pieces() const;
    // From many threads, each partition once or more.
    Rows take(uint32_t partition) const;
    // The same without a copy: keys and hashes stay where they are.
    std::vector<Run> runs(uint32_t partition) const;
    // A column of take(partition); null if it was null in every add().
    ColumnPtr column(size_t column, uint32_t partition, size_t count) const;
    // The row of the input that row `row` of take(partition) was made of.
    std::pair<const Batch*, uint32_t> origin(uint32_t partition, size_t row) const;

private:
    struct Piece {
        Ordinal ordinal;
        uint32_t logical = 0;
        BatchPtr batch;
        std::vector<uint32_t> order;                    // rows by partition; empty: all of one partition, `keys` as they came
        std::vector<ColumnPtr> columns;                 // in the order of `order`
        RowKeys keys;
        uint32_t length = 0;                            // of scattered keys that are long and have one length
        std::array<const char*, kPartitions> rows{};    // scattered: the hashes of the partition's rows, then the keys or their text
        std::array<uint32_t, kPartitions + 1> from{};   // into order
    };
    // Where a worker puts the hashes and keys that it scatters. Those of a partition lie together, piece after
    // piece: who takes them reads memory from front to back, else they would wait for the memory of each piece.
    class Room {
    public:
        char* take(uint32_t partition, size_t bytes);

    private:
        struct Chunk {
            char* at = nullptr;
            size_t left = 0;
            size_t size = 0;
        };
        std::array<Chunk, kPartitions> chunks_;
        std::vector<std::shared_ptr<Buffer>> buffers_;
    };
    struct alignas(64) Worker {
        std::vector<std::unique_ptr<Piece>> pieces;
        Room room;
    };
    static void scatter(Piece& piece, Room& room);
    static void scatterKeys(Piece& piece, Room& room);

    std::vector<Type> types_;
    Input input_;
    std::vector<Worker> workers_;
    std::vector<std::unique_ptr<Piece>> pieces_;        // in input order
};

}
