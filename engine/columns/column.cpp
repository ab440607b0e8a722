#include "engine/columns/column.h"

#include <algorithm>
#include <cstring>

namespace streamwright {

ColumnPtr Column::make(Type type, size_t size, const void* values, const uint8_t* nulls, std::vector<Owner> owners, std::vector<ColumnPtr> children)
{
    auto column = std::make_shared<Column>();
    column->type_ = std::move(type);
    column->size_ = size;
    column->values_ = values;
    column->nulls_ = nulls;
    column->owners_ = std::move(owners);
    column->children_ = std::move(children);
    return column;
}

ColumnPtr Column::nullsOf(const Type& type, size_t size)
{
    if (type.is(TypeKind::Void)) return make(type, size, nullptr, nullptr, {});
    auto nulls = Buffer::allocate(size);
    std::memset(nulls->data(), 1, size);
    const auto* marks = reinterpret_cast<const uint8_t*>(nulls->data());
    if (type.is(TypeKind::Struct)) {
        std::vector<ColumnPtr> children;
        for (const Field& field : type.fields()) children.push_back(nullsOf(field.type, size));
        return make(type, size, nullptr, marks, {nulls}, std::move(children));
    }
    const size_t bytes = type.is(TypeKind::Array) ? (size + 1) * sizeof(uint32_t) : size * valueWidth(type.kind());
    auto values = Buffer::allocate(bytes);
    std::memset(values->data(), 0, bytes);
    std::vector<ColumnPtr> children;
    if (type.is(TypeKind::Array)) children.push_back(nullsOf(type.element(), 0));
    return make(type, size, values->data(), marks, {values, nulls}, std::move(children));
}

ColumnPtr Column::slice(size_t from, size_t size) const
{
    const size_t width = type_.is(TypeKind::Array) ? sizeof(uint32_t) : valueWidth(type_.kind());
    const void* values = values_ ? static_cast<const char*>(values_) + from * width : nullptr;
    std::vector<ColumnPtr> children = children_;
    if (type_.is(TypeKind::Struct)) {
        for (ColumnPtr& child : children) child = child->slice(from, size);
    }
    return make(type_, size, values, nulls_ ? nulls_ + from : nullptr, owners_, std::move(children));
}

size_t Column::bytes() const
{
    size_t total = nulls_ ? size_ : 0;
    if (type_.is(TypeKind::Array)) {
        total += size_ * sizeof(uint32_t);
        if (size_ > 0 && element()->size() > 0) total += element()->bytes() * (offsets()[size_] - offsets()[0]) / element()->size();
        return total;
    }
    for (const ColumnPtr& child : children_) total += child->bytes();
    return total + size_ * valueWidth(type_.kind());
}

void addOwners(std::vector<Owner>& owners, const std::vector<Owner>& from)
{
    for (const Owner& owner : from) {
        if (std::none_of(owners.begin(), owners.end(), [&](const Owner& o) { return o == owner; })) owners.push_back(owner);
    }
}

namespace {

// Row index for gather with or without holes.
template <bool WithHoles>
std::shared_ptr<Buffer> gatherNulls(const Column& column, std::span<const uint32_t> rows)
{
    const bool any = column.nulls() || (WithHoles && std::find(rows.begin(), rows.end(), kNoRow) != rows.end());
    if (!any) return nullptr;
    auto buffer = Buffer::allocate(rows.size());
    auto* out = reinterpret_cast<uint8_t*>(buffer->data());
    const uint8_t* nulls = column.nulls();
    for (size_t i = 0; i < rows.size(); ++i) {
        if (WithHoles && rows[i] == kNoRow) {
            out[i] = 1;
        } else {
            out[i] = nulls ? nulls[rows[i]] : 0;
        }
    }
    return buffer;
}

template <bool WithHoles, class T>
void gatherValues(const Column& column, std::span<const uint32_t> rows, char* target)
{
    T* out = reinterpret_cast<T*>(target);
    const T* in = column.values<T>();
    for (size_t i = 0; i < rows.size(); ++i) out[i] = WithHoles && rows[i] == kNoRow ? T() : in[rows[i]];
}

template <bool WithHoles>
ColumnPtr gatherRows(const Column& column, std::span<const uint32_t> rows)
{
    const Type& type = column.type();
    if (type.is(TypeKind::Void)) return Column::make(type, rows.size(), nullptr, nullptr, {});
    auto nulls = gatherNulls<WithHoles>(column, rows);
    const auto* marks = nulls ? reinterpret_cast<const uint8_t*>(nulls->data()) : nullptr;
    std::vector<Owner> owners;
    if (nulls) owners.push_back(nulls);

    if (type.is(TypeKind::Struct)) {
        std::vector<ColumnPtr> children;
        for (const ColumnPtr& child : column.children()) children.push_back(gatherRows<WithHoles>(*child, rows));
        return Column::make(type, rows.size(), nullptr, marks, std::move(owners), std::move(children));
    }
    if (type.is(TypeKind::Array)) {
        auto offsets = Buffer::allocate((rows.size() + 1) * sizeof(uint32_t));
        auto* out = reinterpret_cast<uint32_t*>(offsets->data());
        std::vector<uint32_t> elements;
        out[0] = 0;
        for (size_t i = 0; i < rows.size(); ++i) {
            if (!(WithHoles && rows[i] == kNoRow) && !(marks && marks[i])) {
                for (uint32_t e = column.offsets()[rows[i]]; e < column.offsets()[rows[i] + 1]; ++e) elements.push_back(e);
            }
            out[i + 1] = static_cast<uint32_t>(elements.size());
        }
        owners.push_back(offsets);
        return Column::make(type, rows.size(), out, marks, std::move(owners), {gatherRows<false>(*column.element(), elements)});
    }

    auto values = Buffer::allocate(rows.size() * valueWidth(type.kind()));
    switch (valueWidth(type.kind())) {
        case 1: gatherValues<WithHoles, uint8_t>(column, rows, values->data()); break;
        case 4: gatherValues<WithHoles, int32_t>(column, rows, values->data()); break;
        case 8: gatherValues<WithHoles, int64_t>(column, rows, values->data()); break;
        default: gatherValues<WithHoles, StringRef>(column, rows, values->data()); break;
    }
    owners.push_back(values);
    if (isText(type.kind())) addOwners(owners, column.owners());
    return Column::make(type, rows.size(), values->data(), marks, std::move(owners));
}

}

ColumnPtr gather(const Column& column, std::span<const uint32_t> rows) { return gatherRows<false>(column, rows); }
ColumnPtr gatherOrNull(const Column& column, std::span<const uint32_t> rows) { return gatherRows<true>(column, rows); }

ColumnPtr concatenate(std::span<const ColumnPtr> columns)
{
    if (columns.size() == 1) return columns.front();
    const Type& type = columns.front()->type();
    size_t size = 0;
    bool anyNulls = false;
    for (const ColumnPtr& column : columns) {
        size += column->size();
        anyNulls = anyNulls || column->nulls();
    }
    if (type.is(TypeKind::Void)) return Column::make(type, size, nullptr, nullptr, {});

    std::vector<Owner> owners;
    const uint8_t* marks = nullptr;
    if (anyNulls) {
        auto nulls = Buffer::allocate(size);
        auto* out = reinterpret_cast<uint8_t*>(nulls->data());
        for (const ColumnPtr& column : columns) {
            if (column->nulls()) {
                std::memcpy(out, column->nulls(), column->size());
            } else {
                std::memset(out, 0, column->size());
            }
            out += column->size();
        }
        marks = reinterpret_cast<const uint8_t*>(nulls->data());
        owners.push_back(nulls);
    }

    if (type.is(TypeKind::Struct)) {
        std::vector<ColumnPtr> children;
        for (size_t f = 0; f < type.fields().size(); ++f) {
            std::vector<ColumnPtr> parts;
            for (const ColumnPtr& column : columns) parts.push_back(column->child(f));
            children.push_back(concatenate(parts));
        }
        return Column::make(type, size, nullptr, marks, std::move(owners), std::move(children));
    }
    if (type.is(TypeKind::Array)) {
        auto offsets = Buffer::allocate((size + 1) * sizeof(uint32_t));
        auto* out = reinterpret_cast<uint32_t*>(offsets->data());
        *out = 0;
        uint32_t base = 0;
        std::vector<ColumnPtr> elements;
        for (const ColumnPtr& column : columns) {
            const uint32_t first = column->offsets()[0];
            for (size_t i = 0; i < column->size(); ++i) *++out = base + column->offsets()[i + 1] - first;
            const uint32_t count = column->offsets()[column->size()] - first;
            elements.push_back(column->element()->slice(first, count));
            base += count;
        }
        owners.push_back(offsets);
        return Column::make(type, size, offsets->data(), marks, std::move(owners), {concatenate(elements)});
    }

    const size_t width = valueWidth(type.kind());
    auto values = Buffer::allocate(size * width);
    char* out = values->data();
    for (const ColumnPtr& column : columns) {
        if (column->size() > 0) std::memcpy(out, column->values<char>(), column->size() * width);
        out += column->size() * width;
        if (isText(type.kind())) addOwners(owners, column->owners());
    }
    owners.push_back(values);
    return Column::make(type, size, values->data(), marks, std::move(owners));
}

ColumnPtr compact(const Column& column)
{
    const Type& type = column.type();
    if (type.is(TypeKind::Struct)) {
        std::vector<ColumnPtr> children;
        for (const ColumnPtr& child : column.children()) children.push_back(compact(*child));
        return Column::make(type, column.size(), nullptr, column.nulls(), column.owners(), std::move(children));
    }
    if (type.is(TypeKind::Array)) {
        return Column::make(type, column.size(), column.offsets(), column.nulls(), column.owners(), {compact(*column.element())});
    }
    if (!isText(type.kind())) return column.slice(0, column.size());
    size_t bytes = 0;
    for (size_t i = 0; i < column.size(); ++i) {
        if (!column.isNull(i) && !column.text(i).isInline()) bytes += column.text(i).size();
    }
    auto values = Buffer::allocate(column.size() * sizeof(StringRef));
    auto heap = Buffer::allocate(bytes);
    auto* out = reinterpret_cast<StringRef*>(values->data());
    char* at = heap->data();
    for (size_t i = 0; i < column.size(); ++i) {
        if (column.isNull(i)) {
            out[i] = StringRef();
            continue;
        }
        const StringRef text = column.text(i);
        if (text.isInline()) {
            out[i] = text;
            continue;
        }
        std::memcpy(at, text.data(), text.size());
        out[i] = StringRef(at, text.size());
        at += text.size();
    }
    std::vector<Owner> owners{values, heap};
    const uint8_t* marks = nullptr;
    if (column.nulls()) {
        auto nulls = Buffer::allocate(column.size());
        std::memcpy(nulls->data(), column.nulls(), column.size());
        marks = reinterpret_cast<const uint8_t*>(nulls->data());
        owners.push_back(nulls);
    }
    return Column::make(type, column.size(), out, marks, std::move(owners));
}

}
