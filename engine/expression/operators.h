// The trees that operators become: types are brought together by Spark's rules, or a mistake says what
// does not fit. Private to this room.
#pragma once
#include "engine/expression/cast.h"

namespace streamwright::syntax {

// `+ - * / % div`.
Result<BoundPtr> arithmetic(std::string_view sign, BoundPtr a, BoundPtr b);
// Both sides of an addition of INT, BIGINT, FLOAT or DOUBLE.
std::optional<std::pair<BoundPtr, BoundPtr>> additionIn(const Bound& bound);
// The sum of two columns of INT or BIGINT; overflows are told to the frame.
ColumnPtr addWhole(const Type& type, const Operand& a, const Operand& b, Frame& frame);
// `& | ^ << >> >>>`.
Result<BoundPtr> bitwise(std::string_view sign, BoundPtr a, BoundPtr b);
// `negative positive ~`.
Result<BoundPtr> unary(std::string_view sign, BoundPtr a);
// `= != < <= > >= <=>`.
Result<BoundPtr> comparison(std::string_view sign, BoundPtr a, BoundPtr b);
// Whether a value is in a list of literals, none of them NULL and all of the value's type.
BoundPtr inLiterals(BoundPtr value, const std::vector<Value>& literals);

// `and` or `or` of any number of terms: a term is evaluated on the rows that the earlier ones left open.
Result<BoundPtr> junction(std::string_view name, std::vector<BoundPtr> terms);
Result<BoundPtr> negation(BoundPtr condition);
BoundPtr isNull(BoundPtr value);
Result<BoundPtr> isTrue(BoundPtr condition, bool wanted);
// Converts to BOOLEAN as Spark would: "AND expects boolean, but got int".
Result<BoundPtr> asBoolean(std::string_view who, BoundPtr value);

// Conditions and values in turn, then the value of the other rows.
Result<BoundPtr> caseWhen(std::vector<BoundPtr> branches, BoundPtr otherwise);
Result<BoundPtr> coalesce(std::vector<BoundPtr> values);
// `value` is computed once into the slot that `body` reads.
BoundPtr let(BoundPtr value, uint32_t slot, BoundPtr body);

Result<BoundPtr> fieldOf(BoundPtr value, std::string_view name);
Result<BoundPtr> elementOf(BoundPtr array, BoundPtr index);

// The arguments have the types that the function's resolver asked for.
BoundPtr callOf(const Function& function, std::vector<BoundPtr> arguments, const Type& result);

// `(int, string)` for mistakes.
std::string typesOf(std::span<const BoundPtr> values);

// Applies f to both operands, row by row; constants are held in a register, so that the loop vectorises.
template <class T, class R, class F>
void eachPair(const Operand& a, const Operand& b, size_t rows, R* out, F f)
{
    const T* x = a.column->values<T>();
    const T* y = b.column->values<T>();
    if (a.constant && b.constant) {
        std::fill_n(out, rows, f(x[0], y[0]));
    } else if (a.constant) {
        const T value = x[0];
        for (size_t i = 0; i < rows; ++i) out[i] = f(value, y[i]);
    } else if (b.constant) {
        const T value = y[0];
        for (size_t i = 0; i < rows; ++i) out[i] = f(x[i], value);
    } else {
        for (size_t i = 0; i < rows; ++i) out[i] = f(x[i], y[i]);
    }
}

inline bool isNullConstant(const Operand& operand) { return operand.constant && operand.column->isNull(0); }

}
