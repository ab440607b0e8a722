#include "engine/expression/cast.h"

#include "engine/columns/calendar.h"
#include "engine/columns/print.h"
#include "engine/columns/read_text.h"

#include <charconv>
#include <cmath>
#include <limits>

namespace streamwright::syntax {

bool castExists(const Type& from, const Type& to)
{
    if (from == to || from.is(TypeKind::Void) || to.is(TypeKind::String)) return true;
    if (from.is(TypeKind::Array) && to.is(TypeKind::Array)) return castExists(from.element(), to.element());
    if (from.is(TypeKind::Struct) && to.is(TypeKind::Struct)) {
        if (from.fields().size() != to.fields().size()) return false;
        for (size_t i = 0; i < from.fields().size(); ++i) {
            if (!castExists(from.fields()[i].type, to.fields()[i].type)) return false;
        }
        return true;
    }
    const auto isNested = [](const Type& t) { return t.is(TypeKind::Array) || t.is(TypeKind::Struct); };
    if (isNested(from) || isNested(to) || to.is(TypeKind::Void)) return false;
    if (from.is(TypeKind::String)) return true;
    if (isNumeric(from.kind())) return isNumeric(to.kind()) || to.is(TypeKind::Boolean) || to.is(TypeKind::Timestamp);
    if (from.is(TypeKind::Boolean)) return isNumeric(to.kind());
    if (from.is(TypeKind::Date)) return to.is(TypeKind::Timestamp);
    if (from.is(TypeKind::Timestamp)) return to.is(TypeKind::Date) || isNumeric(to.kind());
    return false;
}

bool castMayFail(const Type& from, const Type& to)
{
    if (from == to || from.is(TypeKind::Void) || to.is(TypeKind::String)) return false;
    if (from.is(TypeKind::Array)) return castMayFail(from.element(), to.element());
    if (from.is(TypeKind::Struct)) {
        for (size_t i = 0; i < from.fields().size(); ++i) {
            if (castMayFail(from.fields()[i].type, to.fields()[i].type)) return true;
        }
        return false;
    }
    if (from.is(TypeKind::String)) return !to.is(TypeKind::Binary);
    if (isNumeric(from.kind()) && isNumeric(to.kind())) return isIntegral(to.kind()) && from.kind() > to.kind();
    if (from.is(TypeKind::Timestamp)) return to.is(TypeKind::Int);
    return to.is(TypeKind::Timestamp) && isFloating(from.kind());
}

bool holdsTimestamp(const Type& type)
{
    if (type.is(TypeKind::Timestamp)) return true;
    if (type.is(TypeKind::Array)) return holdsTimestamp(type.element());
    if (!type.is(TypeKind::Struct)) return false;
    return std::any_of(type.fields().begin(), type.fields().end(), [](const Field& f) { return holdsTimestamp(f.type); });
}

namespace {

constexpr int64_t kMicros = 1'000'000;

Marks marksOfColumn(const Column& column) { return {column.nulls(), column.owners()}; }

// f(value, result) -> whether it converts, row by row; rows of NULL are not asked.
template <class From, class To, class F>
ColumnPtr convertChecked(const Column& column, const Type& type, ErrorList& errors, F convert)
{
    auto buffer = Buffer::allocate(column.size() * sizeof(To));
    To* out = reinterpret_cast<To*>(buffer->data());
    const From* in = column.values<From>();
    Marks marks = marksOfColumn(column);
    uint8_t* failed = nullptr;
    std::string shown;
    for (size_t row = 0; row < column.size(); ++row) {
        out[row] = To();
        if (column.isNull(row) || convert(in[row], out[row])) continue;
        if (!failed) failed = writable(marks, column.size());
        failed[row] = 1;
        shown.clear();
        appendText(column, row, "UTC", shown);
        if (shown.size() > 80) shown = shown.substr(0, 80) + "…";
        const bool isWritten = column.type().is(TypeKind::String);
        errors.add(row, isWritten ? "cannot cast text to " + type.simpleName() + ": '" + shown + "'"
                                  : "overflow casting " + column.type().simpleName() + " to " + type.simpleName() + ": " + shown);
    }
    return columnAround(type, column.size(), buffer, std::move(marks));
}

template <class From, class To>
ColumnPtr convertPlain(const Column& column, const Type& type)
{
    auto buffer = Buffer::allocate(column.size() * sizeof(To));
    To* out = reinterpret_cast<To*>(buffer->data());
    const From* in = column.values<From>();
    for (size_t row = 0; row < column.size(); ++row) {
        if constexpr (sizeof(To) == 1) out[row] = in[row] != 0;
        else out[row] = static_cast<To>(in[row]);
    }
    return columnAround(type, column.size(), buffer, marksOfColumn(column));
}

// Truncates towards zero; NaN and what does not fit fail.
template <class From, class To>
bool truncate(From value, To& result)
{
    const auto greatest = static_cast<From>(std::numeric_limits<To>::max());
    const auto least = static_cast<From>(std::numeric_limits<To>::min());
    if (!(std::floor(value) <= greatest && std::ceil(value) >= least)) return false;
    // 2^63 as DOUBLE passes the test above and becomes the greatest number, as in Java.
    result = value >= greatest ? std::numeric_limits<To>::max() : static_cast<To>(value);
    return true;
}

template <class From>
ColumnPtr castNumber(const Column& column, const Type& type, ErrorList& errors)
{
    switch (type.kind()) {
        case TypeKind::Boolean: return convertPlain<From, uint8_t>(column, type);
        case TypeKind::Float: return convertPlain<From, float>(column, type);
        case TypeKind::Double: return convertPlain<From, double>(column, type);
        case TypeKind::Int:
            if constexpr (std::is_floating_point_v<From>) return convertChecked<From, int32_t>(column, type, errors, truncate<From, int32_t>);
            else return convertChecked<From, int32_t>(column, type, errors, [](From v, int32_t& r) { return (r = static_cast<int32_t>(v)) == v; });
        case TypeKind::BigInt:
            if constexpr (std::is_floating_point_v<From>) return convertChecked<From, int64_t>(column, type, errors, truncate<From, int64_t>);
            else return convertPlain<From, int64_t>(column, type);
        default: break;
    }
    // TIMESTAMP counts seconds; what is too far away is the last moment.
    return convertChecked<From, int64_t>(column, type, errors, [](From v, int64_t& r) {
        if constexpr (std::is_floating_point_v<From>) {
            if (std::isnan(v) || std::isinf(v)) return false;
            const double micros = static_cast<double>(v) * static_cast<double>(kMicros);
            r = micros >= 9.2233720368547758e18 ? INT64_MAX : micros <= -9.2233720368547758e18 ? INT64_MIN : static_cast<int64_t>(micros);
        } else if (__builtin_mul_overflow(static_cast<int64_t>(v), kMicros, &r)) {
            r = v < 0 ? INT64_MIN : INT64_MAX;
        }
        return true;
    });
}

ColumnPtr castText(const Column& column, const Type& type, const EvalContext& context, ErrorList& errors)
{
    switch (type.kind()) {
        case TypeKind::Boolean:
            return convertChecked<StringRef, uint8_t>(column, type, errors, [](const StringRef& text, uint8_t& r) {
                const auto value = readBoolean(text.view());
                r = value.value_or(false);
                return value.has_value();
            });
        case TypeKind::Int:
            return convertChecked<StringRef, int32_t>(column, type, errors, [](const StringRef& text, int32_t& r) {
                const auto value = readInteger(text.view(), INT32_MIN, INT32_MAX);
                r = static_cast<int32_t>(value.value_or(0));
                return value.has_value();
            });
        case TypeKind::BigInt:
            return convertChecked<StringRef, int64_t>(column, type, errors, [](const StringRef& text, int64_t& r) {
                const auto value = readInteger(text.view());
                r = value.value_or(0);
                return value.has_value();
            });
        case TypeKind::Float:
            return convertChecked<StringRef, float>(column, type, errors, [](const StringRef& text, float& r) {
                const auto value = readFloating<float>(text.view());
                r = value.value_or(0);
                return value.has_value();
            });
        case TypeKind::Double:
            return convertChecked<StringRef, double>(column, type, errors, [](const StringRef& text, double& r) {
                const auto value = readFloating<double>(text.view());
                r = value.value_or(0);
                return value.has_value();
            });
        case TypeKind::Date:
            return convertChecked<StringRef, int32_t>(column, type, errors, [](const StringRef& text, int32_t& r) {
                const auto value = parseDate(text.view());
                r = value.value_or(0);
                return value.has_value();
            });
        default: break;
    }
    const Zone zone = Zone::findOrUtc(context.timeZone);
    return convertChecked<StringRef, int64_t>(column, type, errors, [&](const StringRef& text, int64_t& r) {
        const auto value = parseTimestamp(text.view(), zone);
        r = value.value_or(0);
        return value.has_value();
    });
}

ColumnPtr castTimestamp(const Column& column, const Type& type, const EvalContext& context, ErrorList& errors)
{
    switch (type.kind()) {
        case TypeKind::Date: {
            const Zone zone = Zone::findOrUtc(context.timeZone);
            return convertChecked<int64_t, int32_t>(column, type, errors, [&](int64_t micros, int32_t& r) {
                r = static_cast<int32_t>(floorDiv(zone.toLocalMicros(micros), 86400 * kMicros));
                return true;
            });
        }
        case TypeKind::BigInt:
            return convertChecked<int64_t, int64_t>(column, type, errors, [](int64_t micros, int64_t& r) {
                r = floorDiv(micros, kMicros);
                return true;
            });
        case TypeKind::Int:
            return convertChecked<int64_t, int32_t>(column, type, errors, [](int64_t micros, int32_t& r) {
                const int64_t seconds = floorDiv(micros, kMicros);
                r = static_cast<int32_t>(seconds);
                return r == seconds;
            });
        case TypeKind::Float:
            return convertChecked<int64_t, float>(column, type, errors, [](int64_t micros, float& r) {
                r = static_cast<float>(static_cast<double>(micros) / static_cast<double>(kMicros));
                return true;
            });
        default: break;
    }
    return convertChecked<int64_t, double>(column, type, errors, [](int64_t micros, double& r) {
        r = static_cast<double>(micros) / static_cast<double>(kMicros);
        return true;
    });
}

ColumnPtr castToText(const Column& column, const Type& type, const EvalContext& context)
{
    ColumnBuilder builder(type);
    builder.reserve(column.size());
    std::string text;
    const bool integral = isIntegral(column.type().kind());
    for (size_t row = 0; row < column.size(); ++row) {
        if (column.isNull(row)) {
            builder.pushNull();
            continue;
        }
        if (integral) {
            char digits[24];
            const int64_t number = column.type().is(TypeKind::Int) ? column.value<int32_t>(row) : column.value<int64_t>(row);
            const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
            builder.pushText({digits, static_cast<size_t>(end - digits)});
            continue;
        }
        text.clear();
        appendText(column, row, context.timeZone, text);
        builder.pushText(text);
    }
    return builder.finish();
}

ColumnPtr castArray(const ColumnPtr& column, const Type& type, const EvalContext& context, ErrorList& errors)
{
    const uint32_t* offsets = column->offsets();
    const size_t rows = column->size();
    const uint32_t first = offsets[0];
    ErrorList inside;
    ColumnPtr element = castColumn(column->element()->slice(first, offsets[rows] - first), type.element(), context, inside);
    // Elements under a NULL array mean nothing: their errors do not count. Rows are found going along.
    size_t row = 0;
    Marks marks = marksOfColumn(*column);
    uint8_t* failed = nullptr;
    for (RowError& error : inside.rows()) {
        while (offsets[row + 1] - first <= error.row) ++row;
        if (column->isNull(row)) continue;
        if (!failed) failed = writable(marks, rows);
        if (!failed[row]) errors.add(row, std::move(error.reason));
        failed[row] = 1;
    }
    auto buffer = Buffer::allocate((rows + 1) * sizeof(uint32_t));
    auto* out = reinterpret_cast<uint32_t*>(buffer->data());
    for (size_t i = 0; i <= rows; ++i) out[i] = offsets[i] - first;
    marks.owners.push_back(buffer);
    return Column::make(type, rows, out, marks.data, std::move(marks.owners), {std::move(element)});
}

ColumnPtr castStruct(const ColumnPtr& column, const Type& type, const EvalContext& context, ErrorList& errors)
{
    std::vector<ColumnPtr> children;
    ErrorList inside;
    for (size_t i = 0; i < type.fields().size(); ++i) children.push_back(castColumn(column->child(i), type.fields()[i].type, context, inside));
    Marks marks = marksOfColumn(*column);
    uint8_t* failed = nullptr;
    for (RowError& error : inside.rows()) {
        if (column->isNull(error.row)) continue;
        if (!failed) failed = writable(marks, column->size());
        failed[error.row] = 1;
        errors.add(error.row, std::move(error.reason));
    }
    return Column::make(type, column->size(), nullptr, marks.data, std::move(marks.owners), std::move(children));
}

}

ColumnPtr castColumn(const ColumnPtr& column, const Type& type, const EvalContext& context, ErrorList& errors)
{
    const Type& from = column->type();
    if (from == type) return column;
    if (from.is(TypeKind::Void)) return Column::nullsOf(type, column->size());
    if (from.is(TypeKind::Array) && type.is(TypeKind::Array)) return castArray(column, type, context, errors);
    if (from.is(TypeKind::Struct) && type.is(TypeKind::Struct)) return castStruct(column, type, context, errors);
    // The bytes of the text are the bytes of the binary.
    if (isText(from.kind()) && isText(type.kind())) return Column::make(type, column->size(), column->values<StringRef>(), column->nulls(), column->owners());
    if (type.is(TypeKind::String)) return castToText(*column, type, context);
    switch (from.kind()) {
        case TypeKind::String: return castText(*column, type, context, errors);
        case TypeKind::Boolean: return castNumber<uint8_t>(*column, type, errors);
        case TypeKind::Int: return castNumber<int32_t>(*column, type, errors);
        case TypeKind::BigInt: return castNumber<int64_t>(*column, type, errors);
        case TypeKind::Float: return castNumber<float>(*column, type, errors);
        case TypeKind::Double: return castNumber<double>(*column, type, errors);
        case TypeKind::Timestamp: return castTimestamp(*column, type, context, errors);
        default: break;
    }
    // DATE to TIMESTAMP: midnight in the session's time zone.
    const Zone zone = Zone::findOrUtc(context.timeZone);
    return convertChecked<int32_t, int64_t>(*column, type, errors, [&](int32_t days, int64_t& r) {
        r = zone.fromLocalMicros(static_cast<int64_t>(days) * 86400 * kMicros);
        return true;
    });
}

namespace {

// An array cast element by element where failing elements are NULL, as try_cast has it.
ColumnPtr castForgiving(const ColumnPtr& column, const Type& type, const EvalContext& context)
{
    ErrorList ignored;
    if (!column->type().is(TypeKind::Array) || !type.is(TypeKind::Array)) {
        if (column->type().is(TypeKind::Struct) && type.is(TypeKind::Struct)) {
            std::vector<ColumnPtr> children;
            for (size_t i = 0; i < type.fields().size(); ++i) children.push_back(castForgiving(column->child(i), type.fields()[i].type, context));
            return Column::make(type, column->size(), nullptr, column->nulls(), column->owners(), std::move(children));
        }
        return castColumn(column, type, context, ignored);
    }
    ColumnPtr element = castForgiving(column->element(), type.element(), context);
    return Column::make(type, column->size(), column->offsets(), column->nulls(), column->owners(), {std::move(element)});
}

struct Cast final : Bound {
    OnFailure onFailure = OnFailure::Error;
    ColumnPtr evaluate(Frame& frame) const override
    {
        const ColumnPtr column = inputs[0]->evaluate(frame);
        if (onFailure == OnFailure::Null) return castForgiving(column, type, frame.context);
        return castColumn(column, type, frame.context, frame.errors);
    }
};

}

BoundPtr castTo(BoundPtr value, const Type& type, OnFailure onFailure)
{
    if (value->type == type) return value;
    auto node = std::make_shared<Cast>();
    node->type = type;
    node->onFailure = onFailure;
    node->canFail = onFailure == OnFailure::Error && castMayFail(value->type, type);
    node->cheap = value->cheap && isNumeric(value->type.kind()) && isNumeric(type.kind());
    const auto isText = [](const Type& t) { return !holdsTimestamp(t); };
    node->contextual = !value->type.is(TypeKind::Void) && isText(value->type) != isText(type) && !isNumeric(value->type.kind()) && !isNumeric(type.kind());
    node->inputs = {std::move(value)};
    return seal(std::move(node));
}

}
