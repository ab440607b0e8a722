#include "engine/dataflow/blob_arena.h"

#include <algorithm>

namespace streamwright {

BlobArena::Place BlobArena::add(std::string_view bytes)
{
    if (bytes.empty()) return 0;
    const size_t wanted = bytes.size() + sizeof(uint32_t);
    if (chunks_.empty() || used_ + wanted > chunks_.back()->size()) {
        const size_t usual = chunks_.empty() ? 1024 : static_cast<size_t>(kChunkBytes);
        chunks_.push_back(Buffer::allocate(std::max(usual, wanted)));
        bytes_ += static_cast<int64_t>(chunks_.back()->size());
        used_ = 0;
    }
    char* where = chunks_.back()->data() + used_;
    const auto size = static_cast<uint32_t>(bytes.size());
    std::memcpy(where, &size, sizeof(size));
    std::memcpy(where + sizeof(size), bytes.data(), bytes.size());
    const Place place = (static_cast<uint64_t>(chunks_.size()) << 32) | used_;
    used_ += wanted;
    live_ += static_cast<int64_t>(bytes.size());
    return place;
}

void BlobArena::backTo(const Mark& mark)
{
    while (chunks_.size() > mark.chunks) {
        bytes_ -= static_cast<int64_t>(chunks_.back()->size());
        chunks_.pop_back();
    }
    used_ = mark.used;
    live_ = mark.live;
}

}
