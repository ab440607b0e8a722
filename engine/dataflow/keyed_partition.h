// One virtual partition of keyed state: records in insertion order in chunks that do not move, found by
// an index of 8-byte slots. A 16-byte key with a BIGINT takes 32 bytes and its slot. Not thread-safe.
#pragma once
#include "engine/columns/key_index.h"
#include "engine/columns/row_keys.h"
#include "engine/dataflow/record_layout.h"

namespace streamwright {

class KeyedPartition {
public:
    // Where a record lies; rises with insertion. Holds until endBatch() or rollback().
    using Entry = uint32_t;
    static constexpr Entry kNoEntry = KeyIndex::kNone;

    explicit KeyedPartition(const RecordLayout* layout) : layout_(layout) {}

    size_t size() const { return index_.size(); }
    int64_t bytes() const;
    int64_t nextSequence() const { return nextSequence_; }

    // kNoEntry for keys that are not there.
    void find(std::span<const StringRef> keys, std::span<const uint64_t> hashes, Entry* entries) const;
    // Keys that are not there are added in row order, all values NULL.
    void findOrInsert(std::span<const StringRef> keys, std::span<const uint64_t> hashes, Entry* entries);
    // For restoring: a key that is not there, with the sequence it had.
    Entry insertAs(const StringRef& key, uint64_t hash, int64_t sequence);
    void raiseSequence(int64_t next) { nextSequence_ = std::max(nextSequence_, next); }

    // What the batch changes must be touched before.
    void touch(std::span<const Entry> entries);
    // Touches them and keeps the time; only with RecordLayout::hasTouched.
    void setTouched(std::span<const Entry> entries, int64_t time);
    // Takes entries away that are there; all values NULL.
    void erase(std::span<const Entry> entries);

    // True for entries that this batch added.
    bool isNew(Entry entry) const { return entry >= batch_.firstNew; }
    char* record(Entry entry) const { return chunks_[entry >> kChunkBits].data + (entry & kChunkMask) * kUnit; }
    StringRef keyOf(const char* record) const;
    int64_t sequence(Entry entry) const;
    bool isErased(const char* record) const { return (record[RecordLayout::kFlags] & kErased) != 0; }
    std::vector<char*> records(std::span<const Entry> entries) const;

    // All entries that are there, in insertion order.
    std::vector<Entry> entries() const;
    // Those whose touch is before `time`; looks only at chunks that may hold one.
    std::vector<Entry> touchedBefore(int64_t time);
    // No entry was touched before this; INT64_MAX without entries. May be too early, never too late.
    int64_t firstTouch() const;

    BlobArena& blobs() { return blobs_; }
    const BlobArena& blobs() const { return blobs_; }

    void beginBatch();
    void rollback();
    // After the batch's last touch: entries erased or whose bytes differ from what beginBatch found, then those added and
    // still there.
    std::vector<Entry> seal();
    // Forgets how to undo, and tidies up when much space is wasted. Entries found before hold no more.
    void endBatch();

    // Pieces of about `bytes` for snapshots, asked for between batches. An entry keeps its sequence, so that a
    // piece holds the same entries after later batches, whatever came, went and was moved.
    struct Sequences {
        int64_t first;
        int64_t end;
    };
    std::vector<Sequences> pieces(size_t bytes) const;
    std::vector<Entry> entriesOf(const Sequences& sequences) const;

private:
    static constexpr size_t kUnit = 8;
    static constexpr uint32_t kChunkBits = 13;
    static constexpr uint32_t kChunkMask = (1u << kChunkBits) - 1;
    static constexpr size_t kChunkBytes = (size_t{1} << kChunkBits) * kUnit;
    static constexpr uint8_t kErased = 1;
    static constexpr uint8_t kLogged = 2;

    struct Chunk {
        std::shared_ptr<Buffer> buffer;
        char* data = nullptr;
        uint32_t used = 0;
        int64_t base = 0;           // sequence of the first record
        int64_t firstTouch = INT64_MAX;
    };
    struct BatchStart {
        Entry firstNew = 0;
        size_t chunks = 0;
        uint32_t used = 0;
        int64_t nextSequence = 0;
        BlobArena::Mark blobs;
    };
    struct Lookup;  // the storage that KeyIndex asks

    size_t recordBytes(const char* record) const;
    uint64_t hashOf(const char* record) const;
    Entry append(const StringRef& key, int64_t sequence);
    void addChunk(size_t wanted, int64_t base);
    void log(Entry entry, char* record);
    void unmark();
    void indexAgain(Entry entry);
    void rewrite();
    template <class F>
    void forEach(size_t firstChunk, size_t endChunk, F&& f) const;  // f(entry, record, chunk)

    const RecordLayout* layout_;
    KeyIndex index_;
    std::vector<Chunk> chunks_;
    BlobArena blobs_;
    int64_t nextSequence_ = 0;
    int64_t bytes_ = 0;
    int64_t wasted_ = 0;            // of erased records
    bool ordered_ = true;           // records lie by sequence

    BatchStart batch_;
    std::vector<Entry> logged_;     // entries from before the batch that it touched
    std::string saved_;             // their changeable bytes as they were
    bool marked_ = false;           // some of their records carry kLogged
};

}
