// What the columns of a port held in one batch, over all its rows: counted by each worker while a tap asks for it, and
// joined when the batch has ended.
#pragma once
#include "engine/columns/batch.h"

#include <array>
#include <unordered_set>

namespace streamwright {

// How many different hashes there were: exactly as long as they are few, then within a few per cent (HyperLogLog).
class DistinctCount {
public:
    static constexpr size_t kExactly = 4096;

    void add(uint64_t hash);
    void join(const DistinctCount& other);
    int64_t count() const;

private:
    void spill();
    void mark(uint64_t hash);

    std::unordered_set<uint64_t> few_;
    std::vector<uint8_t> registers_;        // empty while there are few
};

class TapProfile {
public:
    struct Values {
        int64_t nulls = 0;
        int64_t longest = 0;                // characters of the longest text
        ColumnPtr least, greatest;          // one value each; null: there is none
        DistinctCount distinct;             // NULL is none of them
    };
    void take(const Batch& batch);
    void join(const TapProfile& other);
    const std::vector<Values>& columns() const { return columns_; }

private:
    std::vector<Values> columns_;
};

}
