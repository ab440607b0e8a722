#include "engine/nodes/windows/shared/pane_maker.h"

#include "engine/dataflow/change_set.h"

#include <algorithm>

namespace streamwright {

namespace {

// Keys, then per aggregate its arguments and (unless it counts rows) whether the row takes part, then
// whether an argument failed.
std::vector<Type> exchangedTypes(const WindowAggregation& node)
{
    std::vector<Type> types;
    for (const Field& key : node.keys.fields()) types.push_back(key.type);
    for (size_t c = 0; c < node.calls.size(); ++c) {
        const std::vector<Type>& arguments = node.calls[c]->argumentTypes();
        types.insert(types.end(), arguments.begin(), arguments.end());
        if (!node.calls[c]->countsRows()) types.push_back(TypeKind::Boolean);
    }
    types.push_back(TypeKind::Boolean);
    return types;
}

ColumnPtr flags(size_t rows, std::span<const uint32_t> set)
{
    auto buffer = Buffer::allocate(rows);
    std::memset(buffer->data(), 0, rows);
    for (const uint32_t row : set) buffer->data()[row] = 1;
    const void* values = buffer->data();
    return Column::make(TypeKind::Boolean, rows, values, nullptr, {std::move(buffer)});
}

struct PaneKeys {
    std::span<const StringRef> rows;
    std::vector<StringRef>& keys;

    bool equals(uint32_t key, size_t row) const { return isNullKey(keys[key]) || isNullKey(rows[row]) ? isNullKey(keys[key]) && isNullKey(rows[row]) : keys[key] == rows[row]; }
    void prefetch(uint32_t key) const { __builtin_prefetch(&keys[key]); }
    uint32_t add(size_t row) const
    {
        keys.push_back(rows[row]);
        return static_cast<uint32_t>(keys.size() - 1);
    }
};

}

PaneMaker::PaneMaker(const WindowAggregation& node, const BatchContext& context, size_t workers) : node_(node), context_(context), exchange_(exchangedTypes(node), workers)
{
    size_t at = node.keys.fields().size();
    for (size_t c = 0; c < node.calls.size(); ++c) {
        const bool masked = !node.calls[c]->countsRows();
        slots_.push_back({at, at + node.calls[c]->argumentTypes().size(), masked});
        at += node.calls[c]->argumentTypes().size() + (masked ? 1 : 0);
    }
    failedColumn_ = at;
}

void PaneMaker::addArguments(const AggregateCall& call, const BatchPtr& batch, std::vector<ColumnPtr>& columns, std::vector<RowError>& errors) const
{
    AggregateCall::Input input = call.evaluate(*batch, evalContext(context_));
    errors.insert(errors.end(), input.errors.begin(), input.errors.end());
    if (input.all) {
        columns.insert(columns.end(), input.columns.begin(), input.columns.end());
        columns.push_back(repeated(true, batch->rows()));
        return;
    }
    std::vector<uint32_t> places(batch->rows(), kNoRow);
    for (uint32_t i = 0; i < input.rows.size(); ++i) places[input.rows[i]] = i;
    for (const ColumnPtr& column : input.columns) columns.push_back(gatherOrNull(*column, places));
    columns.push_back(flags(batch->rows(), input.rows));
}

void PaneMaker::consume(const Morsel& in, size_t worker, Emitter& rejects)
{
    const KeyColumns::Evaluation keys = node_.keys.evaluate(in.batch, context_, rejects);
    std::vector<ColumnPtr> columns = keys.columns;
    std::vector<RowError> errors;
    for (const auto& call : node_.calls) {
        if (!call->countsRows()) addArguments(*call, keys.batch, columns, errors);
    }
    std::vector<uint32_t> failed;
    if (!errors.empty()) {
        const std::lock_guard lock(mutex_);
        for (RowError& error : errors) {
            failed.push_back(error.row);
            failures_.emplace(std::pair(keys.batch.get(), error.row), std::move(error.reason));
        }
    }
    columns.push_back(flags(keys.batch->rows(), failed));
    exchange_.add({keys.batch, in.ordinal, in.partition}, keys.columns, std::move(columns), worker);
}

void PaneMaker::rejectKeys(uint32_t partition, KeyExchange::Rows& rows, Emitter& rejects)
{
    const auto* failed = rows.columns[failedColumn_]->values<uint8_t>();
    if (std::find(failed, failed + rows.count, 1) == failed + rows.count) return;
    std::vector<StringRef> keys;
    KeyIndex index;
    std::vector<uint32_t> groups(rows.count);
    index.findOrAddAll(rows.hashes, PaneKeys{rows.keys, keys}, groups.data());
    std::vector<std::string> reasons(keys.size());
    for (size_t row = 0; row < rows.count; ++row) {
        if (failed[row] && reasons[groups[row]].empty()) reasons[groups[row]] = failures_.at(exchange_.origin(partition, row));
    }
    std::vector<uint32_t> good;
    for (uint32_t row = 0; row < rows.count; ++row) {
        if (reasons[groups[row]].empty()) {
            good.push_back(row);
            continue;
        }
        const auto [batch, origin] = exchange_.origin(partition, row);
        const auto own = failures_.find({batch, origin});
        const RowError error{origin, own == failures_.end() ? "another row of this key failed: " + reasons[groups[row]] : own->second};
        rejectRows(*batch, node_.field, {&error, 1}, rejects);
    }
    KeyExchange::Rows left{good.size(), {}, {}, {}};
    for (const ColumnPtr& column : rows.columns) left.columns.push_back(gather(*column, good));
    for (const uint32_t row : good) {
        left.keys.push_back(rows.keys[row]);
        left.hashes.push_back(rows.hashes[row]);
    }
    rows = std::move(left);
}

std::vector<uint32_t> PaneMaker::groupsOf(KeyExchange::Rows& rows, Pane& pane) const
{
    std::vector<uint32_t> groups(rows.count);
    KeyIndex index;
    index.findOrAddAll(rows.hashes, PaneKeys{rows.keys, pane.keys}, groups.data());
    std::vector<uint32_t> first(pane.keys.size());
    uint32_t seen = 0;
    for (uint32_t row = 0; row < rows.count; ++row) {
        if (groups[row] == seen) first[seen++] = row;
    }
    for (const uint32_t row : first) pane.hashes.push_back(rows.hashes[row]);
    for (size_t k = 0; k < node_.keys.fields().size(); ++k) pane.keyColumns.push_back(gather(*rows.columns[k], first));
    return groups;
}

std::vector<ColumnPtr> PaneMaker::reduce(size_t call, const KeyExchange::Rows& rows, std::span<const uint32_t> groups, size_t keys) const
{
    const Slots& slots = slots_[call];
    auto accumulators = node_.calls[call]->makeAccumulators();
    accumulators->resize(keys);
    std::vector<ColumnPtr> arguments(rows.columns.begin() + static_cast<long>(slots.from), rows.columns.begin() + static_cast<long>(slots.until));
    std::vector<uint32_t> part, partGroups;
    if (slots.masked) {
        const auto* takesPart = rows.columns[slots.until]->values<uint8_t>();
        for (uint32_t row = 0; row < rows.count; ++row) {
            if (takesPart[row]) part.push_back(row);
        }
    }
    if (slots.masked && part.size() < rows.count) {
        for (ColumnPtr& column : arguments) column = gather(*column, part);
        for (const uint32_t row : part) partGroups.push_back(groups[row]);
        groups = partGroups;
    }
    accumulators->update(groups, arguments);
    return accumulators->partials(countedNumbers(keys));
}

PaneMaker::Pane PaneMaker::make(uint32_t partition, Emitter& rejects)
{
    Pane pane;
    if (context_.stop) context_.stop->check();
    KeyExchange::Rows rows = exchange_.take(partition);
    if (rows.count > 0) rejectKeys(partition, rows, rejects);
    if (rows.count == 0) return pane;
    const std::vector<uint32_t> groups = groupsOf(rows, pane);
    for (size_t call = 0; call < node_.calls.size(); ++call) {
        for (ColumnPtr& column : reduce(call, rows, groups, pane.keys.size())) pane.partials.push_back(std::move(column));
    }
    return pane;
}

std::vector<uint32_t> emitResults(const WindowAggregation& node, const BatchContext& context, const BatchPtr& results, std::vector<RowError> errors, Emitter& out)
{
    std::stable_sort(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row < b.row; });
    errors.erase(std::unique(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row == b.row; }), errors.end());
    rejectRows(*results, node.field, errors, out);
    std::vector<uint32_t> rows = rowsWithoutErrors(results->rows(), errors), dropped;
    if (node.having) {
        const Evaluated condition = node.having->evaluate(*results, evalContext(context));
        std::vector<RowError> failed;
        for (const RowError& error : condition.errors) {
            if (std::binary_search(rows.begin(), rows.end(), error.row)) failed.push_back(error);
        }
        rejectRows(*results, "having", failed, out);
        std::vector<uint32_t> kept;
        for (const uint32_t row : rows) {
            const bool hasFailed = std::any_of(failed.begin(), failed.end(), [&](const RowError& error) { return error.row == row; });
            if (hasFailed) continue;
            const bool holds = !condition.column->isNull(row) && condition.column->value<uint8_t>(row);
            (holds ? kept : dropped).push_back(row);
        }
        rows = std::move(kept);
    }
    const BatchPtr batch = rows.size() == results->rows() ? results : gather(*results, rows);
    for (size_t from = 0; from < batch->rows(); from += kVectorRows) out.emit(slice(batch, from, std::min(kVectorRows, batch->rows() - from)));
    return dropped;
}

}
