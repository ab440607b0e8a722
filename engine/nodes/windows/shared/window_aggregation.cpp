#include "engine/nodes/windows/shared/window_aggregation.h"

#include "engine/nodes/windows/shared/window_totals.h"
#include "engine/nodes/windows/shared/window_work.h"

#include <fmt/format.h>

namespace streamwright {

std::vector<Field> WindowAggregation::paneFields() const
{
    std::vector<Field> fields{{"sequence", TypeKind::BigInt}};
    fields.insert(fields.end(), keys.fields().begin(), keys.fields().end());
    for (size_t c = 0; c < calls.size(); ++c) {
        const std::vector<Type>& types = calls[c]->partialTypes();
        for (size_t p = 0; p < types.size(); ++p) fields.push_back({types.size() == 1 ? calls[c]->name() : fmt::format("{}_{}", calls[c]->name(), p + 1), types[p]});
    }
    return fields;
}

PaneColumns WindowAggregation::paneColumns() const
{
    PaneColumns columns{keys.fields().size(), {}};
    size_t at = PaneColumns::kFirstKey + columns.keys;
    for (const auto& call : calls) {
        columns.partials.emplace_back(at, at + call->partialTypes().size());
        at += call->partialTypes().size();
    }
    return columns;
}

Checked<WindowAggregation> compileWindowAggregation(const WindowFrame& frame, const std::vector<std::string>& keys, const std::vector<std::string>& aggregates, const Schema& input)
{
    WindowAggregation node{frame};
    auto compiled = KeyColumns::compile(keys, input);
    if (!compiled) return compiled.error();
    node.keys = std::move(*compiled);
    if (aggregates.empty()) return FieldError{"aggregates", "aggregates is empty", "write for example \"count(*) AS n\""};
    for (size_t item = 0; item < aggregates.size(); ++item) {
        auto call = compileAggregate(aggregates[item], input);
        if (!call) return inItem("aggregates", item, call.error());
        node.calls.push_back(std::move(*call));
    }
    return withOutput(std::move(node));
}

Checked<WindowAggregation> withOutput(WindowAggregation node)
{
    std::vector<Field> fields = node.keys.fields();
    for (const auto& call : node.calls) fields.push_back({call->name(), call->type()});
    if (const auto twice = duplicateName(fields)) return FieldError{node.field, fmt::format("the output has the column {} twice", *twice), "name one of them with AS"};
    node.output = std::make_shared<const Schema>(std::move(fields));
    return node;
}

namespace {

class WindowOperator final : public BatchOperator {
public:
    explicit WindowOperator(WindowAggregation node) : node_(std::move(node)), columns_(node_.paneColumns()) {}

    std::vector<std::unique_ptr<State>> makeStates() const override
    {
        std::vector<std::unique_ptr<State>> states;
        std::vector<std::string> keys;
        for (const Field& key : node_.keys.fields()) keys.push_back(key.name);
        const std::vector<Field> fields = node_.paneFields();
        states.push_back(std::make_unique<Panes>(Panes::Shape{"panes", fields, std::move(keys)}));
        if (node_.leavingKeys == LeavingKeys::Kept) {
            const auto partials = fields.begin() + static_cast<long>(PaneColumns::kFirstKey + columns_.keys);
            states.push_back(std::make_unique<KeyedTable>(KeyedTable::Shape{"totals", node_.keys.fields(), {partials, fields.end()}, false}));
            states.push_back(std::make_unique<KeyedTable>(CountedPanes::shape()));
        }
        return states;
    }

    bool emits(const BatchContext& context) const override { return node_.frame.emits(context); }

    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>> states, size_t workers) const override
    {
        auto& panes = static_cast<Panes&>(*states[0]);
        if (node_.leavingKeys == LeavingKeys::Dropped) return makeWindowWork(node_, columns_, context, panes, nullptr, nullptr, workers);
        return makeWindowWork(node_, columns_, context, panes, static_cast<KeyedTable*>(states[1].get()), static_cast<KeyedTable*>(states[2].get()), workers);
    }

private:
    WindowAggregation node_;
    PaneColumns columns_;
};

}

std::unique_ptr<BatchOperator> makeWindowOperator(WindowAggregation node) { return std::make_unique<WindowOperator>(std::move(node)); }

}
