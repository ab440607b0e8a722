// Keys of rows as byte strings with their hashes: one form for every key type, so that every hash
// table of the engine (group, distinct, join, state) has one kind of key.
#pragma once
#include "engine/columns/batch.h"

namespace streamwright {

// Fixed, so that workers may change between restarts; written into the checkpoint.
inline constexpr uint32_t kPartitionBits = 6;
inline constexpr uint32_t kPartitions = 1u << kPartitionBits;
// The version of hashKey below, pinned in the checkpoint.
inline constexpr int kKeyHashVersion = 1;

inline uint64_t mix(uint64_t a, uint64_t b)
{
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t hashBytes(const char* data, size_t size);

// Same bytes, same hash, on every machine. Up to 12 bytes are hashed from the view itself.
inline uint64_t hashKey(const StringRef& key)
{
    if (key.isInline()) return mix(key.low() ^ 0xa0761d6478bd642full, key.high() ^ 0xe7037ed1a0b428dbull);
    return hashBytes(key.data(), key.size());
}

// The key of a NULL in a single key column: equal to itself only. It has no bytes to copy: who stores
// keys stores that it is the NULL key and gets the view back from nullKey().
inline constexpr uint32_t kNullKeySize = 0xFFFFFFFF;
StringRef nullKey();
inline bool isNullKey(const StringRef& key) { return key.size() == kNullKeySize; }

// The hash that rowKeys gives a key, the NULL key too.
inline uint64_t hashOfKey(const StringRef& key) { return isNullKey(key) ? 0x9E3779B97F4A7C15ull : hashKey(key); }

inline uint32_t partitionOf(uint64_t hash) { return static_cast<uint32_t>(hash >> (64 - kPartitionBits)); }

// The keys of a batch's rows. NULLs are equal to each other and to nothing else, as GROUP BY has it;
// -0.0 equals 0.0 and NaN equals NaN. The keys of a single STRING column are views of its text.
struct RowKeys {
    std::vector<StringRef> keys;
    std::vector<uint64_t> hashes;
    std::vector<Owner> owners;  // what the keys point into
};

RowKeys rowKeys(std::span<const ColumnPtr> columns, size_t rows);

// A hash of each row over all columns: of one column that of its key, of several another one than that of their key, which
// need not be made.
std::vector<uint64_t> rowHashes(std::span<const ColumnPtr> columns, size_t rows);

// True when one of the key columns of this row is NULL.
bool anyNull(std::span<const ColumnPtr> columns, size_t row);

// The key columns again. `types` as they were when the keys were made; text is copied.
std::vector<ColumnPtr> decodeKeys(std::span<const StringRef> keys, std::span<const Type> types);

}
