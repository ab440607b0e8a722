// Equality and order of values of one type, as Spark's ORDER BY has them: NaN is the largest number and
// equals itself, -0.0 equals 0.0, text by bytes, ARRAY and STRUCT member by member, NULL before all.
#pragma once
#include "engine/columns/column.h"

namespace streamwright {

template <class T>
int compareNumbers(T a, T b)
{
    if constexpr (std::is_floating_point_v<T>) {
        const bool aNan = a != a, bNan = b != b;
        if (aNan || bNan) return aNan == bNan ? 0 : aNan ? 1 : -1;
    }
    return a < b ? -1 : a > b ? 1 : 0;
}

// -1, 0 or 1. Both columns have the same type.
int compareRows(const Column& a, size_t rowOfA, const Column& b, size_t rowOfB);
inline bool equalRows(const Column& a, size_t rowOfA, const Column& b, size_t rowOfB) { return compareRows(a, rowOfA, b, rowOfB) == 0; }

}
