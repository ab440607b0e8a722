// Single values of any type as bytes: one that says whether there is a value, then the value, text and arrays behind their
// size. What keyed state keeps of arrays, and keys of several columns. Not a file format; blocks (columns/block.h) are.
#pragma once
#include "engine/columns/builder.h"

#include <string>

namespace streamwright {

// `appendFixed(column, row, out)` writes the values of fixed width.
template <class F>
void appendValueBytes(const Column& column, size_t row, std::string& out, const F& appendFixed)
{
    if (column.isNull(row)) {
        out += '\0';
        return;
    }
    out += '\1';
    const TypeKind kind = column.type().kind();
    const auto putSize = [&out](uint32_t size) { out.append(reinterpret_cast<const char*>(&size), sizeof(size)); };
    if (isText(kind)) {
        putSize(column.text(row).size());
        out.append(column.text(row).view());
    } else if (kind == TypeKind::Array) {
        const uint32_t from = column.offsets()[row], until = column.offsets()[row + 1];
        putSize(until - from);
        for (uint32_t e = from; e < until; ++e) appendValueBytes(*column.element(), e, out, appendFixed);
    } else if (kind == TypeKind::Struct) {
        for (const ColumnPtr& child : column.children()) appendValueBytes(*child, row, out, appendFixed);
    } else {
        appendFixed(column, row, out);
    }
}
// Exactly as they are: NaN and -0.0 too.
void appendValueBytes(const Column& column, size_t row, std::string& out);

// Pushes the value at `at` and moves `at` behind it.
void readValueBytes(ColumnBuilder& out, const char*& at);
// The same of a value of fixed width that is there, without the byte before it.
void readFixedBytes(ColumnBuilder& out, const char*& at);

}
