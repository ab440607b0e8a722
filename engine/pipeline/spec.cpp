#include "engine/pipeline/spec.h"

#include "engine/base/duration.h"

#include <fmt/format.h>

namespace streamwright {

std::string_view groupName(Group group)
{
    switch (group) {
    case Group::Source: return "source";
    case Group::Transform: return "transform";
    case Group::Window: return "window";
    case Group::State: return "state";
    case Group::Sink: return "sink";
    }
    return {};
}

namespace {

struct KindRow {
    FieldKind kind;
    std::string_view name;
};
// In the order of FieldKind.
constexpr KindRow kKinds[] = {
    {FieldKind::Text, "text"},
    {FieldKind::Texts, "list of text"},
    {FieldKind::Integer, "integer"},
    {FieldKind::Number, "number"},
    {FieldKind::Boolean, "boolean"},
    {FieldKind::Duration, "duration"},
    {FieldKind::Bytes, "bytes"},
    {FieldKind::TimeZone, "time zone"},
    {FieldKind::Choice, "choice"},
    {FieldKind::Path, "path"},
    {FieldKind::Glob, "glob"},
    {FieldKind::Secret, "secret"},
    {FieldKind::Schema, "schema"},
    {FieldKind::Type, "type"},
    {FieldKind::Column, "column"},
    {FieldKind::Columns, "columns"},
    {FieldKind::Expression, "expression"},
    {FieldKind::Expressions, "expressions"},
    {FieldKind::Ordering, "ordering"},
    {FieldKind::Aggregates, "aggregates"},
    {FieldKind::Table, "table"},
    {FieldKind::Object, "object"},
    {FieldKind::Map, "map"},
};

}

std::string FieldSpec::limitText(double limit) const { return kind == FieldKind::Bytes ? printBytes(static_cast<int64_t>(limit)) : fmt::format("{}", limit); }

std::string_view fieldKindName(FieldKind kind)
{
    return kKinds[static_cast<size_t>(kind)].name;
}

const std::vector<FieldKind>& allFieldKinds()
{
    static const std::vector<FieldKind> kinds = [] {
        std::vector<FieldKind> all;
        for (const KindRow& row : kKinds) all.push_back(row.kind);
        return all;
    }();
    return kinds;
}

const FieldSpec* NodeSpec::field(std::string_view name) const
{
    for (const FieldSpec& field : fields) {
        if (field.name == name) return &field;
    }
    return nullptr;
}

}
