// Fields of a STRUCT, elements of an ARRAY, and calls of functions.
#include "engine/base/suggest.h"
#include "engine/columns/schema.h"
#include "engine/expression/operators.h"
#include "engine/expression/signature.h"

namespace streamwright::syntax {

namespace {

struct FieldAccess final : Bound {
    size_t index = 0;
    ColumnPtr evaluate(Frame& frame) const override
    {
        const ColumnPtr column = inputs[0]->evaluate(frame);
        return withNulls(column->child(index), {column->nulls(), column->owners()});
    }
};

// The field of every element: an array again.
struct FieldOfElements final : Bound {
    size_t index = 0;
    ColumnPtr evaluate(Frame& frame) const override
    {
        const ColumnPtr column = inputs[0]->evaluate(frame);
        const ColumnPtr& element = column->element();
        ColumnPtr field = withNulls(element->child(index), {element->nulls(), element->owners()});
        return Column::make(type, column->size(), column->offsets(), column->nulls(), column->owners(), {std::move(field)});
    }
};

struct ElementAccess final : Bound {
    ColumnPtr evaluate(Frame& frame) const override
    {
        const ColumnPtr array = inputs[0]->evaluate(frame);
        const Operand index = evaluateOperand(*inputs[1], frame);
        const auto* positions = index.column->values<int32_t>();
        const uint32_t* offsets = array->offsets();
        std::vector<uint32_t> picks(frame.rows, kNoRow);
        for (size_t row = 0; row < frame.rows; ++row) {
            if (array->isNull(row) || index.isNull(row)) continue;
            const int64_t position = positions[index.at(row)];
            const uint32_t size = offsets[row + 1] - offsets[row];
            if (position < 0 || position >= size) {
                frame.errors.add(row, fmt::format("array index out of bounds: the array has {} elements, the index is {}", size, position));
                continue;
            }
            picks[row] = offsets[row] + static_cast<uint32_t>(position);
        }
        return gatherOrNull(*array->element(), picks);
    }
};

std::optional<size_t> fieldIndex(const Type& type, std::string_view name)
{
    for (size_t i = 0; i < type.fields().size(); ++i) {
        if (sameName(type.fields()[i].name, name)) return i;
    }
    return std::nullopt;
}

Error unknownField(const Type& type, std::string_view name)
{
    std::vector<std::string> names;
    std::string list;
    for (const Field& field : type.fields()) {
        names.push_back(field.name);
        list += (list.empty() ? "" : ", ") + field.name;
    }
    std::string hint = didYouMean(name, names);
    return mistake(fmt::format("unknown field: {}", name), hint.empty() ? "the fields are " + list : hint);
}

struct FunctionCall final : Bound {
    const Function* function = nullptr;

    ColumnPtr evaluate(Frame& frame) const override
    {
        std::vector<ColumnPtr> arguments;
        std::vector<uint8_t> constant;
        Marks skipped;
        for (const BoundPtr& input : inputs) {
            arguments.push_back(input->evaluate(frame));
            constant.push_back(input->constant());
            if (function->seesNulls) continue;
            const Column& column = *arguments.back();
            if (column.type().is(TypeKind::Void)) return Column::nullsOf(type, frame.rows);
            skipped = either(std::move(skipped), {column.nulls(), column.owners()}, frame.rows);
        }
        ErrorList errors;
        const Call call{arguments, frame.rows, type, frame.context, errors, skipped.data, constant};
        ColumnPtr result = withErrors(withNulls(function->evaluate(call), skipped), errors.rows());
        for (RowError& error : errors.rows()) frame.errors.add(error.row, std::move(error.reason));
        return result;
    }
};

}

Result<BoundPtr> fieldOf(BoundPtr value, std::string_view name)
{
    const bool ofElements = value->type.is(TypeKind::Array) && value->type.element().is(TypeKind::Struct);
    const Type& type = ofElements ? value->type.element() : value->type;
    if (!type.is(TypeKind::Struct)) return mistake(fmt::format("only a STRUCT has fields: .{} is asked of {}", name, value->type.simpleName()));
    const auto index = fieldIndex(type, name);
    if (!index) return unknownField(type, name);
    const Type& field = type.fields()[*index].type;
    if (ofElements) {
        auto node = std::make_shared<FieldOfElements>();
        node->type = Type::array(field);
        node->index = *index;
        node->inputs = {std::move(value)};
        return seal(std::move(node));
    }
    auto node = std::make_shared<FieldAccess>();
    node->type = field;
    node->index = *index;
    node->cheap = value->cheap;
    node->inputs = {std::move(value)};
    return seal(std::move(node));
}

Result<BoundPtr> elementOf(BoundPtr array, BoundPtr index)
{
    if (!array->type.is(TypeKind::Array)) return mistake(fmt::format("only an ARRAY has elements: […] is asked of {}", array->type.simpleName()));
    const ArgumentType position{index->type, index->literal};
    if (!isIntegral(index->type.kind()) && !convertsImplicitly(position, TypeKind::Int)) {
        return mistake(fmt::format("an array index must be int, but got {}", index->type.simpleName()));
    }
    auto node = std::make_shared<ElementAccess>();
    node->type = array->type.element();
    node->canFail = true;
    node->inputs = {std::move(array), castTo(std::move(index), TypeKind::Int)};
    return seal(std::move(node));
}

BoundPtr callOf(const Function& function, std::vector<BoundPtr> arguments, const Type& result)
{
    auto node = std::make_shared<FunctionCall>();
    node->function = &function;
    node->type = result;
    node->canFail = function.canFail;
    node->contextual = function.family == "time" || holdsTimestamp(result);
    for (const BoundPtr& argument : arguments) node->contextual = node->contextual || holdsTimestamp(argument->type);
    node->inputs = std::move(arguments);
    return seal(std::move(node));
}

}
