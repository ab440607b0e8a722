// Batches as bytes: a columnar block, compressed with zstd level 1, with its schema as DDL text, the
// number of rows and a CRC. Used for state, snapshots and staged rows. Same batch, same bytes.
#pragma once
#include "engine/columns/batch.h"

namespace streamwright {

std::string encodeBlock(const Batch& batch);
// Text of the decoded columns lies in buffers of its own. Torn or foreign bytes are a Permanent error, and
// so is a block that would take more than `limit` bytes of memory.
Result<BatchPtr> decodeBlock(std::string_view bytes, size_t limit = size_t{8} << 30);
// Whether the block is whole, by its length and CRC, without decoding it.
Result<void> checkBlock(std::string_view bytes);
// The rows of a block that checkBlock finds whole.
size_t blockRows(std::string_view bytes);

// CRC-32C, as in the receive log.
uint32_t crc32c(std::string_view bytes, uint32_t seed = 0);

}
