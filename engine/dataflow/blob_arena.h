// Bytes of varying size that keyed state values point at. Blobs never move or change until the arena is
// replaced by a compacted one, so that a batch can be undone by its old pointers.
#pragma once
#include "engine/base/memory.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace streamwright {

class BlobArena {
public:
    // Where a blob lies; 0 is the empty one.
    using Place = uint64_t;

    Place add(std::string_view bytes);
    std::string_view at(Place place) const
    {
        if (place == 0) return {"", 0};
        const char* where = chunks_[(place >> 32) - 1]->data() + static_cast<uint32_t>(place);
        uint32_t size;
        std::memcpy(&size, where, sizeof(size));
        return {where + sizeof(size), size};
    }
    // The bytes are wanted no more; they stay readable.
    void release(Place place) { live_ -= static_cast<int64_t>(at(place).size()); }

    bool wasteful() const { return bytes_ > 2 * live_ + kChunkBytes; }
    int64_t bytes() const { return bytes_; }

    struct Mark {
        size_t chunks = 0;
        size_t used = 0;
        int64_t live = 0;
    };
    Mark mark() const { return {chunks_.size(), used_, live_}; }
    void backTo(const Mark& mark);

private:
    static constexpr int64_t kChunkBytes = 64 * 1024;

    std::vector<std::shared_ptr<Buffer>> chunks_;
    size_t used_ = 0;       // of the last chunk
    int64_t bytes_ = 0;
    int64_t live_ = 0;
};

}
