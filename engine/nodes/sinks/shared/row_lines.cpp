#include "engine/nodes/sinks/shared/row_lines.h"

#include "engine/columns/print.h"

namespace streamwright {

RowLines::RowLines(std::string_view format, std::string timeZone) : format_(format == "csv" ? Format::Csv : format == "json" ? Format::Json : Format::Text) { csv_.timeZone = std::move(timeZone); }

void RowLines::appendHeader(const Schema& schema, std::string& out) const
{
    if (format_ == Format::Csv) appendCsvHeader(schema, csv_, out);
}

void RowLines::append(const Batch& rows, size_t row, std::string& out) const
{
    switch (format_) {
        case Format::Csv: return appendCsvRow(rows, row, csv_, out);
        case Format::Json: appendJsonRow(rows, row, out); break;
        case Format::Text: appendPrintRow(rows, row, csv_.timeZone, out); break;
    }
    out += '\n';
}

std::vector<std::string> RowLines::parts(const std::vector<Morsel>& rows, uint32_t partitions, bool header) const
{
    std::vector<std::string> texts(std::max<size_t>(1, partitions));
    for (const Morsel& morsel : rows) {
        std::string& text = texts[morsel.partition];
        if (header && text.empty() && morsel.batch->rows() > 0) appendHeader(morsel.batch->schema(), text);
        for (size_t row = 0; row < morsel.batch->rows(); ++row) append(*morsel.batch, row, text);
    }
    return texts;
}

}
