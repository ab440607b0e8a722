#include "engine/expression/operators.h"
#include "engine/expression/order.h"
#include "engine/expression/signature.h"

#include <unordered_set>

namespace streamwright::syntax {

namespace {

// NaN equals NaN and is greater than every number; -0.0 equals 0.0.
struct Equal {
    template <class T>
    uint8_t operator()(const T& a, const T& b) const
    {
        if constexpr (std::is_floating_point_v<T>) return static_cast<uint8_t>((a == b) | ((a != a) & (b != b)));
        else return a == b;
    }
};

struct Less {
    template <class T>
    uint8_t operator()(const T& a, const T& b) const
    {
        if constexpr (std::is_same_v<T, StringRef>) return a.compare(b) < 0;
        else if constexpr (std::is_floating_point_v<T>) return static_cast<uint8_t>((a < b) | ((a == a) & (b != b)));
        else return a < b;
    }
};

template <class F>
void compareInto(const Type& type, const Operand& a, const Operand& b, size_t rows, uint8_t* out)
{
    switch (type.kind()) {
        case TypeKind::Boolean: return eachPair<uint8_t>(a, b, rows, out, F());
        case TypeKind::Int:
        case TypeKind::Date: return eachPair<int32_t>(a, b, rows, out, F());
        case TypeKind::BigInt:
        case TypeKind::Timestamp: return eachPair<int64_t>(a, b, rows, out, F());
        case TypeKind::Float: return eachPair<float>(a, b, rows, out, F());
        case TypeKind::Double: return eachPair<double>(a, b, rows, out, F());
        case TypeKind::String:
        case TypeKind::Binary: return eachPair<StringRef>(a, b, rows, out, F());
        default: break;
    }
    for (size_t i = 0; i < rows; ++i) {
        const int order = compareRows(*a.column, a.at(i), *b.column, b.at(i));
        out[i] = std::is_same_v<F, Equal> ? order == 0 : order < 0;
    }
}

// a = b or a < b, the other comparisons by swapping sides and turning the answer round.
struct Comparison final : Bound {
    bool less = false;
    bool inverted = false;
    bool nullSafe = false;

    ColumnPtr evaluate(Frame& frame) const override
    {
        const Operand a = evaluateOperand(*inputs[0], frame);
        const Operand b = evaluateOperand(*inputs[1], frame);
        const size_t rows = frame.rows;
        if (!nullSafe && (isNullConstant(a) || isNullConstant(b))) return Column::nullsOf(type, rows);
        auto buffer = Buffer::allocate(rows);
        auto* out = reinterpret_cast<uint8_t*>(buffer->data());
        if (less) compareInto<Less>(a.column->type(), a, b, rows, out);
        else compareInto<Equal>(a.column->type(), a, b, rows, out);
        if (inverted) {
            for (size_t i = 0; i < rows; ++i) out[i] ^= 1;
        }
        if (!nullSafe) return columnAround(type, rows, buffer, eitherNull(a, b, rows));
        const uint8_t* x = a.column->nulls();
        const uint8_t* y = b.column->nulls();
        for (size_t i = 0; (x || y) && i < rows; ++i) {
            const uint8_t aNull = x ? x[a.at(i)] : 0;
            const uint8_t bNull = y ? y[b.at(i)] : 0;
            out[i] = static_cast<uint8_t>((out[i] & ~(aNull | bNull) & 1) | (aNull & bNull));
        }
        return columnAround(type, rows, buffer, {});
    }
};

// Literals in a hash set; text by its bytes, numbers by value.
struct InLiterals final : Bound {
    std::unordered_set<int64_t> numbers;
    std::vector<std::string> texts;
    std::unordered_set<std::string_view> views;

    ColumnPtr evaluate(Frame& frame) const override
    {
        const ColumnPtr column = inputs[0]->evaluate(frame);
        auto buffer = Buffer::allocate(frame.rows);
        auto* out = reinterpret_cast<uint8_t*>(buffer->data());
        switch (valueWidth(column->type().kind())) {
            case 4:
                for (size_t i = 0; i < frame.rows; ++i) out[i] = numbers.contains(column->value<int32_t>(i));
                break;
            case 8:
                for (size_t i = 0; i < frame.rows; ++i) out[i] = numbers.contains(column->value<int64_t>(i));
                break;
            default:
                for (size_t i = 0; i < frame.rows; ++i) out[i] = !column->isNull(i) && views.contains(column->value<StringRef>(i).view());
        }
        return columnAround(type, frame.rows, buffer, {column->nulls(), column->owners()});
    }
};

}

Result<BoundPtr> comparison(std::string_view sign, BoundPtr a, BoundPtr b)
{
    auto common = commonType(a->type, b->type);
    if (!common) {
        return mistake(fmt::format("cannot compare {} {} {}", a->type.simpleName(), sign, b->type.simpleName()), "cast one side to the other's type");
    }
    if (common->is(TypeKind::Void)) common = Type(TypeKind::Boolean);
    auto node = std::make_shared<Comparison>();
    node->type = TypeKind::Boolean;
    node->cheap = a->cheap && b->cheap && valueWidth(common->kind()) > 0;
    a = castTo(std::move(a), *common);
    b = castTo(std::move(b), *common);
    node->nullSafe = sign == "<=>";
    node->less = sign == "<" || sign == ">=" || sign == ">" || sign == "<=";
    node->inverted = sign == "!=" || sign == ">=" || sign == "<=";
    if (sign == ">" || sign == "<=") std::swap(a, b);
    node->inputs = {std::move(a), std::move(b)};
    return seal(std::move(node));
}

BoundPtr inLiterals(BoundPtr value, const std::vector<Value>& literals)
{
    auto node = std::make_shared<InLiterals>();
    node->type = TypeKind::Boolean;
    for (const Value& literal : literals) {
        if (const auto* number = std::get_if<int64_t>(&literal.data)) node->numbers.insert(*number);
        if (const auto* text = std::get_if<std::string>(&literal.data)) node->texts.push_back(*text);
    }
    for (const std::string& text : node->texts) node->views.insert(text);
    node->inputs = {std::move(value)};
    return seal(std::move(node));
}

}
