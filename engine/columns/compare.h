// The order of values, as Spark sorts and compares them: NaN is the greatest number and equal to itself,
// -0.0 equals 0.0, text goes by bytes, false before true, arrays and structs by their first difference.
#pragma once
#include "engine/columns/column.h"

#include <type_traits>

namespace streamwright {

// -1, 0 or 1. Both columns are of one type and neither value is NULL; inside ARRAY and
// STRUCT a NULL is the smallest.
int compareValues(const Column& a, size_t rowOfA, const Column& b, size_t rowOfB);

// The same for numbers.
template <class T>
int compareNumbers(T a, T b)
{
    if (a < b) return -1;
    if (b < a) return 1;
    if constexpr (std::is_floating_point_v<T>) return static_cast<int>(a != a) - static_cast<int>(b != b);
    return 0;
}

}
