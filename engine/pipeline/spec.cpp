#include "engine/pipeline/spec.h"

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

std::string_view fieldKindName(FieldKind kind)
{
    switch (kind) {
    case FieldKind::Text: return "text";
    case FieldKind::Integer: return "integer";
    case FieldKind::Number: return "number";
    case FieldKind::Boolean: return "boolean";
    case FieldKind::Duration: return "duration";
    case FieldKind::Bytes: return "bytes";
    case FieldKind::Choice: return "choice";
    case FieldKind::Path: return "path";
    case FieldKind::Schema: return "schema";
    case FieldKind::Type: return "type";
    case FieldKind::Column: return "column";
    case FieldKind::Columns: return "columns";
    case FieldKind::Expression: return "expression";
    case FieldKind::Expressions: return "expressions";
    case FieldKind::Aggregates: return "aggregates";
    case FieldKind::Table: return "table";
    case FieldKind::Object: return "object";
    }
    return {};
}

const FieldSpec* NodeSpec::field(std::string_view name) const
{
    for (const FieldSpec& field : fields) {
        if (field.name == name) return &field;
    }
    return nullptr;
}

}
