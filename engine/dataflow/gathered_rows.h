// The morsels of a batch, gathered by many workers and given back in input order: by logical partition,
// then by ordinal. Thread-safe to add; take after the last add.
#pragma once
#include "engine/dataflow/context.h"

#include <algorithm>

namespace streamwright {

class GatheredRows {
public:
    explicit GatheredRows(size_t workers) : perWorker_(workers) {}

    void add(const Morsel& in, size_t worker) { perWorker_[worker].push_back(in); }

    // In order; empty again afterwards.
    std::vector<Morsel> take()
    {
        std::vector<Morsel> all;
        for (std::vector<Morsel>& morsels : perWorker_) {
            all.insert(all.end(), morsels.begin(), morsels.end());
            morsels.clear();
        }
        std::stable_sort(all.begin(), all.end(), [](const Morsel& a, const Morsel& b) { return std::pair(a.partition, a.ordinal) < std::pair(b.partition, b.ordinal); });
        return all;
    }

private:
    std::vector<std::vector<Morsel>> perWorker_;
};

}
