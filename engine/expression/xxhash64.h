// xxHash64 of values as Spark's xxhash64() computes it.
#pragma once
#include "engine/columns/column.h"

namespace streamwright {

// The hash of one value, `seed` itself for NULL; hashes of several values are chained through the seed
// (Spark starts with 42).
uint64_t xxhash64(const Column& column, size_t row, uint64_t seed);

uint64_t xxhash64(const char* data, size_t size, uint64_t seed);

}
