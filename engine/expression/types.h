// Spark's rules of ANSI mode for which types meet and which are converted without being asked.
#pragma once
#include "engine/columns/type.h"

#include <optional>
#include <span>

namespace streamwright {

// Both numeric: INT + BIGINT is BIGINT, an integer with FLOAT is DOUBLE; DATE and TIMESTAMP give
// TIMESTAMP; NULL gives the other; ARRAY and STRUCT by their parts. Strings meet only strings.
std::optional<Type> tightestCommonType(const Type& a, const Type& b);
// As above, and a string meets another atomic type as that type: integers as BIGINT, fractions as DOUBLE.
// CASE, coalesce, IN, comparisons and array(…) use this one.
std::optional<Type> widerCommonType(const Type& a, const Type& b);
std::optional<Type> widerCommonType(std::span<const Type> types);

// Whether a function argument, or a column of a sink, of type `from` is converted to `to` unasked.
bool castsImplicitly(const Type& from, const Type& to);
// Whether CAST(… AS …) exists in ANSI mode; a value may still fail.
bool castsExplicitly(const Type& from, const Type& to);
// Whether some value may fail to convert.
bool castMayFail(const Type& from, const Type& to);

// True when the type is TIMESTAMP or holds one: its text depends on the time zone.
bool holdsTimestamp(const Type& type);
// True when rows can be put in order: every type of ours can.
inline bool isAtomic(const Type& type) { return !type.is(TypeKind::Array) && !type.is(TypeKind::Struct) && !type.is(TypeKind::Void); }

}
