#include "engine/dataflow/value_bytes.h"

namespace streamwright {

namespace {

void putSize(uint32_t size, std::string& out) { out.append(reinterpret_cast<const char*>(&size), sizeof(size)); }

template <class T>
T take(const char*& at)
{
    T value;
    std::memcpy(&value, at, sizeof(T));
    at += sizeof(T);
    return value;
}

void readFixed(ColumnBuilder& out, const char*& at)
{
    switch (out.type().kind()) {
        case TypeKind::Boolean: return out.push<uint8_t>(take<uint8_t>(at));
        case TypeKind::Int:
        case TypeKind::Date: return out.push<int32_t>(take<int32_t>(at));
        case TypeKind::BigInt:
        case TypeKind::Timestamp: return out.push<int64_t>(take<int64_t>(at));
        case TypeKind::Float: return out.push<float>(take<float>(at));
        case TypeKind::Double: return out.push<double>(take<double>(at));
        default: return out.pushNull();
    }
}

}

void appendValueBytes(const Column& column, size_t row, std::string& out)
{
    if (column.isNull(row)) {
        out += '\0';
        return;
    }
    out += '\1';
    const TypeKind kind = column.type().kind();
    if (isText(kind)) {
        putSize(column.text(row).size(), out);
        out.append(column.value<StringRef>(row).view());
    } else if (kind == TypeKind::Array) {
        const uint32_t from = column.offsets()[row], until = column.offsets()[row + 1];
        putSize(until - from, out);
        for (uint32_t e = from; e < until; ++e) appendValueBytes(*column.element(), e, out);
    } else if (kind == TypeKind::Struct) {
        for (const ColumnPtr& child : column.children()) appendValueBytes(*child, row, out);
    } else {
        const size_t width = valueWidth(kind);
        out.append(column.values<char>() + row * width, width);
    }
}

void readValueBytes(ColumnBuilder& out, const char*& at)
{
    if (*at++ == '\0') return out.pushNull();
    const TypeKind kind = out.type().kind();
    if (isText(kind)) {
        const auto size = take<uint32_t>(at);
        out.pushText({at, size});
        at += size;
    } else if (kind == TypeKind::Array) {
        const auto size = take<uint32_t>(at);
        for (uint32_t i = 0; i < size; ++i) readValueBytes(out.element(), at);
        out.closeRow();
    } else if (kind == TypeKind::Struct) {
        for (size_t f = 0; f < out.type().fields().size(); ++f) readValueBytes(out.child(f), at);
        out.closeRow();
    } else {
        readFixed(out, at);
    }
}

}
