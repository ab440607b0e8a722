// A hash index from keys to dense numbers, shared by group-by, distinct, join and keyed state. It holds
// no keys: its owner stores them as it likes, says whether one equals what is looked for, and gives the
// hash (row_keys.h: hashKey). A slot is 8 bytes, 32 bits of the hash and a number; a slot's home rises
// with these 32, so that the index grows in one sequential pass without touching a key. It grows by a
// fifth when it is three quarters full, so that a key costs 11 to 13 bytes; doubling would cost up to 21. The
// bits that choose the virtual partition (partitionOf) are not among the 32. Not thread-safe.
#pragma once
#include "engine/base/memory.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace streamwright {

class KeyIndex {
public:
    static constexpr uint32_t kNone = 0xFFFFFFFF;

    KeyIndex() = default;
    KeyIndex(KeyIndex&& other) noexcept { swap(other); }
    KeyIndex& operator=(KeyIndex&& other) noexcept
    {
        KeyIndex taken(std::move(other));
        swap(taken);
        return *this;
    }

    size_t size() const { return size_; }
    size_t bytes() const { return buffer_ ? buffer_->size() : 0; }

    // Makes room for `keys` keys in all.
    void reserve(size_t keys)
    {
        if (keys > limit_) grow(keys);
    }
    void clear()
    {
        if (buffer_) std::memset(buffer_->data(), 0, buffer_->size());
        size_ = 0;
    }

    void prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[home(tagOf(hash))]); }

    // The number of the key for which `equal(number)` holds, or kNone.
    template <class Equal>
    uint32_t find(uint64_t hash, Equal&& equal) const
    {
        const uint32_t tag = tagOf(hash);
        for (uint64_t at = home(tag);; at = after(at)) {
            const Slot slot = slots_[at];
            if (slot.next == 0) return kNone;
            if (slot.tag == tag && equal(slot.next - 1)) return slot.next - 1;
        }
    }

    // As find; a key that is not there gets the number `add()` returns (which stores the key).
    template <class Equal, class Add>
    uint32_t findOrAdd(uint64_t hash, Equal&& equal, Add&& add)
    {
        const uint32_t tag = tagOf(hash);
        uint64_t at = home(tag);
        for (;; at = after(at)) {
            const Slot slot = slots_[at];
            if (slot.next == 0) break;
            if (slot.tag == tag && equal(slot.next - 1)) return slot.next - 1;
        }
        const uint32_t number = add();
        insert(tag, at, number);
        return number;
    }

    // Looks up many keys at once, the memory fetched ahead. `Keys` is the owner's storage:
    //   bool equals(uint32_t number, size_t row) const    whether key `number` is that of `row`
    //   void prefetch(uint32_t number) const              fetches what equals() reads of key `number`
    //   uint32_t add(size_t row)                          stores the key of `row`, returns its number
    template <class Keys>
    void findOrAddAll(std::span<const uint64_t> hashes, Keys&& keys, uint32_t* numbers)
    {
        inChunks(hashes, keys, numbers, [&](size_t row) {
            return findOrAdd(hashes[row], [&](uint32_t number) { return keys.equals(number, row); }, [&] { return keys.add(row); });
        });
    }

    // The same without adding: kNone for keys that are not there.
    template <class Keys>
    void findAll(std::span<const uint64_t> hashes, const Keys& keys, uint32_t* numbers) const
    {
        inChunks(hashes, keys, numbers, [&](size_t row) { return find(hashes[row], [&](uint32_t number) { return keys.equals(number, row); }); });
    }

    // Takes key `number` out; it must be there.
    void erase(uint64_t hash, uint32_t number)
    {
        uint64_t hole = slotOf(hash, number);
        // Moves back what was pushed past the hole, so that no tombstones are needed.
        for (uint64_t at = after(hole); slots_[at].next != 0; at = after(at)) {
            if (distance(home(slots_[at].tag), at) < distance(hole, at)) continue;
            slots_[hole] = slots_[at];
            hole = at;
        }
        slots_[hole] = Slot{};
        --size_;
    }

    // Key `from` has a new number; it must be there.
    void renumber(uint64_t hash, uint32_t from, uint32_t to) { slots_[slotOf(hash, from)].next = to + 1; }

private:
    struct Slot {
        uint32_t tag;
        uint32_t next;  // the number plus one; 0 = empty
    };
    static constexpr size_t kChunk = 128;

    void swap(KeyIndex& other) noexcept
    {
        std::swap(buffer_, other.buffer_);
        std::swap(slots_, other.slots_);
        std::swap(capacity_, other.capacity_);
        std::swap(size_, other.size_);
        std::swap(limit_, other.limit_);
    }

    static uint32_t tagOf(uint64_t hash) { return static_cast<uint32_t>(hash); }
    uint64_t home(uint32_t tag) const { return (tag * capacity_) >> 32; }
    uint64_t after(uint64_t at) const { return at + 1 == capacity_ ? 0 : at + 1; }
    // From one slot to another, onwards.
    uint64_t distance(uint64_t from, uint64_t to) const { return to >= from ? to - from : to + capacity_ - from; }

    uint64_t slotOf(uint64_t hash, uint32_t number) const
    {
        uint64_t at = home(tagOf(hash));
        while (slots_[at].next != number + 1) at = after(at);
        return at;
    }

    template <class Keys, class Slow>
    void inChunks(std::span<const uint64_t> hashes, Keys& keys, uint32_t* numbers, Slow&& slow) const
    {
        std::array<uint32_t, kChunk> found;
        for (size_t from = 0; from < hashes.size(); from += kChunk) {
            const size_t rows = std::min(kChunk, hashes.size() - from);
            const uint64_t* hash = hashes.data() + from;
            for (size_t i = 0; i < rows; ++i) prefetch(hash[i]);
            // The first number with the tag is nearly always that of the key.
            for (size_t i = 0; i < rows; ++i) {
                const uint32_t tag = tagOf(hash[i]);
                uint64_t at = home(tag);
                while (slots_[at].next != 0 && slots_[at].tag != tag) at = after(at);
                found[i] = slots_[at].next - 1;
                if (found[i] != kNone) keys.prefetch(found[i]);
            }
            for (size_t i = 0; i < rows; ++i) {
                const bool hit = found[i] != kNone && keys.equals(found[i], from + i);
                numbers[from + i] = hit ? found[i] : slow(from + i);
            }
        }
    }

    void insert(uint32_t tag, uint64_t at, uint32_t number)
    {
        if (size_ >= limit_) {
            grow(size_ + 1);
            at = home(tag);
            while (slots_[at].next != 0) at = after(at);
        }
        slots_[at] = {tag, number + 1};
        ++size_;
    }

    void grow(size_t keys)
    {
        const uint64_t capacity = std::max({uint64_t{16}, capacity_ * 6 / 5, static_cast<uint64_t>(keys) * 4 / 3 + 1});
        auto bigger = Buffer::allocate(capacity * sizeof(Slot));
        std::memset(bigger->data(), 0, capacity * sizeof(Slot));
        auto* slots = reinterpret_cast<Slot*>(bigger->data());
        const Slot* old = slots_;
        const uint64_t oldSlots = buffer_ ? capacity_ : 0;
        capacity_ = capacity;
        // Homes rise with the old homes, so both arrays are walked in order.
        for (uint64_t i = 0; i < oldSlots; ++i) {
            if (old[i].next == 0) continue;
            uint64_t at = home(old[i].tag);
            while (slots[at].next != 0) at = after(at);
            slots[at] = old[i];
        }
        buffer_ = std::move(bigger);
        slots_ = slots;
        limit_ = capacity * 3 / 4;
    }

    static inline Slot emptySlot_{};

    std::shared_ptr<Buffer> buffer_;
    Slot* slots_ = &emptySlot_;  // of an index without keys: one slot, always empty
    uint64_t capacity_ = 1;
    size_t size_ = 0;
    size_t limit_ = 0;
};

}
