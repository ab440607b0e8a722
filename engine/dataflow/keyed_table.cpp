#include "engine/dataflow/keyed_table.h"

#include "engine/columns/builder.h"
#include "engine/columns/copy_bytes.h"
#include "engine/dataflow/change_set.h"

#include <fmt/format.h>

namespace streamwright {

namespace {

constexpr size_t kPartitionColumn = 0;
constexpr size_t kSequenceColumn = 1;
constexpr size_t kDeletedColumn = 2;
constexpr size_t kFirstKey = 3;

std::vector<Type> typesOf(const std::vector<Field>& fields)
{
    std::vector<Type> types;
    for (const Field& field : fields) types.push_back(field.type);
    return types;
}

StateLayout layoutOf(const KeyedTable::Shape& shape)
{
    std::vector<Field> content = shape.keys;
    content.insert(content.end(), shape.values.begin(), shape.values.end());
    if (shape.touched) content.push_back({"touched", TypeKind::Timestamp});
    StateLayout layout{shape.name, changeSchema({{"partition", TypeKind::Int}, {"sequence", TypeKind::BigInt}}, content), 2, {}};
    for (size_t k = 0; k < shape.keys.size(); ++k) layout.keys.push_back(layout.changes[kFirstKey + k].name);
    return layout;
}

// Text keys, copied into one buffer; the general way goes value by value.
ColumnPtr textColumn(const Type& type, std::span<const StringRef> keys)
{
    size_t total = 0;
    bool anyNull = false;
    for (const StringRef& key : keys) {
        if (isNullKey(key)) anyNull = true;
        else if (!key.isInline()) total += key.size();
    }
    auto text = Buffer::allocate(total);
    auto values = Buffer::allocate(keys.size() * sizeof(StringRef));
    auto nulls = anyNull ? Buffer::allocate(keys.size()) : nullptr;
    auto* out = reinterpret_cast<StringRef*>(values->data());
    char* to = text->data();
    for (size_t i = 0; i < keys.size(); ++i) {
        const StringRef& key = keys[i];
        const bool null = isNullKey(key);
        if (nulls) nulls->data()[i] = null;
        if (null) {
            out[i] = StringRef();
        } else if (key.isInline()) {
            out[i] = key;
        } else {
            copyBytes(to, key.data(), key.size());
            out[i] = StringRef::padded(to, key.size());
            to += key.size();
        }
    }
    std::vector<Owner> owners{values, text};
    if (nulls) owners.push_back(nulls);
    return Column::make(type, keys.size(), out, nulls ? reinterpret_cast<const uint8_t*>(nulls->data()) : nullptr, std::move(owners));
}

}

KeyedTable::KeyedTable(Shape shape)
    : shape_(std::move(shape)), layout_(layoutOf(shape_)), schema_(std::make_shared<Schema>(layout_.changes)), keyTypes_(typesOf(shape_.keys)),
      records_(typesOf(shape_.values), shape_.touched), sealed_(kPartitions)
{
    partitions_.reserve(kPartitions);
    for (uint32_t p = 0; p < kPartitions; ++p) partitions_.emplace_back(&records_);
}

bool KeyedTable::untouched() const
{
    return std::all_of(partitions_.begin(), partitions_.end(), [](const KeyedPartition& p) { return p.nextSequence() == 0; });
}

void KeyedTable::find(uint32_t partition, std::span<const StringRef> keys, std::span<const uint64_t> hashes, std::span<Entry> entries) const
{
    partitions_[partition].find(keys, hashes, entries.data());
}

void KeyedTable::findOrInsert(uint32_t partition, std::span<const StringRef> keys, std::span<const uint64_t> hashes, std::span<Entry> entries)
{
    partitions_[partition].findOrInsert(keys, hashes, entries.data());
}

std::vector<ColumnPtr> KeyedTable::keys(uint32_t partition, std::span<const Entry> entries) const
{
    const KeyedPartition& part = partitions_[partition];
    std::vector<StringRef> keys(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) keys[i] = part.keyOf(part.record(entries[i]));
    if (keyTypes_.size() == 1 && isText(keyTypes_[0].kind())) return {textColumn(keyTypes_[0], keys)};
    return decodeKeys(keys, keyTypes_);
}

ColumnPtr KeyedTable::values(uint32_t partition, size_t value, std::span<const Entry> entries) const
{
    const KeyedPartition& part = partitions_[partition];
    return records_.read(value, part.records(entries), part.blobs());
}

void KeyedTable::set(uint32_t partition, std::span<const Entry> entries, size_t value, const Column& column)
{
    KeyedPartition& part = partitions_[partition];
    part.touch(entries);
    records_.write(value, column, part.records(entries), part.blobs());
}

std::optional<Timestamp> KeyedTable::firstTouch() const
{
    int64_t first = INT64_MAX;
    for (const KeyedPartition& part : partitions_) {
        if (part.size() > 0) first = std::min(first, part.firstTouch());
    }
    return first == INT64_MAX ? std::nullopt : std::optional(Timestamp{first});
}

BatchPtr KeyedTable::changesOf(uint32_t partition, std::span<const Entry> entries) const
{
    const KeyedPartition& part = partitions_[partition];
    const std::vector<char*> records = part.records(entries);
    FixedBuilder<int64_t> sequences, touched;
    FixedBuilder<uint8_t> deleted;
    int64_t* sequence = sequences.extend(entries.size());
    uint8_t* gone = deleted.extend(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
        sequence[i] = part.sequence(entries[i]);
        gone[i] = part.isErased(records[i]);
    }
    std::vector<ColumnPtr> columns{repeated(static_cast<int32_t>(partition), entries.size()), columnFrom(TypeKind::BigInt, sequences), columnFrom(TypeKind::Boolean, deleted)};
    for (ColumnPtr& key : keys(partition, entries)) columns.push_back(std::move(key));
    for (size_t v = 0; v < records_.valueCount(); ++v) columns.push_back(records_.read(v, records, part.blobs()));
    if (shape_.touched) {
        int64_t* out = touched.extend(entries.size());
        for (size_t i = 0; i < entries.size(); ++i) out[i] = records_.touched(records[i]);
        columns.push_back(columnFrom(TypeKind::Timestamp, touched));
    }
    return makeBatch(schema_, std::move(columns), entries.size());
}

void KeyedTable::seal(uint32_t partition) { sealed_[partition] = changesOf(partition, partitions_[partition].seal()); }

void KeyedTable::beginBatch()
{
    for (KeyedPartition& part : partitions_) part.beginBatch();
    std::fill(sealed_.begin(), sealed_.end(), nullptr);
}

void KeyedTable::rollback()
{
    for (KeyedPartition& part : partitions_) part.rollback();
    std::fill(sealed_.begin(), sealed_.end(), nullptr);
}

ChangeSet KeyedTable::freeze()
{
    for (uint32_t p = 0; p < kPartitions; ++p) {
        if (!sealed_[p]) seal(p);
        partitions_[p].endBatch();
    }
    ChangeSet changes = joinSmall(schema_, std::move(sealed_));
    sealed_.assign(kPartitions, nullptr);
    return changes;
}

// The first chunk holds, as entries that are deleted, the highest sequence that each partition has given:
// a restored table goes on counting where this one stands.
BatchPtr KeyedTable::lastSequences() const
{
    FixedBuilder<int32_t> partition;
    FixedBuilder<int64_t> sequence;
    for (uint32_t p = 0; p < kPartitions; ++p) {
        if (partitions_[p].nextSequence() == 0) continue;
        partition.push(static_cast<int32_t>(p));
        sequence.push(partitions_[p].nextSequence() - 1);
    }
    const size_t rows = partition.size();
    std::vector<ColumnPtr> columns{columnFrom(TypeKind::Int, partition), columnFrom(TypeKind::BigInt, sequence), repeated(true, rows)};
    for (size_t c = kFirstKey; c < schema_->size(); ++c) columns.push_back(Column::nullsOf((*schema_)[c].type, rows));
    return makeBatch(schema_, std::move(columns), rows);
}

size_t KeyedTable::cutSnapshot(size_t chunkBytes)
{
    cut_.clear();
    for (uint32_t p = 0; p < kPartitions; ++p) {
        for (const KeyedPartition::Sequences& sequences : partitions_[p].pieces(chunkBytes)) cut_.push_back({p, sequences});
    }
    return untouched() ? 0 : 1 + cut_.size();
}

BatchPtr KeyedTable::snapshotChunk(size_t chunk) const
{
    if (chunk == 0) return lastSequences();
    const Piece& piece = cut_[chunk - 1];
    return changesOf(piece.partition, partitions_[piece.partition].entriesOf(piece.sequences));
}

Result<void> KeyedTable::apply(const Batch& changes)
{
    if (changes.schema() != *schema_)
        return permanent(fmt::format("the state {} has the columns {}, but the block to restore has {}", shape_.name, schema_->toDdl(), changes.schema().toDdl()));
    const RowKeys keys = rowKeys(std::span(changes.columns()).subspan(kFirstKey, keyTypes_.size()), changes.rows());
    const auto* partition = changes.column(kPartitionColumn)->values<int32_t>();
    const auto* deleted = changes.column(kDeletedColumn)->values<uint8_t>();
    // Runs of one partition, all there or all deleted.
    for (size_t from = 0; from < changes.rows();) {
        size_t until = from + 1;
        while (until < changes.rows() && partition[until] == partition[from] && deleted[until] == deleted[from]) ++until;
        if (partition[from] < 0 || partition[from] >= static_cast<int32_t>(kPartitions))
            return permanent(fmt::format("the block to restore names partition {}, but there are {}", partition[from], kPartitions));
        if (auto done = applyRun(changes, keys.keys, keys.hashes, from, until); !done) return done;
        from = until;
    }
    return {};
}

Result<void> KeyedTable::applyRun(const Batch& changes, const std::vector<StringRef>& keys, const std::vector<uint64_t>& hashes, size_t from, size_t until)
{
    const size_t rows = until - from;
    const auto partition = static_cast<uint32_t>(changes.column(kPartitionColumn)->values<int32_t>()[from]);
    const int64_t* sequences = changes.column(kSequenceColumn)->values<int64_t>() + from;
    const bool deleted = changes.column(kDeletedColumn)->values<uint8_t>()[from] != 0;
    KeyedPartition& part = partitions_[partition];
    const std::span<const StringRef> ourKeys(keys.data() + from, rows);
    const std::span<const uint64_t> ourHashes(hashes.data() + from, rows);
    std::vector<Entry> entries(rows);
    part.find(ourKeys, ourHashes, entries.data());
    if (deleted) {
        std::vector<Entry> gone;
        for (size_t i = 0; i < rows; ++i) {
            if (entries[i] != kNoEntry && part.sequence(entries[i]) == sequences[i]) gone.push_back(entries[i]);
            part.raiseSequence(sequences[i] + 1);
        }
        part.erase(gone);
        part.endBatch();
        return {};
    }
    for (size_t i = 0; i < rows; ++i) {
        if (partitionOf(ourHashes[i]) != partition)
            return permanent(fmt::format("a key of the block to restore belongs to partition {}, but stands in partition {}", partitionOf(ourHashes[i]), partition));
        if (entries[i] != kNoEntry && part.sequence(entries[i]) == sequences[i]) continue;
        if (entries[i] != kNoEntry) part.erase({&entries[i], 1});
        entries[i] = part.insertAs(ourKeys[i], ourHashes[i], sequences[i]);
    }
    for (size_t v = 0; v < records_.valueCount(); ++v) {
        const ColumnPtr column = changes.column(kFirstKey + keyTypes_.size() + v)->slice(from, rows);
        part.touch(entries);
        records_.write(v, *column, part.records(entries), part.blobs());
    }
    if (shape_.touched) {
        const auto* touched = changes.columns().back()->values<int64_t>() + from;
        for (size_t i = 0; i < rows; ++i) part.setTouched({&entries[i], 1}, touched[i]);
    }
    part.endBatch();
    return {};
}

int64_t KeyedTable::rows() const
{
    int64_t rows = 0;
    for (const KeyedPartition& part : partitions_) rows += static_cast<int64_t>(part.size());
    return rows;
}

int64_t KeyedTable::bytes() const
{
    int64_t bytes = 0;
    for (const KeyedPartition& part : partitions_) bytes += part.bytes();
    return bytes;
}

}
