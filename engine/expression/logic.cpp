// AND, OR, NOT and questions about NULL and truth.
#include "engine/expression/operators.h"
#include "engine/expression/signature.h"

namespace streamwright::syntax {

Result<BoundPtr> asBoolean(std::string_view who, BoundPtr value)
{
    if (!convertsImplicitly({value->type, value->literal}, TypeKind::Boolean)) return mistake(fmt::format("{} expects boolean, but got {}", who, value->type.simpleName()));
    return castTo(std::move(value), TypeKind::Boolean);
}

namespace {

// Three-valued logic over arrays of 0 and 1. `decided` is the value that settles a row: 0 for AND, 1 for OR.
class Truth {
public:
    Truth(uint8_t decided, size_t rows) : decided_(decided), rows_(rows), values_(Buffer::allocate(rows)), nulls_(Buffer::allocate(rows))
    {
        std::memset(value(), 1 - decided, rows);
        std::memset(null(), 0, rows);
    }

    // Joins a term that was evaluated on all rows.
    void join(const Column& term)
    {
        const auto* v = term.values<uint8_t>();
        uint8_t* value = this->value();
        uint8_t* null = this->null();
        if (!term.nulls() && !anyNull_) {
            if (decided_ == 0) for (size_t i = 0; i < rows_; ++i) value[i] &= v[i];
            else for (size_t i = 0; i < rows_; ++i) value[i] |= v[i];
            return;
        }
        const uint8_t* n = term.nulls();
        anyNull_ = true;
        for (size_t i = 0; i < rows_; ++i) joinRow(value[i], null[i], v[i], n ? n[i] : 0);
    }

    // Joins a term that was evaluated on some rows.
    void join(const Column& term, std::span<const uint32_t> rows)
    {
        const auto* v = term.values<uint8_t>();
        anyNull_ = anyNull_ || term.nulls();
        for (size_t i = 0; i < rows.size(); ++i) joinRow(value()[rows[i]], null()[rows[i]], v[i], term.nulls() ? term.nulls()[i] : 0);
    }

    // Rows that another term can still change.
    std::vector<uint32_t> open() const
    {
        std::vector<uint32_t> rows(rows_);
        size_t count = 0;
        const auto* value = reinterpret_cast<const uint8_t*>(values_->data());
        const auto* null = reinterpret_cast<const uint8_t*>(nulls_->data());
        for (size_t i = 0; i < rows_; ++i) {
            rows[count] = static_cast<uint32_t>(i);
            count += static_cast<size_t>((value[i] != decided_) | (null[i] != 0));
        }
        rows.resize(count);
        return rows;
    }

    ColumnPtr column() const
    {
        if (!anyNull_) return columnAround(TypeKind::Boolean, rows_, values_, {});
        return columnAround(TypeKind::Boolean, rows_, values_, {reinterpret_cast<const uint8_t*>(nulls_->data()), {nulls_}});
    }

private:
    uint8_t* value() { return reinterpret_cast<uint8_t*>(values_->data()); }
    uint8_t* null() { return reinterpret_cast<uint8_t*>(nulls_->data()); }

    void joinRow(uint8_t& value, uint8_t& null, uint8_t v, uint8_t n) const
    {
        const auto settled = static_cast<uint8_t>(((value == decided_) & (null == 0)) | ((v == decided_) & (n == 0)));
        null = static_cast<uint8_t>((settled ^ 1) & (null | n));
        value = settled ? decided_ : static_cast<uint8_t>(1 - decided_);
    }

    uint8_t decided_;
    size_t rows_;
    std::shared_ptr<Buffer> values_;
    std::shared_ptr<Buffer> nulls_;
    bool anyNull_ = false;
};

struct Junction final : Bound {
    uint8_t decided = 0;

    ColumnPtr evaluate(Frame& frame) const override
    {
        const ColumnPtr first = inputs[0]->evaluate(frame);
        Truth truth(decided, frame.rows);
        truth.join(*first);
        for (size_t i = 1; i < inputs.size(); ++i) {
            const Bound& term = *inputs[i];
            if (term.cheap && !term.canFail) {
                truth.join(*term.evaluate(frame));
                continue;
            }
            const std::vector<uint32_t> open = truth.open();
            if (open.empty()) break;
            // Picking rows costs something: it is done where rows must not fail, or when few are left.
            if (open.size() == frame.rows || (!term.canFail && open.size() > frame.rows / 4)) truth.join(*term.evaluate(frame));
            else truth.join(*evaluateOn(term, frame, open), open);
        }
        return truth.column();
    }
};

struct Negation final : Bound {
    ColumnPtr evaluate(Frame& frame) const override
    {
        const ColumnPtr column = inputs[0]->evaluate(frame);
        auto buffer = Buffer::allocate(frame.rows);
        auto* out = reinterpret_cast<uint8_t*>(buffer->data());
        const auto* in = column->values<uint8_t>();
        for (size_t i = 0; i < frame.rows; ++i) out[i] = in[i] ^ 1;
        return columnAround(type, frame.rows, buffer, {column->nulls(), column->owners()});
    }
};

struct IsNull final : Bound {
    ColumnPtr evaluate(Frame& frame) const override
    {
        const ColumnPtr column = inputs[0]->evaluate(frame);
        auto buffer = Buffer::allocate(frame.rows);
        auto* out = reinterpret_cast<uint8_t*>(buffer->data());
        if (column->nulls() && !column->type().is(TypeKind::Void)) std::memcpy(out, column->nulls(), frame.rows);
        else std::memset(out, column->type().is(TypeKind::Void) ? 1 : 0, frame.rows);
        return columnAround(type, frame.rows, buffer, {});
    }
};

struct IsTrue final : Bound {
    uint8_t wanted = 1;
    ColumnPtr evaluate(Frame& frame) const override
    {
        const ColumnPtr column = inputs[0]->evaluate(frame);
        auto buffer = Buffer::allocate(frame.rows);
        auto* out = reinterpret_cast<uint8_t*>(buffer->data());
        const auto* in = column->values<uint8_t>();
        const uint8_t* nulls = column->nulls();
        for (size_t i = 0; i < frame.rows; ++i) out[i] = static_cast<uint8_t>((in[i] == wanted) & !(nulls && nulls[i]));
        return columnAround(type, frame.rows, buffer, {});
    }
};

}

Result<BoundPtr> junction(std::string_view name, std::vector<BoundPtr> terms)
{
    auto node = std::make_shared<Junction>();
    node->type = TypeKind::Boolean;
    node->decided = name == "and" ? 0 : 1;
    node->cheap = true;
    for (BoundPtr& term : terms) {
        auto condition = asBoolean(name == "and" ? "AND" : "OR", std::move(term));
        if (!condition) return condition;
        node->cheap = node->cheap && (*condition)->cheap;
        node->inputs.push_back(std::move(*condition));
    }
    return seal(std::move(node));
}

Result<BoundPtr> negation(BoundPtr condition)
{
    auto operand = asBoolean("NOT", std::move(condition));
    if (!operand) return operand;
    auto node = std::make_shared<Negation>();
    node->type = TypeKind::Boolean;
    node->cheap = (*operand)->cheap;
    node->inputs = {std::move(*operand)};
    return seal(std::move(node));
}

BoundPtr isNull(BoundPtr value)
{
    auto node = std::make_shared<IsNull>();
    node->type = TypeKind::Boolean;
    node->cheap = value->cheap;
    node->inputs = {std::move(value)};
    return seal(std::move(node));
}

Result<BoundPtr> isTrue(BoundPtr condition, bool wanted)
{
    auto operand = asBoolean(wanted ? "IS TRUE" : "IS FALSE", std::move(condition));
    if (!operand) return operand;
    auto node = std::make_shared<IsTrue>();
    node->type = TypeKind::Boolean;
    node->wanted = wanted;
    node->cheap = (*operand)->cheap;
    node->inputs = {std::move(*operand)};
    return seal(std::move(node));
}

}
