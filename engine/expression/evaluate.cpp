#include "engine/expression/bound.h"
#include "engine/expression/expression.h"

namespace streamwright {

namespace {

ColumnPtr rowNumbers(int64_t first, size_t rows)
{
    FixedBuilder<int64_t> numbers;
    int64_t* to = numbers.extend(rows);
    for (size_t row = 0; row < rows; ++row) to[row] = first + static_cast<int64_t>(row);
    return columnFrom(TypeKind::BigInt, numbers);
}

}

const Type& Expression::type() const { return bound_->type; }
bool Expression::canFail() const { return bound_->canFail; }

std::optional<size_t> Expression::columnIndex() const
{
    const auto slot = syntax::slotIn(*bound_);
    return slot ? std::optional<size_t>(*slot) : std::nullopt;
}

Evaluated Expression::evaluate(const Batch& input, const EvalContext& context) const
{
    if (const auto slot = syntax::slotIn(*bound_)) return {input.column(*slot), {}};
    ErrorList errors;
    syntax::Frame frame{input.columns(), input.rows(), context, errors};
    frame.checkStop();
    // The slot behind the columns is the rows' numbers.
    if (!bound_->slots.empty() && bound_->slots.back() == input.columns().size()) frame.set(bound_->slots.back(), rowNumbers(context.firstRow, input.rows()));
    Evaluated result;
    result.column = bound_->evaluate(frame);
    if (errors.empty()) return result;
    result.errors = std::move(errors.rows());
    std::stable_sort(result.errors.begin(), result.errors.end(), [](const RowError& a, const RowError& b) { return a.row < b.row; });
    const auto last = std::unique(result.errors.begin(), result.errors.end(), [](const RowError& a, const RowError& b) { return a.row == b.row; });
    result.errors.erase(last, result.errors.end());
    result.column = syntax::withErrors(result.column, result.errors);
    return result;
}

std::vector<uint32_t> rowsThatAreTrue(const Column& condition)
{
    if (condition.type().is(TypeKind::Void)) return {};
    const size_t size = condition.size();
    const auto* values = condition.values<uint8_t>();
    const uint8_t* nulls = condition.nulls();
    std::vector<uint32_t> rows(size);
    size_t count = 0;
    // Without a branch: every row is written, only true ones are kept.
    for (size_t i = 0; i < size; ++i) {
        rows[count] = static_cast<uint32_t>(i);
        count += nulls ? (values[i] & (nulls[i] ^ 1u)) : values[i];
    }
    rows.resize(count);
    return rows;
}

namespace syntax {

ColumnPtr evaluateOn(const Bound& bound, Frame& frame, std::span<const uint32_t> rows)
{
    if (rows.size() == frame.rows) return bound.evaluate(frame);
    ErrorList errors;
    Frame part{std::vector<ColumnPtr>(frame.slots.size()), rows.size(), frame.context, errors};
    for (const uint32_t slot : bound.slots) part.slots[slot] = gather(*frame.slots[slot], rows);
    ColumnPtr column = bound.evaluate(part);
    for (RowError& error : errors.rows()) frame.errors.add(rows[error.row], std::move(error.reason));
    return column;
}

std::vector<uint32_t> allRows(size_t rows)
{
    std::vector<uint32_t> all(rows);
    for (size_t i = 0; i < rows; ++i) all[i] = static_cast<uint32_t>(i);
    return all;
}

namespace {

template <class T>
std::shared_ptr<Buffer> filled(const Column& one, size_t rows)
{
    auto buffer = Buffer::allocate(rows * sizeof(T));
    std::fill_n(reinterpret_cast<T*>(buffer->data()), rows, one.value<T>(0));
    return buffer;
}

}

ColumnPtr broadcast(const ColumnPtr& one, size_t rows)
{
    if (rows == 1) return one;
    if (one->isNull(0)) return Column::nullsOf(one->type(), rows);
    std::shared_ptr<Buffer> buffer;
    switch (one->type().is(TypeKind::Array) || one->type().is(TypeKind::Struct) ? 0 : valueWidth(one->type().kind())) {
        case 1: buffer = filled<uint8_t>(*one, rows); break;
        case 4: buffer = filled<int32_t>(*one, rows); break;
        case 8: buffer = filled<int64_t>(*one, rows); break;
        case 16: buffer = filled<StringRef>(*one, rows); break;
        default: return gather(*one, std::vector<uint32_t>(rows, 0));
    }
    std::vector<Owner> owners;
    if (isText(one->type().kind())) owners = one->owners();
    const void* data = buffer->data();
    owners.push_back(std::move(buffer));
    return Column::make(one->type(), rows, data, nullptr, std::move(owners));
}

namespace {

struct Slot final : Bound {
    uint32_t slot = 0;
    ColumnPtr evaluate(Frame& frame) const override { return frame.slots[slot]; }
};

struct Literal final : Bound {
    ColumnPtr one;
    ColumnPtr evaluate(Frame& frame) const override
    {
        if (frame.rows == 1) return one;
        if (frame.rows > kVectorRows) return broadcast(one, frame.rows);
        // Made when first needed: most kernels take the one value.
        std::call_once(made_, [this] { many_ = broadcast(one, kVectorRows); });
        return frame.rows == kVectorRows ? many_ : many_->slice(0, frame.rows);
    }

private:
    mutable std::once_flag made_;
    mutable ColumnPtr many_;
};

// The same value in every row, known when the batch comes: computed on one row.
struct Once final : Bound {
    ColumnPtr one(Frame& frame) const
    {
        ErrorList errors;
        Frame single{{}, 1, frame.context, errors};
        ColumnPtr column = inputs[0]->evaluate(single);
        if (errors.empty()) return column;
        for (size_t row = 0; row < frame.rows; ++row) frame.errors.add(row, errors.rows().front().reason);
        return Column::nullsOf(type, 1);
    }
    ColumnPtr evaluate(Frame& frame) const override
    {
        if (frame.rows == 1) return inputs[0]->evaluate(frame);
        return broadcast(one(frame), frame.rows);
    }
};

// Folding must not fill the memory of whoever compiles.
constexpr int64_t kFoldBytes = 16 * 1024 * 1024;

std::optional<Value> fold(const Bound& node)
{
    static const std::string kName = "constant expression";
    const auto account = std::make_shared<MemoryAccount>(kFoldBytes);
    const MemoryScope scope(account, &kName);
    try {
        ErrorList errors;
        const EvalContext context;
        Frame frame{{}, 1, context, errors};
        const ColumnPtr column = node.evaluate(frame);
        if (!errors.empty()) return std::nullopt;
        return valueAt(*column, 0);
    } catch (const MemoryExceeded&) {
        return std::nullopt;
    }
}

}

BoundPtr literalOf(const Type& type, const Value& value)
{
    auto node = std::make_shared<Literal>();
    node->type = type;
    node->literal = value;
    node->cheap = true;
    node->one = columnOf(type, std::span(&value, 1));
    return node;
}

BoundPtr slotOf(const Type& type, uint32_t slot)
{
    auto node = std::make_shared<Slot>();
    node->type = type;
    node->slot = slot;
    node->slots = {slot};
    node->cheap = true;
    return node;
}

std::optional<uint32_t> slotIn(const Bound& bound)
{
    const auto* slot = dynamic_cast<const Slot*>(&bound);
    return slot ? std::optional<uint32_t>(slot->slot) : std::nullopt;
}

BoundPtr seal(std::shared_ptr<Bound> node, std::span<const uint32_t> introduced)
{
    for (const BoundPtr& input : node->inputs) {
        node->canFail = node->canFail || input->canFail;
        node->contextual = node->contextual || input->contextual;
        for (const uint32_t slot : input->slots) {
            if (std::find(introduced.begin(), introduced.end(), slot) == introduced.end()) node->slots.push_back(slot);
        }
    }
    std::sort(node->slots.begin(), node->slots.end());
    node->slots.erase(std::unique(node->slots.begin(), node->slots.end()), node->slots.end());
    if (!node->constant()) return node;
    if (!node->contextual) {
        if (const auto value = fold(*node)) return literalOf(node->type, *value);
    }
    auto once = std::make_shared<Once>();
    once->type = node->type;
    once->canFail = node->canFail;
    once->contextual = node->contextual;
    once->cheap = true;
    once->inputs = {std::move(node)};
    return once;
}

Operand evaluateOperand(const Bound& bound, Frame& frame)
{
    if (const auto* literal = dynamic_cast<const Literal*>(&bound)) return {literal->one, true};
    if (const auto* once = dynamic_cast<const Once*>(&bound)) return {once->one(frame), true};
    return {bound.evaluate(frame), false};
}

}

}
