// The right side of a join, remembered while every batch brings the same rows, as source.table does: its rows are then put in
// order once and not for every batch. Same rows are those of the same objects. Any thread.
#pragma once
#include "engine/nodes/transforms/shared/keyed_side.h"

#include <array>
#include <unordered_set>

namespace streamwright {

class StandingSide {
public:
    struct Part {
        KeyedSide::Rows rows;
        RowsByKey byKey;
    };
    struct Kept {
        std::vector<BatchPtr> batches;                  // in input order
        std::unordered_set<const Batch*> known;         // the same
        std::unique_ptr<KeyedSide> side;                // what the parts point into
        std::array<Part, kPartitions> parts;
    };

    std::shared_ptr<const Kept> kept() const
    {
        const std::lock_guard lock(mutex_);
        return kept_;
    }
    void keep(std::shared_ptr<const Kept> kept)
    {
        const std::lock_guard lock(mutex_);
        kept_ = std::move(kept);
    }
    // Whether these batches are those of the call before.
    bool sameAgain(const std::vector<BatchPtr>& batches)
    {
        const std::lock_guard lock(mutex_);
        const bool same = !batches.empty() && std::ranges::equal(batches, last_, [](const BatchPtr& batch, const std::weak_ptr<const Batch>& before) { return batch == before.lock(); });
        last_.assign(batches.begin(), batches.end());
        if (!same) kept_.reset();
        return same;
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const Kept> kept_;
    std::vector<std::weak_ptr<const Batch>> last_;
};

}
