#include "engine/expression/operators.h"
#include "engine/expression/signature.h"

#include <cmath>

namespace streamwright::syntax {

std::string typesOf(std::span<const BoundPtr> values)
{
    std::string types = "(";
    for (const BoundPtr& value : values) types += (types.size() > 1 ? ", " : "") + value->type.simpleName();
    return types + ")";
}

namespace {

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;

// Each operation of whole numbers: the result that wraps around, and a word whose sign bit is set, or that is
// not 0, when it did. The words of all rows are joined, so the loop has no branch.
struct Add {
    static constexpr const char* kSign = "+";
    template <class T>
    static T wrapped(T a, T b) { return static_cast<T>(static_cast<Bits<T>>(a) + static_cast<Bits<T>>(b)); }
    template <class T>
    static bool overflows(T a, T b) { T r; return __builtin_add_overflow(a, b, &r); }
    template <class T>
    static T alarm(T a, T b, T r) { return static_cast<T>((a ^ r) & (b ^ r) & std::numeric_limits<T>::min()); }
};

struct Subtract {
    static constexpr const char* kSign = "-";
    template <class T>
    static T wrapped(T a, T b) { return static_cast<T>(static_cast<Bits<T>>(a) - static_cast<Bits<T>>(b)); }
    template <class T>
    static bool overflows(T a, T b) { T r; return __builtin_sub_overflow(a, b, &r); }
    template <class T>
    static T alarm(T a, T b, T r) { return static_cast<T>((a ^ b) & (a ^ r) & std::numeric_limits<T>::min()); }
};

struct Multiply {
    static constexpr const char* kSign = "*";
    template <class T>
    static T wrapped(T a, T b) { return static_cast<T>(static_cast<Bits<T>>(a) * static_cast<Bits<T>>(b)); }
    template <class T>
    static bool overflows(T a, T b) { T r; return __builtin_mul_overflow(a, b, &r); }
    template <class T>
    static T alarm(T a, T b, T r)
    {
        if constexpr (sizeof(T) == 4) return static_cast<T>(static_cast<int64_t>(a) * b != r);
        else return static_cast<T>(overflows(a, b));
    }
};

// Marks the rows that fail.
template <class Fails, class Reason>
void failWhere(Frame& frame, Marks& marks, Fails fails, Reason reason)
{
    Marks source = marks;
    uint8_t* nulls = nullptr;
    for (size_t row = 0; row < frame.rows; ++row) {
        if ((source.data && source.data[row]) || !fails(row)) continue;
        if (!nulls) nulls = writable(marks, frame.rows);
        nulls[row] = 1;
        frame.errors.add(row, reason(row));
    }
}

template <class T, class Op>
ColumnPtr wholeNumbers(const Type& type, const Operand& a, const Operand& b, Frame& frame)
{
    auto buffer = Buffer::allocate(frame.rows * sizeof(T));
    T alarm = 0;
    eachPair<T>(a, b, frame.rows, reinterpret_cast<T*>(buffer->data()), [&alarm](T x, T y) {
        const T r = Op::wrapped(x, y);
        alarm = static_cast<T>(alarm | Op::alarm(x, y, r));
        return r;
    });
    Marks marks = eitherNull(a, b, frame.rows);
    if (alarm != 0) {
        const T* x = a.column->values<T>();
        const T* y = b.column->values<T>();
        failWhere(
            frame, marks, [&](size_t row) { return Op::overflows(x[a.at(row)], y[b.at(row)]); },
            [&](size_t row) { return fmt::format("{} overflow: {} {} {}", sizeof(T) == 4 ? "integer" : "long", x[a.at(row)], Op::kSign, y[b.at(row)]); });
    }
    return columnAround(type, frame.rows, buffer, std::move(marks));
}

template <class Op>
struct Sum final : Bound {
    ColumnPtr evaluate(Frame& frame) const override
    {
        const Operand a = evaluateOperand(*inputs[0], frame);
        const Operand b = evaluateOperand(*inputs[1], frame);
        if (isNullConstant(a) || isNullConstant(b)) return Column::nullsOf(type, frame.rows);
        switch (type.kind()) {
            case TypeKind::Int: return wholeNumbers<int32_t, Op>(type, a, b, frame);
            case TypeKind::BigInt: return wholeNumbers<int64_t, Op>(type, a, b, frame);
            case TypeKind::Float: return fractions<float>(a, b, frame);
            default: return fractions<double>(a, b, frame);
        }
    }

private:
    template <class T>
    ColumnPtr fractions(const Operand& a, const Operand& b, Frame& frame) const
    {
        auto buffer = Buffer::allocate(frame.rows * sizeof(T));
        eachPair<T>(a, b, frame.rows, reinterpret_cast<T*>(buffer->data()), [](T x, T y) {
            if constexpr (std::is_same_v<Op, Add>) return x + y;
            else if constexpr (std::is_same_v<Op, Subtract>) return x - y;
            else return x * y;
        });
        return columnAround(type, frame.rows, buffer, eitherNull(a, b, frame.rows));
    }
};

// `/` over DOUBLE, `%` and `div`: a divisor of 0 fails.
enum class Division : unsigned char { Quotient, Remainder, Whole };

template <class T>
T divided(Division kind, T a, T b)
{
    if constexpr (std::is_floating_point_v<T>) {
        return kind == Division::Quotient ? a / b : std::fmod(a, b);
    } else {
        if (b == 0) return 0;
        if (b == -1) return kind == Division::Remainder ? T(0) : static_cast<T>(Bits<T>(0) - static_cast<Bits<T>>(a));
        return kind == Division::Remainder ? static_cast<T>(a % b) : static_cast<T>(a / b);
    }
}

struct Divide final : Bound {
    Division kind = Division::Quotient;

    ColumnPtr evaluate(Frame& frame) const override
    {
        const Operand a = evaluateOperand(*inputs[0], frame);
        const Operand b = evaluateOperand(*inputs[1], frame);
        if (isNullConstant(a) || isNullConstant(b)) return Column::nullsOf(type, frame.rows);
        switch (type.kind()) {
            case TypeKind::Int: return compute<int32_t>(a, b, frame);
            case TypeKind::BigInt: return compute<int64_t>(a, b, frame);
            case TypeKind::Float: return compute<float>(a, b, frame);
            default: return compute<double>(a, b, frame);
        }
    }

private:
    template <class T>
    ColumnPtr compute(const Operand& a, const Operand& b, Frame& frame) const
    {
        auto buffer = Buffer::allocate(frame.rows * sizeof(T));
        T* out = reinterpret_cast<T*>(buffer->data());
        if (kind == Division::Quotient) {
            eachPair<T>(a, b, frame.rows, out, [](T x, T y) { return divided(Division::Quotient, x, y); });
        } else {
            eachPair<T>(a, b, frame.rows, out, [this](T x, T y) { return divided(kind, x, y); });
        }
        Marks marks = eitherNull(a, b, frame.rows);
        const T* x = a.column->values<T>();
        const T* y = b.column->values<T>();
        const size_t divisors = b.constant ? 1 : frame.rows;
        bool alarm = false;
        for (size_t i = 0; i < divisors; ++i) alarm |= y[i] == 0;
        if constexpr (std::is_same_v<T, int64_t>) {
            for (size_t i = 0; i < divisors && kind == Division::Whole; ++i) alarm |= y[i] == -1;
        }
        if (!alarm) return columnAround(type, frame.rows, buffer, std::move(marks));
        const auto overflows = [&](size_t row) {
            if constexpr (std::is_same_v<T, int64_t>) return kind == Division::Whole && y[b.at(row)] == -1 && x[a.at(row)] == INT64_MIN;
            else return false;
        };
        failWhere(
            frame, marks, [&](size_t row) { return y[b.at(row)] == 0 || overflows(row); },
            [&](size_t row) { return overflows(row) ? std::string("long overflow: -9223372036854775808 div -1") : std::string(kind == Division::Remainder ? "remainder by zero" : "division by zero"); });
        return columnAround(type, frame.rows, buffer, std::move(marks));
    }
};

// DATE plus or minus whole days; wraps around like Spark's.
struct MoveDate final : Bound {
    bool back = false;
    ColumnPtr evaluate(Frame& frame) const override
    {
        const Operand a = evaluateOperand(*inputs[0], frame);
        const Operand b = evaluateOperand(*inputs[1], frame);
        if (isNullConstant(a) || isNullConstant(b)) return Column::nullsOf(type, frame.rows);
        auto buffer = Buffer::allocate(frame.rows * sizeof(int32_t));
        auto* out = reinterpret_cast<int32_t*>(buffer->data());
        if (back) eachPair<int32_t>(a, b, frame.rows, out, Subtract::wrapped<int32_t>);
        else eachPair<int32_t>(a, b, frame.rows, out, Add::wrapped<int32_t>);
        return columnAround(type, frame.rows, buffer, eitherNull(a, b, frame.rows));
    }
};

Error cannot(std::string_view sign, const BoundPtr& a, const BoundPtr& b, std::string hint = {})
{
    return mistake(fmt::format("cannot compute {} {} {}", a->type.simpleName(), sign, b->type.simpleName()), std::move(hint));
}

BoundPtr sealed(std::shared_ptr<Bound> node, const Type& type, const Type& operands, BoundPtr a, BoundPtr b, bool mayFail)
{
    node->type = type;
    node->canFail = mayFail;
    node->cheap = a->cheap && b->cheap;
    node->inputs = {castTo(std::move(a), operands), castTo(std::move(b), operands)};
    return seal(std::move(node));
}

}

std::optional<std::pair<BoundPtr, BoundPtr>> additionIn(const Bound& bound)
{
    const auto* sum = dynamic_cast<const Sum<Add>*>(&bound);
    if (!sum) return std::nullopt;
    return std::pair(sum->inputs[0], sum->inputs[1]);
}

ColumnPtr addWhole(const Type& type, const Operand& a, const Operand& b, Frame& frame)
{
    if (type.is(TypeKind::Int)) return wholeNumbers<int32_t, Add>(type, a, b, frame);
    return wholeNumbers<int64_t, Add>(type, a, b, frame);
}

Result<BoundPtr> arithmetic(std::string_view sign, BoundPtr a, BoundPtr b)
{
    const bool aDate = a->type.is(TypeKind::Date), bDate = b->type.is(TypeKind::Date);
    if ((sign == "+" || sign == "-") && (aDate != bDate) && (aDate || sign == "+")) {
        const BoundPtr& days = aDate ? b : a;
        if (days->type.is(TypeKind::Int) || days->type.is(TypeKind::Void)) {
            auto node = std::make_shared<MoveDate>();
            node->type = TypeKind::Date;
            node->back = sign == "-";
            node->inputs = {aDate ? a : b, castTo(days, TypeKind::Int)};
            return seal(std::move(node));
        }
    }
    if ((aDate || a->type.is(TypeKind::Timestamp)) && (bDate || b->type.is(TypeKind::Timestamp))) {
        return cannot(sign, a, b, "intervals are not supported yet; use datediff(end, start) or timestampdiff(SECOND, start, end)");
    }
    const auto common = commonNumber(a->type, b->type);
    if (!common) return cannot(sign, a, b, aDate || bDate ? "days are added as INT" : "both sides must be numbers");
    const bool whole = isIntegral(common->kind());
    if (sign == "+") return sealed(std::make_shared<Sum<Add>>(), *common, *common, std::move(a), std::move(b), whole);
    if (sign == "-") return sealed(std::make_shared<Sum<Subtract>>(), *common, *common, std::move(a), std::move(b), whole);
    if (sign == "*") return sealed(std::make_shared<Sum<Multiply>>(), *common, *common, std::move(a), std::move(b), whole);
    auto node = std::make_shared<Divide>();
    if (sign == "/") {
        // Text becomes the common type first, as in Spark: '7.5' / 2 fails.
        return sealed(std::move(node), TypeKind::Double, TypeKind::Double, castTo(std::move(a), *common), castTo(std::move(b), *common), true);
    }
    if (sign == "%") {
        node->kind = Division::Remainder;
        return sealed(std::move(node), *common, *common, std::move(a), std::move(b), true);
    }
    if (!whole && !(a->type.is(TypeKind::Void) && b->type.is(TypeKind::Void))) return cannot(sign, a, b, "div takes whole numbers; use floor(a / b)");
    node->kind = Division::Whole;
    return sealed(std::move(node), TypeKind::BigInt, TypeKind::BigInt, castTo(std::move(a), whole ? *common : Type(TypeKind::BigInt)),
                  castTo(std::move(b), whole ? *common : Type(TypeKind::BigInt)), true);
}

}
