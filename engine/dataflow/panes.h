// State as panes: what each batch of a window left behind, kept by batch time, appended once and dropped
// whole. Calls that name a partition may come from many threads at once, each with its own partitions.
#pragma once
#include "engine/base/ids.h"
#include "engine/columns/row_keys.h"
#include "engine/dataflow/state.h"

#include <deque>

namespace streamwright {

class Panes final : public State {
public:
    struct Shape {
        std::string name = "panes";         // StateLayout::name
        std::vector<Field> columns;         // of the rows
        std::vector<std::string> keys;      // those of them that a user knows as the key
    };
    struct Pane {
        Timestamp time;
        std::vector<BatchPtr> batches;
        int64_t rows = 0;
        int64_t bytes = 0;
    };
    // What a node works out from the panes and may keep beside them: thrown away whenever the panes change
    // other than by append and drop (restore, rollback), made anew from them then.
    class Derived {
    public:
        virtual ~Derived() = default;
    };

    explicit Panes(Shape shape);

    const SchemaPtr& rowSchema() const { return rowSchema_; }
    // Rows of rowSchema(), owning their text (compact); `time` is that of the batch. Rows keep their order.
    void append(uint32_t partition, Timestamp time, BatchPtr rows);
    // Drops the panes at or before `time`.
    void dropUntil(uint32_t partition, Timestamp time);
    // Oldest first; only those with rows.
    const std::deque<Pane>& panes(uint32_t partition) const { return parts_[partition].panes; }
    std::unique_ptr<Derived>& derived(uint32_t partition) { return parts_[partition].derived; }

    const StateLayout& layout() const override { return layout_; }
    void beginBatch() override;
    void rollback() override;
    ChangeSet freeze() override;
    size_t cutSnapshot(size_t chunkBytes) override;
    BatchPtr snapshotChunk(size_t chunk) const override;
    Result<void> apply(const Batch& changes) override;
    int64_t rows() const override;
    int64_t bytes() const override;

private:
    struct Part {
        std::deque<Pane> panes;
        std::vector<Pane> dropped;      // by this batch, oldest first
        bool appended = false;          // the last pane is this batch's
        std::unique_ptr<Derived> derived;
    };
    // Rows of a pane, which never change; when the pane is gone a tombstone in a change set has told so.
    struct Piece {
        uint32_t partition;
        Timestamp time;
        size_t from;
        size_t rows;
        size_t bytes;
    };
    std::vector<Piece> pieces(size_t chunkBytes) const;
    void addRows(const Piece& piece, std::vector<BatchPtr>& batches) const;
    BatchPtr changesOf(uint32_t partition, const Pane& pane, size_t batch, size_t firstRow) const;
    BatchPtr tombstonesOf(uint32_t partition, const Pane& pane) const;

    StateLayout layout_;
    SchemaPtr schema_;
    SchemaPtr rowSchema_;
    std::vector<Part> parts_;
    std::vector<std::vector<Piece>> cut_;   // chunks of the snapshot that is being taken
};

}
