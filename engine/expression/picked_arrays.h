// Arrays made of elements that are already in a column: rows of picks into it.
#pragma once
#include "engine/expression/kernels.h"

namespace streamwright {

// The elements that an array column's rows use, as a column from 0 on, and where each row's begin.
class ElementRange {
public:
    explicit ElementRange(const Column& arrays)
        : offsets_(arrays.offsets()), base_(arrays.size() > 0 ? offsets_[0] : 0), elements_(arrays.element()->slice(base_, arrays.size() > 0 ? offsets_[arrays.size()] - base_ : 0))
    {
    }
    uint32_t begin(size_t row) const { return offsets_[row] - base_; }
    uint32_t end(size_t row) const { return offsets_[row + 1] - base_; }
    uint32_t size(size_t row) const { return offsets_[row + 1] - offsets_[row]; }
    const ColumnPtr& column() const { return elements_; }
    bool isNull(size_t element) const { return elements_->isNull(element); }

private:
    const uint32_t* offsets_;
    uint32_t base_;
    ColumnPtr elements_;
};

class PickedArrays {
public:
    explicit PickedArrays(size_t rows) : nulls_(rows)
    {
        offsets_.reserve(rows + 1);
        offsets_.push(0);
    }
    // kNoRow picks a NULL.
    void pick(uint32_t element) { picks_.push_back(element); }
    void pickRange(uint32_t from, uint32_t to)
    {
        for (; from < to; ++from) picks_.push_back(from);
    }
    void closeRow() { offsets_.push(static_cast<uint32_t>(picks_.size())); }
    void closeNull()
    {
        nulls_.mark(offsets_.size() - 1);
        closeRow();
    }
    size_t rowBegin() const { return offsets_.data()[offsets_.size() - 1]; }
    std::vector<uint32_t>& picks() { return picks_; }

    ColumnPtr finish(const Call& call, const Column& elements)
    {
        return finishWith(call, elements.type().is(TypeKind::Void) ? Column::nullsOf(elements.type(), picks_.size()) : gatherOrNull(elements, picks_));
    }
    ColumnPtr finishWith(const Call& call, ColumnPtr picked)
    {
        auto ends = offsets_.finish();
        std::vector<Owner> owners{ends};
        const uint8_t* nulls = nullptr;
        if (nulls_.buffer()) {
            nulls = reinterpret_cast<const uint8_t*>(nulls_.buffer()->data());
            owners.push_back(nulls_.buffer());
        }
        return Column::make(call.result, call.rows, ends->data(), nulls, std::move(owners), {std::move(picked)});
    }

private:
    FixedBuilder<uint32_t> offsets_;
    std::vector<uint32_t> picks_;
    NullMarks nulls_;
};

// Columns of one type, one after the other. VOID columns have no values to copy.
inline ColumnPtr joined(std::span<const ColumnPtr> columns)
{
    if (!columns[0]->type().is(TypeKind::Void)) return concatenate(columns);
    size_t size = 0;
    for (const ColumnPtr& column : columns) size += column->size();
    return Column::nullsOf(columns[0]->type(), size);
}

}
