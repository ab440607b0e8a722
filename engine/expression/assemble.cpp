// Marks of NULL and columns put together from others.
#include "engine/expression/bound.h"

namespace streamwright::syntax {

Marks marksOf(const Operand& operand)
{
    if (operand.constant || !operand.column->nulls()) return {};
    return {operand.column->nulls(), operand.column->owners()};
}

Marks either(Marks a, Marks b, size_t rows)
{
    if (!a.data) return b;
    if (!b.data || b.data == a.data) return a;
    auto buffer = Buffer::allocate(rows);
    auto* out = reinterpret_cast<uint8_t*>(buffer->data());
    for (size_t i = 0; i < rows; ++i) out[i] = a.data[i] | b.data[i];
    return {out, {std::move(buffer)}};
}

Marks eitherNull(const Operand& a, const Operand& b, size_t rows) { return either(marksOf(a), marksOf(b), rows); }

uint8_t* writable(Marks& marks, size_t rows)
{
    auto buffer = Buffer::allocate(rows);
    auto* out = reinterpret_cast<uint8_t*>(buffer->data());
    if (marks.data) {
        std::memcpy(out, marks.data, rows);
    } else {
        std::memset(out, 0, rows);
    }
    marks.data = out;
    marks.owners = {std::move(buffer)};
    return out;
}

ColumnPtr withNulls(const ColumnPtr& column, const Marks& more)
{
    if (!more.data || column->type().is(TypeKind::Void)) return column;
    Marks marks = either({column->nulls(), {}}, more, column->size());
    std::vector<Owner> owners = column->owners();
    addOwners(owners, marks.owners);
    const void* values = column->type().is(TypeKind::Struct) ? nullptr : column->values<char>();
    return Column::make(column->type(), column->size(), values, marks.data, std::move(owners), column->children());
}

ColumnPtr withErrors(const ColumnPtr& column, std::span<const RowError> errors)
{
    if (errors.empty() || column->type().is(TypeKind::Void)) return column;
    Marks marks{column->nulls(), {}};
    uint8_t* nulls = writable(marks, column->size());
    for (const RowError& error : errors) nulls[error.row] = 1;
    return withNulls(column, marks);
}

ColumnPtr columnAround(const Type& type, size_t rows, const std::shared_ptr<Buffer>& values, Marks marks)
{
    marks.owners.push_back(values);
    return Column::make(type, rows, values->data(), marks.data, std::move(marks.owners));
}

namespace {

template <class T>
std::shared_ptr<Buffer> chosen(const uint8_t* mask, const Operand& yes, const Operand& no, size_t rows)
{
    auto buffer = Buffer::allocate(rows * sizeof(T));
    T* out = reinterpret_cast<T*>(buffer->data());
    const T* y = yes.column->values<T>();
    const T* n = no.column->values<T>();
    if (yes.constant && no.constant) {
        for (size_t i = 0; i < rows; ++i) out[i] = mask[i] ? y[0] : n[0];
    } else if (yes.constant) {
        const T value = y[0];
        for (size_t i = 0; i < rows; ++i) out[i] = mask[i] ? value : n[i];
    } else if (no.constant) {
        const T value = n[0];
        for (size_t i = 0; i < rows; ++i) out[i] = mask[i] ? y[i] : value;
    } else {
        for (size_t i = 0; i < rows; ++i) out[i] = mask[i] ? y[i] : n[i];
    }
    return buffer;
}

Marks chosenNulls(const uint8_t* mask, const Operand& yes, const Operand& no, size_t rows)
{
    if (!yes.column->nulls() && !no.column->nulls()) return {};
    auto buffer = Buffer::allocate(rows);
    auto* out = reinterpret_cast<uint8_t*>(buffer->data());
    const uint8_t* y = yes.column->nulls();
    const uint8_t* n = no.column->nulls();
    for (size_t i = 0; i < rows; ++i) {
        const uint8_t whenYes = y ? y[yes.at(i)] : 0;
        const uint8_t whenNo = n ? n[no.at(i)] : 0;
        out[i] = mask[i] ? whenYes : whenNo;
    }
    return {out, {std::move(buffer)}};
}

}

ColumnPtr choose(const Type& type, const uint8_t* mask, const Operand& yes, const Operand& no, size_t rows)
{
    if (type.is(TypeKind::Void)) return Column::nullsOf(type, rows);
    if (type.is(TypeKind::Array) || type.is(TypeKind::Struct)) {
        const ColumnPtr both[] = {yes.column, no.column};
        const ColumnPtr joined = concatenate(both);
        const size_t offset = yes.column->size();
        std::vector<uint32_t> picks(rows);
        for (size_t i = 0; i < rows; ++i) picks[i] = static_cast<uint32_t>(mask[i] ? yes.at(i) : offset + no.at(i));
        return gather(*joined, picks);
    }
    Marks marks = chosenNulls(mask, yes, no, rows);
    std::shared_ptr<Buffer> values;
    switch (valueWidth(type.kind())) {
        case 1: values = chosen<uint8_t>(mask, yes, no, rows); break;
        case 4: values = chosen<int32_t>(mask, yes, no, rows); break;
        case 8: values = chosen<int64_t>(mask, yes, no, rows); break;
        default:
            values = chosen<StringRef>(mask, yes, no, rows);
            addOwners(marks.owners, yes.column->owners());
            addOwners(marks.owners, no.column->owners());
    }
    return columnAround(type, rows, values, std::move(marks));
}

void Pieces::add(ColumnPtr column, std::vector<uint32_t> rows)
{
    if (rows.empty()) return;
    columns_.push_back(std::move(column));
    rows_.push_back(std::move(rows));
}

ColumnPtr Pieces::assemble(const Type& type, size_t rows) const
{
    if (columns_.empty() || type.is(TypeKind::Void)) return Column::nullsOf(type, rows);
    if (columns_.size() == 1 && rows_[0].size() == rows) return columns_[0];
    std::vector<uint32_t> picks(rows, kNoRow);
    uint32_t at = 0;
    for (const auto& piece : rows_) {
        for (const uint32_t row : piece) picks[row] = at++;
    }
    return gatherOrNull(*concatenate(columns_), picks);
}

}
