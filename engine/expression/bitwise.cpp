// Bit operators and signs.
#include "engine/expression/operators.h"
#include "engine/expression/signature.h"

namespace streamwright::syntax {

namespace {

enum class Bit : unsigned char { And, Or, Xor, Left, Right, RightUnsigned };

struct Bitwise final : Bound {
    Bit bit = Bit::And;

    ColumnPtr evaluate(Frame& frame) const override
    {
        const Operand a = evaluateOperand(*inputs[0], frame);
        const Operand b = evaluateOperand(*inputs[1], frame);
        if (isNullConstant(a) || isNullConstant(b)) return Column::nullsOf(type, frame.rows);
        if (type.is(TypeKind::Int)) return compute<int32_t>(a, b, frame);
        return compute<int64_t>(a, b, frame);
    }

private:
    template <class T>
    ColumnPtr compute(const Operand& a, const Operand& b, Frame& frame) const
    {
        auto buffer = Buffer::allocate(frame.rows * sizeof(T));
        T* out = reinterpret_cast<T*>(buffer->data());
        switch (bit) {
            case Bit::And: eachPair<T>(a, b, frame.rows, out, [](T x, T y) { return static_cast<T>(x & y); }); break;
            case Bit::Or: eachPair<T>(a, b, frame.rows, out, [](T x, T y) { return static_cast<T>(x | y); }); break;
            case Bit::Xor: eachPair<T>(a, b, frame.rows, out, [](T x, T y) { return static_cast<T>(x ^ y); }); break;
            default: shift(a, b, frame.rows, out);
        }
        return columnAround(type, frame.rows, buffer, eitherNull(a, b, frame.rows));
    }

    // The count is an INT of which the low 5 or 6 bits count, as on the JVM.
    template <class T>
    void shift(const Operand& a, const Operand& b, size_t rows, T* out) const
    {
        using Unsigned = std::make_unsigned_t<T>;
        const T* x = a.column->values<T>();
        const int32_t* y = b.column->values<int32_t>();
        for (size_t i = 0; i < rows; ++i) {
            const T value = x[a.at(i)];
            const auto count = static_cast<unsigned>(y[b.at(i)]) & (sizeof(T) * 8 - 1);
            if (bit == Bit::Left) out[i] = static_cast<T>(static_cast<Unsigned>(value) << count);
            else if (bit == Bit::Right) out[i] = static_cast<T>(value >> count);
            else out[i] = static_cast<T>(static_cast<Unsigned>(value) >> count);
        }
    }
};

struct Sign final : Bound {
    bool flip = false;   // ~ instead of -

    ColumnPtr evaluate(Frame& frame) const override
    {
        const ColumnPtr column = inputs[0]->evaluate(frame);
        switch (type.kind()) {
            case TypeKind::Int: return compute<int32_t>(*column, frame);
            case TypeKind::BigInt: return compute<int64_t>(*column, frame);
            case TypeKind::Float: return negated<float>(*column);
            default: return negated<double>(*column);
        }
    }

private:
    template <class T>
    ColumnPtr negated(const Column& column) const
    {
        auto buffer = Buffer::allocate(column.size() * sizeof(T));
        T* out = reinterpret_cast<T*>(buffer->data());
        const T* in = column.values<T>();
        for (size_t i = 0; i < column.size(); ++i) out[i] = -in[i];
        return columnAround(type, column.size(), buffer, {column.nulls(), column.owners()});
    }

    template <class T>
    ColumnPtr compute(const Column& column, Frame& frame) const
    {
        using Unsigned = std::make_unsigned_t<T>;
        auto buffer = Buffer::allocate(column.size() * sizeof(T));
        T* out = reinterpret_cast<T*>(buffer->data());
        const T* in = column.values<T>();
        Marks marks{column.nulls(), column.owners()};
        bool alarm = false;
        for (size_t i = 0; i < column.size(); ++i) {
            out[i] = flip ? static_cast<T>(~in[i]) : static_cast<T>(Unsigned(0) - static_cast<Unsigned>(in[i]));
            alarm |= in[i] == std::numeric_limits<T>::min();
        }
        if (alarm && !flip) {
            uint8_t* nulls = writable(marks, column.size());
            for (size_t i = 0; i < column.size(); ++i) {
                if (nulls[i] || in[i] != std::numeric_limits<T>::min()) continue;
                nulls[i] = 1;
                frame.errors.add(i, fmt::format("{} overflow: -({})", sizeof(T) == 4 ? "integer" : "long", in[i]));
            }
            marks.owners.insert(marks.owners.end(), column.owners().begin(), column.owners().end());
        }
        return columnAround(type, column.size(), buffer, std::move(marks));
    }
};

}

Result<BoundPtr> bitwise(std::string_view sign, BoundPtr a, BoundPtr b)
{
    auto node = std::make_shared<Bitwise>();
    node->bit = sign == "&" ? Bit::And : sign == "|" ? Bit::Or : sign == "^" ? Bit::Xor : sign == "<<" ? Bit::Left : sign == ">>" ? Bit::Right : Bit::RightUnsigned;
    const bool shifts = node->bit >= Bit::Left;
    const auto both = shifts ? std::optional<Type>(a->type.is(TypeKind::Void) ? Type(TypeKind::Int) : a->type) : commonNumber(a->type, b->type);
    const Type none = TypeKind::Int;
    Type type = both && both->is(TypeKind::Double) && a->type.is(TypeKind::Void) && b->type.is(TypeKind::Void) ? none : both.value_or(TypeKind::Void);
    if (shifts && type.is(TypeKind::String)) type = none;
    if (!isIntegral(type.kind()) || (shifts && !convertsImplicitly({b->type, b->literal}, TypeKind::Int))) {
        return mistake(fmt::format("cannot compute {} {} {}", a->type.simpleName(), sign, b->type.simpleName()), "bit operators take whole numbers");
    }
    node->type = type;
    node->inputs = {castTo(std::move(a), type), castTo(std::move(b), shifts ? none : type)};
    return seal(std::move(node));
}

Result<BoundPtr> unary(std::string_view sign, BoundPtr a)
{
    Type type = a->type.is(TypeKind::Void) || a->type.is(TypeKind::String) ? Type(TypeKind::Double) : a->type;
    if (sign == "~" && type.is(TypeKind::Double) && !a->type.is(TypeKind::Double)) type = TypeKind::Int;
    const std::string_view written = sign == "negative" ? "-" : sign == "positive" ? "+" : sign;
    if (!isNumeric(type.kind()) || (sign == "~" && !isIntegral(type.kind()))) {
        return mistake(fmt::format("cannot compute {} {}", written, a->type.simpleName()), sign == "~" ? "~ takes a whole number" : "the operand must be a number");
    }
    a = castTo(std::move(a), type);
    if (sign == "positive") return a;
    auto node = std::make_shared<Sign>();
    node->type = type;
    node->flip = sign == "~";
    node->canFail = !node->flip && isIntegral(type.kind());
    node->cheap = a->cheap;
    node->inputs = {std::move(a)};
    return seal(std::move(node));
}

}
