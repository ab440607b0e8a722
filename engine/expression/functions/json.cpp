// JSON text: looking into it and writing it. Paths, reading by a schema and finding a schema are in files of their own.
#include "engine/columns/calendar.h"
#include "engine/columns/print.h"
#include "engine/expression/charset.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/json_text.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"
#include "engine/expression/text_options.h"

namespace streamwright {

namespace {

ColumnPtr jsonArrayLength(const Call& call)
{
    JsonText json;
    return mapChecked<int32_t, StringRef>(call, [&](size_t, const StringRef& text) -> std::optional<int32_t> {
        if (!json.read(text.view(), {.controls = true}) || json.empty() || json[0].kind != JsonKind::Array) return std::nullopt;
        int32_t length = 0;
        for (uint32_t node = 1; node < json[0].next; node = json[node].next) ++length;
        return length;
    });
}

ColumnPtr jsonObjectKeys(const Call& call)
{
    JsonText json;
    std::string space;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        if (!json.read(textAt(*call.arguments[0], row), {.controls = true}) || json.empty() || json[0].kind != JsonKind::Object) return out.pushNull();
        for (uint32_t key = 1; key < json[0].next; key = json[key + 1].next) out.element().pushText(json.string(key, space));
        out.closeRow();
    });
}

class JsonWriter {
public:
    explicit JsonWriter(const Call& call) : options_(optionsOf(call, TextFormat::Json, 1)), zone_(options_.zone(call.context))
    {
        if (!options_.timestampFormat) options_.timestampFormat = *DatePattern::compile("yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]");
    }

    void append(const Column& column, size_t row, std::string& out) const
    {
        if (column.isNull(row)) {
            out += "null";
            return;
        }
        switch (column.type().kind()) {
            case TypeKind::Void: break;
            case TypeKind::Boolean: out += column.value<uint8_t>(row) ? "true" : "false"; break;
            case TypeKind::Int:
            case TypeKind::BigInt: appendText(column, row, {}, out); break;
            case TypeKind::Float: appendJsonFloat(column.value<float>(row), out); break;
            case TypeKind::Double: appendJsonDouble(column.value<double>(row), out); break;
            case TypeKind::String: appendJsonText(textAt(column, row), out); break;
            case TypeKind::Binary: quoted(out, [&] { appendBase64(textAt(column, row), out); }); break;
            case TypeKind::Date: quoted(out, [&] { appendDay(column.value<int32_t>(row), out); }); break;
            case TypeKind::Timestamp: quoted(out, [&] { options_.timestampFormat->append(column.value<int64_t>(row), zone_, out); }); break;
            case TypeKind::Array: appendArray(column, row, out); break;
            case TypeKind::Struct: appendStruct(column, row, out); break;
        }
    }

private:
    template <class F>
    static void quoted(std::string& out, F inside)
    {
        out += '"';
        inside();
        out += '"';
    }

    void appendDay(int32_t day, std::string& out) const
    {
        if (options_.dateFormat) options_.dateFormat->append(day * kMicrosPerDay, Zone(), out);
        else appendDate(day, out);
    }

    void appendArray(const Column& column, size_t row, std::string& out) const
    {
        out += '[';
        const uint32_t from = column.offsets()[row], to = column.offsets()[row + 1];
        for (uint32_t i = from; i < to; ++i) {
            if (i > from) out += ',';
            append(*column.element(), i, out);
        }
        out += ']';
    }

    void appendStruct(const Column& column, size_t row, std::string& out) const
    {
        out += '{';
        bool first = true;
        for (size_t i = 0; i < column.children().size(); ++i) {
            const Column& field = *column.child(i);
            if (options_.ignoreNullFields && field.isNull(row)) continue;
            if (!first) out += ',';
            first = false;
            appendJsonText(column.type().fields()[i].name, out);
            out += ':';
            append(field, row, out);
        }
        out += '}';
    }

    TextOptions options_;
    Zone zone_;
};

Result<Signature> resolveToJson(std::span<const ArgumentType> arguments)
{
    const bool fits = !arguments.empty() && (arguments[0].type.is(TypeKind::Struct) || arguments[0].type.is(TypeKind::Array));
    if (!fits) return wrongArguments("to_json", "a struct or an array, and options", arguments);
    auto options = optionsIn("to_json", TextFormat::Json, arguments, 1);
    if (!options) return options.error();
    std::vector<Type> types(arguments.size(), TypeKind::String);
    types[0] = arguments[0].type;
    return Signature{std::move(types), TypeKind::String};
}

ColumnPtr toJson(const Call& call)
{
    const JsonWriter writer(call);
    std::string result;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        result.clear();
        writer.append(*call.arguments[0], row, result);
        out.pushText(result);
    });
}

}

std::vector<Function> jsonFunctions()
{
    const Type text = TypeKind::String;
    std::vector<Function> all;
    all.push_back({.name = "json_array_length", .family = "json", .usage = "json_array_length(json)", .help = "How many elements a JSON array has; NULL for anything else.", .example = {"json_array_length('[1, 2, [3]]')", "3"}, .resolve = takes("json_array_length", {text}, TypeKind::Int), .evaluate = jsonArrayLength});
    all.push_back({.name = "json_object_keys", .family = "json", .usage = "json_object_keys(json)", .help = "The names of a JSON object's members, in their order; NULL for anything else.", .example = {"json_object_keys('{\"a\": 1, \"b\": {\"c\": 2}}')", "[\"a\",\"b\"]"}, .resolve = takes("json_object_keys", {text}, Type::array(text)), .evaluate = jsonObjectKeys});
    all.push_back({.name = "to_json", .family = "json", .usage = "to_json(value[, map('option', 'value', ...)])", .help = "A struct or an array as JSON; members that are NULL are left out. Options: ignoreNullFields, timestampFormat, dateFormat, timeZone.", .example = {"to_json(named_struct('a', 1, 'b', array('x', NULL)))", "\"{\\\"a\\\":1,\\\"b\\\":[\\\"x\\\",null]}\""}, .resolve = resolveToJson, .evaluate = toJson});
    addJsonPaths(all);
    addJsonReading(all);
    addJsonSchemas(all);
    addCsvReading(all);
    addCsvWriting(all);
    return all;
}

}
