#include "engine/columns/value_bytes.h"

namespace streamwright {

namespace {

template <class T>
T take(const char*& at)
{
    T value;
    std::memcpy(&value, at, sizeof(T));
    at += sizeof(T);
    return value;
}

}

void readFixedBytes(ColumnBuilder& out, const char*& at)
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

void appendValueBytes(const Column& column, size_t row, std::string& out)
{
    appendValueBytes(column, row, out, [](const Column& fixed, size_t at, std::string& into) {
        const size_t width = valueWidth(fixed.type().kind());
        into.append(fixed.values<char>() + at * width, width);
    });
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
        readFixedBytes(out, at);
    }
}

}
