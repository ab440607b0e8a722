#include "engine/expression/signature.h"

#include <fmt/ranges.h>

namespace streamwright {

namespace {

bool isSimple(const Type& type) { return !type.is(TypeKind::Array) && !type.is(TypeKind::Struct); }

int numberRank(TypeKind kind)
{
    switch (kind) {
        case TypeKind::Int: return 1;
        case TypeKind::BigInt: return 2;
        case TypeKind::Float: return 3;
        case TypeKind::Double: return 4;
        default: return 0;
    }
}

std::optional<Type> commonOfNumbers(const Type& a, const Type& b)
{
    if (a == b) return a;
    const Type& wider = numberRank(a.kind()) > numberRank(b.kind()) ? a : b;
    // A whole number next to a FLOAT would lose digits in it.
    return wider.is(TypeKind::Float) ? Type(TypeKind::Double) : wider;
}

std::optional<Type> commonOfStructs(const Type& a, const Type& b, TextPromotion text)
{
    if (a.fields().size() != b.fields().size()) return std::nullopt;
    std::vector<Field> fields;
    for (size_t i = 0; i < a.fields().size(); ++i) {
        if (a.fields()[i].name != b.fields()[i].name) return std::nullopt;
        const auto type = commonType(a.fields()[i].type, b.fields()[i].type, text);
        if (!type) return std::nullopt;
        fields.push_back({a.fields()[i].name, *type});
    }
    return Type::structure(std::move(fields));
}

}

bool convertsImplicitly(const ArgumentType& from, const Type& to)
{
    const Type& type = from.type;
    if (type == to || type.is(TypeKind::Void)) return true;
    if (type.is(TypeKind::Array) && to.is(TypeKind::Array)) return convertsImplicitly({type.element(), {}}, to.element());
    if (type.is(TypeKind::Struct) && to.is(TypeKind::Struct)) {
        if (type.fields().size() != to.fields().size()) return false;
        for (size_t i = 0; i < to.fields().size(); ++i) {
            if (!convertsImplicitly({type.fields()[i].type, {}}, to.fields()[i].type)) return false;
        }
        return true;
    }
    if (!isSimple(type) || !isSimple(to)) return false;
    if (type.is(TypeKind::String) || to.is(TypeKind::String)) return !to.is(TypeKind::Void);
    if (isNumeric(type.kind()) && isNumeric(to.kind())) {
        if (numberRank(type.kind()) < numberRank(to.kind())) return true;
        // A BIGINT literal that fits stands for an INT.
        if (!to.is(TypeKind::Int) || !type.is(TypeKind::BigInt) || !from.literal || from.literal->isNull()) return false;
        const int64_t value = std::get<int64_t>(from.literal->data);
        return value == static_cast<int32_t>(value);
    }
    return (type.is(TypeKind::Date) && to.is(TypeKind::Timestamp)) || (type.is(TypeKind::Timestamp) && to.is(TypeKind::Date));
}

std::optional<Type> commonType(const Type& a, const Type& b, TextPromotion text)
{
    if (a == b || b.is(TypeKind::Void)) return a;
    if (a.is(TypeKind::Void)) return b;
    if (isNumeric(a.kind()) && isNumeric(b.kind())) return commonOfNumbers(a, b);
    if (a.is(TypeKind::Array) && b.is(TypeKind::Array)) {
        const auto element = commonType(a.element(), b.element(), text);
        if (!element) return std::nullopt;
        return Type::array(*element);
    }
    if (a.is(TypeKind::Struct) && b.is(TypeKind::Struct)) return commonOfStructs(a, b, text);
    const auto is = [&](TypeKind first, TypeKind second) { return (a.is(first) && b.is(second)) || (a.is(second) && b.is(first)); };
    if (is(TypeKind::Date, TypeKind::Timestamp)) return Type(TypeKind::Timestamp);
    if (text == TextPromotion::None || (!a.is(TypeKind::String) && !b.is(TypeKind::String))) return std::nullopt;
    const Type& other = a.is(TypeKind::String) ? b : a;
    if (isIntegral(other.kind())) return Type(TypeKind::BigInt);
    if (isFloating(other.kind())) return Type(TypeKind::Double);
    return isSimple(other) ? std::optional(other) : std::nullopt;
}

std::optional<Type> commonType(std::span<const ArgumentType> arguments, TextPromotion text)
{
    std::optional<Type> common = Type(TypeKind::Void);
    for (const ArgumentType& argument : arguments) {
        common = commonType(*common, argument.type, text);
        if (!common) return std::nullopt;
    }
    return common;
}

std::optional<Type> commonNumber(const Type& a, const Type& b)
{
    if (a.is(TypeKind::Void) && b.is(TypeKind::Void)) return Type(TypeKind::Double);
    const auto common = commonType(a, b);
    if (!common || !isNumeric(common->kind())) return std::nullopt;
    return common;
}

std::string simpleNames(std::span<const ArgumentType> arguments)
{
    std::vector<std::string> names;
    for (const ArgumentType& argument : arguments) names.push_back(argument.type.simpleName());
    return fmt::format("({})", fmt::join(names, ", "));
}

Error wrongArguments(std::string_view name, std::string_view expected, std::span<const ArgumentType> arguments)
{
    return mistake(fmt::format("{} expects {}, but got {}", name, expected, simpleNames(arguments)));
}

Resolve takes(std::string name, std::vector<Type> parameters, Type result, size_t optional)
{
    std::string expected = "(";
    for (size_t i = 0; i < parameters.size(); ++i) {
        const bool mayMiss = i + optional >= parameters.size();
        expected += (mayMiss ? "[" : "") + std::string(i > 0 ? ", " : "") + parameters[i].simpleName() + (mayMiss ? "]" : "");
    }
    expected += ")";
    return [name = std::move(name), expected = std::move(expected), parameters = std::move(parameters), result = std::move(result),
            optional](std::span<const ArgumentType> arguments) -> Result<Signature> {
        if (arguments.size() > parameters.size() || arguments.size() + optional < parameters.size()) return wrongArguments(name, expected, arguments);
        for (size_t i = 0; i < arguments.size(); ++i) {
            if (!convertsImplicitly(arguments[i], parameters[i])) return wrongArguments(name, expected, arguments);
        }
        return Signature{{parameters.begin(), parameters.begin() + static_cast<std::ptrdiff_t>(arguments.size())}, result};
    };
}

Resolve takesMany(std::string name, Type parameter, Type result, size_t least)
{
    return [=](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const std::string expected = fmt::format("at least {} of type {}", least, parameter.simpleName());
        if (arguments.size() < least) return wrongArguments(name, expected, arguments);
        for (const ArgumentType& argument : arguments) {
            if (!convertsImplicitly(argument, parameter)) return wrongArguments(name, expected, arguments);
        }
        return Signature{std::vector<Type>(arguments.size(), parameter), result};
    };
}

Resolve withPattern(Resolve resolve, size_t index, MistakeInText mistakeIn)
{
    return [=](std::span<const ArgumentType> arguments) -> Result<Signature> {
        auto signature = resolve(arguments);
        if (!signature || arguments[0].type.is(TypeKind::Void)) return signature;
        if (const auto text = literalText(arguments, index)) {
            if (auto error = mistakeIn(*text, arguments)) return *error;
        }
        return signature;
    };
}

std::optional<std::string> literalText(std::span<const ArgumentType> arguments, size_t index)
{
    if (index >= arguments.size() || !arguments[index].literal) return std::nullopt;
    const auto* text = std::get_if<std::string>(&arguments[index].literal->data);
    return text ? std::optional(*text) : std::nullopt;
}

std::optional<int64_t> literalInteger(std::span<const ArgumentType> arguments, size_t index)
{
    if (index >= arguments.size() || !arguments[index].literal) return std::nullopt;
    const auto* number = std::get_if<int64_t>(&arguments[index].literal->data);
    return number ? std::optional(*number) : std::nullopt;
}

}
