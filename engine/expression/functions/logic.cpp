// Conditions and what looks at NULL. Functions that evaluate only what they need have no kernel here: the
// compiler runs them.
#include "engine/expression/kernels.h"
#include "engine/expression/order.h"
#include "engine/expression/signature.h"

#include <cmath>

namespace streamwright {

namespace {

Function lazy(std::string name, std::vector<std::string> aliases, std::string usage, std::string help, FunctionExample example)
{
    return {.name = std::move(name), .aliases = std::move(aliases), .family = "logic", .usage = std::move(usage), .help = std::move(help), .example = std::move(example)};
}

Resolve anyOne(std::string name, Type result)
{
    return [name, result](std::span<const ArgumentType> arguments) -> Result<Signature> {
        if (arguments.size() != 1) return wrongArguments(name, "one value", arguments);
        return Signature{{arguments[0].type}, result};
    };
}

template <bool kWanted>
ColumnPtr nullness(const Call& call)
{
    const Column& column = *call.arguments[0];
    FixedBuilder<uint8_t> out;
    uint8_t* to = out.extend(call.rows);
    if (column.type().is(TypeKind::Void)) std::memset(to, kWanted ? 1 : 0, call.rows);
    else if (!column.nulls()) std::memset(to, kWanted ? 0 : 1, call.rows);
    else {
        for (size_t row = 0; row < call.rows; ++row) to[row] = (column.nulls()[row] != 0) == kWanted;
    }
    return columnFrom(call.result, out);
}

ColumnPtr isNan(const Call& call)
{
    const Column& column = *call.arguments[0];
    FixedBuilder<uint8_t> out;
    uint8_t* to = out.extend(call.rows);
    for (size_t row = 0; row < call.rows; ++row) to[row] = !column.isNull(row) && std::isnan(column.value<double>(row));
    return columnFrom(call.result, out);
}

ColumnPtr nanToOther(const Call& call)
{
    const Column& first = *call.arguments[0];
    const Column& second = *call.arguments[1];
    return buildRows(call, [&](size_t row, ColumnBuilder& out) { out.pushFrom(!first.isNull(row) && std::isnan(first.value<double>(row)) ? second : first, row); });
}

ColumnPtr equalNull(const Call& call)
{
    FixedBuilder<uint8_t> out;
    uint8_t* to = out.extend(call.rows);
    for (size_t row = 0; row < call.rows; ++row) to[row] = equalRows(*call.arguments[0], row, *call.arguments[1], row);
    return columnFrom(call.result, out);
}

Result<Signature> resolveEqualNull(std::span<const ArgumentType> arguments)
{
    const auto type = arguments.size() == 2 ? commonType(arguments) : std::nullopt;
    if (!type) return wrongArguments("equal_null", "two values of one type", arguments);
    return Signature{{*type, *type}, TypeKind::Boolean};
}

ColumnPtr typeName(const Call& call)
{
    const std::string name = call.arguments[0]->type().simpleName();
    return buildRows(call, [&](size_t, ColumnBuilder& out) { out.pushText(name); });
}

ColumnPtr raiseError(const Call& call)
{
    return buildRows(call, [&](size_t row, ColumnBuilder& out) { fail(call, row, out, std::string(textAt(*call.arguments[0], row))); });
}

ColumnPtr assertTrue(const Call& call)
{
    const Column& condition = *call.arguments[0];
    ColumnBuilder out(call.result);
    for (size_t row = 0; row < call.rows; ++row) {
        if (!condition.isNull(row) && condition.value<uint8_t>(row)) {
            out.pushNull();
            continue;
        }
        const bool told = call.arguments.size() == 2 && !call.arguments[1]->isNull(row);
        fail(call, row, out, told ? std::string(textAt(*call.arguments[1], row)) : "the condition is not true");
    }
    return out.finish();
}

}

std::vector<Function> logicFunctions()
{
    std::vector<Function> all;
    all.push_back(lazy("if", {}, "if(condition, then, else)", "One of two values; only the one that is needed is evaluated.", {"if(1 < 2, 'a', 'b')", "\"a\""}));
    all.push_back(lazy("coalesce", {}, "coalesce(value, ...)", "The first value that is not NULL; the others are not evaluated.", {"coalesce(NULL, 1, NULL)", "1"}));
    all.push_back(lazy("nvl", {"ifnull"}, "nvl(value, other)", "The value, or the other one when it is NULL.", {"nvl(NULL, 'x')", "\"x\""}));
    all.push_back(lazy("nvl2", {}, "nvl2(value, if_not_null, if_null)", "The second argument when the first is not NULL, else the third.", {"nvl2(NULL, 2, 1)", "1"}));
    all.push_back(lazy("nullif", {}, "nullif(a, b)", "NULL when both are equal, else the first.", {"nullif(2, 2)", "null"}));
    all.push_back(lazy("nullifzero", {}, "nullifzero(number)", "NULL when the number is zero, else the number.", {"nullifzero(0)", "null"}));
    all.push_back(lazy("zeroifnull", {}, "zeroifnull(number)", "Zero when the number is NULL, else the number.", {"zeroifnull(NULL)", "0"}));
    all.push_back({.name = "isnull", .family = "logic", .usage = "isnull(value)", .help = "True when the value is NULL.", .example = {"isnull(1)", "false"}, .resolve = anyOne("isnull", TypeKind::Boolean), .evaluate = nullness<true>, .seesNulls = true});
    all.push_back({.name = "isnotnull", .family = "logic", .usage = "isnotnull(value)", .help = "True when the value is not NULL.", .example = {"isnotnull(1)", "true"}, .resolve = anyOne("isnotnull", TypeKind::Boolean), .evaluate = nullness<false>, .seesNulls = true});
    all.push_back({.name = "isnan", .family = "logic", .usage = "isnan(number)", .help = "True when the number is NaN; false for NULL.", .example = {"isnan(double('NaN'))", "true"}, .resolve = takes("isnan", {TypeKind::Double}, TypeKind::Boolean), .evaluate = isNan, .seesNulls = true});
    all.push_back({.name = "nanvl", .family = "logic", .usage = "nanvl(number, other)", .help = "The number, or the other one when it is NaN.", .example = {"nanvl(double('NaN'), 123)", "123.0"},
        .resolve = takes("nanvl", {TypeKind::Double, TypeKind::Double}, TypeKind::Double), .evaluate = nanToOther, .seesNulls = true});
    all.push_back({.name = "equal_null", .family = "logic", .usage = "equal_null(a, b)", .help = "True when both are equal or both are NULL, as a <=> b.", .example = {"equal_null(NULL, NULL)", "true"}, .resolve = resolveEqualNull, .evaluate = equalNull, .seesNulls = true});
    all.push_back({.name = "typeof", .family = "logic", .usage = "typeof(value)", .help = "The name of the value's type.", .example = {"typeof(1)", "\"int\""}, .resolve = anyOne("typeof", TypeKind::String), .evaluate = typeName, .seesNulls = true});
    all.push_back({.name = "raise_error", .family = "logic", .usage = "raise_error(message)", .help = "Fails the row with the message.", .example = {"if(true, 1, raise_error('bad'))", "1"}, .resolve = takes("raise_error", {TypeKind::String}, TypeKind::Void), .evaluate = raiseError, .canFail = true});
    all.push_back({.name = "assert_true", .family = "logic", .usage = "assert_true(condition[, message])", .help = "NULL when the condition is true, else the row fails.", .example = {"assert_true(0 < 1)", "null"},
        .resolve = takes("assert_true", {TypeKind::Boolean, TypeKind::String}, TypeKind::Void, 1), .evaluate = assertTrue, .canFail = true, .seesNulls = true});
    return all;
}

}
