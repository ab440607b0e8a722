// Equality and order of values of one type with NULL before all (columns/compare.h).
#pragma once
#include "engine/columns/compare.h"

namespace streamwright {

// -1, 0 or 1. Both columns have the same type.
inline int compareRows(const Column& a, size_t rowOfA, const Column& b, size_t rowOfB)
{
    const bool aNull = a.isNull(rowOfA), bNull = b.isNull(rowOfB);
    if (aNull || bNull) return aNull == bNull ? 0 : aNull ? -1 : 1;
    return compareValues(a, rowOfA, b, rowOfB);
}
inline bool equalRows(const Column& a, size_t rowOfA, const Column& b, size_t rowOfB) { return compareRows(a, rowOfA, b, rowOfB) == 0; }

}
