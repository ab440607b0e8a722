// From text to an Expression.
#include "engine/expression/binder.h"
#include "engine/expression/lexer.h"
#include "engine/expression/signature.h"

namespace streamwright {

namespace {

struct Compiled {
    syntax::BoundPtr bound;
    std::string name;
    std::string text;
};

Result<Compiled> compile(std::string_view text, const Schema& input, RowNumbers numbers = RowNumbers::Unknown)
{
    auto parsed = syntax::parse(text);
    if (!parsed) return parsed.error();
    syntax::Binder binder(input, numbers, text);
    auto bound = binder.bind(parsed->root);
    if (!bound) {
        Error error = bound.error();
        error.message = fmt::format("at {}: {}", syntax::lineAndColumn(text, binder.mistakeAt().value_or(0)), error.message);
        return error;
    }
    const bool named = parsed->root.kind == syntax::NodeKind::Name || parsed->root.kind == syntax::NodeKind::Field;
    std::string name = !parsed->alias.empty() ? parsed->alias : named ? parsed->root.name : parsed->text;
    // A column keeps the case of its own name.
    if (const auto slot = syntax::slotIn(**bound); slot && parsed->alias.empty()) name = input[*slot].name;
    return Compiled{std::move(*bound), std::move(name), std::move(parsed->text)};
}

}

Result<Expression> compileExpression(std::string_view text, const Schema& input, RowNumbers numbers)
{
    auto compiled = compile(text, input, numbers);
    if (!compiled) return compiled.error();
    return Expression(std::move(compiled->bound), std::move(compiled->name));
}

Result<Expression> compileExpressionAs(std::string_view text, const Schema& input, const Type& type)
{
    auto compiled = compile(text, input);
    if (!compiled) return compiled.error();
    const Type& from = compiled->bound->type;
    if (!convertsImplicitly({from, compiled->bound->literal}, type)) {
        return mistake(fmt::format("{} is needed, but \"{}\" is {}", type.simpleName(), compiled->text, from.simpleName()), fmt::format("write CAST({} AS {})", compiled->text, type.toDdl()));
    }
    return Expression(syntax::castTo(std::move(compiled->bound), type), std::move(compiled->name));
}

Result<Expression> compileCondition(std::string_view text, const Schema& input)
{
    auto compiled = compile(text, input);
    if (!compiled) return compiled.error();
    const Type& type = compiled->bound->type;
    if (!type.is(TypeKind::Boolean) && !type.is(TypeKind::Void)) return mistake(fmt::format("a condition must be boolean, but \"{}\" is {}", compiled->text, type.simpleName()));
    return Expression(syntax::castTo(std::move(compiled->bound), TypeKind::Boolean), std::move(compiled->name));
}

}
