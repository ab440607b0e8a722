#include "engine/nodes/sinks/shared/postgres_rows.h"

#include "engine/columns/print.h"
#include "engine/expression/utf8.h"
#include "engine/nodes/sinks/shared/postgres_numeric.h"

#include <bit>
#include <fmt/ranges.h>

namespace streamwright {

namespace {

// Numbers of the server's own types (pg_type.dat); they never change.
enum : uint32_t { kBool = 16, kBytea = 17, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kJson = 114, kFloat4 = 700, kFloat8 = 701, kBpchar = 1042, kVarchar = 1043, kDate = 1082, kTimestamp = 1114, kTimestampTz = 1184, kNumeric = 1700, kUuid = 2950, kJsonb = 3802 };

// The server counts from 2000-01-01, and what it can hold is given by its calendar (datatype/timestamp.h).
constexpr int32_t kDaysTo2000 = 10'957;
constexpr int64_t kMicrosTo2000 = int64_t{kDaysTo2000} * 86'400'000'000;
constexpr int64_t kFirstDay = -2'451'545, kEndDay = 2'147'483'494 - 2'451'545;
constexpr int64_t kFirstMicro = -211'813'488'000'000'000, kEndMicro = 9'223'371'331'200'000'000;
// The largest field that the server takes is a little below 1 GiB; a JSONB a quarter of it.
constexpr size_t kLargestField = (size_t{1} << 30) - 1024, kLargestJsonb = (size_t{1} << 28) - 1024;

template <class T>
void appendBigEndian(T value, std::string& out)
{
    using Bits = std::conditional_t<sizeof(T) == 8, uint64_t, std::conditional_t<sizeof(T) == 4, uint32_t, uint16_t>>;
    Bits bits = std::bit_cast<Bits>(value);
    if constexpr (sizeof(T) == 8) bits = __builtin_bswap64(bits);
    else if constexpr (sizeof(T) == 4) bits = __builtin_bswap32(bits);
    else bits = __builtin_bswap16(bits);
    out.append(reinterpret_cast<const char*>(&bits), sizeof bits);
}

template <class T>
void appendField(T value, std::string& out)
{
    appendBigEndian(static_cast<int32_t>(sizeof value), out);
    appendBigEndian(value, out);
}

void appendBytes(std::string_view bytes, std::string& out)
{
    appendBigEndian(static_cast<int32_t>(bytes.size()), out);
    out.append(bytes);
}

// Appends what `write` appends as a field.
template <class Write>
void appendSized(std::string& out, Write&& write)
{
    const size_t at = out.size();
    out.append(4, '\0');
    write();
    std::string size;
    appendBigEndian(static_cast<int32_t>(out.size() - at - 4), size);
    out.replace(at, 4, size);
}

// Neither a NUL nor a byte beyond ASCII, eight at a time.
bool isPlainText(std::string_view text)
{
    constexpr uint64_t kLow = 0x0101010101010101, kHigh = 0x8080808080808080;
    size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        uint64_t word;
        std::memcpy(&word, text.data() + at, 8);
        if (((word - kLow) | word) & kHigh) return false;
    }
    for (; at < text.size(); ++at) {
        if (text[at] <= 0) return false;
    }
    return true;
}

std::optional<std::string> textMisfit(std::string_view text, int32_t modifier)
{
    if (!isPlainText(text)) {
        if (text.find('\0') != std::string_view::npos) return "PostgreSQL's texts hold no NUL characters";
        if (!isValidUtf8(text)) return "the text is not UTF-8";
    }
    if (text.size() > kLargestField) return fmt::format("the text has {} bytes, a field holds 1 GiB", text.size());
    if (modifier >= 4 && text.size() > static_cast<size_t>(modifier - 4) && characterCount(text) > static_cast<size_t>(modifier - 4)) {
        return fmt::format("the text has {} characters, the column takes {}", characterCount(text), modifier - 4);
    }
    return std::nullopt;
}

// 8-4-4-4-12 hexadecimal digits.
std::optional<std::string> uuidBytes(std::string_view text)
{
    if (text.size() != 36) return std::nullopt;
    std::string bytes;
    for (size_t at = 0; at < text.size();) {
        if (at == 8 || at == 13 || at == 18 || at == 23) {
            if (text[at++] != '-') return std::nullopt;
            continue;
        }
        const auto digit = [&](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
        const int high = digit(text[at]), low = digit(text[at + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
        at += 2;
    }
    return bytes;
}

// A NUL as JSON writes it. An even number of backslashes before it makes it plain text.
bool holdsNulEscape(std::string_view json)
{
    for (size_t at = json.find("\\u0000"); at != std::string_view::npos; at = json.find("\\u0000", at + 1)) {
        size_t before = at;
        while (before > 0 && json[before - 1] == '\\') --before;
        if ((at - before) % 2 == 0) return true;
    }
    return false;
}

std::optional<std::string> jsonMisfit(const Column& column, size_t row, bool binary)
{
    std::string json;
    appendJson(column, row, json);
    if (json.size() > (binary ? kLargestJsonb : kLargestField)) return fmt::format("as JSON it has {} bytes, the column takes {}", json.size(), binary ? kLargestJsonb : kLargestField);
    if (binary && holdsNulEscape(json)) return "a JSONB holds no NUL characters";
    return std::nullopt;
}

int64_t wholeValue(const Column& column, size_t row) { return column.type().is(TypeKind::Int) ? column.value<int32_t>(row) : column.value<int64_t>(row); }
double realValue(const Column& column, size_t row) { return column.type().is(TypeKind::Float) ? static_cast<double>(column.value<float>(row)) : column.value<double>(row); }

std::string outOfRange(std::string_view type) { return fmt::format("the value is out of range for the column's type {}", type); }

}

std::string_view postgresType(const Type& type)
{
    switch (type.kind()) {
        case TypeKind::Boolean: return "boolean";
        case TypeKind::Int: return "integer";
        case TypeKind::BigInt: return "bigint";
        case TypeKind::Float: return "real";
        case TypeKind::Double: return "double precision";
        case TypeKind::Binary: return "bytea";
        case TypeKind::Date: return "date";
        case TypeKind::Timestamp: return "timestamp with time zone";
        case TypeKind::Array:
        case TypeKind::Struct: return "jsonb";
        default: return "text";
    }
}

std::optional<PostgresRows::Form> PostgresRows::formOf(const Type& type, const PostgresColumn& column)
{
    const auto in = [&](std::initializer_list<uint32_t> types) { return std::ranges::find(types, column.type) != types.end(); };
    switch (type.kind()) {
        case TypeKind::Void: return Form::Null;
        case TypeKind::Boolean:
            if (in({kBool})) return Form::Boolean;
            break;
        case TypeKind::Int:
        case TypeKind::BigInt:
            if (in({kInt2})) return Form::Small;
            if (in({kInt4})) return Form::Integer;
            if (in({kInt8})) return Form::Big;
            if (in({kNumeric})) return Form::Numeric;
            break;
        case TypeKind::Float:
            if (in({kFloat4})) return Form::Float;
            [[fallthrough]];
        case TypeKind::Double:
            if (in({kFloat8})) return Form::Double;
            if (in({kNumeric})) return Form::Numeric;
            break;
        case TypeKind::String:
            if (in({kText, kVarchar, kBpchar}) || column.typeName == "citext") return Form::Text;
            if (in({kUuid})) return Form::Uuid;
            break;
        case TypeKind::Binary:
            if (in({kBytea})) return Form::Bytes;
            break;
        case TypeKind::Date:
            if (in({kDate})) return Form::Date;
            break;
        case TypeKind::Timestamp:
            if (in({kTimestampTz, kTimestamp})) return Form::Time;
            break;
        case TypeKind::Array:
        case TypeKind::Struct:
            if (in({kJsonb})) return Form::JsonBinary;
            if (in({kJson, kText})) return Form::Json;
            break;
        default: break;
    }
    return std::nullopt;
}

Result<PostgresRows> PostgresRows::fit(const Schema& schema, std::vector<PostgresColumn> columns, const std::string& table)
{
    PostgresRows rows;
    std::vector<bool> taken(columns.size(), false);
    for (const Field& field : schema.fields()) {
        auto found = std::ranges::find(columns, field.name, &PostgresColumn::name);
        if (found == columns.end()) found = std::ranges::find_if(columns, [&](const PostgresColumn& column) { return sameName(column.name, field.name); });
        if (found == columns.end()) {
            std::vector<std::string> names;
            for (const PostgresColumn& column : columns) names.push_back(column.name);
            return permanent(fmt::format("{} has no column {}; it has {}", table, field.name, fmt::join(names, ", ")), "choose another table, or rename the column with a select before the sink");
        }
        if (found->generated) return permanent(fmt::format("the column {} of {} is computed by the server and takes no values", found->name, table), "leave the column out with a select before the sink");
        const auto form = formOf(field.type, *found);
        if (!form) {
            return permanent(fmt::format("the column {} of {} is {} and cannot hold {}", found->name, table, found->typeName, field.type.toDdl()),
                             fmt::format("cast it in a select before the sink, or make the column {}", postgresType(field.type)));
        }
        taken[static_cast<size_t>(found - columns.begin())] = true;
        rows.forms_.push_back(*form);
        rows.columns_.push_back(*found);
    }
    for (size_t c = 0; c < columns.size(); ++c) {
        if (taken[c] || !columns[c].required) continue;
        return permanent(fmt::format("the column {} of {} must have a value (it is NOT NULL and has no default), but the rows have no {}", columns[c].name, table, columns[c].name), "add it with a select before the sink, or give it a default");
    }
    return rows;
}

std::optional<std::string> PostgresRows::valueMisfit(const Column& column, size_t row, size_t field) const
{
    const PostgresColumn& target = columns_[field];
    if (column.isNull(row)) return target.notNull ? std::optional<std::string>("the column is NOT NULL") : std::nullopt;
    switch (forms_[field]) {
        case Form::Small:
            if (const int64_t value = wholeValue(column, row); value != static_cast<int16_t>(value)) return outOfRange(target.typeName);
            break;
        case Form::Integer:
            if (const int64_t value = wholeValue(column, row); value != static_cast<int32_t>(value)) return outOfRange(target.typeName);
            break;
        case Form::Numeric:
            if (isIntegral(column.type().kind()) ? !fitsPostgresNumeric(wholeValue(column, row), target.modifier) : !fitsPostgresNumeric(realValue(column, row), target.modifier)) return outOfRange(target.typeName);
            break;
        case Form::Text: return textMisfit(column.values<StringRef>()[row].view(), target.modifier);
        case Form::Uuid:
            if (!uuidBytes(column.values<StringRef>()[row].view())) return "the text is no UUID";
            break;
        case Form::Bytes:
            if (column.text(row).size() > kLargestField) return fmt::format("the value has {} bytes, a field holds 1 GiB", column.text(row).size());
            break;
        case Form::Date:
            if (const int64_t day = int64_t{column.value<int32_t>(row)} - kDaysTo2000; day < kFirstDay || day >= kEndDay) return outOfRange(target.typeName);
            break;
        case Form::Time: {
            const int64_t micros = column.value<int64_t>(row);
            if (micros < kFirstMicro + kMicrosTo2000 || micros - kMicrosTo2000 >= kEndMicro) return outOfRange(target.typeName);
            break;
        }
        case Form::Json: return jsonMisfit(column, row, false);
        case Form::JsonBinary: return jsonMisfit(column, row, true);
        default: break;
    }
    return std::nullopt;
}

std::optional<PostgresRows::Misfit> PostgresRows::misfit(const Batch& rows, size_t row) const
{
    for (size_t field = 0; field < forms_.size(); ++field) {
        if (auto reason = valueMisfit(*rows.column(field), row, field)) return Misfit{field, std::move(*reason)};
    }
    return std::nullopt;
}

std::string_view PostgresRows::header() { return std::string_view("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19); }
std::string_view PostgresRows::trailer() { return std::string_view("\377\377", 2); }

void PostgresRows::appendValue(const Column& column, size_t row, Form form, std::string& out) const
{
    if (form == Form::Null || column.isNull(row)) return appendBigEndian(int32_t{-1}, out);
    switch (form) {
        case Form::Null: break;
        case Form::Boolean:
            appendBigEndian(int32_t{1}, out);
            out += static_cast<char>(column.value<uint8_t>(row) != 0);
            break;
        case Form::Small: appendField(static_cast<int16_t>(wholeValue(column, row)), out); break;
        case Form::Integer: appendField(static_cast<int32_t>(wholeValue(column, row)), out); break;
        case Form::Big: appendField(wholeValue(column, row), out); break;
        case Form::Numeric:
            appendSized(out, [&] {
                if (isIntegral(column.type().kind())) appendPostgresNumeric(wholeValue(column, row), out);
                else appendPostgresNumeric(realValue(column, row), out);
            });
            break;
        case Form::Float: appendField(column.value<float>(row), out); break;
        case Form::Double: appendField(realValue(column, row), out); break;
        case Form::Text:
        case Form::Bytes: appendBytes(column.values<StringRef>()[row].view(), out); break;
        case Form::Uuid: appendBytes(uuidBytes(column.values<StringRef>()[row].view()).value_or(std::string(16, '\0')), out); break;
        case Form::Date: appendField(column.value<int32_t>(row) - kDaysTo2000, out); break;
        case Form::Time: appendField(column.value<int64_t>(row) - kMicrosTo2000, out); break;
        case Form::Json: appendSized(out, [&] { appendJson(column, row, out); }); break;
        case Form::JsonBinary:
            appendSized(out, [&] {
                out += '\1';    // the format's version
                appendJson(column, row, out);
            });
            break;
    }
}

void PostgresRows::append(const Batch& rows, size_t from, size_t until, std::string& out) const
{
    for (size_t row = from; row < until; ++row) {
        appendBigEndian(static_cast<int16_t>(forms_.size()), out);
        for (size_t field = 0; field < forms_.size(); ++field) appendValue(*rows.column(field), row, forms_[field], out);
    }
}

}
