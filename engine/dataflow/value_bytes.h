// Single values of any type as bytes, exactly as they are (NaN and -0.0 too): what keyed state keeps of
// arrays. Not a file format; blocks (columns/block.h) are.
#pragma once
#include "engine/columns/builder.h"

#include <string>

namespace streamwright {

void appendValueBytes(const Column& column, size_t row, std::string& out);
// Pushes the value at `at` and moves `at` behind it.
void readValueBytes(ColumnBuilder& out, const char*& at);

}
