// State as a table of keys: key columns, typed values, insertion sequence, last touch if asked for.
// Calls that name a partition may come from many threads at once, each with its own partitions.
#pragma once
#include "engine/base/ids.h"
#include "engine/dataflow/keyed_partition.h"
#include "engine/dataflow/state.h"

#include <optional>

namespace streamwright {

class KeyedTable final : public State {
public:
    struct Shape {
        std::string name = "state";     // StateLayout::name
        std::vector<Field> keys;
        std::vector<Field> values;
        bool touched = false;
    };
    // Rises with insertion within a partition; holds until the batch ends.
    using Entry = KeyedPartition::Entry;
    static constexpr Entry kNoEntry = KeyedPartition::kNoEntry;

    explicit KeyedTable(Shape shape);
    KeyedTable(const KeyedTable&) = delete;
    KeyedTable& operator=(const KeyedTable&) = delete;

    const Shape& shape() const { return shape_; }
    // True until the first entry ever: nothing was restored and no batch added one.
    bool untouched() const;

    size_t size(uint32_t partition) const { return partitions_[partition].size(); }
    // `keys` of one partition (partitionOf), as rowKeys gives them. kNoEntry for those not there.
    void find(uint32_t partition, std::span<const StringRef> keys, std::span<const uint64_t> hashes, std::span<Entry> entries) const;
    // Adds those not there in row order, all values NULL.
    void findOrInsert(uint32_t partition, std::span<const StringRef> keys, std::span<const uint64_t> hashes, std::span<Entry> entries);
    // Added by this batch.
    bool isNew(uint32_t partition, Entry entry) const { return partitions_[partition].isNew(entry); }
    // All entries, in insertion order.
    std::vector<Entry> entries(uint32_t partition) const { return partitions_[partition].entries(); }

    std::vector<ColumnPtr> keys(uint32_t partition, std::span<const Entry> entries) const;
    ColumnPtr values(uint32_t partition, size_t value, std::span<const Entry> entries) const;

    // One row of the column per entry; no entry twice.
    void set(uint32_t partition, std::span<const Entry> entries, size_t value, const Column& column);
    void touch(uint32_t partition, std::span<const Entry> entries, Timestamp time) { partitions_[partition].setTouched(entries, time.micros); }
    void erase(uint32_t partition, std::span<const Entry> entries) { partitions_[partition].erase(entries); }
    // Entries whose last touch is before `time`, in insertion order.
    std::vector<Entry> touchedBefore(uint32_t partition, Timestamp time) { return partitions_[partition].touchedBefore(time.micros); }
    // No entry was touched before this; none without entries. May be too early, never too late.
    std::optional<Timestamp> firstTouch() const;

    // The partition's work is done for this batch: makes its part of the change set now, on this thread
    // while its entries are in the caches. Optional, at most once a batch.
    void seal(uint32_t partition);

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
    struct Piece {
        uint32_t partition;
        KeyedPartition::Sequences sequences;
    };
    BatchPtr changesOf(uint32_t partition, std::span<const Entry> entries) const;
    BatchPtr lastSequences() const;
    Result<void> applyRun(const Batch& changes, const std::vector<StringRef>& keys, const std::vector<uint64_t>& hashes, size_t from, size_t until);

    Shape shape_;
    StateLayout layout_;
    SchemaPtr schema_;
    std::vector<Type> keyTypes_;
    RecordLayout records_;
    std::vector<KeyedPartition> partitions_;
    std::vector<BatchPtr> sealed_;      // per partition; null until sealed
    std::vector<Piece> cut_;            // of the snapshot that is being taken
};

}
