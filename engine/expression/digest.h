// Checksums and digests: CRC-32 (of zip), MD5, SHA-1, SHA-2, and Spark's Murmur3.
#pragma once
#include "engine/columns/column.h"

#include <string>
#include <string_view>

namespace streamwright {

uint32_t crc32(std::string_view bytes);
// The digests' bytes.
std::string md5(std::string_view bytes);
std::string sha1(std::string_view bytes);
// 224, 256, 384 or 512 bits; empty for others.
std::string sha2(std::string_view bytes, int bits);

// Spark's hash(): Murmur3 of one value; the seed itself for NULL. Several values are chained through the seed.
uint32_t murmur3(const Column& column, size_t row, uint32_t seed);

}
