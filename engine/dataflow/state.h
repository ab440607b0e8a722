// What a stateful node keeps between batches. The checkpoint stores, browses and compares any state by
// its change schema alone; no node knows SQLite.
#pragma once
#include "engine/base/result.h"
#include "engine/columns/batch.h"

#include <memory>
#include <string>
#include <vector>

namespace streamwright {

// How the rows of a change block are read. A row with `deleted` takes the entry away.
// Columns: the identity columns (of one entry), then `deleted BOOLEAN`, then the content columns.
struct StateLayout {
    std::string name;          // "state", "panes": unique in the node
    Schema changes;            // all columns, in order
    size_t identity = 0;       // how many leading columns identify an entry
    // For browsing: which of the columns are the key a user knows (names), may be empty.
    std::vector<std::string> keys;
};

// The entries that changed in a batch, or a chunk of all entries. Rows of layout().changes.
using ChangeSet = std::vector<BatchPtr>;

// All calls of one batch come from the runtime's thread, except that BatchWork changes the parts of a
// state from many workers, each its own virtual partition.
class State {
public:
    virtual ~State() = default;
    virtual const StateLayout& layout() const = 0;

    virtual void beginBatch() = 0;
    // Back to what beginBatch found.
    virtual void rollback() = 0;
    // The batch is done: entries whose bytes differ from before, and tombstones, in stable order.
    // The set shares nothing that later batches change, so that a commit thread may write it meanwhile.
    virtual ChangeSet freeze() = 0;

    // A full snapshot in chunks of about `chunkBytes`. Chunks are taken between batches, in order, and
    // batches run in between: cutSnapshot fixes the cut and gives the number of chunks; an entry that was
    // there then and has not changed since is in one of them (what came or changed comes by change sets).
    virtual size_t cutSnapshot(size_t chunkBytes) = 0;
    virtual BatchPtr snapshotChunk(size_t chunk) const = 0;
    // Restores: the chunks of a snapshot, then the change sets since, in order.
    virtual Result<void> apply(const Batch& changes) = 0;

    virtual int64_t rows() const = 0;
    virtual int64_t bytes() const = 0;
};

}
