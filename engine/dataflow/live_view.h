// What a live sink shows while the pipeline runs: rows for people, kept in memory. The sink writes; anybody reads at
// any time, also when the run has ended.
#pragma once
#include "engine/base/ids.h"
#include "engine/columns/batch.h"

#include <mutex>
#include <optional>

namespace streamwright {

struct LiveLayout {
    enum class Kind : unsigned char { Table, Line, Bar, Text } kind = Kind::Table; // Text: one column, a row is a line
    std::string x;                      // Line: the column of the axis; Bar: of the names
    std::vector<std::string> y;         // numeric columns
    std::string series;                 // Line: a line for each value of this column; empty: for each of `y`
};

struct LiveContent {
    int64_t batch = 0;                  // the newest that rows came from; 0: none yet
    Timestamp batchTime;
    BatchPtr rows;
};

// Which rows stay.
struct LiveKeep {
    enum class How : unsigned char {
        Latest,                         // those of the last batch that had any
        Append,                         // the newest of all batches
        PerKey,                         // the newest of each key, the newest first
    } how = How::Latest;
    std::vector<size_t> keys;           // columns, for PerKey
    size_t most = 100;
    std::optional<size_t> greatest;     // Latest: the rows with the greatest values of this column, descending
};

class LiveView {
public:
    LiveView(LiveLayout layout, SchemaPtr schema, LiveKeep keep) : layout_(std::move(layout)), schema_(std::move(schema)), keep_(std::move(keep)) {}

    const LiveLayout& layout() const { return layout_; }
    // The rows of a batch, not empty; a batch that is published again takes the place of the first one.
    void publish(int64_t batch, Timestamp batchTime, std::span<const BatchPtr> rows);
    // As it was after `upTo`, as far as that is kept: the last 64 batches, or all rows that stay.
    LiveContent content(std::optional<int64_t> upTo = {}) const;

private:
    struct Entry {
        int64_t batch;
        Timestamp batchTime;
        BatchPtr rows;
    };
    BatchPtr newestPerKey(std::span<const Entry> entries) const;
    void shorten();

    const LiveLayout layout_;
    const SchemaPtr schema_;
    const LiveKeep keep_;
    mutable std::mutex mutex_;
    std::vector<Entry> entries_;        // ascending
};

}
