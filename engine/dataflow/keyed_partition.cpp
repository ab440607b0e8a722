#include "engine/dataflow/keyed_partition.h"

#include "engine/columns/copy_bytes.h"

#include <limits>

namespace streamwright {

namespace {

// The size of a key as it stands before its bytes: 0 the NULL key, up to 253 bytes in one byte.
constexpr uint8_t kLongKey = 255;

size_t keyHead(const StringRef& key) { return isNullKey(key) || key.size() + 1 < kLongKey ? 1 : 5; }

// Records that fewer bytes than this are wasted on are not rewritten.
constexpr int64_t kWorthRewriting = 4096;

constexpr size_t kSmallLog = 4096;

}

struct KeyedPartition::Lookup {
    KeyedPartition* partition;
    const StringRef* keys;

    bool equals(uint32_t entry, size_t row) const
    {
        const char* at = partition->record(entry) + partition->layout_->keyAt();
        const auto head = static_cast<uint8_t>(*at);
        const StringRef& key = keys[row];
        if (head == 0 || isNullKey(key)) return head == 0 && isNullKey(key);
        if (head != kLongKey) {
            if (key.size() != head - 1u) return false;
            return key.size() > 8 ? sameBytes(at + 1, key.data(), key.size()) : std::memcmp(at + 1, key.data(), key.size()) == 0;
        }
        uint32_t size;
        std::memcpy(&size, at + 1, sizeof(size));
        return key.size() == size && std::memcmp(at + 5, key.data(), size) == 0;
    }
    void prefetch(uint32_t entry) const
    {
        const char* record = partition->record(entry);
        __builtin_prefetch(record);
        __builtin_prefetch(record + partition->layout_->keyAt() + 8);
    }
    uint32_t add(size_t row) const { return partition->append(keys[row], partition->nextSequence_); }
};

int64_t KeyedPartition::bytes() const { return bytes_ + static_cast<int64_t>(index_.bytes()) + blobs_.bytes(); }

void KeyedPartition::find(std::span<const StringRef> keys, std::span<const uint64_t> hashes, Entry* entries) const
{
    index_.findAll(hashes, Lookup{const_cast<KeyedPartition*>(this), keys.data()}, entries);
}

void KeyedPartition::findOrInsert(std::span<const StringRef> keys, std::span<const uint64_t> hashes, Entry* entries)
{
    index_.findOrAddAll(hashes, Lookup{this, keys.data()}, entries);
}

KeyedPartition::Entry KeyedPartition::insertAs(const StringRef& key, uint64_t hash, int64_t sequence)
{
    ordered_ = ordered_ && sequence >= nextSequence_;
    return index_.findOrAdd(hash, [](uint32_t) { return false; }, [&] { return append(key, sequence); });
}

StringRef KeyedPartition::keyOf(const char* record) const
{
    const char* at = record + layout_->keyAt();
    const auto head = static_cast<uint8_t>(*at);
    if (head == 0) return nullKey();
    if (head != kLongKey) return StringRef::padded(at + 1, head - 1u);
    uint32_t size;
    std::memcpy(&size, at + 1, sizeof(size));
    return StringRef(at + 5, size);
}

size_t KeyedPartition::recordBytes(const char* record) const
{
    const StringRef key = keyOf(record);
    const size_t bytes = layout_->keyAt() + keyHead(key) + (isNullKey(key) ? 0 : key.size());
    return (bytes + kUnit - 1) / kUnit * kUnit;
}

uint64_t KeyedPartition::hashOf(const char* record) const { return hashOfKey(keyOf(record)); }

int64_t KeyedPartition::sequence(Entry entry) const
{
    uint32_t delta;
    std::memcpy(&delta, record(entry), sizeof(delta));
    return chunks_[entry >> kChunkBits].base + delta;
}

void KeyedPartition::addChunk(size_t wanted, int64_t base)
{
    // With its padding a chunk is no more than the allocator's pages.
    const size_t usual = chunks_.empty() ? 512 : std::min(kChunkBytes - Buffer::kPadding, chunks_.back().buffer->size() * 4);
    auto buffer = Buffer::allocate(std::max(usual, wanted));
    bytes_ += static_cast<int64_t>(buffer->size());
    char* data = buffer->data();
    chunks_.push_back({std::move(buffer), data, 0, base, INT64_MAX});
}

KeyedPartition::Entry KeyedPartition::append(const StringRef& key, int64_t sequence)
{
    const bool null = isNullKey(key);
    const size_t head = keyHead(key);
    const size_t wanted = (layout_->keyAt() + head + (null ? 0 : key.size()) + kUnit - 1) / kUnit * kUnit;
    const auto fits = [&](const Chunk& chunk) {
        return chunk.used + wanted <= chunk.buffer->size() && chunk.used < kChunkBytes && sequence >= chunk.base && sequence - chunk.base <= std::numeric_limits<uint32_t>::max();
    };
    if (chunks_.empty() || !fits(chunks_.back())) addChunk(wanted, sequence);
    Chunk& chunk = chunks_.back();
    char* record = chunk.data + chunk.used;
    const auto delta = static_cast<uint32_t>(sequence - chunk.base);
    std::memcpy(record, &delta, sizeof(delta));
    record[RecordLayout::kFlags] = 0;
    layout_->clear(record);
    char* at = record + layout_->keyAt();
    if (null) {
        *at = 0;
    } else if (head == 1) {
        *at = static_cast<char>(key.size() + 1);
        if (key.isInline()) std::memcpy(at + 1, key.data(), key.size());
        else copyBytes(at + 1, key.data(), key.size());
    } else {
        const uint32_t size = key.size();
        *at = static_cast<char>(kLongKey);
        std::memcpy(at + 1, &size, sizeof(size));
        std::memcpy(at + 5, key.data(), size);
    }
    const auto entry = static_cast<Entry>((chunks_.size() - 1) << kChunkBits | chunk.used / kUnit);
    chunk.used += static_cast<uint32_t>(wanted);
    nextSequence_ = std::max(nextSequence_, sequence + 1);
    return entry;
}

void KeyedPartition::log(Entry entry, char* record)
{
    if (isNew(entry) || (record[RecordLayout::kFlags] & kLogged)) return;
    record[RecordLayout::kFlags] = static_cast<char>(record[RecordLayout::kFlags] | kLogged);
    marked_ = true;
    logged_.push_back(entry);
    saved_.append(record + RecordLayout::kNulls, layout_->keyAt() - RecordLayout::kNulls);
}

void KeyedPartition::touch(std::span<const Entry> entries)
{
    for (const Entry entry : entries) log(entry, record(entry));
}

void KeyedPartition::setTouched(std::span<const Entry> entries, int64_t time)
{
    for (const Entry entry : entries) {
        char* at = record(entry);
        log(entry, at);
        layout_->setTouched(at, time);
        Chunk& chunk = chunks_[entry >> kChunkBits];
        chunk.firstTouch = std::min(chunk.firstTouch, time);
    }
}

void KeyedPartition::erase(std::span<const Entry> entries)
{
    for (const Entry entry : entries) {
        char* at = record(entry);
        log(entry, at);
        index_.erase(hashOf(at), entry);
        if (layout_->hasBlobs()) layout_->releaseBlobs(at, blobs_);
        layout_->clear(at);
        at[RecordLayout::kFlags] = static_cast<char>(at[RecordLayout::kFlags] | kErased);
        wasted_ += static_cast<int64_t>(recordBytes(at));
    }
}

std::vector<char*> KeyedPartition::records(std::span<const Entry> entries) const
{
    std::vector<char*> result(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) result[i] = record(entries[i]);
    return result;
}

template <class F>
void KeyedPartition::forEach(size_t firstChunk, size_t endChunk, F&& f) const
{
    for (size_t c = firstChunk; c < endChunk; ++c) {
        for (uint32_t at = 0; at < chunks_[c].used;) {
            char* record = chunks_[c].data + at;
            f(static_cast<Entry>(c << kChunkBits | at / kUnit), record, c);
            at += static_cast<uint32_t>(recordBytes(record));
        }
    }
}

std::vector<KeyedPartition::Entry> KeyedPartition::entriesOf(const Sequences& sequences) const
{
    std::vector<Entry> result;
    for (size_t c = 0; c < chunks_.size(); ++c) {
        const bool before = c + 1 < chunks_.size() && chunks_[c + 1].base <= sequences.first, behind = chunks_[c].base >= sequences.end;
        if (ordered_ && (before || behind)) continue;
        forEach(c, c + 1, [&](Entry entry, const char* record, size_t) {
            const int64_t at = sequence(entry);
            if (!isErased(record) && at >= sequences.first && at < sequences.end) result.push_back(entry);
        });
    }
    return result;
}

std::vector<KeyedPartition::Entry> KeyedPartition::entries() const
{
    std::vector<Entry> result;
    forEach(0, chunks_.size(), [&](Entry entry, const char* record, size_t) {
        if (!isErased(record)) result.push_back(entry);
    });
    return result;
}

std::vector<KeyedPartition::Entry> KeyedPartition::touchedBefore(int64_t time)
{
    std::vector<Entry> result;
    for (size_t c = 0; c < chunks_.size(); ++c) {
        if (chunks_[c].firstTouch >= time) continue;
        int64_t first = INT64_MAX;
        forEach(c, c + 1, [&](Entry entry, const char* record, size_t) {
            if (isErased(record)) return;
            const int64_t touched = layout_->touched(record);
            if (touched < time) result.push_back(entry);
            first = std::min(first, touched);
        });
        chunks_[c].firstTouch = first;
    }
    return result;
}

int64_t KeyedPartition::firstTouch() const
{
    int64_t first = INT64_MAX;
    for (const Chunk& chunk : chunks_) first = std::min(first, chunk.firstTouch);
    return first;
}

void KeyedPartition::beginBatch()
{
    if (!ordered_) rewrite();
    batch_.chunks = chunks_.size();
    batch_.used = chunks_.empty() ? 0 : chunks_.back().used;
    const bool full = chunks_.empty() || batch_.used >= kChunkBytes;
    batch_.firstNew = static_cast<Entry>(full ? chunks_.size() << kChunkBits : (chunks_.size() - 1) << kChunkBits | batch_.used / kUnit);
    batch_.nextSequence = nextSequence_;
    batch_.blobs = blobs_.mark();
}

// An entry that the index lost; its key is not there.
void KeyedPartition::indexAgain(Entry entry)
{
    index_.findOrAdd(hashOf(record(entry)), [](uint32_t) { return false; }, [&] { return entry; });
}

void KeyedPartition::rollback()
{
    const size_t lastOld = batch_.chunks == 0 ? 0 : batch_.chunks - 1;
    forEach(lastOld, chunks_.size(), [&](Entry entry, char* record, size_t) {
        if (!isNew(entry)) return;
        if (isErased(record)) wasted_ -= static_cast<int64_t>(recordBytes(record));
        else index_.erase(hashOf(record), entry);
    });
    while (chunks_.size() > batch_.chunks) {
        bytes_ -= static_cast<int64_t>(chunks_.back().buffer->size());
        chunks_.pop_back();
    }
    if (!chunks_.empty()) chunks_.back().used = batch_.used;
    const size_t width = layout_->keyAt() - RecordLayout::kNulls;
    // Backwards: what was touched again after seal() is there twice.
    for (size_t i = logged_.size(); i-- > 0;) {
        char* at = record(logged_[i]);
        if (isErased(at)) {
            indexAgain(logged_[i]);
            wasted_ -= static_cast<int64_t>(recordBytes(at));
        }
        at[RecordLayout::kFlags] = 0;
        std::memcpy(at + RecordLayout::kNulls, saved_.data() + i * width, width);
    }
    for (Chunk& chunk : chunks_) chunk.firstTouch = INT64_MIN;  // not known until a scan
    blobs_.backTo(batch_.blobs);
    nextSequence_ = batch_.nextSequence;
    logged_.clear();
    saved_.clear();
    marked_ = false;
}

std::vector<KeyedPartition::Entry> KeyedPartition::seal()
{
    std::vector<Entry> result;
    const size_t width = layout_->keyAt() - RecordLayout::kNulls;
    for (size_t i = 0; i < logged_.size(); ++i) {
        const char* at = record(logged_[i]);
        if (isErased(at) || std::memcmp(at + RecordLayout::kNulls, saved_.data() + i * width, width) != 0) result.push_back(logged_[i]);
    }
    forEach(batch_.chunks == 0 ? 0 : batch_.chunks - 1, chunks_.size(), [&](Entry entry, const char* record, size_t) {
        if (isNew(entry) && !isErased(record)) result.push_back(entry);
    });
    unmark();
    return result;
}

void KeyedPartition::unmark()
{
    if (!marked_) return;
    for (const Entry entry : logged_) {
        char* at = record(entry);
        at[RecordLayout::kFlags] = static_cast<char>(at[RecordLayout::kFlags] & ~kLogged);
    }
    marked_ = false;
}

void KeyedPartition::endBatch()
{
    unmark();
    if (logged_.capacity() > kSmallLog) {
        logged_ = {};
        saved_ = {};
    }
    logged_.clear();
    saved_.clear();
    if ((wasted_ > kWorthRewriting && 2 * wasted_ > bytes_) || blobs_.wasteful()) rewrite();
    beginBatch();
}

// Moves the records that are there into new chunks, by sequence, and their blobs into a new arena.
void KeyedPartition::rewrite()
{
    std::vector<std::pair<int64_t, Entry>> order;
    for (const Entry entry : entries()) order.emplace_back(sequence(entry), entry);
    if (!ordered_) std::sort(order.begin(), order.end());
    KeyedPartition fresh(layout_);
    fresh.index_.reserve(order.size());
    for (const auto& [sequence, entry] : order) {
        const char* from = record(entry);
        const Entry now = fresh.insertAs(keyOf(from), hashOf(from), sequence);
        char* to = fresh.record(now);
        std::memcpy(to + RecordLayout::kNulls, from + RecordLayout::kNulls, layout_->keyAt() - RecordLayout::kNulls);
        if (layout_->hasBlobs()) layout_->moveBlobs(to, blobs_, fresh.blobs_);
    }
    for (Chunk& chunk : fresh.chunks_) chunk.firstTouch = INT64_MIN;
    fresh.nextSequence_ = nextSequence_;
    *this = std::move(fresh);
}

std::vector<KeyedPartition::Sequences> KeyedPartition::pieces(size_t bytes) const
{
    if (chunks_.empty()) return {};
    std::vector<Sequences> result{{0, nextSequence_}};
    size_t sum = 0;
    // Records that were restored and not yet put in order are one piece.
    for (size_t c = 0; ordered_ && c < chunks_.size(); ++c) {
        if (sum > 0 && sum + chunks_[c].used > bytes) {
            result.back().end = chunks_[c].base;
            result.push_back({chunks_[c].base, nextSequence_});
            sum = 0;
        }
        sum += chunks_[c].used;
    }
    return result;
}

}
