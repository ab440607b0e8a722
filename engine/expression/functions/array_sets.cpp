// Finding elements in arrays, adding and removing them, and arrays as sets. Elements are equal as in GROUP BY.
#include "engine/columns/row_keys.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/order.h"
#include "engine/expression/picked_arrays.h"
#include "engine/expression/signature.h"

#include <limits>

namespace streamwright {

namespace {

// (array, value) of one element type; a NULL without a type is refused as Spark does.
Resolve arrayAndValue(std::string name, std::optional<Type> result)
{
    return [name, result](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const bool typed = arguments.size() == 2 && arguments[0].type.is(TypeKind::Array) && !arguments[1].type.is(TypeKind::Void);
        const auto element = typed ? commonType(arguments[0].type.element(), arguments[1].type, TextPromotion::None) : std::nullopt;
        if (!element) return wrongArguments(name, "an array and a value of its element type", arguments);
        const Type array = Type::array(*element);
        return Signature{{array, *element}, result.value_or(array)};
    };
}

Resolve twoArrays(std::string name, std::optional<Type> result)
{
    return [name, result](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const bool arrays = arguments.size() == 2 && arguments[0].type.is(TypeKind::Array) && arguments[1].type.is(TypeKind::Array);
        const auto type = arrays ? commonType(arguments, TextPromotion::None) : std::nullopt;
        if (!type) return wrongArguments(name, "two arrays of one element type", arguments);
        return Signature{{*type, *type}, result.value_or(*type)};
    };
}

ColumnPtr contains(const Call& call)
{
    const ElementRange range(*call.arguments[0]);
    FixedBuilder<uint8_t> out;
    NullMarks nulls(call.rows);
    uint8_t* to = out.extend(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        to[row] = 0;
        bool anyNull = false;
        for (uint32_t e = range.begin(row); e < range.end(row) && !call.skip(row) && !to[row]; ++e) {
            anyNull = anyNull || range.isNull(e);
            to[row] = equalRows(*range.column(), e, *call.arguments[1], row);
        }
        if (!to[row] && anyNull) nulls.mark(row);
    }
    return columnFrom(call.result, out, nulls.buffer());
}

ColumnPtr position(const Call& call)
{
    const ElementRange range(*call.arguments[0]);
    FixedBuilder<int64_t> out;
    int64_t* to = out.extend(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        to[row] = 0;
        for (uint32_t e = range.begin(row); e < range.end(row) && !call.skip(row) && to[row] == 0; ++e) {
            if (equalRows(*range.column(), e, *call.arguments[1], row)) to[row] = e - range.begin(row) + 1;
        }
    }
    return columnFrom(call.result, out);
}

ColumnPtr remove(const Call& call)
{
    const ElementRange range(*call.arguments[0]);
    PickedArrays out(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        for (uint32_t e = range.begin(row); e < range.end(row) && !call.skip(row); ++e) {
            if (!equalRows(*range.column(), e, *call.arguments[1], row)) out.pick(e);
        }
        out.closeRow();
    }
    return out.finish(call, *range.column());
}

// The array's elements with the value of argument `valueIndex` somewhere among them: f(range, row, value, out).
template <class F>
ColumnPtr withValue(const Call& call, size_t valueIndex, F f)
{
    const ElementRange range(*call.arguments[0]);
    const std::vector<ColumnPtr> both{range.column(), call.arguments[valueIndex]};
    PickedArrays out(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        checkStop(call);
        if (call.arguments[0]->isNull(row) || !f(range, row, static_cast<uint32_t>(range.column()->size() + row), out)) out.closeNull();
        else out.closeRow();
    }
    return out.finish(call, *joined(both));
}

ColumnPtr append(const Call& call)
{
    return withValue(call, 1, [](const ElementRange& range, size_t row, uint32_t value, PickedArrays& out) {
        out.pickRange(range.begin(row), range.end(row));
        out.pick(value);
        return true;
    });
}

ColumnPtr prepend(const Call& call)
{
    return withValue(call, 1, [](const ElementRange& range, size_t row, uint32_t value, PickedArrays& out) {
        out.pick(value);
        out.pickRange(range.begin(row), range.end(row));
        return true;
    });
}

// Index -1 is behind the last element. Beyond the ends the gap is filled with NULL.
ColumnPtr insert(const Call& call)
{
    constexpr int64_t kLongest = std::numeric_limits<int32_t>::max() - 15;
    return withValue(call, 2, [&](const ElementRange& range, size_t row, uint32_t value, PickedArrays& out) {
        if (call.arguments[1]->isNull(row)) return false;
        const int64_t index = call.arguments[1]->value<int32_t>(row), size = range.size(row);
        if (index == 0 || std::abs(index) > kLongest) {
            call.errors.add(row, index == 0 ? "array_insert counts from 1, or from the end with negative numbers, but got 0" : fmt::format("array_insert would make more than {} elements", kLongest));
            return false;
        }
        if (-index > size) {
            out.pick(value);
            for (int64_t gap = -index - size - 1; gap > 0; --gap) out.pick(kNoRow);
            out.pickRange(range.begin(row), range.end(row));
            return true;
        }
        const int64_t place = index > 0 ? index - 1 : size + index + 1;
        const auto middle = static_cast<uint32_t>(range.begin(row) + std::min(place, size));
        out.pickRange(range.begin(row), middle);
        for (int64_t gap = place - size; gap > 0; --gap) out.pick(kNoRow);
        out.pick(value);
        out.pickRange(middle, range.end(row));
        return true;
    });
}

Result<Signature> resolveAdd(std::string_view name, std::span<const ArgumentType> arguments, bool withIndex)
{
    const size_t count = withIndex ? 3 : 2;
    const bool shape = arguments.size() == count && arguments[0].type.is(TypeKind::Array) && (!withIndex || convertsImplicitly(arguments[1], TypeKind::Int));
    const auto element = shape ? commonType(arguments[0].type.element(), arguments[count - 1].type, TextPromotion::None) : std::nullopt;
    if (!element) return wrongArguments(name, withIndex ? "an array, an int and a value of its element type" : "an array and a value of its element type", arguments);
    std::vector<Type> types{Type::array(*element), *element};
    if (withIndex) types.insert(types.begin() + 1, TypeKind::Int);
    return Signature{std::move(types), Type::array(*element)};
}

// The distinct elements of one row; made for one row after the other without new memory.
class ElementSet {
public:
    explicit ElementSet(const ColumnPtr& elements)
    {
        if (elements->type().is(TypeKind::Void)) {
            keys_.keys.assign(elements->size(), nullKey());
            keys_.hashes.assign(elements->size(), 0);
        } else {
            keys_ = rowKeys({&elements, 1}, elements->size());
        }
    }
    void reset(size_t capacity)
    {
        size_t slots = 16;
        while (slots < 2 * capacity) slots *= 2;
        slots_.assign(slots, kNoRow);
    }
    // False when an equal element is there already.
    bool add(uint32_t element)
    {
        const size_t slot = find(element);
        if (slots_[slot] != kNoRow) return false;
        slots_[slot] = element;
        return true;
    }
    bool has(uint32_t element) const { return slots_[find(element)] != kNoRow; }

private:
    size_t find(uint32_t element) const
    {
        size_t slot = keys_.hashes[element] & (slots_.size() - 1);
        while (slots_[slot] != kNoRow && !(keys_.hashes[slots_[slot]] == keys_.hashes[element] && sameKey(slots_[slot], element))) slot = (slot + 1) & (slots_.size() - 1);
        return slot;
    }
    bool sameKey(uint32_t a, uint32_t b) const
    {
        const bool aNull = isNullKey(keys_.keys[a]), bNull = isNullKey(keys_.keys[b]);
        return aNull || bNull ? aNull == bNull : keys_.keys[a] == keys_.keys[b];
    }

    RowKeys keys_;
    std::vector<uint32_t> slots_;
};

ColumnPtr distinct(const Call& call)
{
    const ElementRange range(*call.arguments[0]);
    ElementSet set(range.column());
    PickedArrays out(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        set.reset(range.size(row));
        for (uint32_t e = range.begin(row); e < range.end(row) && !call.skip(row); ++e) {
            if (set.add(e)) out.pick(e);
        }
        out.closeRow();
    }
    return out.finish(call, *range.column());
}

// Two arrays' elements in one column, the second one's behind the first one's.
struct TwoRanges {
    explicit TwoRanges(const Call& call) : a(*call.arguments[0]), b(*call.arguments[1]), base(static_cast<uint32_t>(a.column()->size()))
    {
        const std::vector<ColumnPtr> both{a.column(), b.column()};
        elements = joined(both);
    }
    ElementRange a, b;
    uint32_t base;
    ColumnPtr elements;
};

enum class SetOperation : unsigned char { Union, Intersect, Except };

template <SetOperation kOperation>
ColumnPtr combine(const Call& call)
{
    const TwoRanges ranges(call);
    ElementSet seen(ranges.elements), second(ranges.elements);
    PickedArrays out(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        const uint32_t from = ranges.base + ranges.b.begin(row), to = ranges.base + ranges.b.end(row);
        seen.reset(ranges.a.size(row) + ranges.b.size(row));
        second.reset(ranges.b.size(row));
        for (uint32_t e = from; e < to && kOperation != SetOperation::Union; ++e) second.add(e);
        for (uint32_t e = ranges.a.begin(row); e < ranges.a.end(row) && !call.skip(row); ++e) {
            const bool wanted = kOperation == SetOperation::Union || second.has(e) == (kOperation == SetOperation::Intersect);
            if (wanted && seen.add(e)) out.pick(e);
        }
        for (uint32_t e = from; e < to && kOperation == SetOperation::Union && !call.skip(row); ++e) {
            if (seen.add(e)) out.pick(e);
        }
        out.closeRow();
    }
    return out.finish(call, *ranges.elements);
}

ColumnPtr overlap(const Call& call)
{
    const TwoRanges ranges(call);
    ElementSet second(ranges.elements);
    FixedBuilder<uint8_t> out;
    NullMarks nulls(call.rows);
    uint8_t* to = out.extend(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        to[row] = 0;
        if (call.skip(row)) continue;
        bool anyNull = false;
        second.reset(ranges.b.size(row));
        for (uint32_t e = ranges.base + ranges.b.begin(row); e < ranges.base + ranges.b.end(row); ++e) {
            if (ranges.elements->isNull(e)) anyNull = true;
            else second.add(e);
        }
        for (uint32_t e = ranges.a.begin(row); e < ranges.a.end(row) && !to[row]; ++e) {
            if (ranges.elements->isNull(e)) anyNull = true;
            else to[row] = second.has(e);
        }
        if (!to[row] && anyNull && ranges.a.size(row) > 0 && ranges.b.size(row) > 0) nulls.mark(row);
    }
    return columnFrom(call.result, out, nulls.buffer());
}

Result<Signature> resolveDistinct(std::span<const ArgumentType> arguments)
{
    if (arguments.size() != 1 || !arguments[0].type.is(TypeKind::Array)) return wrongArguments("array_distinct", "an array", arguments);
    return Signature{{arguments[0].type}, arguments[0].type};
}

}

void addArraySets(std::vector<Function>& all)
{
    all.push_back({.name = "array_contains", .family = "array", .usage = "array_contains(array, value)", .help = "Whether the value is among the elements; NULL when it is not but NULL is.", .example = {"array_contains(array(1, 2, 3), 2)", "true"}, .resolve = arrayAndValue("array_contains", TypeKind::Boolean), .evaluate = contains});
    all.push_back({.name = "array_position", .family = "array", .usage = "array_position(array, value)", .help = "The index of the first such element, counted from 1; 0 when there is none.", .example = {"array_position(array(312, 773, 708), 708)", "3"}, .resolve = arrayAndValue("array_position", TypeKind::BigInt), .evaluate = position});
    all.push_back({.name = "array_remove", .family = "array", .usage = "array_remove(array, value)", .help = "Without the elements that equal the value.", .example = {"array_remove(array(1, 2, 3, NULL, 3), 3)", "[1,2,null]"}, .resolve = arrayAndValue("array_remove", std::nullopt), .evaluate = remove});
    all.push_back({.name = "array_append", .family = "array", .usage = "array_append(array, value)", .help = "With the value behind the last element.", .example = {"array_append(array('b', 'd'), 'c')", "[\"b\",\"d\",\"c\"]"}, .resolve = [](std::span<const ArgumentType> arguments) { return resolveAdd("array_append", arguments, false); }, .evaluate = append, .seesNulls = true});
    all.push_back({.name = "array_prepend", .family = "array", .usage = "array_prepend(array, value)", .help = "With the value before the first element.", .example = {"array_prepend(array('b', 'd'), 'c')", "[\"c\",\"b\",\"d\"]"}, .resolve = [](std::span<const ArgumentType> arguments) { return resolveAdd("array_prepend", arguments, false); }, .evaluate = prepend, .seesNulls = true});
    all.push_back({.name = "array_insert", .family = "array", .usage = "array_insert(array, index, value)", .help = "With the value at an index, counted from 1, or from the end when negative.", .example = {"array_insert(array(1, 2, 3), 2, 9)", "[1,9,2,3]"}, .resolve = [](std::span<const ArgumentType> arguments) { return resolveAdd("array_insert", arguments, true); }, .evaluate = insert, .canFail = true, .seesNulls = true});
    all.push_back({.name = "array_distinct", .family = "array", .usage = "array_distinct(array)", .help = "Every element once, in order of first appearance.", .example = {"array_distinct(array(1, 2, 3, NULL, 3))", "[1,2,3,null]"}, .resolve = resolveDistinct, .evaluate = distinct});
    all.push_back({.name = "array_union", .family = "array", .usage = "array_union(a, b)", .help = "The distinct elements of both arrays.", .example = {"array_union(array(1, 2, 3), array(1, 3, 5))", "[1,2,3,5]"}, .resolve = twoArrays("array_union", std::nullopt), .evaluate = combine<SetOperation::Union>});
    all.push_back({.name = "array_intersect", .family = "array", .usage = "array_intersect(a, b)", .help = "The distinct elements that are in both arrays.", .example = {"array_intersect(array(1, 2, 3), array(1, 3, 5))", "[1,3]"}, .resolve = twoArrays("array_intersect", std::nullopt), .evaluate = combine<SetOperation::Intersect>});
    all.push_back({.name = "array_except", .family = "array", .usage = "array_except(a, b)", .help = "The distinct elements of the first array that are not in the second.", .example = {"array_except(array(1, 2, 3), array(1, 3, 5))", "[2]"}, .resolve = twoArrays("array_except", std::nullopt), .evaluate = combine<SetOperation::Except>});
    all.push_back({.name = "arrays_overlap", .family = "array", .usage = "arrays_overlap(a, b)", .help = "Whether both arrays share an element that is not NULL; NULL when they do not but one has a NULL.", .example = {"arrays_overlap(array(1, 2, 3), array(3, 4, 5))", "true"}, .resolve = twoArrays("arrays_overlap", TypeKind::Boolean), .evaluate = overlap});
}

}
