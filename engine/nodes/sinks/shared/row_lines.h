// Rows as lines of text, as sinks of files and of sockets write them.
#pragma once
#include "engine/dataflow/context.h"
#include "engine/formats/csv.h"

namespace streamwright {

class RowLines {
public:
    // `format`: csv, json (an object a line), or text as Spark prints rows.
    RowLines(std::string_view format, std::string timeZone);

    // The line that names the columns; nothing but CSV has one.
    void appendHeader(const Schema& schema, std::string& out) const;
    // The row, with its line end.
    void append(const Batch& rows, size_t row, std::string& out) const;
    // One text for each logical partition, from rows in order; `header`: of a text that has rows.
    std::vector<std::string> parts(const std::vector<Morsel>& rows, uint32_t partitions, bool header) const;

private:
    enum class Format : unsigned char { Csv, Json, Text };
    Format format_;
    CsvFormat csv_;
};

}
