// Any bytes as JSON lines and as a recorded batch: rows or bad records; what is decoded is written so that
// the same rows are read again.
#include "engine/formats/json.h"

using namespace streamwright;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const auto schema = std::make_shared<const Schema>(*parseSchema("s STRING, i INT, l BIGINT, f FLOAT, d DOUBLE, b BOOLEAN, x BINARY, day DATE, at TIMESTAMP, a ARRAY<STRUCT<n: INT, t: ARRAY<STRING>>>, r STRUCT<n: INT>"));
    static const auto bare = std::make_shared<const Schema>(*parseSchema("value STRING"));
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<StringRef> records;
    for (std::string_view rest = text; !rest.empty();) {
        const size_t end = rest.find('\n');
        records.emplace_back(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    const DecodedRows lines = jsonDecoder(schema, {})->decode(records, nullptr, {});
    if (lines.batch->rows() + lines.bad.size() > records.size()) __builtin_trap();
    for (const SchemaPtr& one : {SchemaPtr(schema), SchemaPtr(bare)}) {
        const auto rows = decodeJsonArray(text, one, {});
        if (!rows) continue;
        std::string written, again;
        appendJsonArray(*rows->batch, written);
        const auto back = decodeJsonArray(written, one, {});
        if (!back || !back->bad.empty()) __builtin_trap();
        appendJsonArray(*back->batch, again);
        if (again != written) __builtin_trap();
    }
    return 0;
}
