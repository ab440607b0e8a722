// schema_of_json: the schema that a sample of JSON has, as from_json takes it.
#include "engine/expression/json_schema.h"

#include "engine/columns/schema.h"
#include "engine/columns/read_text.h"
#include "engine/expression/functions/families.h"
#include "engine/expression/json_text.h"
#include "engine/expression/kernels.h"
#include "engine/expression/signature.h"
#include "engine/expression/text_options.h"

#include <algorithm>

namespace streamwright {

namespace {

Type together(const Type& a, const Type& b);

// The members of both, by name; both lists are in order.
Type structsTogether(const Type& a, const Type& b)
{
    std::vector<Field> fields;
    auto left = a.fields().begin();
    auto right = b.fields().begin();
    while (left != a.fields().end() || right != b.fields().end()) {
        if (right == b.fields().end() || (left != a.fields().end() && left->name < right->name)) fields.push_back(*left++);
        else if (left == a.fields().end() || right->name < left->name) fields.push_back(*right++);
        else fields.push_back({left->name, together((left++)->type, (right++)->type)});
    }
    return Type::structure(std::move(fields));
}

// The type that values of both types fit; VOID stands for null.
Type together(const Type& a, const Type& b)
{
    if (a == b || b.is(TypeKind::Void)) return a;
    if (a.is(TypeKind::Void)) return b;
    if (isNumeric(a.kind()) && isNumeric(b.kind())) return TypeKind::Double;
    if (a.is(TypeKind::Struct) && b.is(TypeKind::Struct)) return structsTogether(a, b);
    if (a.is(TypeKind::Array) && b.is(TypeKind::Array)) return Type::array(together(a.element(), b.element()));
    return TypeKind::String;
}

class Sample {
public:
    Sample(const JsonText& json, bool primitivesAsString) : json_(json), primitivesAsString_(primitivesAsString) {}

    Type typeOf(uint32_t node) const
    {
        const JsonNode& value = json_[node];
        switch (value.kind) {
            case JsonKind::Null: return TypeKind::Void;
            // An empty text may stand for null.
            case JsonKind::String: return value.from == value.to ? TypeKind::Void : TypeKind::String;
            case JsonKind::True:
            case JsonKind::False: return primitivesAsString_ ? TypeKind::String : TypeKind::Boolean;
            case JsonKind::Decimal: return primitivesAsString_ ? TypeKind::String : TypeKind::Double;
            case JsonKind::Integer: return primitivesAsString_ ? TypeKind::String : readInteger(json_.source(node)) ? TypeKind::BigInt : TypeKind::Double;
            case JsonKind::Array: {
                Type element = TypeKind::Void;
                for (uint32_t child = node + 1; child < value.next; child = json_[child].next) element = together(element, typeOf(child));
                return Type::array(std::move(element));
            }
            case JsonKind::Object: return structOf(node);
        }
        return TypeKind::String;
    }

private:
    Type structOf(uint32_t node) const
    {
        std::vector<Field> fields;
        std::string space;
        for (uint32_t key = node + 1; key < json_[node].next; key = json_[key + 1].next) {
            Field field{std::string(json_.string(key, space)), typeOf(key + 1)};
            const auto known = std::ranges::find(fields, field.name, &Field::name);
            if (known == fields.end()) fields.push_back(std::move(field));
            else known->type = together(known->type, field.type);
        }
        std::ranges::sort(fields, {}, &Field::name);
        return Type::structure(std::move(fields));
    }

    const JsonText& json_;
    bool primitivesAsString_;
};

// What was null all along becomes STRING, objects without members are left out; empty when nothing is left.
std::optional<Type> settled(const Type& type)
{
    if (type.is(TypeKind::Void)) return Type(TypeKind::String);
    if (type.is(TypeKind::Array)) {
        const auto element = settled(type.element());
        return element ? std::optional(Type::array(*element)) : std::nullopt;
    }
    if (!type.is(TypeKind::Struct)) return type;
    std::vector<Field> fields;
    for (const Field& field : type.fields()) {
        const auto settledField = settled(field.type);
        if (settledField && !field.name.empty()) fields.push_back({field.name, *settledField});
    }
    return fields.empty() ? std::nullopt : std::optional(Type::structure(std::move(fields)));
}

Type schemaOf(const Type& sampled)
{
    const auto type = settled(sampled);
    if (type) return *type;
    if (sampled.is(TypeKind::Struct)) return Type::structure({});
    return sampled.is(TypeKind::Array) && sampled.element().is(TypeKind::Struct) ? Type::array(Type::structure({})) : Type(TypeKind::String);
}

Result<Signature> resolveSchemaOfJson(std::span<const ArgumentType> arguments)
{
    if (arguments.empty() || !convertsImplicitly(arguments[0], TypeKind::String)) return wrongArguments("schema_of_json", "(string[, options])", arguments);
    if (!literalText(arguments, 0)) return mistake("schema_of_json finds the schema of a text that is written out, not of a column", "give it a sample: schema_of_json('{\"id\": 1}')");
    auto options = optionsIn("schema_of_json", TextFormat::Json, arguments, 1);
    if (!options) return options.error();
    return Signature{std::vector<Type>(arguments.size(), TypeKind::String), TypeKind::String};
}

ColumnPtr schemaOfJson(const Call& call)
{
    JsonText json;
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const TextOptions options = optionsOf(call, TextFormat::Json, 1);
        const std::string_view text = textAt(*call.arguments[0], row);
        if (!json.read(text, {.controls = options.controlCharacters, .nonNumeric = options.nonNumericNumbers})) return fail(call, row, out, fmt::format("schema_of_json: not well-formed JSON: {}", text.substr(0, 60)));
        out.pushText(schemaOf(json.empty() ? Type(TypeKind::Void) : Sample(json, options.primitivesAsString).typeOf(0)).toDdl());
    });
}

}

Result<Schema> schemaOfJsonLines(std::span<const std::string> lines)
{
    JsonText json;
    Type type = Type::structure({});
    for (size_t i = 0; i < lines.size(); ++i) {
        if (!json.read(lines[i], {.nonNumeric = true}) || json.empty() || json[0].kind != JsonKind::Object) {
            return mistake(fmt::format("line {} is no JSON object: {}", i + 1, lines[i].substr(0, 60)));
        }
        type = together(type, Sample(json, false).typeOf(0));
    }
    return Schema(schemaOf(type).fields());
}

void addJsonSchemas(std::vector<Function>& all)
{
    all.push_back({.name = "schema_of_json", .family = "json", .usage = "schema_of_json(json[, map('option', 'value', ...)])", .help = "The schema of a sample of JSON, as from_json takes it. Option: primitivesAsString.", .example = {"schema_of_json('{\"id\": 1, \"tags\": [\"a\", null], \"price\": 0.5}')", "\"STRUCT<id: BIGINT, price: DOUBLE, tags: ARRAY<STRING>>\""}, .resolve = resolveSchemaOfJson, .evaluate = schemaOfJson, .canFail = true});
}

}
