// from_json: JSON text to a struct or an array by a schema. As in Spark, a member that does not fit is NULL and the
// others stay, text that is no JSON gives a struct of NULLs, and mode FAILFAST makes an error of both.
#include "engine/columns/calendar.h"
#include "engine/columns/read_text.h"
#include "engine/expression/charset.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/json_text.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"
#include "engine/expression/text_options.h"

#include <limits>

namespace streamwright {

namespace {

// How a value went: as it should, with something in it that did not fit and is NULL, or not at all.
enum class Fit : unsigned char { Whole, Part, None };

template <class T>
bool pushIf(const std::optional<T>& value, ColumnBuilder& out)
{
    if (value) out.push<T>(*value);
    return value.has_value();
}

class JsonToRows {
public:
    explicit JsonToRows(const Call& call) : options_(optionsOf(call, TextFormat::Json, 2)), zone_(options_.zone(call.context)), call_(call) {}

    void read(size_t row, ColumnBuilder& out)
    {
        const std::string_view text = textAt(*call_.arguments[0], row);
        const bool wellFormed = json_.read(text, {.controls = options_.controlCharacters, .nonNumeric = options_.nonNumericNumbers});
        if (wellFormed && json_.empty()) return out.pushNull();
        if (out.type().is(TypeKind::Struct)) return readRoot(row, text, wellFormed, out);
        Fit fit = Fit::None;
        // A single object counts as an array of one.
        const bool single = wellFormed && json_[0].kind == JsonKind::Object && out.type().element().is(TypeKind::Struct);
        if (single) {
            fit = readStruct(0, out.element());
            out.closeRow();
        } else if (wellFormed) {
            fit = convert(0, out);
        } else {
            out.pushNull();
        }
        if (fit != Fit::Whole || (wellFormed && json_[0].kind == JsonKind::Null)) complain(row, text, wellFormed);
    }

private:
    static constexpr uint32_t kAbsent = std::numeric_limits<uint32_t>::max();

    void readRoot(size_t row, std::string_view text, bool wellFormed, ColumnBuilder& out)
    {
        corrupt_ = std::nullopt;
        const std::vector<Field>& fields = out.type().fields();
        for (size_t i = 0; i < fields.size(); ++i) {
            if (fields[i].name == options_.corruptColumn && fields[i].type.is(TypeKind::String)) corrupt_ = i;
        }
        Fit fit = Fit::None;
        if (wellFormed && json_[0].kind == JsonKind::Object) {
            fit = readMembers(0, out, corrupt_);
        } else {
            for (size_t i = 0; i < fields.size(); ++i) {
                if (corrupt_ != i) out.child(i).pushNull();
            }
        }
        if (corrupt_ && fit == Fit::Whole) out.child(*corrupt_).pushNull();
        else if (corrupt_) out.child(*corrupt_).pushText(text);
        out.closeRow();
        if (fit != Fit::Whole) complain(row, text, wellFormed);
    }

    void complain(size_t row, std::string_view text, bool wellFormed)
    {
        if (!options_.failFast) return;
        call_.errors.add(row, fmt::format("{}: {}{}", wellFormed ? "the JSON does not fit the schema" : "the text is not well-formed JSON", text.substr(0, 60), text.size() > 60 ? "…" : ""));
    }

    // Pushes one value, NULL when it does not fit.
    Fit convert(uint32_t node, ColumnBuilder& out)
    {
        const JsonKind kind = json_[node].kind;
        if (kind == JsonKind::Null) {
            out.pushNull();
            return Fit::Whole;
        }
        if (out.type().is(TypeKind::Array) && kind == JsonKind::Array) return readArray(node, out);
        if (out.type().is(TypeKind::Struct) && kind == JsonKind::Object) return readStruct(node, out);
        if (readScalar(node, kind, out)) return Fit::Whole;
        out.pushNull();
        return Fit::None;
    }

    Fit readArray(uint32_t node, ColumnBuilder& out)
    {
        Fit fit = Fit::Whole;
        for (uint32_t child = node + 1; child < json_[node].next; child = json_[child].next) {
            const Fit element = convert(child, out.element());
            if (element == Fit::None) {
                out.pushNull();
                return Fit::None;
            }
            if (element == Fit::Part) fit = Fit::Part;
        }
        out.closeRow();
        return fit;
    }

    Fit readStruct(uint32_t node, ColumnBuilder& out)
    {
        const Fit fit = readMembers(node, out, std::nullopt);
        out.closeRow();
        return fit;
    }

    // A name that stands twice: the last counts. `apart` is a field that the caller fills.
    Fit readMembers(uint32_t node, ColumnBuilder& out, std::optional<size_t> apart)
    {
        const std::vector<Field>& fields = out.type().fields();
        const size_t base = places_.size();
        places_.resize(base + fields.size(), kAbsent);
        size_t expected = 0;
        for (uint32_t key = node + 1; key < json_[node].next; key = json_[key + 1].next) {
            const std::string_view name = json_.string(key, space_);
            size_t at = expected < fields.size() && fields[expected].name == name ? expected : 0;
            while (at < fields.size() && fields[at].name != name) ++at;
            if (at == fields.size()) continue;
            places_[base + at] = key + 1;
            expected = at + 1;
        }
        Fit fit = Fit::Whole;
        for (size_t i = 0; i < fields.size(); ++i) {
            if (apart == i) continue;
            const uint32_t place = places_[base + i];
            if (place == kAbsent) out.child(i).pushNull();
            else if (convert(place, out.child(i)) != Fit::Whole) fit = Fit::Part;
        }
        places_.resize(base);
        return fit;
    }

    bool readScalar(uint32_t node, JsonKind kind, ColumnBuilder& out)
    {
        const bool number = kind == JsonKind::Integer || kind == JsonKind::Decimal;
        switch (out.type().kind()) {
            case TypeKind::Boolean:
                if (kind != JsonKind::True && kind != JsonKind::False) return false;
                out.push<uint8_t>(kind == JsonKind::True);
                return true;
            case TypeKind::Int: {
                const auto value = kind == JsonKind::Integer ? readInteger(json_.source(node), INT32_MIN, INT32_MAX) : std::nullopt;
                return pushIf(value ? std::optional(static_cast<int32_t>(*value)) : std::nullopt, out);
            }
            case TypeKind::BigInt: return kind == JsonKind::Integer && pushIf(readInteger(json_.source(node)), out);
            case TypeKind::Float: {
                const auto value = kind == JsonKind::String ? namedNumber(node) : std::nullopt;
                if (number) return pushIf(kind == JsonKind::Integer || !isNamed(node) ? readFloating<float>(json_.source(node)) : std::optional(static_cast<float>(json_.number(node))), out);
                return pushIf(value ? std::optional(static_cast<float>(*value)) : std::nullopt, out);
            }
            case TypeKind::Double: return number ? pushIf(std::optional(json_.number(node)), out) : kind == JsonKind::String && pushIf(namedNumber(node), out);
            case TypeKind::String: return readText(node, kind, out);
            case TypeKind::Date: return kind == JsonKind::String && pushIf(readDate(json_.string(node, space_)), out);
            case TypeKind::Timestamp: return readTimestamp(node, kind, out);
            case TypeKind::Binary:
                result_.clear();
                if (kind != JsonKind::String || !decodeBase64(json_.string(node, space_), result_)) return false;
                out.pushText(result_);
                return true;
            default: return false;
        }
    }

    bool isNamed(uint32_t node) const { return json_.source(node).find_first_of("NI") != std::string_view::npos; }

    std::optional<double> namedNumber(uint32_t node)
    {
        if (!options_.nonNumericNumbers) return std::nullopt;
        const std::string_view text = json_.string(node, space_);
        if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
        if (text == "Infinity" || text == "+Infinity" || text == "+INF") return std::numeric_limits<double>::infinity();
        if (text == "-Infinity" || text == "-INF") return -std::numeric_limits<double>::infinity();
        return std::nullopt;
    }

    bool readText(uint32_t node, JsonKind kind, ColumnBuilder& out)
    {
        if (kind == JsonKind::String) {
            out.pushText(json_.string(node, space_));
            return true;
        }
        result_.clear();
        json_.appendCopy(node, result_);
        out.pushText(result_);
        return true;
    }

    std::optional<int32_t> readDate(std::string_view text) const
    {
        if (text.empty()) return std::nullopt;
        if (!options_.dateFormat) return parseDate(text);
        const auto micros = options_.dateFormat->parse(text, Zone());
        return micros ? std::optional(static_cast<int32_t>(floorDiv(*micros, kMicrosPerDay))) : std::nullopt;
    }

    bool readTimestamp(uint32_t node, JsonKind kind, ColumnBuilder& out)
    {
        if (kind == JsonKind::Integer) {
            const auto seconds = readInteger(json_.source(node));
            int64_t micros = 0;
            if (!seconds || __builtin_mul_overflow(*seconds, kMicrosPerSecond, &micros)) return false;
            out.push<int64_t>(micros);
            return true;
        }
        if (kind != JsonKind::String) return false;
        const std::string_view text = json_.string(node, space_);
        if (text.empty()) return false;
        return pushIf(options_.timestampFormat ? options_.timestampFormat->parse(text, zone_) : parseTimestamp(text, zone_), out);
    }

    TextOptions options_;
    Zone zone_;
    const Call& call_;
    JsonText json_;
    std::string space_, result_;
    std::vector<uint32_t> places_;      // of the members, object in object
    std::optional<size_t> corrupt_;
};

Result<Signature> resolveFromJson(std::span<const ArgumentType> arguments)
{
    if (arguments.size() < 2 || !convertsImplicitly(arguments[0], TypeKind::String)) return wrongArguments("from_json", "(string, schema[, options])", arguments);
    auto schema = schemaIn("from_json", arguments, 1);
    if (!schema) return schema.error();
    if (!schema->is(TypeKind::Struct) && !schema->is(TypeKind::Array)) return mistake(fmt::format("from_json reads a STRUCT or an ARRAY, but the schema is {}", schema->toDdl()), "for example 'id BIGINT, name STRING'");
    auto options = optionsIn("from_json", TextFormat::Json, arguments, 2);
    if (!options) return options.error();
    return Signature{std::vector<Type>(arguments.size(), TypeKind::String), std::move(*schema)};
}

ColumnPtr fromJson(const Call& call)
{
    if (call.rows == 0) return Column::nullsOf(call.result, 0);
    JsonToRows reader(call);
    return buildRows(call, [&](size_t row, ColumnBuilder& out) { reader.read(row, out); });
}

}

void addJsonReading(std::vector<Function>& all)
{
    all.push_back({.name = "from_json", .family = "json", .usage = "from_json(json, schema[, map('option', 'value', ...)])", .help = "JSON text as a struct or an array by a schema such as 'id BIGINT, tags ARRAY<STRING>'. What does not fit is NULL, or an error with mode FAILFAST. Options: mode, timestampFormat, dateFormat, timeZone, columnNameOfCorruptRecord.", .example = {"from_json('{\"id\": 7, \"tags\": [\"a\"]}', 'id BIGINT, tags ARRAY<STRING>')", "{\"id\":7,\"tags\":[\"a\"]}"}, .resolve = resolveFromJson, .evaluate = fromJson, .canFail = true});
}

}
