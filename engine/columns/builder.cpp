#include "engine/columns/builder.h"

#include "engine/columns/copy_bytes.h"

namespace streamwright {

namespace {

constexpr size_t kChunkBytes = 64 * 1024;

}

void TextHeap::makeRoom(size_t size)
{
    if (size <= left_) return;
    const size_t chunk = std::max(size, chunks_.empty() ? size_t{1024} : kChunkBytes);
    auto buffer = Buffer::allocate(chunk);
    at_ = buffer->data();
    left_ = chunk;
    chunks_.push_back(std::move(buffer));
}

char* TextHeap::reserve(size_t size)
{
    makeRoom(size);
    char* where = at_;
    at_ += size;
    left_ -= size;
    return where;
}

StringRef TextHeap::copy(std::string_view text)
{
    if (text.size() <= StringRef::kInlineBytes) return StringRef(text);
    char* where = reserve(text.size());
    copyBytes(where, text.data(), text.size());
    return StringRef(where, static_cast<uint32_t>(text.size()));
}

ColumnBuilder::ColumnBuilder(Type type) : type_(std::move(type))
{
    for (const Field& field : type_.is(TypeKind::Array) ? std::vector<Field>{{"element", type_.element()}} : type_.fields()) children_.emplace_back(field.type);
    if (type_.is(TypeKind::Array)) ints_.push(0);
}

void ColumnBuilder::reserve(size_t rows)
{
    switch (type_.kind()) {
        case TypeKind::Boolean: bytes_.reserve(rows); break;
        case TypeKind::Int:
        case TypeKind::Date: ints_.reserve(rows); break;
        case TypeKind::BigInt:
        case TypeKind::Timestamp: longs_.reserve(rows); break;
        case TypeKind::Float: floats_.reserve(rows); break;
        case TypeKind::Double: doubles_.reserve(rows); break;
        case TypeKind::String:
        case TypeKind::Binary: text_.reserve(rows); break;
        case TypeKind::Array: ints_.reserve(rows + 1); break;
        case TypeKind::Void:
        case TypeKind::Struct: break;
    }
}

void ColumnBuilder::pushNull()
{
    if (!anyNull_) {
        anyNull_ = true;
        if (size_ > 0) std::memset(nulls_.extend(size_), 0, size_);
    }
    switch (type_.kind()) {
        case TypeKind::Boolean: bytes_.push(0); break;
        case TypeKind::Int:
        case TypeKind::Date: ints_.push(0); break;
        case TypeKind::BigInt:
        case TypeKind::Timestamp: longs_.push(0); break;
        case TypeKind::Float: floats_.push(0); break;
        case TypeKind::Double: doubles_.push(0); break;
        case TypeKind::String:
        case TypeKind::Binary: text_.push(StringRef()); break;
        case TypeKind::Array: ints_.push(static_cast<int32_t>(children_.front().size())); break;
        case TypeKind::Struct:
            for (ColumnBuilder& child : children_) child.pushNull();
            break;
        case TypeKind::Void: break;
    }
    nulls_.push(1);
    ++size_;
}

void ColumnBuilder::closeRow()
{
    if (type_.is(TypeKind::Array)) ints_.push(static_cast<int32_t>(children_.front().size()));
    pushValid();
}

void ColumnBuilder::pushValue(const Value& value)
{
    if (value.isNull()) return pushNull();
    switch (type_.kind()) {
        case TypeKind::Boolean: return push<uint8_t>(std::get<bool>(value.data));
        case TypeKind::Int:
        case TypeKind::Date: return push<int32_t>(static_cast<int32_t>(std::get<int64_t>(value.data)));
        case TypeKind::BigInt:
        case TypeKind::Timestamp: return push<int64_t>(std::get<int64_t>(value.data));
        case TypeKind::Float: return push<float>(static_cast<float>(std::get<double>(value.data)));
        case TypeKind::Double: return push<double>(std::get<double>(value.data));
        case TypeKind::String:
        case TypeKind::Binary: return pushText(std::get<std::string>(value.data));
        case TypeKind::Array:
            for (const Value& element : std::get<Value::List>(value.data)) children_.front().pushValue(element);
            return closeRow();
        case TypeKind::Struct: {
            const auto& list = std::get<Value::List>(value.data);
            for (size_t i = 0; i < children_.size(); ++i) children_[i].pushValue(list[i]);
            return closeRow();
        }
        case TypeKind::Void: return pushNull();
    }
}

void ColumnBuilder::pushFrom(const Column& column, size_t row)
{
    if (column.isNull(row)) return pushNull();
    switch (type_.kind()) {
        case TypeKind::Boolean: return push<uint8_t>(column.value<uint8_t>(row));
        case TypeKind::Int:
        case TypeKind::Date: return push<int32_t>(column.value<int32_t>(row));
        case TypeKind::BigInt:
        case TypeKind::Timestamp: return push<int64_t>(column.value<int64_t>(row));
        case TypeKind::Float: return push<float>(column.value<float>(row));
        case TypeKind::Double: return push<double>(column.value<double>(row));
        case TypeKind::String:
        case TypeKind::Binary: return pushText(column.text(row).view());
        case TypeKind::Array:
            for (uint32_t e = column.offsets()[row]; e < column.offsets()[row + 1]; ++e) children_.front().pushFrom(*column.element(), e);
            return closeRow();
        case TypeKind::Struct:
            for (size_t i = 0; i < children_.size(); ++i) children_[i].pushFrom(*column.child(i), row);
            return closeRow();
        case TypeKind::Void: return pushNull();
    }
}

std::shared_ptr<Buffer> ColumnBuilder::finishValues()
{
    switch (type_.kind()) {
        case TypeKind::Boolean: return bytes_.finish();
        case TypeKind::Int:
        case TypeKind::Date:
        case TypeKind::Array: return ints_.finish();
        case TypeKind::BigInt:
        case TypeKind::Timestamp: return longs_.finish();
        case TypeKind::Float: return floats_.finish();
        case TypeKind::Double: return doubles_.finish();
        case TypeKind::String:
        case TypeKind::Binary: return text_.finish();
        case TypeKind::Void:
        case TypeKind::Struct: return nullptr;
    }
    return nullptr;
}

ColumnPtr ColumnBuilder::finish()
{
    const size_t size = size_;
    size_ = 0;
    if (type_.is(TypeKind::Void)) {
        nulls_ = {};
        anyNull_ = false;
        return Column::make(type_, size, nullptr, nullptr, {});
    }
    std::vector<Owner> owners = std::move(owners_);
    owners_.clear();
    const void* values = nullptr;
    if (auto buffer = finishValues()) {
        values = buffer->data();
        owners.push_back(std::move(buffer));
    }
    const uint8_t* marks = nullptr;
    if (anyNull_) {
        auto buffer = nulls_.finish();
        marks = reinterpret_cast<const uint8_t*>(buffer->data());
        owners.push_back(std::move(buffer));
    }
    anyNull_ = false;
    for (Owner& chunk : heap_.finish()) owners.push_back(std::move(chunk));
    heap_ = {};
    std::vector<ColumnPtr> children;
    for (ColumnBuilder& child : children_) children.push_back(child.finish());
    if (type_.is(TypeKind::Array)) ints_.push(0);
    return Column::make(type_, size, values, marks, std::move(owners), std::move(children));
}

ColumnPtr columnOf(const Type& type, std::span<const Value> values)
{
    ColumnBuilder builder(type);
    builder.reserve(values.size());
    for (const Value& value : values) builder.pushValue(value);
    return builder.finish();
}

Value valueAt(const Column& column, size_t row)
{
    if (column.isNull(row)) return {};
    switch (column.type().kind()) {
        case TypeKind::Boolean: return {column.value<uint8_t>(row) != 0};
        case TypeKind::Int:
        case TypeKind::Date: return {static_cast<int64_t>(column.value<int32_t>(row))};
        case TypeKind::BigInt:
        case TypeKind::Timestamp: return {column.value<int64_t>(row)};
        case TypeKind::Float: return {static_cast<double>(column.value<float>(row))};
        case TypeKind::Double: return {column.value<double>(row)};
        case TypeKind::String:
        case TypeKind::Binary: return {std::string(column.text(row).view())};
        case TypeKind::Array: {
            Value::List list;
            for (uint32_t e = column.offsets()[row]; e < column.offsets()[row + 1]; ++e) list.push_back(valueAt(*column.element(), e));
            return {std::move(list)};
        }
        case TypeKind::Struct: {
            Value::List list;
            for (const ColumnPtr& child : column.children()) list.push_back(valueAt(*child, row));
            return {std::move(list)};
        }
        case TypeKind::Void: return {};
    }
    return {};
}

}
