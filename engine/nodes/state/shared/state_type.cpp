#include "engine/nodes/state/shared/state_type.h"

#include <fmt/format.h>

namespace streamwright {

Checked<StateExpression> compileStateExpression(const std::string& field, const std::string& text, std::vector<Field> fields, const std::optional<Type>& stateType)
{
    fields.push_back({"state", TypeKind::Void});
    const auto withState = [&](const Type& type) {
        fields.back().type = type;
        return Schema(fields);
    };
    if (stateType) {
        auto expression = compileExpressionAs(text, withState(*stateType), *stateType);
        if (!expression) return inField(field, expression.error());
        return StateExpression{std::move(*expression), *stateType};
    }
    auto first = compileExpression(text, withState(TypeKind::Void));
    if (!first) return inField(field, first.error());
    const Type type = first->type();
    auto second = compileExpression(text, withState(type));
    if (!second) return inField(field, second.error());
    if (second->type() == type && !type.is(TypeKind::Void)) return StateExpression{std::move(*second), type};
    return FieldError{"state_type", fmt::format("the type of the state cannot be told: without a state \"{}\" is {}, but with such a state it is {}", text, type.simpleName(), second->type().simpleName()),
                      fmt::format("write state_type, for example \"{}\"", second->type().is(TypeKind::Void) ? "BIGINT" : second->type().toDdl())};
}

}
