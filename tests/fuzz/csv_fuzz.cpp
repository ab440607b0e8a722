// Any bytes as CSV: cut into records wherever the bytes are cut, decoded, and written so that the same rows
// are read again.
#include "engine/columns/print.h"
#include "engine/formats/csv.h"

using namespace streamwright;

namespace {

std::string rowsOf(const Batch& batch)
{
    std::string text;
    for (size_t row = 0; row < batch.rows(); ++row) appendJsonRow(batch, row, text);
    return text;
}

// The records of `text`, given in two pieces cut at `at`.
std::vector<std::string> recordsOf(std::string_view text, size_t at, const CsvFormat& format)
{
    std::vector<std::string> records;
    std::vector<StringRef> views;
    const size_t taken = splitCsvRecords(text.substr(0, at), format, false, views);
    if (taken > at) __builtin_trap();
    for (const StringRef& view : views) records.emplace_back(view.view());
    views.clear();
    if (splitCsvRecords(text.substr(taken), format, true, views) != text.size() - taken) __builtin_trap();
    for (const StringRef& view : views) records.emplace_back(view.view());
    return records;
}

}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const auto schema = std::make_shared<const Schema>(*parseSchema("s STRING, i INT, l BIGINT, d DOUBLE, b BOOLEAN, x BINARY, day DATE, at TIMESTAMP, a ARRAY<INT>"));
    static const auto texts = std::make_shared<const Schema>(*parseSchema("one STRING, two STRING"));
    if (size == 0) return 0;
    const CsvFormat format{.separator = data[0] & 1 ? ';' : ','};
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::vector<std::string> records = recordsOf(text, data[0] % (text.size() + 1), format);
    if (records != recordsOf(text, text.size(), format)) __builtin_trap();
    std::vector<StringRef> views(records.begin(), records.end());
    csvDecoder(schema, format)->decode(views, nullptr, {});
    const DecodedRows rows = csvDecoder(texts, format)->decode(views, nullptr, {});
    std::string written;
    for (size_t row = 0; row < rows.batch->rows(); ++row) {
        appendCsvRow(*rows.batch, row, format, written);
    }
    std::vector<StringRef> again;
    splitCsvRecords(written, format, true, again);
    const DecodedRows back = csvDecoder(texts, format)->decode(again, nullptr, {});
    if (!back.bad.empty() || rowsOf(*back.batch) != rowsOf(*rows.batch)) __builtin_trap();
    return 0;
}
