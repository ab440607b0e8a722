#include "engine/checkpoint/history_block.h"

#include "engine/columns/block.h"
#include "engine/columns/builder.h"

#include <array>

namespace streamwright {

namespace {

// One of the lists of a batch as rows: the number of the batch, and the element.
template <class T>
struct Row {
    int64_t batch = 0;
    T value;
};

void put(ColumnBuilder& column, int64_t value) { column.push(value); }
void put(ColumnBuilder& column, int value) { column.push(int64_t{value}); }
void put(ColumnBuilder& column, bool value) { column.push(static_cast<uint8_t>(value)); }
void put(ColumnBuilder& column, double value) { column.push(value); }
void put(ColumnBuilder& column, const std::string& value) { column.pushText(value); }
void take(int64_t& value, const Column& column, size_t row) { value = column.value<int64_t>(row); }
void take(int& value, const Column& column, size_t row) { value = static_cast<int>(column.value<int64_t>(row)); }
void take(bool& value, const Column& column, size_t row) { value = column.value<uint8_t>(row) != 0; }
void take(double& value, const Column& column, size_t row) { value = column.value<double>(row); }
void take(std::string& value, const Column& column, size_t row) { value = column.text(row).view(); }
template <class V>
constexpr TypeKind kindOf()
{
    if constexpr (std::is_same_v<V, bool>) return TypeKind::Boolean;
    else if constexpr (std::is_same_v<V, double>) return TypeKind::Double;
    else if constexpr (std::is_same_v<V, std::string>) return TypeKind::String;
    else return TypeKind::BigInt;
}

// A member as a column. `Member` gives a reference to it and has no state.
template <class T>
struct Member {
    std::string_view name;
    TypeKind kind;
    void (*write)(const T& row, ColumnBuilder& column);
    void (*read)(T& row, const Column& column, size_t at);
};
template <class T, class Access>
Member<T> member(std::string_view name, Access)
{
    using Value = std::remove_cvref_t<decltype(Access{}(std::declval<T&>()))>;
    return {name, kindOf<Value>(), [](const T& row, ColumnBuilder& column) { put(column, Access{}(row)); }, [](T& row, const Column& column, size_t at) { take(Access{}(row), column, at); }};
}

#define FIELD(name, path) member<T>(name, [](auto& row) -> auto& { return row.path; })

std::span<const Member<BatchProgress>> membersOf(const BatchProgress*)
{
    using T = BatchProgress;
    static const std::array members{
        FIELD("number", number), FIELD("batch_time", batchTime.micros), FIELD("started", started.micros), FIELD("attempts", attempts), FIELD("rows_in", rowsIn), FIELD("rows_out", rowsOut), FIELD("rejected", rejected),
        FIELD("input_rate", inputRowsPerSecond), FIELD("processed_rate", processedRowsPerSecond), FIELD("decided", decided), FIELD("memory", memoryUsed), FIELD("wait", time.wait), FIELD("plan", time.plan),
        FIELD("log_ranges", time.logRanges), FIELD("compute", time.compute), FIELD("stage", time.stage), FIELD("freeze", time.freeze), FIELD("hand_over", time.handOver), FIELD("commit", time.commit),
        FIELD("publish", time.publish), FIELD("total", time.total), FIELD("watermark", watermark)};
    return members;
}

std::span<const Member<Row<NodeProgress>>> membersOf(const Row<NodeProgress>*)
{
    using T = Row<NodeProgress>;
    static const std::array members{
        FIELD("batch", batch), FIELD("node", value.node.name), FIELD("rows_in", value.rowsIn), FIELD("rows_out", value.rowsOut), FIELD("rejected", value.rejected), FIELD("busy", value.busyNanos),
        FIELD("state_rows", value.stateRows), FIELD("state_bytes", value.stateBytes), FIELD("state_updated", value.stateUpdated)};
    return members;
}

std::span<const Member<Row<SourceProgress>>> membersOf(const Row<SourceProgress>*)
{
    using T = Row<SourceProgress>;
    static const std::array members{
        FIELD("batch", batch), FIELD("node", value.node.name), FIELD("description", value.description), FIELD("from", value.startOffset), FIELD("to", value.endOffset), FIELD("rows", value.rows),
        FIELD("received", value.received), FIELD("queued", value.queued), FIELD("queue_fill", value.queueFill), FIELD("rate_limit", value.rateLimit), FIELD("status", value.status)};
    return members;
}

std::span<const Member<Row<SinkProgress>>> membersOf(const Row<SinkProgress>*)
{
    using T = Row<SinkProgress>;
    static const std::array members{FIELD("batch", batch), FIELD("node", value.node.name), FIELD("description", value.description), FIELD("rows", value.rows), FIELD("published", value.published.value)};
    return members;
}

// A figure of a summary; without a node it is the batch's.
struct FigureRow {
    std::string node, metric;
    Spread spread;
};
std::span<const Member<FigureRow>> membersOf(const FigureRow*)
{
    using T = FigureRow;
    static const std::array members{FIELD("node", node), FIELD("metric", metric), FIELD("least", spread.least), FIELD("mean", spread.mean), FIELD("p99", spread.p99), FIELD("greatest", spread.greatest)};
    return members;
}

#undef FIELD

template <class T>
std::string encodeRows(const std::vector<T>& rows)
{
    static const auto members = membersOf(static_cast<const T*>(nullptr));
    static const SchemaPtr schema = [] {
        std::vector<Field> fields;
        for (const Member<T>& one : members) fields.push_back({std::string(one.name), one.kind});
        return std::make_shared<const Schema>(std::move(fields));
    }();
    std::vector<ColumnPtr> columns;
    for (const Member<T>& one : members) {
        ColumnBuilder column(one.kind);
        column.reserve(rows.size());
        for (const T& row : rows) one.write(row, column);
        columns.push_back(column.finish());
    }
    return encodeBlock(Batch(schema, std::move(columns), rows.size()));
}

template <class T>
Result<std::vector<T>> decodeRows(std::string_view block)
{
    // A second of the quickest stream takes a hundredth of it.
    constexpr size_t kMostMemory = size_t{1} << 30;
    auto batch = decodeBlock(block, kMostMemory);
    if (!batch) return batch.error();
    std::vector<T> rows((*batch)->rows());
    for (const Member<T>& one : membersOf(static_cast<const T*>(nullptr))) {
        const auto at = (*batch)->schema().indexOf(one.name);
        if (!at || !(*batch)->schema()[*at].type.is(one.kind)) continue;
        for (size_t row = 0; row < rows.size(); ++row) one.read(rows[row], *(*batch)->column(*at), row);
    }
    return rows;
}

template <class T>
std::string encodeLists(const BatchesOfRun& batches, std::vector<T> BatchProgress::*list)
{
    std::vector<Row<T>> rows;
    for (const auto& batch : batches) {
        for (const T& value : (*batch).*list) rows.push_back({batch->number, value});
    }
    return encodeRows(rows);
}

// The rows of a list follow in the order of the batches.
template <class T>
Result<void> decodeLists(std::string_view block, std::vector<BatchProgress>& batches, std::vector<T> BatchProgress::*list)
{
    auto rows = decodeRows<Row<T>>(block);
    if (!rows) return rows.error();
    size_t b = 0;
    for (Row<T>& row : *rows) {
        while (b < batches.size() && batches[b].number != row.batch) ++b;
        if (b == batches.size()) return permanent("the history is damaged: its rows belong to no batch");
        (batches[b].*list).push_back(std::move(row.value));
    }
    return {};
}

}

BatchBlocks encodeBatches(const BatchesOfRun& batches)
{
    std::vector<BatchProgress> rows;
    for (const auto& batch : batches) rows.push_back(*batch);
    return {encodeRows(rows), encodeLists(batches, &BatchProgress::nodes), encodeLists(batches, &BatchProgress::sources), encodeLists(batches, &BatchProgress::sinks)};
}

Result<BatchesOfRun> decodeBatches(const BatchBlockViews& blocks)
{
    auto rows = decodeRows<BatchProgress>(blocks.batches);
    if (!rows) return rows.error();
    auto done = decodeLists(blocks.nodes, *rows, &BatchProgress::nodes);
    if (done) done = decodeLists(blocks.sources, *rows, &BatchProgress::sources);
    if (done) done = decodeLists(blocks.sinks, *rows, &BatchProgress::sinks);
    if (!done) return done.error();
    BatchesOfRun batches;
    for (BatchProgress& row : *rows) batches.push_back(std::make_shared<const BatchProgress>(std::move(row)));
    return batches;
}

std::string encodeFigures(const BatchSummary& summary)
{
    std::vector<FigureRow> rows;
    for (size_t f = 0; f < summary.figures.size(); ++f) rows.push_back({{}, std::string(batchMetrics()[f].name), summary.figures[f]});
    for (const NodeSummary& node : summary.nodes) {
        for (size_t f = 0; f < node.figures.size(); ++f) rows.push_back({node.node.name, std::string(nodeMetrics()[f].name), node.figures[f]});
    }
    return encodeRows(rows);
}

Result<void> decodeFigures(std::string_view block, BatchSummary& summary)
{
    auto rows = decodeRows<FigureRow>(block);
    if (!rows) return rows.error();
    summary.figures.assign(batchMetrics().size(), {});
    for (FigureRow& row : *rows) {
        if (row.node.empty()) {
            if (const size_t place = batchMetric(row.metric); place < summary.figures.size()) summary.figures[place] = row.spread;
            continue;
        }
        if (summary.nodes.empty() || summary.nodes.back().node.name != row.node) summary.nodes.push_back({NodeId{std::move(row.node)}, std::vector<Spread>(nodeMetrics().size())});
        if (const size_t place = nodeMetric(row.metric); place < nodeMetrics().size()) summary.nodes.back().figures[place] = row.spread;
    }
    return {};
}

}
