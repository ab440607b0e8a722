#include "engine/formats/json.h"

#include "engine/columns/print.h"
#include "engine/formats/cast.h"
#include "engine/formats/row_assembly.h"
#include "engine/formats/text.h"

#include <simdjson.h>

namespace streamwright {

namespace {

namespace ondemand = simdjson::ondemand;

// The text of the record a worker looks at, with the padding that the parser reads over.
class PaddedText {
public:
    simdjson::padded_string_view copy(std::string_view text)
    {
        if (bytes_.size() < text.size() + simdjson::SIMDJSON_PADDING) bytes_.resize(text.size() + simdjson::SIMDJSON_PADDING);
        if (!text.empty()) std::memcpy(bytes_.data(), text.data(), text.size());
        std::memset(bytes_.data() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
        return simdjson::padded_string_view(bytes_.data(), text.size(), bytes_.size());
    }

private:
    std::vector<char> bytes_;
};

std::string_view kindName(ondemand::json_type type)
{
    switch (type) {
        case ondemand::json_type::array: return "an array";
        case ondemand::json_type::object: return "an object";
        case ondemand::json_type::number: return "a number";
        case ondemand::json_type::string: return "a string";
        case ondemand::json_type::boolean: return "a boolean";
        case ondemand::json_type::null: return "null";
    }
    return "no value";
}

std::string_view withoutSpace(std::string_view token)
{
    while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\r' || token.back() == '\t')) token.remove_suffix(1);
    return token;
}

// Reads JSON values into builders by type. Every call appends exactly one value to its builder, NULL when
// the value does not fit, so that the columns stay of one length.
class ValueReader {
public:
    explicit ValueReader(const std::string& timeZone) : zone_(Zone::findOrUtc(timeZone)) {}

    // What was wrong since `reset`; the first fault is kept.
    bool malformed() const { return malformed_; }
    bool failed() const { return malformed_ || !reason_.empty(); }
    const std::string& field() const { return field_; }
    const std::string& reason() const { return reason_; }
    void reset()
    {
        malformed_ = false;
        field_.clear();
        reason_.clear();
    }

    // Members of an object into the builders of `fields`.
    void readObject(ondemand::object object, const std::vector<Field>& fields, std::vector<ColumnBuilder*>& columns, bool top)
    {
        const size_t row = columns.empty() ? 0 : columns.front()->size();
        size_t expected = 0;
        for (auto member : object) {
            ondemand::field entry;
            std::string_view name;
            if (std::move(member).get(entry) || entry.unescaped_key().get(name)) return malform();
            const size_t place = placeOf(name, fields, expected);
            if (place == fields.size()) continue;
            expected = place + 1;
            // A name that stands twice: the first counts.
            if (columns[place]->size() > row) continue;
            const bool before = failed();
            read(entry.value(), *columns[place]);
            if (top && !before && failed()) field_ = fields[place].name;
            if (malformed_) return;
        }
    }

    void read(ondemand::value value, ColumnBuilder& out)
    {
        ondemand::json_type type{};
        if (value.type().get(type)) return malform(), out.pushNull();
        if (type == ondemand::json_type::null) return readNull(value, out);
        switch (out.type().kind()) {
            case TypeKind::Array: return readArray(value, type, out);
            case TypeKind::Struct: return readStruct(value, type, out);
            case TypeKind::String: return readText(value, type, out);
            default: break;
        }
        if (type == ondemand::json_type::string) {
            std::string_view text;
            if (value.get_string().get(text)) return malform(), out.pushNull();
            if (!appendFromString(text, out)) refuse(type, text, out);
        } else if (type == ondemand::json_type::number || type == ondemand::json_type::boolean) {
            const std::string_view token = withoutSpace(value.raw_json_token());
            if (!isToken(token, type)) return malform(), out.pushNull();
            if (!appendFromToken(token, type, out)) refuse(type, token, out);
        } else {
            refuse(type, {}, out);
        }
    }

private:
    void malform() { malformed_ = true; }

    void refuse(ondemand::json_type type, std::string_view text, ColumnBuilder& out)
    {
        out.pushNull();
        if (!reason_.empty()) return;
        if (type == ondemand::json_type::array || type == ondemand::json_type::object) {
            reason_ = fmt::format("{} was expected, but the value is {}", out.type().toDdl(), kindName(type));
        } else {
            reason_ = fmt::format("{} was expected, but the value is {}: {}", out.type().toDdl(), kindName(type), repairUtf8(text.substr(0, 60)));
        }
    }

    static size_t placeOf(std::string_view name, const std::vector<Field>& fields, size_t expected)
    {
        if (expected < fields.size() && fields[expected].name == name) return expected;
        for (size_t i = 0; i < fields.size(); ++i) {
            if (fields[i].name == name) return i;
        }
        size_t i = 0;
        while (i < fields.size() && !sameName(fields[i].name, name)) ++i;
        return i;
    }

    // The parser looks at the first byte of a token only.
    static bool isToken(std::string_view token, ondemand::json_type type)
    {
        if (type == ondemand::json_type::boolean) return token == "true" || token == "false";
        if (type == ondemand::json_type::null) return token == "null";
        const std::string_view digits = token.starts_with('-') ? token.substr(1) : token;
        if (digits.empty() || digits.front() < '0' || digits.front() > '9' || digits.back() < '0' || digits.back() > '9') return false;
        if (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9') return false;
        return std::all_of(digits.begin(), digits.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-'; });
    }

    void readNull(ondemand::value value, ColumnBuilder& out)
    {
        if (!isToken(withoutSpace(value.raw_json_token()), ondemand::json_type::null)) malform();
        out.pushNull();
    }

    void readArray(ondemand::value value, ondemand::json_type type, ColumnBuilder& out)
    {
        if (type != ondemand::json_type::array) return refuse(type, withoutSpace(value.raw_json_token()), out);
        ondemand::array array;
        if (value.get_array().get(array)) return malform(), out.pushNull();
        for (auto item : array) {
            ondemand::value element;
            if (std::move(item).get(element)) {
                malform();
                break;
            }
            read(element, out.element());
            if (malformed_) break;
        }
        out.closeRow();
    }

    void readStruct(ondemand::value value, ondemand::json_type type, ColumnBuilder& out)
    {
        if (type != ondemand::json_type::object) return refuse(type, withoutSpace(value.raw_json_token()), out);
        ondemand::object object;
        if (value.get_object().get(object)) return malform(), out.pushNull();
        const std::vector<Field>& fields = out.type().fields();
        std::vector<ColumnBuilder*> children;
        children.reserve(fields.size());
        for (size_t i = 0; i < fields.size(); ++i) children.push_back(&out.child(i));
        const size_t row = children.empty() ? 0 : children.front()->size();
        readObject(object, fields, children, false);
        for (ColumnBuilder* child : children) {
            if (child->size() == row) child->pushNull();
        }
        out.closeRow();
    }

    void readText(ondemand::value value, ondemand::json_type type, ColumnBuilder& out)
    {
        std::string_view text;
        if (type == ondemand::json_type::string) {
            if (value.get_string().get(text)) return malform(), out.pushNull();
            return out.pushText(text);
        }
        if (type == ondemand::json_type::number || type == ondemand::json_type::boolean) {
            text = withoutSpace(value.raw_json_token());
            if (!isToken(text, type)) return malform(), out.pushNull();
            return out.pushText(text);
        }
        if (simdjson::to_json_string(value).get(text)) return malform(), out.pushNull();
        std::string small(text.size() + simdjson::SIMDJSON_PADDING, '\0');
        size_t size = 0;
        if (simdjson::minify(text.data(), text.size(), small.data(), size)) return malform(), out.pushNull();
        out.pushText({small.data(), size});
    }

    bool appendFromString(std::string_view text, ColumnBuilder& out) const
    {
        switch (out.type().kind()) {
            case TypeKind::Date:
            case TypeKind::Timestamp: return appendCast(text, zone_, out);
            case TypeKind::Float:
            case TypeKind::Double:
                for (const std::string_view word : {"NaN", "Infinity", "-Infinity", "+INF", "INF", "-INF"}) {
                    if (text == word) return appendCast(text, zone_, out);
                }
                return false;
            case TypeKind::Binary: return appendHexadecimal(text, out);
            default: return false;
        }
    }

    static bool appendFromToken(std::string_view token, ondemand::json_type type, ColumnBuilder& out)
    {
        const bool number = type == ondemand::json_type::number;
        switch (out.type().kind()) {
            case TypeKind::Boolean:
                if (number) return false;
                out.push<uint8_t>(token == "true");
                return true;
            case TypeKind::Int:
            case TypeKind::BigInt:
            case TypeKind::Float:
            case TypeKind::Double: return number && appendCast(token, Zone(), out);
            case TypeKind::Timestamp: {
                const auto secondsSince = number ? castToBigInt(token) : std::nullopt;
                int64_t micros = 0;
                if (!secondsSince || __builtin_mul_overflow(*secondsSince, kMicrosPerSecond, &micros)) return false;
                out.push<int64_t>(micros);
                return true;
            }
            default: return false;
        }
    }

    static bool appendHexadecimal(std::string_view text, ColumnBuilder& out)
    {
        const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
        if (text.size() % 2 != 0) return false;
        std::string bytes;
        bytes.reserve(text.size() / 2);
        for (size_t i = 0; i < text.size(); i += 2) {
            const int high = digit(text[i]), low = digit(text[i + 1]);
            if (high < 0 || low < 0) return false;
            bytes += static_cast<char>(high * 16 + low);
        }
        out.pushText(bytes);
        return true;
    }

    Zone zone_;
    bool malformed_ = false;
    std::string field_;
    std::string reason_;
};

std::vector<ColumnBuilder*> pointers(std::vector<ColumnBuilder>& columns)
{
    std::vector<ColumnBuilder*> all;
    for (ColumnBuilder& column : columns) all.push_back(&column);
    return all;
}

ondemand::parser& threadParser()
{
    static thread_local ondemand::parser parser;
    return parser;
}

PaddedText& threadText()
{
    static thread_local PaddedText text;
    return text;
}

constexpr std::string_view kMalformed = "the record is not well-formed JSON";

class JsonDecoder final : public RecordDecoder {
public:
    JsonDecoder(SchemaPtr schema, JsonFormat format) : schema_(std::move(schema)), format_(std::move(format)) {}

    const SchemaPtr& schema() const override { return schema_; }

    DecodedRows decode(std::span<const StringRef> records, const uint8_t* nulls, const std::vector<Owner>&) const override
    {
        RowAssembly rows(schema_, records.size());
        ValueReader reader(format_.timeZone);
        std::vector<ColumnBuilder*> columns = pointers(rows.columns());
        for (size_t i = 0; i < records.size(); ++i) {
            const std::string_view record = records[i].view();
            if (nulls && nulls[i]) {
                rows.nullRow(i);
            } else if (!isBlank(record)) {
                decodeRecord(record, i, reader, columns, rows);
            } else if (format_.blank == Blank::NullRow) {
                rows.nullRow(i);
            }
        }
        return rows.finish(records.size());
    }

private:
    void decodeRecord(std::string_view record, size_t index, ValueReader& reader, std::vector<ColumnBuilder*>& columns, RowAssembly& rows) const
    {
        ondemand::document document;
        if (threadParser().iterate(threadText().copy(record)).get(document)) return rows.bad({index, {}, std::string(kMalformed), {}});
        ondemand::json_type type{};
        if (document.type().get(type)) return rows.bad({index, {}, std::string(kMalformed), {}});
        ondemand::object object;
        if (type != ondemand::json_type::object) {
            return rows.bad({index, {}, fmt::format("a JSON object was expected, but the record is {}", kindName(type)), {}});
        }
        if (document.get_object().get(object)) return rows.bad({index, {}, std::string(kMalformed), {}});
        reader.reset();
        reader.readObject(object, schema_->fields(), columns, true);
        const char* behind = nullptr;
        if (reader.malformed() || !document.current_location().get(behind)) return rows.bad({index, reader.field(), std::string(kMalformed), {}});
        if (reader.failed()) return rows.bad({index, reader.field(), reader.reason(), {}});
        rows.good(index);
    }

    SchemaPtr schema_;
    JsonFormat format_;
};

// One element of a recorded line; its fault, or none.
std::optional<BadRecord> readRow(ondemand::value value, size_t index, const Schema& schema, ValueReader& reader, std::vector<ColumnBuilder*>& columns)
{
    ondemand::json_type type{};
    reader.reset();
    if (value.type().get(type)) return BadRecord{index, {}, std::string(kMalformed), {}};
    if (type == ondemand::json_type::object) {
        ondemand::object object;
        if (value.get_object().get(object)) return BadRecord{index, {}, std::string(kMalformed), {}};
        reader.readObject(object, schema.fields(), columns, true);
        if (reader.malformed()) return BadRecord{index, {}, std::string(kMalformed), {}};
        if (!reader.failed()) return std::nullopt;
        std::string_view row;
        if (object.reset().error() || object.raw_json().get(row)) row = {};
        return BadRecord{index, reader.field(), reader.reason(), std::string(withoutSpace(row))};
    }
    if (schema.size() != 1) return BadRecord{index, {}, fmt::format("an object was expected, but the row is {}", kindName(type)), std::string(withoutSpace(value.raw_json_token()))};
    const std::string row(type == ondemand::json_type::array ? std::string_view() : withoutSpace(value.raw_json_token()));
    reader.read(value, *columns.front());
    if (reader.malformed()) return BadRecord{index, {}, std::string(kMalformed), {}};
    if (reader.failed()) return BadRecord{index, schema[0].name, reader.reason(), row};
    return std::nullopt;
}

}

std::unique_ptr<RecordDecoder> jsonDecoder(SchemaPtr schema, JsonFormat format) { return std::make_unique<JsonDecoder>(std::move(schema), std::move(format)); }

Result<DecodedRows> decodeJsonArray(std::string_view line, const SchemaPtr& schema, const JsonFormat& format)
{
    const Error wrong = mistake("the line is not a JSON array of rows", "write one line a batch, for example [{\"word\": \"a\"}, {\"word\": \"b\"}], and [] for an empty batch");
    RowAssembly rows(schema, 0);
    ValueReader reader(format.timeZone);
    std::vector<ColumnBuilder*> columns = pointers(rows.columns());
    ondemand::document document;
    ondemand::array array;
    if (threadParser().iterate(threadText().copy(line)).get(document) || document.get_array().get(array)) return wrong;
    size_t index = 0;
    for (auto item : array) {
        ondemand::value value;
        if (std::move(item).get(value)) return wrong;
        auto fault = readRow(value, index, *schema, reader, columns);
        if (reader.malformed()) return wrong;
        if (fault) {
            rows.bad(std::move(*fault));
        } else {
            rows.good(index);
        }
        ++index;
    }
    const char* behind = nullptr;
    if (!document.current_location().get(behind)) return wrong;
    return rows.finish(index);
}

Result<size_t> appendArrayAsLines(std::string_view array, std::string& out)
{
    const Error wrong = mistake("the body is not a JSON array", "write for example [{\"word\": \"a\"}, {\"word\": \"b\"}]");
    ondemand::document document;
    ondemand::array elements;
    if (threadParser().iterate(threadText().copy(array)).get(document) || document.get_array().get(elements)) return wrong;
    const size_t before = out.size();
    size_t count = 0;
    for (auto element : elements) {
        ondemand::value value;
        std::string_view text;
        if (std::move(element).get(value) || simdjson::to_json_string(value).get(text)) return out.resize(before), wrong;
        while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
        // A line end stands between its parts, never inside of a text.
        const size_t from = out.size();
        out += text;
        std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(from), out.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
        out += '\n';
        ++count;
    }
    // Something follows.
    const char* behind = nullptr;
    if (!document.current_location().get(behind)) return out.resize(before), wrong;
    return count;
}

void appendJsonArray(const Batch& batch, std::string& out)
{
    const bool bare = batch.columns().size() == 1 && !batch.schema()[0].type.is(TypeKind::Struct);
    out += '[';
    for (size_t row = 0; row < batch.rows(); ++row) {
        if (row > 0) out += ',';
        if (bare) {
            appendJson(*batch.column(0), row, out);
        } else {
            appendJsonRow(batch, row, out);
        }
    }
    out += ']';
}

}
