// How an entry of keyed state lies in memory, and the values of many entries read and written as columns.
//
//   sequence  4 bytes, against the base of its chunk
//   flags     1 byte
//   nulls     1 bit per value, and one per field of a STRUCT
//   values    fixed-width ones in place; text and arrays as 8 bytes that point into a BlobArena
//   touched   8 bytes if kept
//   key       its size and its bytes (KeyedPartition)
#pragma once
#include "engine/columns/column.h"
#include "engine/dataflow/blob_arena.h"

#include <span>

namespace streamwright {

class RecordLayout {
public:
    static constexpr size_t kFlags = 4;
    static constexpr size_t kNulls = 5;

    RecordLayout(const std::vector<Type>& values, bool touched);

    size_t valueCount() const { return leaves_.size(); }
    bool hasTouched() const { return touched_ > 0; }
    bool hasBlobs() const { return hasBlobs_; }
    // What a batch may change lies in [kNulls, keyAt()).
    size_t keyAt() const { return keyAt_; }
    const Type& type(size_t value) const { return leaves_[value].type; }

    // All values NULL, all other changeable bytes zero.
    void clear(char* record) const;
    void write(size_t value, const Column& column, std::span<char* const> records, BlobArena& blobs) const;
    ColumnPtr read(size_t value, std::span<char* const> records, const BlobArena& blobs) const;
    // Lets go of what a record's values hold in the arena / copies it into another arena.
    void releaseBlobs(const char* record, BlobArena& blobs) const;
    void moveBlobs(char* record, const BlobArena& from, BlobArena& to) const;

    int64_t touched(const char* record) const
    {
        int64_t value;
        std::memcpy(&value, record + touched_, sizeof(value));
        return value;
    }
    void setTouched(char* record, int64_t value) const { std::memcpy(record + touched_, &value, sizeof(value)); }

private:
    struct Leaf {
        Type type;
        uint32_t at = 0;        // of the value
        uint32_t nullByte = 0;
        uint8_t nullMask = 0;
        std::vector<Leaf> children;
    };

    Leaf makeLeaf(const Type& type, uint32_t& bits);
    void place(Leaf& leaf, size_t& at);
    void writeLeaf(const Leaf& leaf, const Column& column, std::span<char* const> records, const uint8_t* above, BlobArena& blobs) const;
    template <class T>
    static void writeFixed(const Leaf& leaf, const Column& column, std::span<char* const> records, const uint8_t* nulls);
    static void writeBlobs(const Leaf& leaf, const Column& column, std::span<char* const> records, const uint8_t* nulls, BlobArena& blobs);
    ColumnPtr readLeaf(const Leaf& leaf, std::span<char* const> records, const BlobArena& blobs) const;
    template <class F>
    static void forEachBlob(const std::vector<Leaf>& leaves, F&& f);

    std::vector<Leaf> leaves_;
    bool hasBlobs_ = false;
    size_t nullBytes_ = 0;
    size_t touched_ = 0;
    size_t keyAt_ = 0;
};

}
