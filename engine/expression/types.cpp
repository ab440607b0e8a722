#include "engine/expression/types.h"

namespace streamwright {

namespace {

using Meet = std::optional<Type> (*)(const Type&, const Type&);

// ARRAY and STRUCT meet when all their parts do; field names are those of the first.
std::optional<Type> meetParts(const Type& a, const Type& b, Meet meet)
{
    if (a.is(TypeKind::Array) && b.is(TypeKind::Array)) {
        auto element = meet(a.element(), b.element());
        if (!element) return std::nullopt;
        return Type::array(std::move(*element));
    }
    if (!a.is(TypeKind::Struct) || !b.is(TypeKind::Struct) || a.fields().size() != b.fields().size()) return std::nullopt;
    std::vector<Field> fields;
    for (size_t i = 0; i < a.fields().size(); ++i) {
        auto type = meet(a.fields()[i].type, b.fields()[i].type);
        if (!type) return std::nullopt;
        fields.push_back({a.fields()[i].name, std::move(*type)});
    }
    return Type::structure(std::move(fields));
}

std::optional<Type> numericType(TypeKind a, TypeKind b)
{
    const TypeKind wider = std::max(a, b);
    // A FLOAT cannot hold every integer.
    if (wider == TypeKind::Float && a != b) return TypeKind::Double;
    return wider;
}

}

std::optional<Type> tightestCommonType(const Type& a, const Type& b)
{
    if (a == b) return a;
    if (a.is(TypeKind::Void)) return b;
    if (b.is(TypeKind::Void)) return a;
    if (isNumeric(a.kind()) && isNumeric(b.kind())) return numericType(a.kind(), b.kind());
    const auto isTime = [](const Type& t) { return t.is(TypeKind::Date) || t.is(TypeKind::Timestamp); };
    if (isTime(a) && isTime(b)) return TypeKind::Timestamp;
    return meetParts(a, b, tightestCommonType);
}

std::optional<Type> widerCommonType(const Type& a, const Type& b)
{
    if (auto type = tightestCommonType(a, b)) return type;
    if (b.is(TypeKind::String) && !a.is(TypeKind::String)) return widerCommonType(b, a);
    if (a.is(TypeKind::String)) {
        if (isIntegral(b.kind())) return TypeKind::BigInt;
        if (isFloating(b.kind())) return TypeKind::Double;
        if (isAtomic(b)) return b;
        return std::nullopt;
    }
    return meetParts(a, b, widerCommonType);
}

std::optional<Type> widerCommonType(std::span<const Type> types)
{
    Type common = TypeKind::Void;
    // Strings last, as Spark does: which of them come first must not matter.
    for (const bool strings : {false, true}) {
        for (const Type& type : types) {
            if (type.is(TypeKind::String) != strings) continue;
            auto wider = widerCommonType(common, type);
            if (!wider) return std::nullopt;
            common = std::move(*wider);
        }
    }
    return common;
}

bool castsImplicitly(const Type& from, const Type& to)
{
    if (from == to || from.is(TypeKind::Void)) return true;
    if (from.is(TypeKind::Array) && to.is(TypeKind::Array)) return castsImplicitly(from.element(), to.element());
    if (from.is(TypeKind::Struct) && to.is(TypeKind::Struct)) {
        if (from.fields().size() != to.fields().size()) return false;
        for (size_t i = 0; i < from.fields().size(); ++i) {
            if (!castsImplicitly(from.fields()[i].type, to.fields()[i].type)) return false;
        }
        return true;
    }
    if (!isAtomic(from) || !isAtomic(to)) return false;
    if (from.is(TypeKind::String) || to.is(TypeKind::String)) return true;
    if (isNumeric(from.kind()) && isNumeric(to.kind())) return from.kind() < to.kind();
    const auto isTime = [](const Type& t) { return t.is(TypeKind::Date) || t.is(TypeKind::Timestamp); };
    return isTime(from) && isTime(to);
}

bool castsExplicitly(const Type& from, const Type& to)
{
    if (from == to || from.is(TypeKind::Void) || to.is(TypeKind::String)) return true;
    if (from.is(TypeKind::Array) && to.is(TypeKind::Array)) return castsExplicitly(from.element(), to.element());
    if (from.is(TypeKind::Struct) && to.is(TypeKind::Struct)) {
        if (from.fields().size() != to.fields().size()) return false;
        for (size_t i = 0; i < from.fields().size(); ++i) {
            if (!castsExplicitly(from.fields()[i].type, to.fields()[i].type)) return false;
        }
        return true;
    }
    if (!isAtomic(from) || !isAtomic(to)) return false;
    if (from.is(TypeKind::String)) return true;
    const auto isNumber = [](const Type& t) { return isNumeric(t.kind()); };
    if (isNumber(from)) return isNumber(to) || to.is(TypeKind::Boolean) || to.is(TypeKind::Timestamp);
    if (from.is(TypeKind::Boolean)) return isNumber(to);
    if (from.is(TypeKind::Date)) return to.is(TypeKind::Timestamp);
    if (from.is(TypeKind::Timestamp)) return to.is(TypeKind::Date) || isNumber(to);
    return false;
}

bool castMayFail(const Type& from, const Type& to)
{
    if (from == to || from.is(TypeKind::Void) || to.is(TypeKind::String)) return false;
    if (from.is(TypeKind::Array)) return castMayFail(from.element(), to.element());
    if (from.is(TypeKind::Struct)) {
        for (size_t i = 0; i < from.fields().size(); ++i) {
            if (castMayFail(from.fields()[i].type, to.fields()[i].type)) return true;
        }
        return false;
    }
    if (from.is(TypeKind::String)) return !to.is(TypeKind::Binary);
    if (isNumeric(from.kind()) && isNumeric(to.kind())) return isIntegral(to.kind()) && from.kind() > to.kind();
    if (from.is(TypeKind::Timestamp)) return to.is(TypeKind::Int);
    if (to.is(TypeKind::Timestamp)) return isFloating(from.kind());
    return false;
}

bool holdsTimestamp(const Type& type)
{
    if (type.is(TypeKind::Timestamp)) return true;
    if (type.is(TypeKind::Array)) return holdsTimestamp(type.element());
    if (!type.is(TypeKind::Struct)) return false;
    return std::any_of(type.fields().begin(), type.fields().end(), [](const Field& f) { return holdsTimestamp(f.type); });
}

}
