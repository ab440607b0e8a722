// The morsels of a batch, gathered by many workers and given back in input order: by logical partition,
// then by ordinal. Thread-safe to add; take after the last add.
#pragma once
#include "engine/columns/block.h"
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

// The same for a sink that stages the rows of a batch as one block, and may be asked for it again.
class RowsToStage {
public:
    RowsToStage(SchemaPtr schema, size_t workers) : schema_(std::move(schema)), gathered_(workers) {}

    void add(const Morsel& in, size_t worker) { gathered_.add(in, worker); }
    // After the last add.
    const BatchPtr& rows()
    {
        if (rows_) return rows_;
        std::vector<BatchPtr> batches;
        for (const Morsel& morsel : gathered_.take()) batches.push_back(morsel.batch);
        return rows_ = concatenate(schema_, batches);
    }
    // What SinkWork::stage returns of rows: nothing where there are none.
    static std::optional<std::string> staged(const Batch& rows) { return rows.rows() == 0 ? std::nullopt : std::optional(encodeBlock(rows)); }
    std::optional<std::string> staged() { return staged(*rows()); }

private:
    SchemaPtr schema_;
    GatheredRows gathered_;
    BatchPtr rows_;
};

}
