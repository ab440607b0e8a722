// Puts decoded rows together, shared by the decoders of this room: a row that turns out to be bad is
// completed with NULLs and left out at the end, so that the columns always have the same length.
#pragma once
#include "engine/columns/builder.h"
#include "engine/formats/record_decoder.h"

namespace streamwright {

class RowAssembly {
public:
    RowAssembly(const SchemaPtr& schema, size_t expectedRows);

    std::vector<ColumnBuilder>& columns() { return columns_; }
    ColumnBuilder& column(size_t i) { return columns_[i]; }
    size_t rows() const { return rows_; }

    // The row whose values were pushed belongs to `record`. Columns that got no value get NULL.
    void good(size_t record);
    void bad(BadRecord why);
    void nullRow(size_t record) { good(record); }

    // `records` is how many there were.
    DecodedRows finish(size_t records);

private:
    void complete();

    SchemaPtr schema_;
    std::vector<ColumnBuilder> columns_;
    size_t rows_ = 0;
    std::vector<uint32_t> goodRows_;
    std::vector<uint32_t> records_;
    std::vector<BadRecord> bad_;
};

bool isBlank(std::string_view record);

}
