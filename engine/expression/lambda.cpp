#include "engine/expression/lambda.h"

#include "engine/expression/signature.h"

namespace streamwright::syntax {

namespace {

// Elements evaluated at once: enough to be fast, few enough to stop soon.
constexpr size_t kChunk = 16384;

}

Elements elementsOf(const ColumnPtr& array)
{
    Elements elements{array, nullptr, 0};
    const size_t rows = array->size();
    const uint32_t* offsets = array->offsets();
    bool hidden = false;
    for (size_t row = 0; array->nulls() && row < rows; ++row) hidden |= array->nulls()[row] && offsets[row + 1] != offsets[row];
    if (hidden) {
        elements.array = gather(*array, allRows(rows));
        offsets = elements.array->offsets();
    }
    elements.first = offsets[0];
    const uint32_t count = offsets[rows] - offsets[0];
    elements.values = elements.array->element()->slice(elements.first, count);
    return elements;
}

std::vector<uint32_t> Elements::rows() const
{
    std::vector<uint32_t> rowOf(values->size());
    uint32_t at = 0;
    for (size_t row = 0; row < array->size(); ++row) {
        for (const uint32_t last = end(row); at < last; ++at) rowOf[at] = static_cast<uint32_t>(row);
    }
    return rowOf;
}

ColumnPtr Elements::positions(std::span<const uint32_t> rowOf) const
{
    FixedBuilder<int32_t> builder;
    int32_t* out = builder.extend(rowOf.size());
    for (size_t i = 0; i < rowOf.size(); ++i) out[i] = static_cast<int32_t>(i - begin(rowOf[i]));
    return columnFrom(TypeKind::Int, builder);
}

ColumnPtr evaluateBody(const Bound& body, Frame& frame, std::span<const uint32_t> rowOf, std::span<const Variable> variables)
{
    std::vector<ColumnPtr> parts;
    for (size_t from = 0; from < rowOf.size(); from += kChunk) {
        frame.checkStop();
        const size_t count = std::min(kChunk, rowOf.size() - from);
        ErrorList errors;
        Frame inner{std::vector<ColumnPtr>(frame.slots.size()), count, frame.context, errors};
        for (const uint32_t slot : body.slots) {
            const auto variable = std::find_if(variables.begin(), variables.end(), [&](const Variable& v) { return v.slot == slot; });
            if (variable != variables.end()) inner.set(slot, variable->column->slice(from, count));
            else inner.set(slot, gather(*frame.slots[slot], rowOf.subspan(from, count)));
        }
        parts.push_back(body.evaluate(inner));
        for (RowError& error : errors.rows()) frame.errors.add(rowOf[from + error.row], std::move(error.reason));
    }
    if (parts.empty()) return Column::nullsOf(body.type, 0);
    return concatenate(parts);
}

namespace {

// An array column with these elements, shaped like another.
ColumnPtr shapedAs(const Elements& like, const Type& type, ColumnPtr values)
{
    const size_t rows = like.array->size();
    auto offsets = Buffer::allocate((rows + 1) * sizeof(uint32_t));
    auto* out = reinterpret_cast<uint32_t*>(offsets->data());
    for (size_t row = 0; row <= rows; ++row) out[row] = like.array->offsets()[row] - like.first;
    std::vector<Owner> owners = like.array->owners();
    owners.push_back(offsets);
    return Column::make(type, rows, out, like.array->nulls(), std::move(owners), {std::move(values)});
}

// The body over all elements: its parameters are the element and, if it has two, the position.
ColumnPtr overElements(const Lambda& lambda, Frame& frame, const Elements& elements)
{
    const std::vector<uint32_t> rowOf = elements.rows();
    std::vector<Variable> variables{{lambda.slots[0], elements.values}};
    if (lambda.slots.size() > 1) variables.push_back({lambda.slots[1], elements.positions(rowOf)});
    return evaluateBody(*lambda.body, frame, rowOf, variables);
}

struct Transform final : Bound {
    Lambda lambda;
    ColumnPtr evaluate(Frame& frame) const override
    {
        const Elements elements = elementsOf(inputs[0]->evaluate(frame));
        return shapedAs(elements, type, overElements(lambda, frame, elements));
    }
};

struct Filter final : Bound {
    Lambda lambda;
    ColumnPtr evaluate(Frame& frame) const override
    {
        const Elements elements = elementsOf(inputs[0]->evaluate(frame));
        const ColumnPtr kept = overElements(lambda, frame, elements);
        const std::vector<uint32_t> picks = rowsThatAreTrue(*kept);
        const size_t rows = frame.rows;
        auto offsets = Buffer::allocate((rows + 1) * sizeof(uint32_t));
        auto* out = reinterpret_cast<uint32_t*>(offsets->data());
        out[0] = 0;
        size_t at = 0;
        for (size_t row = 0; row < rows; ++row) {
            while (at < picks.size() && picks[at] < elements.end(row)) ++at;
            out[row + 1] = static_cast<uint32_t>(at);
        }
        std::vector<Owner> owners = elements.array->owners();
        owners.push_back(offsets);
        return Column::make(type, rows, out, elements.array->nulls(), std::move(owners), {gather(*elements.values, picks)});
    }
};

// exists (wanted = 1) and forall (wanted = 0: an element that is false decides); an unknown one makes the answer NULL.
struct Quantifier final : Bound {
    Lambda lambda;
    uint8_t wanted = 1;
    ColumnPtr evaluate(Frame& frame) const override
    {
        const Elements elements = elementsOf(inputs[0]->evaluate(frame));
        const ColumnPtr answers = overElements(lambda, frame, elements);
        const auto* values = answers->values<uint8_t>();
        auto buffer = Buffer::allocate(frame.rows);
        auto* out = reinterpret_cast<uint8_t*>(buffer->data());
        Marks marks{elements.array->nulls(), elements.array->owners()};
        uint8_t* nulls = writable(marks, frame.rows);
        for (size_t row = 0; row < frame.rows; ++row) {
            bool found = false, unknown = false;
            for (uint32_t e = elements.begin(row); e < elements.end(row); ++e) {
                const bool null = answers->isNull(e);
                unknown |= null;
                found |= !null && values[e] == wanted;
            }
            out[row] = found ? wanted : wanted ^ 1;
            nulls[row] |= !found && unknown;
        }
        return columnAround(type, frame.rows, buffer, std::move(marks));
    }
};

// Two arrays side by side; the shorter one is filled up with NULLs.
struct Zip final : Bound {
    Lambda lambda;
    ColumnPtr evaluate(Frame& frame) const override
    {
        const ColumnPtr left = inputs[0]->evaluate(frame);
        const ColumnPtr right = inputs[1]->evaluate(frame);
        std::vector<uint32_t> rowOf, fromLeft, fromRight;
        auto offsets = Buffer::allocate((frame.rows + 1) * sizeof(uint32_t));
        auto* out = reinterpret_cast<uint32_t*>(offsets->data());
        out[0] = 0;
        for (size_t row = 0; row < frame.rows; ++row) {
            const bool none = left->isNull(row) || right->isNull(row);
            const uint32_t l = left->offsets()[row], lSize = left->offsets()[row + 1] - l;
            const uint32_t r = right->offsets()[row], rSize = right->offsets()[row + 1] - r;
            const uint32_t size = none ? 0 : std::max(lSize, rSize);
            for (uint32_t i = 0; i < size; ++i) {
                rowOf.push_back(static_cast<uint32_t>(row));
                fromLeft.push_back(i < lSize ? l + i : kNoRow);
                fromRight.push_back(i < rSize ? r + i : kNoRow);
            }
            out[row + 1] = static_cast<uint32_t>(rowOf.size());
        }
        const Variable variables[] = {{lambda.slots[0], gatherOrNull(*left->element(), fromLeft)}, {lambda.slots[1], gatherOrNull(*right->element(), fromRight)}};
        ColumnPtr values = evaluateBody(*lambda.body, frame, rowOf, variables);
        Marks marks = either({left->nulls(), left->owners()}, {right->nulls(), right->owners()}, frame.rows);
        marks.owners.push_back(offsets);
        return Column::make(type, frame.rows, out, marks.data, std::move(marks.owners), {std::move(values)});
    }
};

constexpr std::string_view kFunctions[] = {"transform", "filter", "exists", "forall", "any_match", "all_match", "aggregate", "reduce", "array_sort", "zip_with"};

template <class Node>
BoundPtr sealLambda(std::shared_ptr<Node> node, Type type, std::vector<BoundPtr> arguments, Lambda lambda)
{
    node->type = std::move(type);
    node->inputs = std::move(arguments);
    node->inputs.push_back(lambda.body);
    node->lambda = lambda;
    return seal(std::move(node), lambda.slots);
}

}

bool takesLambda(std::string_view function) { return std::find(std::begin(kFunctions), std::end(kFunctions), function) != std::end(kFunctions); }

Result<std::vector<Type>> lambdaParameters(std::string_view function, size_t index, std::span<const BoundPtr> arguments, size_t written)
{
    const bool fold = function == "aggregate" || function == "reduce";
    const size_t arrays = function == "zip_with" ? 2 : 1;
    if (arguments.size() != (fold ? 2 : arrays)) {
        return mistake(fmt::format("{} expects {} before the lambda, but got {}", function, fold ? "an array and a start value" : arrays == 2 ? "two arrays" : "an array", typesOf(arguments)));
    }
    for (size_t i = 0; i < arrays; ++i) {
        if (!arguments[i]->type.is(TypeKind::Array)) return mistake(fmt::format("{} expects an array, but got {}", function, arguments[i]->type.simpleName()));
    }
    const Type& element = arguments[0]->type.element();
    std::vector<Type> types;
    if (fold && index == 0) types = {arguments[1]->type, element};
    else if (fold) types = {arguments[1]->type};
    else if (function == "zip_with") types = {element, arguments[1]->type.element()};
    else if (function == "array_sort") types = {element, element};
    else if ((function == "transform" || function == "filter") && written == 2) types = {element, TypeKind::Int};
    else types = {element};
    if (index > (fold ? 1u : 0u)) return mistake(fmt::format("{} expects fewer lambdas", function));
    if (types.size() != written) return mistake(fmt::format("the lambda of {} takes {} parameters, but has {}", function, types.size(), written));
    return types;
}

Result<BoundPtr> lambdaCall(std::string_view function, std::vector<BoundPtr> arguments, std::vector<Lambda> lambdas)
{
    Lambda& lambda = lambdas[0];
    if (function == "aggregate" || function == "reduce") {
        if (lambda.body->type != arguments[1]->type) {
            return mistake(fmt::format("{} starts with {}, but its lambda gives {}", function, arguments[1]->type.simpleName(), lambda.body->type.simpleName()),
                           fmt::format("write the start value as CAST(… AS {}){}", lambda.body->type.toDdl(), lambda.body->type.is(TypeKind::BigInt) ? ", for example 0L" : ""));
        }
        return foldCall(std::move(arguments[0]), std::move(arguments[1]), std::move(lambda), lambdas.size() > 1 ? std::optional(lambdas[1]) : std::nullopt);
    }
    if (function == "transform") {
        Type type = Type::array(lambda.body->type);
        return sealLambda(std::make_shared<Transform>(), std::move(type), std::move(arguments), std::move(lambda));
    }
    if (function == "zip_with") {
        Type type = Type::array(lambda.body->type);
        return sealLambda(std::make_shared<Zip>(), std::move(type), std::move(arguments), std::move(lambda));
    }
    if (function == "array_sort") {
        if (!lambda.body->type.is(TypeKind::Int)) return mistake(fmt::format("the lambda of array_sort must give int, but gives {}", lambda.body->type.simpleName()));
        return sortCall(std::move(arguments[0]), std::move(lambda));
    }
    auto condition = asBoolean(fmt::format("the lambda of {}", function), lambda.body);
    if (!condition) return condition;
    lambda.body = std::move(*condition);
    if (function == "filter") {
        Type type = arguments[0]->type;
        return sealLambda(std::make_shared<Filter>(), std::move(type), std::move(arguments), std::move(lambda));
    }
    auto node = std::make_shared<Quantifier>();
    node->wanted = function == "exists" || function == "any_match" ? 1 : 0;
    return sealLambda(std::move(node), TypeKind::Boolean, std::move(arguments), std::move(lambda));
}

}
