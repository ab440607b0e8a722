// Reduces the rows of a batch to one row per key: the pane of a window aggregation.
#pragma once
#include "engine/dataflow/key_exchange.h"
#include "engine/nodes/windows/shared/window_aggregation.h"

#include <map>
#include <mutex>

namespace streamwright {

class PaneMaker {
public:
    // Keys in the order of their first row.
    struct Pane {
        std::vector<StringRef> keys;            // views of the batch's input
        std::vector<uint64_t> hashes;
        std::vector<ColumnPtr> keyColumns;
        std::vector<ColumnPtr> partials;        // of all aggregates, one after the other
    };

    PaneMaker(const WindowAggregation& node, const BatchContext& context, size_t workers);
    void consume(const Morsel& in, size_t worker, Emitter& rejects);
    void close() { exchange_.close(); }
    // Rows of keys for which an aggregate's argument fails are rejected, all of this batch.
    Pane make(uint32_t partition, Emitter& rejects);

private:
    // Where the columns of one aggregate stand among the exchanged: [from, until), then whether a row takes part.
    struct Slots {
        size_t from;
        size_t until;
        bool masked;
    };
    void addArguments(const AggregateCall& call, const BatchPtr& batch, std::vector<ColumnPtr>& columns, std::vector<RowError>& errors) const;
    std::vector<uint32_t> groupsOf(KeyExchange::Rows& rows, Pane& pane) const;
    void rejectKeys(uint32_t partition, KeyExchange::Rows& rows, Emitter& rejects);
    std::vector<ColumnPtr> reduce(size_t call, const KeyExchange::Rows& rows, std::span<const uint32_t> groups, size_t keys) const;

    const WindowAggregation& node_;
    const BatchContext& context_;
    std::vector<Slots> slots_;
    size_t failedColumn_ = 0;
    KeyExchange exchange_;
    std::mutex mutex_;
    std::map<std::pair<const Batch*, uint32_t>, std::string> failures_;
};

// The results of a slide: rows with errors rejected, then `having`. Gives the rows that `having` dropped.
std::vector<uint32_t> emitResults(const WindowAggregation& node, const BatchContext& context, const BatchPtr& results, std::vector<RowError> errors, Emitter& out);

}
