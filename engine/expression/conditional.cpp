// CASE, coalesce and values that are computed once. Values are evaluated only on the rows that need them.
#include "engine/expression/operators.h"
#include "engine/expression/signature.h"

namespace streamwright::syntax {

namespace {

// 1 where a condition is true: NULL is not.
const uint8_t* truthOf(const Column& condition, std::shared_ptr<Buffer>& buffer)
{
    const auto* values = condition.values<uint8_t>();
    if (!condition.nulls()) return values;
    buffer = Buffer::allocate(condition.size());
    auto* out = reinterpret_cast<uint8_t*>(buffer->data());
    for (size_t i = 0; i < condition.size(); ++i) out[i] = static_cast<uint8_t>(values[i] & (condition.nulls()[i] ^ 1));
    return out;
}

bool canChoose(const Bound& value) { return value.cheap && !value.canFail; }

// Conditions and values in turn, the value of the other rows last.
struct Case final : Bound {
    bool plain = false;   // everything is cheap and cannot fail: computed on all rows and chosen from

    ColumnPtr evaluate(Frame& frame) const override { return plain ? chosen(frame) : picked(frame); }

private:
    ColumnPtr chosen(Frame& frame) const
    {
        Operand result = evaluateOperand(*inputs.back(), frame);
        for (size_t branch = inputs.size() - 1; branch >= 2; branch -= 2) {
            const ColumnPtr condition = inputs[branch - 2]->evaluate(frame);
            std::shared_ptr<Buffer> buffer;
            const uint8_t* mask = truthOf(*condition, buffer);
            result = {choose(type, mask, evaluateOperand(*inputs[branch - 1], frame), result, frame.rows), false};
        }
        return result.column;
    }

    ColumnPtr picked(Frame& frame) const
    {
        Pieces pieces;
        std::vector<uint32_t> left = allRows(frame.rows);
        for (size_t branch = 0; branch + 1 < inputs.size() && !left.empty(); branch += 2) {
            const ColumnPtr condition = evaluateOn(*inputs[branch], frame, left);
            std::shared_ptr<Buffer> buffer;
            const uint8_t* mask = truthOf(*condition, buffer);
            std::vector<uint32_t> taken, others;
            for (size_t i = 0; i < left.size(); ++i) (mask[i] ? taken : others).push_back(left[i]);
            if (!taken.empty()) {
                ColumnPtr value = evaluateOn(*inputs[branch + 1], frame, taken);
                pieces.add(std::move(value), std::move(taken));
            }
            left = std::move(others);
        }
        if (!left.empty()) {
            ColumnPtr value = evaluateOn(*inputs.back(), frame, left);
            pieces.add(std::move(value), std::move(left));
        }
        return pieces.assemble(type, frame.rows);
    }
};

struct Coalesce final : Bound {
    ColumnPtr evaluate(Frame& frame) const override
    {
        ColumnPtr result = inputs[0]->evaluate(frame);
        for (size_t i = 1; i < inputs.size() && result->nulls(); ++i) {
            const Bound& next = *inputs[i];
            if (canChoose(next)) {
                result = choose(type, result->nulls(), evaluateOperand(next, frame), {result, false}, frame.rows);
                continue;
            }
            std::vector<uint32_t> open, full;
            for (size_t row = 0; row < frame.rows; ++row) (result->nulls()[row] ? open : full).push_back(static_cast<uint32_t>(row));
            if (open.empty()) break;
            Pieces pieces;
            pieces.add(full.empty() ? result : gather(*result, full), full);
            ColumnPtr more = evaluateOn(next, frame, open);
            pieces.add(std::move(more), std::move(open));
            result = pieces.assemble(type, frame.rows);
        }
        return result;
    }
};

struct Let final : Bound {
    uint32_t slot = 0;
    ColumnPtr evaluate(Frame& frame) const override
    {
        frame.set(slot, inputs[0]->evaluate(frame));
        ColumnPtr result = inputs[1]->evaluate(frame);
        frame.slots[slot] = nullptr;
        return result;
    }
};

}

Result<BoundPtr> caseWhen(std::vector<BoundPtr> branches, BoundPtr otherwise)
{
    auto node = std::make_shared<Case>();
    std::vector<BoundPtr> values;
    std::vector<ArgumentType> types;
    for (size_t i = 1; i < branches.size(); i += 2) types.push_back({branches[i]->type, branches[i]->literal});
    types.push_back({otherwise->type, otherwise->literal});
    const auto common = commonType(types);
    if (!common) return mistake("the results of CASE and IF must be of one type, but got " + simpleNames(types), "cast them to one type");
    node->type = *common;
    node->plain = true;
    for (size_t i = 0; i < branches.size(); i += 2) {
        auto condition = asBoolean("a condition", std::move(branches[i]));
        if (!condition) return condition;
        node->inputs.push_back(std::move(*condition));
        node->inputs.push_back(castTo(std::move(branches[i + 1]), *common));
    }
    node->inputs.push_back(castTo(std::move(otherwise), *common));
    for (const BoundPtr& input : node->inputs) node->plain = node->plain && canChoose(*input);
    node->cheap = node->plain;
    return seal(std::move(node));
}

Result<BoundPtr> coalesce(std::vector<BoundPtr> values)
{
    std::vector<ArgumentType> types;
    for (const BoundPtr& value : values) types.push_back({value->type, value->literal});
    const auto common = commonType(types);
    if (values.empty() || !common) return mistake("coalesce expects values of one type, but got " + simpleNames(types), "cast them to one type");
    if (common->is(TypeKind::Void)) return values.front();
    auto node = std::make_shared<Coalesce>();
    node->type = *common;
    node->cheap = true;
    for (BoundPtr& value : values) {
        node->cheap = node->cheap && value->cheap;
        node->inputs.push_back(castTo(std::move(value), *common));
    }
    return seal(std::move(node));
}

BoundPtr let(BoundPtr value, uint32_t slot, BoundPtr body)
{
    auto node = std::make_shared<Let>();
    node->type = body->type;
    node->slot = slot;
    node->inputs = {std::move(value), std::move(body)};
    const uint32_t introduced[] = {slot};
    return seal(std::move(node), introduced);
}

}
