#include "engine/nodes/windows/shared/list_call.h"

#include "engine/dataflow/rejecting.h"

#include <numeric>

namespace streamwright {

namespace {

// Elements stay in the columns that they came in; a log says which belong to which group, in order.
class Lists final : public Accumulators {
public:
    explicit Lists(Type element) : element_(std::move(element)) {}

    void resize(size_t) override {}

    void update(std::span<const uint32_t> groups, std::span<const ColumnPtr> inputs) override
    {
        const uint32_t base = hold(inputs[0]);
        for (uint32_t row = 0; row < groups.size(); ++row) pieces_.push_back({groups[row], base + row, 1});
    }

    void merge(std::span<const uint32_t> groups, std::span<const ColumnPtr> partials) override
    {
        if (groups.empty()) return;
        const Column& lists = *partials[0];
        const uint32_t first = lists.offsets()[0], end = lists.offsets()[lists.size()];
        const uint32_t base = hold(lists.element()->slice(first, end - first));
        for (uint32_t row = 0; row < groups.size(); ++row) {
            const uint32_t from = lists.offsets()[row] - first, until = lists.offsets()[row + 1] - first;
            if (from < until) pieces_.push_back({groups[row], base + from, until - from});
        }
    }

    void subtract(std::span<const uint32_t>, std::span<const ColumnPtr>) override {}
    std::vector<ColumnPtr> partials(std::span<const uint32_t> groups) const override { return {lists(groups)}; }
    ColumnPtr results(std::span<const uint32_t> groups, std::vector<RowError>&) const override { return lists(groups); }
    size_t bytes() const override { return pieces_.size() * sizeof(Piece) + elements_ * valueWidth(element_.kind()); }

private:
    struct Piece {
        uint32_t group;
        uint32_t from;      // among all elements held
        uint32_t count;
    };

    uint32_t hold(ColumnPtr column)
    {
        const auto base = static_cast<uint32_t>(elements_);
        elements_ += column->size();
        columns_.push_back(std::move(column));
        return base;
    }

    ColumnPtr lists(std::span<const uint32_t> groups) const
    {
        uint32_t most = 0;
        for (const Piece& piece : pieces_) most = std::max(most, piece.group + 1);
        for (const uint32_t group : groups) most = std::max(most, group + 1);
        std::vector<uint32_t> from(most + 1, 0);
        for (const Piece& piece : pieces_) from[piece.group + 1] += piece.count;
        std::partial_sum(from.begin(), from.end(), from.begin());
        std::vector<uint32_t> rows(elements_);
        std::vector<uint32_t> next(from.begin(), from.end() - 1);
        for (const Piece& piece : pieces_) {
            for (uint32_t i = 0; i < piece.count; ++i) rows[next[piece.group]++] = piece.from + i;
        }
        auto offsets = Buffer::allocate((groups.size() + 1) * sizeof(uint32_t));
        auto* out = reinterpret_cast<uint32_t*>(offsets->data());
        std::vector<uint32_t> picked;
        picked.reserve(rows.size());
        out[0] = 0;
        for (size_t g = 0; g < groups.size(); ++g) {
            picked.insert(picked.end(), rows.begin() + from[groups[g]], rows.begin() + from[groups[g] + 1]);
            out[g + 1] = static_cast<uint32_t>(picked.size());
        }
        const ColumnPtr elements = columns_.empty() ? Column::nullsOf(element_, 0) : gather(*concatenate(columns_), picked);
        return Column::make(Type::array(element_), groups.size(), out, nullptr, {std::move(offsets)}, {elements});
    }

    Type element_;
    std::vector<ColumnPtr> columns_;
    size_t elements_ = 0;
    std::vector<Piece> pieces_;
};

class ListCall final : public AggregateCall {
public:
    ListCall(Expression value, std::string name) : value_(std::move(value)), name_(std::move(name)), arguments_{value_.type()}, types_{Type::array(value_.type())} {}

    const std::string& name() const override { return name_; }
    const Type& type() const override { return types_.front(); }
    const std::vector<Type>& argumentTypes() const override { return arguments_; }
    const std::vector<Type>& partialTypes() const override { return types_; }
    bool exactMerge() const override { return false; }
    bool invertible() const override { return false; }
    std::unique_ptr<Accumulators> makeAccumulators() const override { return std::make_unique<Lists>(value_.type()); }

    Input evaluate(const Batch& batch, const EvalContext& context) const override
    {
        Evaluated evaluated = value_.evaluate(batch, context);
        if (evaluated.errors.empty()) return {{std::move(evaluated.column)}, {}, true, {}};
        std::vector<uint32_t> rows = rowsWithoutErrors(batch.rows(), evaluated.errors);
        return {{gather(*evaluated.column, rows)}, std::move(rows), false, std::move(evaluated.errors)};
    }

private:
    Expression value_;
    std::string name_;
    std::vector<Type> arguments_;
    std::vector<Type> types_;
};

}

std::unique_ptr<AggregateCall> makeListCall(Expression value, std::string name) { return std::make_unique<ListCall>(std::move(value), std::move(name)); }

}
