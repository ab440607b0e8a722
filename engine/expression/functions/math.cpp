// Numbers: arithmetic, rounding, logarithms, trigonometry. Bits and bases are in bits.cpp.
#include "engine/expression/functions/families.h"
#include "engine/expression/kernels.h"
#include "engine/expression/order.h"
#include "engine/expression/rounding.h"
#include "engine/expression/signature.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace streamwright {

namespace {

constexpr std::string_view kFamily = "math";

// A function of one DOUBLE.
template <class F>
Function ofDouble(std::string name, std::vector<std::string> aliases, std::string help, FunctionExample example, F f)
{
    return {.name = name, .aliases = std::move(aliases), .family = std::string(kFamily), .usage = name + "(number)", .help = std::move(help), .example = std::move(example),
            .resolve = takes(name, {TypeKind::Double}, TypeKind::Double), .evaluate = [f](const Call& call) { return mapRows<double, double>(call, f); }};
}

// The same, NULL where `f` gives nothing.
template <class F>
Function ofDoubleOrNull(std::string name, std::vector<std::string> aliases, std::string help, FunctionExample example, F f)
{
    return {.name = name, .aliases = std::move(aliases), .family = std::string(kFamily), .usage = name + "(number)", .help = std::move(help), .example = std::move(example),
            .resolve = takes(name, {TypeKind::Double}, TypeKind::Double),
            .evaluate = [f](const Call& call) { return mapChecked<double, double>(call, [f](size_t, double x) { return f(x); }); }};
}

template <class F>
Function ofTwoDoubles(std::string name, std::vector<std::string> aliases, std::string usage, std::string help, FunctionExample example, F f)
{
    return {.name = name, .aliases = std::move(aliases), .family = std::string(kFamily), .usage = std::move(usage), .help = std::move(help), .example = std::move(example),
            .resolve = takes(name, {TypeKind::Double, TypeKind::Double}, TypeKind::Double), .evaluate = [f](const Call& call) { return mapRows<double, double, double>(call, f); }};
}

Function constantOf(std::string name, std::string help, FunctionExample example, double value)
{
    return {.name = name, .family = std::string(kFamily), .usage = name + "()", .help = std::move(help), .example = std::move(example),
            .resolve = takes(name, {}, TypeKind::Double), .evaluate = [value](const Call& call) { return mapRows<double>(call, [value] { return value; }); }};
}

// The number type of one argument; text and NULL count as DOUBLE.
std::optional<Type> numberType(const ArgumentType& argument)
{
    if (isNumeric(argument.type.kind())) return argument.type;
    if (argument.type.is(TypeKind::String) || argument.type.is(TypeKind::Void)) return Type(TypeKind::Double);
    return std::nullopt;
}

Resolve sameNumber(std::string name)
{
    return [name](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const auto type = arguments.size() == 1 ? numberType(arguments[0]) : std::nullopt;
        if (!type) return wrongArguments(name, "(number)", arguments);
        return Signature{{*type}, *type};
    };
}

Resolve twoNumbers(std::string name)
{
    return [name](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const auto type = arguments.size() == 2 ? commonNumber(arguments[0].type, arguments[1].type) : std::nullopt;
        if (!type) return wrongArguments(name, "(number, number)", arguments);
        return Signature{{*type, *type}, *type};
    };
}

// Calls f with a value of the C++ type of a number's kind.
template <class F>
ColumnPtr withNumber(const Type& type, F f)
{
    switch (type.kind()) {
        case TypeKind::Int: return f(int32_t());
        case TypeKind::BigInt: return f(int64_t());
        case TypeKind::Float: return f(float());
        default: return f(double());
    }
}

std::string overflow(const Type& type) { return fmt::format("{} overflow", type.simpleName()); }

ColumnPtr negate(const Call& call)
{
    return withNumber(call.result, [&]<class T>(T) {
        return mapChecked<T, T>(call, [&](size_t row, T x) -> std::optional<T> {
            if constexpr (std::is_integral_v<T>) {
                if (x == std::numeric_limits<T>::min()) {
                    call.errors.add(row, overflow(call.result));
                    return std::nullopt;
                }
            }
            return static_cast<T>(-x);
        });
    });
}

ColumnPtr absolute(const Call& call)
{
    return withNumber(call.result, [&]<class T>(T) {
        return mapChecked<T, T>(call, [&](size_t row, T x) -> std::optional<T> {
            if constexpr (std::is_integral_v<T>) {
                if (x == std::numeric_limits<T>::min()) {
                    call.errors.add(row, overflow(call.result));
                    return std::nullopt;
                }
                return x < 0 ? static_cast<T>(-x) : x;
            } else {
                return std::fabs(x);
            }
        });
    });
}

template <class T>
T remainder(T a, T b)
{
    if constexpr (std::is_integral_v<T>) return b == -1 ? T(0) : static_cast<T>(a % b);
    else return std::fmod(a, b);
}

template <class T>
T positiveRemainder(T a, T b)
{
    const T r = remainder(a, b);
    return r < 0 ? remainder(static_cast<T>(r + b), b) : r;
}

template <bool kPositive>
ColumnPtr modulo(const Call& call)
{
    return withNumber(call.result, [&]<class T>(T) {
        return mapChecked<T, T, T>(call, [&](size_t row, T a, T b) -> std::optional<T> {
            if (b == 0) {
                call.errors.add(row, "remainder by zero");
                return std::nullopt;
            }
            return kPositive ? positiveRemainder(a, b) : remainder(a, b);
        });
    });
}

struct Add {
    template <class T>
    static bool overflows(T a, T b, T* to) { return __builtin_add_overflow(a, b, to); }
    static double of(double a, double b) { return a + b; }
};
struct Subtract {
    template <class T>
    static bool overflows(T a, T b, T* to) { return __builtin_sub_overflow(a, b, to); }
    static double of(double a, double b) { return a - b; }
};
struct Multiply {
    template <class T>
    static bool overflows(T a, T b, T* to) { return __builtin_mul_overflow(a, b, to); }
    static double of(double a, double b) { return a * b; }
};

// NULL where the exact result does not fit.
template <class Operation>
ColumnPtr tryArithmetic(const Call& call)
{
    if (call.result.is(TypeKind::Date)) {
        return mapRows<int32_t, int32_t, int32_t>(call, [](int32_t a, int32_t b) { return static_cast<int32_t>(static_cast<uint32_t>(a) + (std::is_same_v<Operation, Add> ? static_cast<uint32_t>(b) : 0u - static_cast<uint32_t>(b))); });
    }
    return withNumber(call.result, [&]<class T>(T) {
        return mapChecked<T, T, T>(call, [](size_t, T a, T b) -> std::optional<T> {
            if constexpr (std::is_integral_v<T>) {
                T result;
                if (Operation::template overflows<T>(a, b, &result)) return std::nullopt;
                return result;
            } else {
                return static_cast<T>(Operation::of(a, b));
            }
        });
    });
}

Resolve numbersOrDateAndDays(std::string name)
{
    return [name](std::span<const ArgumentType> arguments) -> Result<Signature> {
        if (arguments.size() == 2 && arguments[0].type.is(TypeKind::Date) && arguments[1].type.is(TypeKind::Int)) return Signature{{TypeKind::Date, TypeKind::Int}, TypeKind::Date};
        const auto type = arguments.size() == 2 ? commonNumber(arguments[0].type, arguments[1].type) : std::nullopt;
        if (!type) return wrongArguments(name, "(number, number) or (date, int)", arguments);
        return Signature{{*type, *type}, *type};
    };
}

ColumnPtr tryDivide(const Call& call)
{
    return mapChecked<double, double, double>(call, [](size_t, double a, double b) -> std::optional<double> {
        if (b == 0) return std::nullopt;
        return a / b;
    });
}

ColumnPtr tryModulo(const Call& call)
{
    return withNumber(call.result, [&]<class T>(T) {
        return mapChecked<T, T, T>(call, [](size_t, T a, T b) -> std::optional<T> {
            if (b == 0) return std::nullopt;
            return remainder(a, b);
        });
    });
}

// ceil and floor: a BIGINT, which a DOUBLE may not fit.
Resolve wholeNumber(std::string name)
{
    return [name](std::span<const ArgumentType> arguments) -> Result<Signature> {
        if (arguments.size() == 2) return mistake(fmt::format("{} with a scale gives DECIMAL, which does not exist yet", name), fmt::format("use {}(number) or round(number, scale)", name));
        const auto type = arguments.size() == 1 ? numberType(arguments[0]) : std::nullopt;
        if (!type) return wrongArguments(name, "(number)", arguments);
        return Signature{{isIntegral(type->kind()) ? Type(TypeKind::BigInt) : Type(TypeKind::Double)}, TypeKind::BigInt};
    };
}

template <class F>
ColumnPtr toWhole(const Call& call, F f)
{
    if (call.arguments[0]->type().is(TypeKind::BigInt)) return call.arguments[0];
    return mapChecked<int64_t, double>(call, [&](size_t row, double x) -> std::optional<int64_t> {
        if (std::isnan(x)) return 0;
        const double whole = f(x);
        if (whole >= -0x1p63 && whole < 0x1p63) return static_cast<int64_t>(whole);
        call.errors.add(row, "bigint overflow");
        return std::nullopt;
    });
}

Resolve rounded(std::string name)
{
    return [name](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const auto type = arguments.size() == 1 || arguments.size() == 2 ? numberType(arguments[0]) : std::nullopt;
        if (!type || (arguments.size() == 2 && !convertsImplicitly(arguments[1], TypeKind::Int))) return wrongArguments(name, "(number[, int])", arguments);
        std::vector<Type> types{*type};
        if (arguments.size() == 2) types.emplace_back(TypeKind::Int);
        return Signature{std::move(types), *type};
    };
}

template <Rounding kMode>
ColumnPtr roundRows(const Call& call)
{
    const int32_t* scales = call.arguments.size() == 2 ? call.arguments[1]->values<int32_t>() : nullptr;
    return withNumber(call.result, [&]<class T>(T) {
        return mapChecked<T, T>(call, [&](size_t row, T x) -> std::optional<T> {
            const int scale = scales ? scales[row] : 0;
            if constexpr (std::is_integral_v<T>) {
                const auto value = roundInteger(x, scale, kMode);
                if (value && *value >= std::numeric_limits<T>::min() && *value <= std::numeric_limits<T>::max()) return static_cast<T>(*value);
                call.errors.add(row, overflow(call.result));
                return std::nullopt;
            } else {
                return roundDecimalText(x, scale, kMode);
            }
        });
    });
}

ColumnPtr logarithm(const Call& call)
{
    const auto ln = [](double x) -> std::optional<double> {
        if (x <= 0) return std::nullopt;
        return std::log(x);
    };
    if (call.arguments.size() == 1) return mapChecked<double, double>(call, [&](size_t, double x) { return ln(x); });
    return mapChecked<double, double, double>(call, [&](size_t, double base, double x) -> std::optional<double> {
        if (base <= 0 || x <= 0) return std::nullopt;
        return std::log(x) / std::log(base);
    });
}

ColumnPtr factorial(const Call& call)
{
    return mapChecked<int64_t, int32_t>(call, [](size_t, int32_t n) -> std::optional<int64_t> {
        if (n < 0 || n > 20) return std::nullopt;
        int64_t product = 1;
        for (int32_t i = 2; i <= n; ++i) product *= i;
        return product;
    });
}

ColumnPtr widthBucket(const Call& call)
{
    return mapChecked<int64_t, double, double, double, int64_t>(call, [](size_t, double value, double from, double to, int64_t buckets) -> std::optional<int64_t> {
        if (buckets <= 0 || buckets == std::numeric_limits<int64_t>::max() || std::isnan(value) || from == to || !std::isfinite(from) || !std::isfinite(to)) return std::nullopt;
        const double lower = std::min(from, to), upper = std::max(from, to);
        const auto count = static_cast<double>(buckets);
        if (from < to) {
            if (value < lower) return 0;
            if (value >= upper) return buckets + 1;
            return static_cast<int64_t>(count * (value - lower) / (upper - lower)) + 1;
        }
        if (value > upper) return 0;
        if (value <= lower) return buckets + 1;
        return static_cast<int64_t>(count * (upper - value) / (upper - lower)) + 1;
    });
}

Resolve extreme(std::string name)
{
    return [name](std::span<const ArgumentType> arguments) -> Result<Signature> {
        const auto type = arguments.size() >= 2 ? commonType(arguments, TextPromotion::None) : std::nullopt;
        if (!type) return wrongArguments(name, "at least two values of one type", arguments);
        return Signature{std::vector<Type>(arguments.size(), *type), *type};
    };
}

// The largest (sign 1) or smallest (sign -1) of the arguments that are not NULL.
ColumnPtr extremeOf(const Call& call, int sign)
{
    return buildRows(call, [&](size_t row, ColumnBuilder& out) {
        const Column* best = nullptr;
        for (const ColumnPtr& column : call.arguments) {
            if (!column->isNull(row) && (!best || compareRows(*column, row, *best, row) * sign > 0)) best = column.get();
        }
        if (best) out.pushFrom(*best, row);
        else out.pushNull();
    });
}

std::optional<double> positiveOnly(double x, double (*f)(double))
{
    if (x <= 0) return std::nullopt;
    return f(x);
}

void addTrigonometry(std::vector<Function>& all)
{
    all.push_back(ofDouble("acos", {}, "The angle in radians whose cosine is the number; NaN outside of -1 to 1.", {"acos(1)", "0.0"}, [](double x) { return std::acos(x); }));
    all.push_back(ofDouble("acosh", {}, "The inverse hyperbolic cosine.", {"acosh(1)", "0.0"}, [](double x) { return std::acosh(x); }));
    all.push_back(ofDouble("asin", {}, "The angle in radians whose sine is the number; NaN outside of -1 to 1.", {"asin(0)", "0.0"}, [](double x) { return std::asin(x); }));
    all.push_back(ofDouble("asinh", {}, "The inverse hyperbolic sine.", {"asinh(0)", "0.0"}, [](double x) { return std::asinh(x); }));
    all.push_back(ofDouble("atan", {}, "The angle in radians whose tangent is the number.", {"atan(0)", "0.0"}, [](double x) { return std::atan(x); }));
    all.push_back(ofDouble("atanh", {}, "The inverse hyperbolic tangent.", {"atanh(0)", "0.0"}, [](double x) { return std::atanh(x); }));
    all.push_back(ofDouble("cos", {}, "The cosine of an angle in radians.", {"cos(0)", "1.0"}, [](double x) { return std::cos(x); }));
    all.push_back(ofDouble("cosh", {}, "The hyperbolic cosine.", {"cosh(0)", "1.0"}, [](double x) { return std::cosh(x); }));
    all.push_back(ofDouble("cot", {}, "The cotangent of an angle in radians.", {"round(cot(1), 6)", "0.642093"}, [](double x) { return 1 / std::tan(x); }));
    all.push_back(ofDouble("csc", {}, "The cosecant of an angle in radians.", {"round(csc(1), 6)", "1.188395"}, [](double x) { return 1 / std::sin(x); }));
    all.push_back(ofDouble("degrees", {}, "Radians as degrees.", {"degrees(pi())", "180.0"}, [](double x) { return x * (180 / std::numbers::pi); }));
    all.push_back(ofDouble("radians", {}, "Degrees as radians.", {"radians(180)", "3.141592653589793"}, [](double x) { return x * (std::numbers::pi / 180); }));
    all.push_back(ofDouble("sec", {}, "The secant of an angle in radians.", {"sec(0)", "1.0"}, [](double x) { return 1 / std::cos(x); }));
    all.push_back(ofDouble("sin", {}, "The sine of an angle in radians.", {"sin(0)", "0.0"}, [](double x) { return std::sin(x); }));
    all.push_back(ofDouble("sinh", {}, "The hyperbolic sine.", {"sinh(0)", "0.0"}, [](double x) { return std::sinh(x); }));
    all.push_back(ofDouble("tan", {}, "The tangent of an angle in radians.", {"tan(0)", "0.0"}, [](double x) { return std::tan(x); }));
    all.push_back(ofDouble("tanh", {}, "The hyperbolic tangent.", {"tanh(0)", "0.0"}, [](double x) { return std::tanh(x); }));
    all.push_back(ofTwoDoubles("atan2", {}, "atan2(y, x)", "The angle in radians of the point (x, y).", {"atan2(0, 1)", "0.0"}, [](double y, double x) { return std::atan2(y + 0.0, x + 0.0); }));
    all.push_back(ofTwoDoubles("hypot", {}, "hypot(a, b)", "The length of the hypotenuse, sqrt(a² + b²).", {"hypot(3, 4)", "5.0"}, [](double a, double b) { return std::hypot(a, b); }));
}

void addPowers(std::vector<Function>& all)
{
    all.push_back(constantOf("e", "Euler's number.", {"e()", "2.718281828459045"}, std::numbers::e));
    all.push_back(constantOf("pi", "The ratio of a circle's circumference to its diameter.", {"pi()", "3.141592653589793"}, std::numbers::pi));
    all.push_back(ofDouble("cbrt", {}, "The cube root.", {"cbrt(27)", "3.0"}, [](double x) { return static_cast<double>(std::cbrt(static_cast<long double>(x))); }));
    all.push_back(ofDouble("sqrt", {}, "The square root; NaN for negative numbers.", {"sqrt(4)", "2.0"}, [](double x) { return std::sqrt(x); }));
    all.push_back(ofDouble("exp", {}, "e to the power of the number.", {"exp(0)", "1.0"}, [](double x) { return std::exp(x); }));
    all.push_back(ofDouble("expm1", {}, "exp(number) - 1, exact for small numbers.", {"expm1(0)", "0.0"}, [](double x) { return std::expm1(x); }));
    all.push_back(ofDouble("rint", {}, "The nearest whole number as a double; halves go to the even one.", {"rint(2.5)", "2.0"}, [](double x) { return std::nearbyint(x); }));
    all.push_back(ofDouble("sign", {"signum"}, "-1.0, 0.0 or 1.0 as the number is negative, zero or positive.", {"sign(-5)", "-1.0"},
        [](double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }));
    all.push_back(ofDoubleOrNull("ln", {}, "The natural logarithm; NULL for numbers that are not positive.", {"ln(1)", "0.0"}, [](double x) { return positiveOnly(x, std::log); }));
    all.push_back(ofDoubleOrNull("log10", {}, "The logarithm to base 10; NULL for numbers that are not positive.", {"log10(1000)", "3.0"}, [](double x) { return positiveOnly(x, std::log10); }));
    all.push_back(ofDoubleOrNull("log2", {}, "The logarithm to base 2; NULL for numbers that are not positive.", {"log2(8)", "3.0"}, [](double x) { return positiveOnly(x, std::log2); }));
    all.push_back(ofDoubleOrNull("log1p", {}, "ln(1 + number), exact for small numbers; NULL at -1 and below.", {"log1p(0)", "0.0"}, [](double x) -> std::optional<double> {
        if (x <= -1) return std::nullopt;
        return std::log1p(x);
    }));
    all.push_back({.name = "log", .family = "math", .usage = "log([base, ]number)", .help = "The logarithm, natural without a base; NULL when base or number is not positive.",
        .example = {"log(2, 8)", "3.0"},
        .resolve = [](std::span<const ArgumentType> arguments) { return takes("log", {TypeKind::Double, TypeKind::Double}, TypeKind::Double, 1)(arguments); },
        .evaluate = logarithm});
    all.push_back(ofTwoDoubles("pow", {"power"}, "pow(base, exponent)", "The base to the power of the exponent.", {"pow(2, 10)", "1024.0"}, [](double a, double b) { return javaPow(a, b); }));
}

void addArithmetic(std::vector<Function>& all)
{
    all.push_back({.name = "abs", .family = "math", .usage = "abs(number)", .help = "The number without its sign.", .example = {"abs(-1)", "1"}, .resolve = sameNumber("abs"), .evaluate = absolute, .canFail = true});
    all.push_back({.name = "negative", .family = "math", .usage = "negative(number)", .help = "The number with its sign changed.", .example = {"negative(1)", "-1"}, .resolve = sameNumber("negative"), .evaluate = negate, .canFail = true});
    all.push_back({.name = "positive", .family = "math", .usage = "positive(number)", .help = "The number itself.", .example = {"positive(1)", "1"}, .resolve = sameNumber("positive"),
        .evaluate = [](const Call& call) { return call.arguments[0]; }});
    all.push_back({.name = "mod", .family = "math", .usage = "mod(a, b)", .help = "The remainder of a / b with the sign of a, as a % b.", .example = {"mod(-7, 3)", "-1"}, .resolve = twoNumbers("mod"), .evaluate = modulo<false>, .canFail = true});
    all.push_back({.name = "pmod", .family = "math", .usage = "pmod(a, b)", .help = "The remainder of a / b, never negative for a positive b.", .example = {"pmod(-7, 3)", "2"}, .resolve = twoNumbers("pmod"), .evaluate = modulo<true>, .canFail = true});
    all.push_back({.name = "try_add", .family = "math", .usage = "try_add(a, b)", .help = "a + b, or NULL when the sum does not fit its type. A date and a number of days may be added too.",
        .example = {"try_add(2147483647, 1)", "null"}, .resolve = numbersOrDateAndDays("try_add"), .evaluate = tryArithmetic<Add>});
    all.push_back({.name = "try_subtract", .family = "math", .usage = "try_subtract(a, b)", .help = "a - b, or NULL when the difference does not fit its type.",
        .example = {"try_subtract(2, 1)", "1"}, .resolve = numbersOrDateAndDays("try_subtract"), .evaluate = tryArithmetic<Subtract>});
    all.push_back({.name = "try_multiply", .family = "math", .usage = "try_multiply(a, b)", .help = "a * b, or NULL when the product does not fit its type.",
        .example = {"try_multiply(2, 3)", "6"}, .resolve = twoNumbers("try_multiply"), .evaluate = tryArithmetic<Multiply>});
    all.push_back({.name = "try_divide", .family = "math", .usage = "try_divide(a, b)", .help = "a / b as a double, or NULL when b is zero.", .example = {"try_divide(3, 0)", "null"},
        .resolve = takes("try_divide", {TypeKind::Double, TypeKind::Double}, TypeKind::Double), .evaluate = tryDivide});
    all.push_back({.name = "try_mod", .family = "math", .usage = "try_mod(a, b)", .help = "a % b, or NULL when b is zero.", .example = {"try_mod(7, 3)", "1"}, .resolve = twoNumbers("try_mod"), .evaluate = tryModulo});
    all.push_back({.name = "factorial", .family = "math", .usage = "factorial(number)", .help = "The factorial of 0 to 20; NULL for others.", .example = {"factorial(5)", "120"},
        .resolve = takes("factorial", {TypeKind::Int}, TypeKind::BigInt), .evaluate = factorial});
    all.push_back({.name = "greatest", .family = "math", .usage = "greatest(value, value, ...)", .help = "The largest of the values that are not NULL.", .example = {"greatest(1, NULL, 3)", "3"},
        .resolve = extreme("greatest"), .evaluate = [](const Call& call) { return extremeOf(call, 1); }, .seesNulls = true});
    all.push_back({.name = "least", .family = "math", .usage = "least(value, value, ...)", .help = "The smallest of the values that are not NULL.", .example = {"least(10, 9, 2)", "2"},
        .resolve = extreme("least"), .evaluate = [](const Call& call) { return extremeOf(call, -1); }, .seesNulls = true});
    all.push_back({.name = "width_bucket", .family = "math", .usage = "width_bucket(value, from, to, buckets)",
        .help = "The number of the bucket, from 1, that the value falls into when the range is cut into equal buckets; 0 below, buckets + 1 above.",
        .example = {"width_bucket(5.3, 0.2, 10.6, 5)", "3"}, .resolve = takes("width_bucket", {TypeKind::Double, TypeKind::Double, TypeKind::Double, TypeKind::BigInt}, TypeKind::BigInt), .evaluate = widthBucket});
}

void addRounding(std::vector<Function>& all)
{
    all.push_back({.name = "round", .family = "math", .usage = "round(number[, scale])", .help = "Rounds to `scale` digits behind the point, halves away from zero; a negative scale rounds before the point.",
        .example = {"round(2.5)", "3.0"}, .resolve = rounded("round"), .evaluate = roundRows<Rounding::HalfUp>, .canFail = true});
    all.push_back({.name = "bround", .family = "math", .usage = "bround(number[, scale])", .help = "Rounds to `scale` digits behind the point, halves to the even neighbour.",
        .example = {"bround(25, -1)", "20"}, .resolve = rounded("bround"), .evaluate = roundRows<Rounding::HalfEven>, .canFail = true});
    all.push_back({.name = "ceil", .aliases = {"ceiling"}, .family = "math", .usage = "ceil(number)", .help = "The smallest whole number that is not less.", .example = {"ceil(-0.1)", "0"},
        .resolve = wholeNumber("ceil"), .evaluate = [](const Call& call) { return toWhole(call, [](double x) { return std::ceil(x); }); }, .canFail = true});
    all.push_back({.name = "floor", .family = "math", .usage = "floor(number)", .help = "The largest whole number that is not greater.", .example = {"floor(-0.1)", "-1"},
        .resolve = wholeNumber("floor"), .evaluate = [](const Call& call) { return toWhole(call, [](double x) { return std::floor(x); }); }, .canFail = true});
}

}

std::vector<Function> mathFunctions()
{
    std::vector<Function> all;
    addArithmetic(all);
    addRounding(all);
    addPowers(all);
    addTrigonometry(all);
    addBitFunctions(all);
    addRandomFunctions(all);
    return all;
}

}
