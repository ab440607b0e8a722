#include "engine/columns/schema.h"

#include "engine/columns/ddl.h"

namespace streamwright {

std::optional<size_t> Schema::indexOf(std::string_view name) const
{
    for (size_t i = 0; i < fields_.size(); ++i) {
        if (sameName(fields_[i].name, name)) return i;
    }
    return std::nullopt;
}

std::vector<std::string> Schema::names() const
{
    std::vector<std::string> names;
    for (const Field& field : fields_) names.push_back(field.name);
    return names;
}

std::string Schema::toDdl() const
{
    std::string text;
    for (const Field& field : fields_) {
        if (!text.empty()) text += ", ";
        text += quoteName(field.name) + " " + field.type.toDdl();
    }
    return text;
}

std::optional<std::string> duplicateName(const std::vector<Field>& fields)
{
    for (size_t i = 0; i < fields.size(); ++i) {
        for (size_t j = 0; j < i; ++j) {
            if (sameName(fields[i].name, fields[j].name)) return fields[i].name;
        }
    }
    return std::nullopt;
}

Result<Schema> parseSchema(std::string_view ddl)
{
    DdlParser parser(ddl);
    auto fields = parser.fields();
    if (!fields) return fields.error();
    if (!parser.atEnd()) return mistake("a schema ends where \"" + std::string(parser.rest()) + "\" goes on: \"" + std::string(ddl) + "\"", "write for example id BIGINT, name STRING");
    if (const auto twice = duplicateName(*fields)) return mistake("the schema has the column " + *twice + " twice");
    return Schema(std::move(*fields));
}

}
