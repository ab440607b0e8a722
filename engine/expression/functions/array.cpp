// Arrays and structs: making, taking apart, order. Sets of elements are in array_sets.cpp; functions with
// lambdas are run by the compiler.
#include "engine/expression/functions/families.h"
#include "engine/expression/order.h"
#include "engine/expression/picked_arrays.h"
#include "engine/expression/signature.h"

#include <limits>

namespace streamwright {

namespace {

constexpr int64_t kLongestArray = std::numeric_limits<int32_t>::max() - 15;

Function entry(std::string name, std::vector<std::string> aliases, std::string usage, std::string help, FunctionExample example)
{
    return {.name = std::move(name), .aliases = std::move(aliases), .family = "array", .usage = std::move(usage), .help = std::move(help), .example = std::move(example)};
}

ColumnPtr makeArrays(const Call& call)
{
    PickedArrays out(call.rows);
    for (uint32_t row = 0; row < call.rows; ++row) {
        for (uint32_t i = 0; i < call.arguments.size(); ++i) out.pick(static_cast<uint32_t>(i * call.rows + row));
        out.closeRow();
    }
    if (call.arguments.empty()) return out.finishWith(call, Column::nullsOf(call.result.element(), 0));
    return out.finish(call, *joined(call.arguments));
}

Result<Signature> resolveArray(std::span<const ArgumentType> arguments)
{
    const auto type = commonType(arguments);
    if (!type) return wrongArguments("array", "values of one type", arguments);
    return Signature{std::vector<Type>(arguments.size(), *type), Type::array(*type)};
}

ColumnPtr makeStructs(const Call& call)
{
    std::vector<ColumnPtr> children;
    for (size_t i = 1; i < call.arguments.size(); i += 2) children.push_back(call.arguments[i]);
    return Column::make(call.result, call.rows, nullptr, nullptr, {}, std::move(children));
}

Result<Signature> resolveNamedStruct(std::span<const ArgumentType> arguments)
{
    std::vector<Type> types;
    std::vector<Field> fields;
    for (size_t i = 0; i < arguments.size(); ++i) {
        types.push_back(arguments[i].type);
        if (i % 2 == 0) continue;
        const auto name = literalText(arguments, i - 1);
        if (!name) return mistake("named_struct expects the fields' names as literal texts");
        fields.push_back({*name, arguments[i].type});
    }
    if (arguments.empty() || arguments.size() % 2 == 1) return wrongArguments("named_struct", "names and values in turn", arguments);
    return Signature{std::move(types), Type::structure(std::move(fields))};
}

// NULL counts as an array without a type.
std::optional<Type> arrayType(std::span<const ArgumentType> arguments, size_t index)
{
    if (index >= arguments.size()) return std::nullopt;
    if (arguments[index].type.is(TypeKind::Array)) return arguments[index].type;
    if (arguments[index].type.is(TypeKind::Void)) return Type::array(TypeKind::Void);
    return std::nullopt;
}

// (array, others…) with a result that follows from the array's type.
template <class F>
Resolve ofArray(std::string name, std::vector<Type> others, size_t optional, F result)
{
    return [=](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const auto type = arrayType(arguments, 0);
        std::string expected = "(array";
        for (const Type& other : others) expected += ", " + other.simpleName();
        if (!type || arguments.size() > others.size() + 1 || arguments.size() + optional < others.size() + 1) return wrongArguments(name, expected + ")", arguments);
        std::vector<Type> types{*type};
        for (size_t i = 1; i < arguments.size(); ++i) {
            if (!convertsImplicitly(arguments[i], others[i - 1])) return wrongArguments(name, expected + ")", arguments);
            types.push_back(others[i - 1]);
        }
        const Type resultType = result(*type);
        return Signature{std::move(types), resultType};
    };
}
Type itself(const Type& array) { return array; }
Type elementOf(const Type& array) { return array.element(); }
Type count(const Type&) { return TypeKind::Int; }

ColumnPtr sizes(const Call& call)
{
    FixedBuilder<int32_t> out;
    int32_t* to = out.extend(call.rows);
    const uint32_t* offsets = call.arguments[0]->offsets();
    for (size_t row = 0; row < call.rows; ++row) to[row] = static_cast<int32_t>(offsets[row + 1] - offsets[row]);
    return columnFrom(call.result, out);
}

// The element that `indexOf` chooses in every row, kNoRow for NULL.
template <class F>
ColumnPtr pickElements(const Call& call, F indexOf)
{
    const ElementRange range(*call.arguments[0]);
    if (call.result.is(TypeKind::Void)) {
        for (size_t row = 0; row < call.rows; ++row) {
            if (!call.skip(row)) indexOf(range, row);
        }
        return Column::nullsOf(call.result, call.rows);
    }
    std::vector<uint32_t> picks(call.rows, kNoRow);
    for (size_t row = 0; row < call.rows; ++row) {
        if (!call.skip(row)) picks[row] = indexOf(range, row);
    }
    return gatherOrNull(*range.column(), picks);
}

enum class Missing : unsigned char { Error, Null };

template <Missing kMissing>
ColumnPtr elementAt(const Call& call)
{
    return pickElements(call, [&](const ElementRange& range, size_t row) {
        const int64_t index = call.arguments[1]->value<int32_t>(row), size = range.size(row);
        if (index == 0) {
            call.errors.add(row, "element_at counts from 1, or from the end with negative numbers, but got 0");
            return kNoRow;
        }
        const int64_t place = index > 0 ? index - 1 : size + index;
        if (place >= 0 && place < size) return static_cast<uint32_t>(range.begin(row) + place);
        if (kMissing == Missing::Error) call.errors.add(row, fmt::format("array index is out of bounds: the array has {} elements, the index is {}", size, index));
        return kNoRow;
    });
}

ColumnPtr get(const Call& call)
{
    return pickElements(call, [&](const ElementRange& range, size_t row) {
        const int64_t index = call.arguments[1]->value<int32_t>(row);
        return index >= 0 && index < range.size(row) ? static_cast<uint32_t>(range.begin(row) + index) : kNoRow;
    });
}

ColumnPtr extremeElement(const Call& call, int sign)
{
    return pickElements(call, [&](const ElementRange& range, size_t row) {
        uint32_t best = kNoRow;
        for (uint32_t e = range.begin(row); e < range.end(row); ++e) {
            if (!range.isNull(e) && (best == kNoRow || compareRows(*range.column(), e, *range.column(), best) * sign > 0)) best = e;
        }
        return best;
    });
}

// f(range, row, out) picks the elements of a row; false makes the row NULL.
template <class F>
ColumnPtr pickArrays(const Call& call, F f)
{
    const ElementRange range(*call.arguments[0]);
    PickedArrays out(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        if (!call.skip(row) && !f(range, row, out)) out.closeNull();
        else out.closeRow();
    }
    return out.finish(call, *range.column());
}

ColumnPtr slice(const Call& call)
{
    return pickArrays(call, [&](const ElementRange& range, size_t row, PickedArrays& out) {
        const int64_t start = call.arguments[1]->value<int32_t>(row), length = call.arguments[2]->value<int32_t>(row), size = range.size(row);
        if (start == 0 || length < 0) {
            call.errors.add(row, start == 0 ? "slice counts from 1, or from the end with negative numbers, but got 0" : fmt::format("slice length must not be negative, but is {}", length));
            return false;
        }
        const int64_t from = start > 0 ? start - 1 : size + start;
        if (from >= 0 && from < size) out.pickRange(static_cast<uint32_t>(range.begin(row) + from), static_cast<uint32_t>(range.begin(row) + std::min(size, from + length)));
        return true;
    });
}

ColumnPtr withoutNulls(const Call& call)
{
    return pickArrays(call, [&](const ElementRange& range, size_t row, PickedArrays& out) {
        for (uint32_t e = range.begin(row); e < range.end(row); ++e) {
            if (!range.isNull(e)) out.pick(e);
        }
        return true;
    });
}

// Stable; NULLs before all others or behind them.
ColumnPtr sorted(const Call& call, bool ascending, bool nullsFirst, const uint8_t* ascendingRows)
{
    return pickArrays(call, [&](const ElementRange& range, size_t row, PickedArrays& out) {
        checkStop(call);
        const bool up = ascendingRows ? ascendingRows[row] != 0 : ascending;
        const bool first = ascendingRows ? up : nullsFirst;
        const size_t from = out.picks().size();
        out.pickRange(range.begin(row), range.end(row));
        std::stable_sort(out.picks().begin() + static_cast<std::ptrdiff_t>(from), out.picks().end(), [&](uint32_t a, uint32_t b) {
            const bool aNull = range.isNull(a), bNull = range.isNull(b);
            if (aNull || bNull) return aNull != bNull && aNull == first;
            const int order = compareRows(*range.column(), a, *range.column(), b);
            return up ? order < 0 : order > 0;
        });
        return true;
    });
}

ColumnPtr sortArray(const Call& call)
{
    return sorted(call, true, true, call.arguments.size() > 1 ? call.arguments[1]->values<uint8_t>() : nullptr);
}

ColumnPtr flatten(const Call& call)
{
    const ElementRange outer(*call.arguments[0]);
    const Column& inner = *outer.column();
    const ElementRange range(inner);
    PickedArrays out(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        bool null = false;
        for (uint32_t e = outer.begin(row); e < outer.end(row) && !call.skip(row); ++e) null = null || inner.isNull(e);
        for (uint32_t e = outer.begin(row); e < outer.end(row) && !null && !call.skip(row); ++e) out.pickRange(range.begin(e), range.end(e));
        if (null) out.closeNull();
        else out.closeRow();
    }
    return out.finish(call, *range.column());
}

Result<Signature> resolveFlatten(std::span<const ArgumentType> arguments)
{
    const bool nested = arguments.size() == 1 && arguments[0].type.is(TypeKind::Array) && arguments[0].type.element().is(TypeKind::Array);
    if (!nested) return wrongArguments("flatten", "an array of arrays", arguments);
    return Signature{{arguments[0].type}, arguments[0].type.element()};
}

ColumnPtr join(const Call& call)
{
    const ElementRange range(*call.arguments[0]);
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        result.clear();
        bool first = true;
        for (uint32_t e = range.begin(row); e < range.end(row); ++e) {
            if (range.isNull(e) && call.arguments.size() < 3) continue;
            if (!first) result += textAt(*call.arguments[1], row);
            first = false;
            result += range.isNull(e) ? textAt(*call.arguments[2], row) : textAt(*range.column(), e);
        }
        out.pushText(result);
    });
}

Result<Signature> resolveJoin(std::span<const ArgumentType> arguments)
{
    const Type text = TypeKind::String;
    return takes("array_join", {Type::array(text), text, text}, text, 1)(arguments);
}

ColumnPtr repeated(const Call& call)
{
    PickedArrays out(call.rows);
    for (uint32_t row = 0; row < call.rows; ++row) {
        checkStop(call);
        if (call.arguments[1]->isNull(row)) {
            out.closeNull();
            continue;
        }
        const int64_t times = call.arguments[1]->value<int32_t>(row);
        if (static_cast<int64_t>(out.picks().size()) + times > kLongestArray) call.errors.add(row, fmt::format("array_repeat would make more than {} elements", kLongestArray));
        else {
            for (int64_t i = 0; i < times; ++i) out.pick(row);
        }
        out.closeRow();
    }
    return out.finish(call, *call.arguments[0]);
}

Result<Signature> resolveRepeat(std::span<const ArgumentType> arguments)
{
    if (arguments.size() != 2 || !convertsImplicitly(arguments[1], TypeKind::Int)) return wrongArguments("array_repeat", "(value, int)", arguments);
    return Signature{{arguments[0].type, TypeKind::Int}, Type::array(arguments[0].type)};
}

template <class T>
ColumnPtr sequenceOf(const Call& call)
{
    ColumnBuilder out(call.result);
    for (size_t row = 0; row < call.rows; ++row) {
        checkStop(call);
        if (call.skip(row)) {
            out.pushNull();
            continue;
        }
        const __int128 from = call.arguments[0]->value<T>(row), to = call.arguments[1]->value<T>(row);
        const __int128 step = call.arguments.size() > 2 ? __int128{call.arguments[2]->value<T>(row)} : from <= to ? 1 : -1;
        if ((step == 0 && from != to) || (step > 0 && from > to) || (step < 0 && from < to)) {
            fail(call, row, out, fmt::format("sequence never gets from {} to {} by steps of {}", static_cast<int64_t>(from), static_cast<int64_t>(to), static_cast<int64_t>(step)));
            continue;
        }
        const __int128 steps = step == 0 ? 0 : (to - from) / step;
        if (steps + 1 > kLongestArray) {
            fail(call, row, out, fmt::format("sequence would make more than {} elements", kLongestArray));
            continue;
        }
        for (__int128 i = 0; i <= steps; ++i) {
            if (i % 4096 == 0) checkStop(call);
            out.element().push<T>(static_cast<T>(from + i * step));
        }
        out.closeRow();
    }
    return out.finish();
}

ColumnPtr sequence(const Call& call)
{
    return call.result.element().is(TypeKind::BigInt) ? sequenceOf<int64_t>(call) : sequenceOf<int32_t>(call);
}

Result<Signature> resolveSequence(std::span<const ArgumentType> arguments)
{
    const auto type = arguments.size() == 2 || arguments.size() == 3 ? commonType(arguments) : std::nullopt;
    const bool dates = type && type->is(TypeKind::Date) && arguments.size() == 2;
    if (!type || (!isIntegral(type->kind()) && !dates)) return wrongArguments("sequence", "(integer, integer[, integer]) or (date, date)", arguments);
    return Signature{std::vector<Type>(arguments.size(), *type), Type::array(*type)};
}

// Elements side by side; shorter arrays are filled up with NULL.
ColumnPtr zip(const Call& call)
{
    std::vector<ElementRange> ranges;
    for (const ColumnPtr& column : call.arguments) ranges.emplace_back(*column);
    std::vector<std::vector<uint32_t>> picks(ranges.size());
    PickedArrays out(call.rows);
    size_t total = 0;
    for (size_t row = 0; row < call.rows; ++row) {
        uint32_t longest = 0;
        for (const ElementRange& range : ranges) longest = call.skip(row) ? 0 : std::max(longest, range.size(row));
        for (size_t i = 0; i < ranges.size(); ++i) {
            for (uint32_t e = 0; e < longest; ++e) picks[i].push_back(e < ranges[i].size(row) ? ranges[i].begin(row) + e : kNoRow);
        }
        total += longest;
        for (uint32_t e = 0; e < longest; ++e) out.pick(0);
        out.closeRow();
    }
    std::vector<ColumnPtr> children;
    for (size_t i = 0; i < ranges.size(); ++i) {
        children.push_back(ranges[i].column()->type().is(TypeKind::Void) ? Column::nullsOf(TypeKind::Void, total) : gatherOrNull(*ranges[i].column(), picks[i]));
    }
    return out.finishWith(call, Column::make(call.result.element(), total, nullptr, nullptr, {}, std::move(children)));
}

Result<Signature> resolveZip(std::span<const ArgumentType> arguments)
{
    std::vector<Type> types;
    std::vector<Field> fields;
    for (size_t i = 0; i < arguments.size(); ++i) {
        const auto type = arrayType(arguments, i);
        if (!type) return wrongArguments("arrays_zip", "arrays", arguments);
        types.push_back(*type);
        fields.push_back({std::to_string(i), type->element()});
    }
    if (types.empty()) return wrongArguments("arrays_zip", "arrays", arguments);
    return Signature{std::move(types), Type::array(Type::structure(std::move(fields)))};
}

void addLambdas(std::vector<Function>& all)
{
    all.push_back(entry("transform", {}, "transform(array, x -> expression)", "Every element made into another one; (x, i) -> also gives its index from 0.", {"transform(array(1, 2, 3), x -> x + 1)", "[2,3,4]"}));
    all.push_back(entry("filter", {}, "filter(array, x -> condition)", "The elements for which the condition is true.", {"filter(array(1, 2, 3), x -> x % 2 = 1)", "[1,3]"}));
    all.push_back(entry("exists", {}, "exists(array, x -> condition)", "Whether the condition is true for an element.", {"exists(array(1, 2, 3), x -> x = 2)", "true"}));
    all.push_back(entry("forall", {}, "forall(array, x -> condition)", "Whether the condition is true for all elements.", {"forall(array(1, 2, 3), x -> x > 0)", "true"}));
    all.push_back(entry("aggregate", {"reduce"}, "aggregate(array, start, (accumulator, x) -> expression[, accumulator -> expression])", "Folds the elements into one value, from the first to the last.", {"aggregate(array(1, 2, 3), 0, (acc, x) -> acc + x)", "6"}));
    all.push_back(entry("zip_with", {}, "zip_with(a, b, (x, y) -> expression)", "Elements of two arrays made into one; the shorter array is filled up with NULL.", {"zip_with(array(1, 2), array(3, 4), (x, y) -> x + y)", "[4,6]"}));
    all.push_back(entry("struct", {}, "struct(value, ...)", "The values as one STRUCT; fields are named after columns or aliases, else col1, col2 ….", {"struct(1, 'a')", "{\"col1\":1,\"col2\":\"a\"}"}));
}

void addAccess(std::vector<Function>& all)
{
    const Type number = TypeKind::Int;
    all.push_back({.name = "size", .aliases = {"cardinality", "array_size"}, .family = "array", .usage = "size(array)", .help = "How many elements an array has; NULL for NULL.", .example = {"size(array('b', 'd'))", "2"}, .resolve = ofArray("size", {}, 0, count), .evaluate = sizes});
    all.push_back({.name = "element_at", .family = "array", .usage = "element_at(array, index)", .help = "The element at an index, counted from 1, or from the end when negative; the row fails when there is none.", .example = {"element_at(array(1, 2, 3), -1)", "3"}, .resolve = ofArray("element_at", {number}, 0, elementOf), .evaluate = elementAt<Missing::Error>, .canFail = true});
    all.push_back({.name = "try_element_at", .family = "array", .usage = "try_element_at(array, index)", .help = "As element_at, but NULL when there is no such element.", .example = {"try_element_at(array(1, 2, 3), 4)", "null"}, .resolve = ofArray("try_element_at", {number}, 0, elementOf), .evaluate = elementAt<Missing::Null>, .canFail = true});
    all.push_back({.name = "get", .family = "array", .usage = "get(array, index)", .help = "The element at an index, counted from 0; NULL when there is none.", .example = {"get(array(1, 2, 3), 0)", "1"}, .resolve = ofArray("get", {number}, 0, elementOf), .evaluate = get});
    all.push_back({.name = "array_max", .family = "array", .usage = "array_max(array)", .help = "The largest element that is not NULL.", .example = {"array_max(array(1, 20, NULL, 3))", "20"}, .resolve = ofArray("array_max", {}, 0, elementOf), .evaluate = [](const Call& call) { return extremeElement(call, 1); }});
    all.push_back({.name = "array_min", .family = "array", .usage = "array_min(array)", .help = "The smallest element that is not NULL.", .example = {"array_min(array(1, 20, NULL, 3))", "1"}, .resolve = ofArray("array_min", {}, 0, elementOf), .evaluate = [](const Call& call) { return extremeElement(call, -1); }});
    all.push_back({.name = "slice", .family = "array", .usage = "slice(array, start, length)", .help = "So many elements from an index on, counted from 1, or from the end when negative.", .example = {"slice(array(1, 2, 3, 4), 2, 2)", "[2,3]"}, .resolve = ofArray("slice", {number, number}, 0, itself), .evaluate = slice, .canFail = true});
    all.push_back({.name = "array_join", .family = "array", .usage = "array_join(array, separator[, null_text])", .help = "The elements' texts joined by a separator; NULLs are left out or stand as null_text.", .example = {"array_join(array('hello', NULL, 'world'), ' ', ',')", "\"hello , world\""}, .resolve = resolveJoin, .evaluate = join});
}

void addMaking(std::vector<Function>& all)
{
    all.push_back({.name = "array", .family = "array", .usage = "array(value, ...)", .help = "An array of the values.", .example = {"array(1, 2, 3)", "[1,2,3]"}, .resolve = resolveArray, .evaluate = makeArrays, .seesNulls = true});
    all.push_back({.name = "named_struct", .family = "array", .usage = "named_struct(name, value, ...)", .help = "A STRUCT of named values.", .example = {"named_struct('a', 1, 'b', 'x')", "{\"a\":1,\"b\":\"x\"}"}, .resolve = resolveNamedStruct, .evaluate = makeStructs, .seesNulls = true});
    all.push_back({.name = "array_repeat", .family = "array", .usage = "array_repeat(value, times)", .help = "An array that holds the value several times.", .example = {"array_repeat('a', 2)", "[\"a\",\"a\"]"}, .resolve = resolveRepeat, .evaluate = repeated, .canFail = true, .seesNulls = true});
    all.push_back({.name = "sequence", .family = "array", .usage = "sequence(start, stop[, step])", .help = "The numbers or days from start to stop, both included, by steps of 1 or -1 unless told.", .example = {"sequence(1, 9, 4)", "[1,5,9]"}, .resolve = resolveSequence, .evaluate = sequence, .canFail = true});
    all.push_back({.name = "flatten", .family = "array", .usage = "flatten(arrays)", .help = "The elements of the arrays in an array, as one array.", .example = {"flatten(array(array(1, 2), array(3, 4)))", "[1,2,3,4]"}, .resolve = resolveFlatten, .evaluate = flatten});
    all.push_back({.name = "arrays_zip", .family = "array", .usage = "arrays_zip(array, ...)", .help = "An array of STRUCTs that holds the n-th elements of all arrays; its fields are named 0, 1 ….", .example = {"arrays_zip(array(1, 2), array(3, 4))", "[{\"0\":1,\"1\":3},{\"0\":2,\"1\":4}]"}, .resolve = resolveZip, .evaluate = zip});
    all.push_back({.name = "array_compact", .family = "array", .usage = "array_compact(array)", .help = "Without the NULLs.", .example = {"array_compact(array(1, NULL, 3))", "[1,3]"}, .resolve = ofArray("array_compact", {}, 0, itself), .evaluate = withoutNulls});
    all.push_back({.name = "sort_array", .family = "array", .usage = "sort_array(array[, ascending])", .help = "In order; NULLs stand first, or last in descending order.", .example = {"sort_array(array('b', NULL, 'a'), true)", "[null,\"a\",\"b\"]"}, .resolve = ofArray("sort_array", {TypeKind::Boolean}, 1, itself), .evaluate = sortArray});
    all.push_back({.name = "array_sort", .family = "array", .usage = "array_sort(array[, (a, b) -> expression])", .help = "In ascending order with NULLs last, or in the order of a function that gives a negative number, 0 or a positive number.", .example = {"array_sort(array(5, NULL, 1))", "[1,5,null]"},
        .resolve = ofArray("array_sort", {}, 0, itself), .evaluate = [](const Call& call) { return sorted(call, true, false, nullptr); }});
}

}

ColumnPtr concatArrays(const Call& call)
{
    std::vector<ElementRange> ranges;
    std::vector<ColumnPtr> elements;
    std::vector<uint32_t> bases;
    uint32_t base = 0;
    for (const ColumnPtr& column : call.arguments) {
        ranges.emplace_back(*column);
        elements.push_back(ranges.back().column());
        bases.push_back(base);
        base += static_cast<uint32_t>(elements.back()->size());
    }
    PickedArrays out(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        for (size_t i = 0; i < ranges.size() && !call.skip(row); ++i) out.pickRange(bases[i] + ranges[i].begin(row), bases[i] + ranges[i].end(row));
        out.closeRow();
    }
    return out.finish(call, *joined(elements));
}

ColumnPtr reverseArrays(const Call& call)
{
    return pickArrays(call, [](const ElementRange& range, size_t row, PickedArrays& out) {
        for (uint32_t e = range.end(row); e > range.begin(row); --e) out.pick(e - 1);
        return true;
    });
}

std::vector<Function> arrayFunctions()
{
    std::vector<Function> all;
    addMaking(all);
    addAccess(all);
    addArraySets(all);
    addLambdas(all);
    return all;
}

}
