// What arguments a function takes: Spark's implicit conversions in ANSI mode, and the usual resolvers.
#pragma once
#include "engine/expression/function.h"

namespace streamwright {

using Resolve = std::function<Result<Signature>(std::span<const ArgumentType>)>;

// True when Spark converts without a CAST: NULL to anything, narrow numbers to wide, text to and from any
// simple type, DATE to and from TIMESTAMP, ARRAY and STRUCT member by member.
bool convertsImplicitly(const ArgumentType& from, const Type& to);

// Whether text next to a number becomes a number (coalesce, CASE, array) or is a mistake (greatest, least).
enum class TextPromotion : unsigned char { ToOtherType, None };
// The type that two types meet in; empty when there is none.
std::optional<Type> commonType(const Type& a, const Type& b, TextPromotion text = TextPromotion::ToOtherType);
std::optional<Type> commonType(std::span<const ArgumentType> arguments, TextPromotion text = TextPromotion::ToOtherType);
// As commonType of numbers, with text becoming BIGINT or DOUBLE; empty for other types and for two texts.
std::optional<Type> commonNumber(const Type& a, const Type& b);

// `lpad expects (string, int[, string]), but got (int)`.
Error wrongArguments(std::string_view name, std::string_view expected, std::span<const ArgumentType> arguments);
std::string simpleNames(std::span<const ArgumentType> arguments);

// Fixed parameters, of which the last `optional` may be left out.
Resolve takes(std::string name, std::vector<Type> parameters, Type result, size_t optional = 0);
// Any number of arguments, at least `least`, all of one type.
Resolve takesMany(std::string name, Type parameter, Type result, size_t least = 1);

// As `resolve`; and a text that is written out as argument `index` must be one that `mistakeIn` finds nothing wrong
// with, so that a pattern that is none is told before a run and not row by row.
using MistakeInText = std::function<std::optional<Error>(std::string_view text, std::span<const ArgumentType> arguments)>;
Resolve withPattern(Resolve resolve, size_t index, MistakeInText mistakeIn);

// The literal of an argument as text or as a number; empty when it is no literal or NULL.
std::optional<std::string> literalText(std::span<const ArgumentType> arguments, size_t index);
std::optional<int64_t> literalInteger(std::span<const ArgumentType> arguments, size_t index);

}
