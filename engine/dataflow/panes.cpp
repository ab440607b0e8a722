#include "engine/dataflow/panes.h"

#include "engine/dataflow/change_set.h"

#include <fmt/format.h>

#include <algorithm>

namespace streamwright {

namespace {

constexpr size_t kTimeColumn = 0;
constexpr size_t kPartitionColumn = 1;
constexpr size_t kDeletedColumn = 3;
constexpr size_t kFirstColumn = 4;

StateLayout layoutOf(const Panes::Shape& shape)
{
    StateLayout layout{shape.name, changeSchema({{"time", TypeKind::Timestamp}, {"partition", TypeKind::Int}, {"row", TypeKind::BigInt}}, shape.columns), 3, {}};
    for (size_t c = 0; c < shape.columns.size(); ++c) {
        const bool isKey = std::find(shape.keys.begin(), shape.keys.end(), shape.columns[c].name) != shape.keys.end();
        if (isKey) layout.keys.push_back(layout.changes[kFirstColumn + c].name);
    }
    return layout;
}

// Bytes of a column with its text.
int64_t bytesOf(const Column& column)
{
    auto bytes = static_cast<int64_t>(column.bytes());
    if (isText(column.type().kind())) {
        for (size_t i = 0; i < column.size(); ++i) bytes += column.text(i).isInline() ? 0 : column.text(i).size();
    }
    for (const ColumnPtr& child : column.children()) bytes += bytesOf(*child) - static_cast<int64_t>(child->bytes());
    return bytes;
}

int64_t bytesOf(const Batch& batch)
{
    int64_t bytes = 0;
    for (const ColumnPtr& column : batch.columns()) bytes += bytesOf(*column);
    return bytes;
}

void addTo(Panes::Pane& pane, BatchPtr rows)
{
    pane.rows += static_cast<int64_t>(rows->rows());
    pane.bytes += bytesOf(*rows);
    pane.batches.push_back(std::move(rows));
}

}

Panes::Panes(Shape shape)
    : layout_(layoutOf(shape)), schema_(std::make_shared<Schema>(layout_.changes)), rowSchema_(std::make_shared<Schema>(std::move(shape.columns))), parts_(kPartitions)
{
}

void Panes::append(uint32_t partition, Timestamp time, BatchPtr rows)
{
    if (rows->rows() == 0) return;
    Part& part = parts_[partition];
    if (!part.appended) part.panes.push_back({time, {}});
    part.appended = true;
    addTo(part.panes.back(), std::move(rows));
}

void Panes::dropUntil(uint32_t partition, Timestamp time)
{
    Part& part = parts_[partition];
    while (!part.panes.empty() && part.panes.front().time <= time) {
        part.dropped.push_back(std::move(part.panes.front()));
        part.panes.pop_front();
    }
}

void Panes::beginBatch()
{
    for (Part& part : parts_) {
        part.dropped.clear();
        part.appended = false;
    }
}

void Panes::rollback()
{
    for (Part& part : parts_) {
        if (!part.dropped.empty() || part.appended) part.derived.reset();
        if (part.appended && !part.panes.empty()) part.panes.pop_back();
        else if (part.appended) part.dropped.pop_back();
        for (auto pane = part.dropped.rbegin(); pane != part.dropped.rend(); ++pane) part.panes.push_front(std::move(*pane));
    }
    beginBatch();
}

BatchPtr Panes::changesOf(uint32_t partition, const Pane& pane, size_t batch, size_t firstRow) const
{
    const BatchPtr& rows = pane.batches[batch];
    std::vector<ColumnPtr> columns{repeated(TypeKind::Timestamp, pane.time.micros, rows->rows()), repeated(static_cast<int32_t>(partition), rows->rows()),
                                   countedFrom(static_cast<int64_t>(firstRow), rows->rows()), repeated(false, rows->rows())};
    columns.insert(columns.end(), rows->columns().begin(), rows->columns().end());
    return makeBatch(schema_, std::move(columns), rows->rows());
}

BatchPtr Panes::tombstonesOf(uint32_t partition, const Pane& pane) const
{
    const auto rows = static_cast<size_t>(pane.rows);
    std::vector<ColumnPtr> columns{repeated(TypeKind::Timestamp, pane.time.micros, rows), repeated(static_cast<int32_t>(partition), rows), countedFrom(0, rows), repeated(true, rows)};
    for (const Field& field : rowSchema_->fields()) columns.push_back(Column::nullsOf(field.type, rows));
    return makeBatch(schema_, std::move(columns), rows);
}

ChangeSet Panes::freeze()
{
    std::vector<BatchPtr> batches;
    for (uint32_t p = 0; p < kPartitions; ++p) {
        Part& part = parts_[p];
        // A pane that came and went within the batch is in no checkpoint.
        if (part.appended && part.panes.empty()) part.dropped.pop_back();
        else if (part.appended) {
            const Pane& pane = part.panes.back();
            for (size_t b = 0, row = 0; b < pane.batches.size(); row += pane.batches[b++]->rows()) batches.push_back(changesOf(p, pane, b, row));
        }
        for (const Pane& pane : part.dropped) batches.push_back(tombstonesOf(p, pane));
    }
    beginBatch();
    return joinSmall(schema_, std::move(batches));
}

std::vector<Panes::Piece> Panes::pieces(size_t chunkBytes) const
{
    std::vector<Piece> result;
    for (uint32_t p = 0; p < kPartitions; ++p) {
        for (const Pane& pane : parts_[p].panes) {
            const auto rowBytes = static_cast<size_t>(pane.bytes / std::max<int64_t>(pane.rows, 1)) + 1;
            const size_t step = std::max<size_t>(chunkBytes / rowBytes, 1);
            const auto rows = static_cast<size_t>(pane.rows);
            for (size_t from = 0; from < rows; from += step) {
                const size_t count = std::min(step, rows - from);
                result.push_back({p, pane.time, from, count, count * rowBytes});
            }
        }
    }
    return result;
}

// Pieces that together stay under `chunkBytes` make a chunk.
size_t Panes::cutSnapshot(size_t chunkBytes)
{
    cut_.clear();
    size_t bytes = 0;
    for (const Piece& piece : pieces(chunkBytes)) {
        if (cut_.empty() || bytes + piece.bytes > chunkBytes) {
            cut_.emplace_back();
            bytes = 0;
        }
        cut_.back().push_back(piece);
        bytes += piece.bytes;
    }
    return cut_.size();
}

BatchPtr Panes::snapshotChunk(size_t chunk) const
{
    std::vector<BatchPtr> batches;
    for (const Piece& piece : cut_[chunk]) addRows(piece, batches);
    return concatenate(schema_, batches);
}

void Panes::addRows(const Piece& piece, std::vector<BatchPtr>& batches) const
{
    const auto& panes = parts_[piece.partition].panes;
    const auto pane = std::ranges::lower_bound(panes, piece.time, {}, &Pane::time);
    if (pane == panes.end() || pane->time != piece.time) return;
    for (size_t b = 0, row = 0; b < pane->batches.size(); row += pane->batches[b++]->rows()) {
        const size_t from = std::max(piece.from, row), until = std::min(piece.from + piece.rows, row + pane->batches[b]->rows());
        if (from < until) batches.push_back(slice(changesOf(piece.partition, *pane, b, row), from - row, until - from));
    }
}

Result<void> Panes::apply(const Batch& changes)
{
    if (changes.schema() != *schema_)
        return permanent(fmt::format("the state {} has the columns {}, but the block to restore has {}", layout_.name, schema_->toDdl(), changes.schema().toDdl()));
    const auto* time = changes.column(kTimeColumn)->values<int64_t>();
    const auto* partition = changes.column(kPartitionColumn)->values<int32_t>();
    const auto* deleted = changes.column(kDeletedColumn)->values<uint8_t>();
    for (size_t from = 0; from < changes.rows();) {
        size_t until = from + 1;
        while (until < changes.rows() && time[until] == time[from] && partition[until] == partition[from] && deleted[until] == deleted[from]) ++until;
        if (partition[from] < 0 || partition[from] >= static_cast<int32_t>(kPartitions))
            return permanent(fmt::format("the block to restore names partition {}, but there are {}", partition[from], kPartitions));
        Part& part = parts_[static_cast<size_t>(partition[from])];
        part.derived.reset();
        const auto at = std::lower_bound(part.panes.begin(), part.panes.end(), time[from], [](const Pane& pane, int64_t t) { return pane.time.micros < t; });
        const bool there = at != part.panes.end() && at->time.micros == time[from];
        if (deleted[from]) {
            if (there) part.panes.erase(at);
        } else {
            std::vector<ColumnPtr> columns;
            for (size_t c = kFirstColumn; c < schema_->size(); ++c) columns.push_back(compact(*changes.column(c)->slice(from, until - from)));
            Pane& pane = there ? *at : *part.panes.insert(at, {Timestamp{time[from]}, {}});
            addTo(pane, makeBatch(rowSchema_, std::move(columns), until - from));
        }
        from = until;
    }
    return {};
}

int64_t Panes::rows() const
{
    int64_t rows = 0;
    for (const Part& part : parts_) {
        for (const Pane& pane : part.panes) rows += pane.rows;
    }
    return rows;
}

int64_t Panes::bytes() const
{
    int64_t bytes = 0;
    for (const Part& part : parts_) {
        for (const Pane& pane : part.panes) bytes += pane.bytes;
    }
    return bytes;
}

}
