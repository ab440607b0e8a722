// Any bytes as a block of rows whose check sum is right, and a good block with some bytes changed: rows or a
// Permanent error; what is decoded encodes to a block of the same rows.
#include "engine/columns/block.h"
#include "engine/columns/builder.h"

#include <cstring>

using namespace streamwright;

namespace {

constexpr size_t kHeader = 16;
constexpr size_t kLimit = size_t{64} << 20;

std::string withHeader(std::string_view body)
{
    std::string block(kHeader, '\0');
    block += body;
    const uint64_t length = body.size();
    std::memcpy(block.data(), "SWB1", 4);
    std::memcpy(block.data() + 8, &length, 8);
    const uint32_t crc = crc32c(std::string_view(block).substr(8));
    std::memcpy(block.data() + 4, &crc, 4);
    return block;
}

std::string goodBody()
{
    using List = Value::List;
    const auto schema = std::make_shared<const Schema>(*parseSchema("s STRING, l BIGINT, d DOUBLE, b BOOLEAN, a ARRAY<INT>, r STRUCT<n: INT, t: ARRAY<STRING>>"));
    std::vector<std::vector<Value>> values(schema->size());
    for (int64_t i = 0; i < 40; ++i) {
        const bool null = i % 7 == 3;
        values[0].push_back(null ? Value{} : Value{std::string(static_cast<size_t>(i), 'x')});
        values[1].push_back(null ? Value{} : Value{i * 1000});
        values[2].push_back({static_cast<double>(i) / 3});
        values[3].push_back({i % 2 == 0});
        values[4].push_back(i % 5 == 0 ? Value{} : Value{List{{i}, {}}});
        values[5].push_back(null ? Value{} : Value{List{{i}, {List{{std::string("t")}}}}});
    }
    std::vector<ColumnPtr> columns;
    for (size_t i = 0; i < schema->size(); ++i) columns.push_back(columnOf((*schema)[i].type, values[i]));
    return encodeBlock(*makeBatch(schema, std::move(columns), 40)).substr(kHeader);
}

}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const std::string good = goodBody();
    if (size == 0) return 0;
    std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] & 1) {
        body = good;
        for (size_t i = 1; i + 2 < size; i += 3) body[(data[i] * 256u + data[i + 1]) % body.size()] = static_cast<char>(data[i + 2]);
    }
    const auto batch = decodeBlock(withHeader(body), kLimit);
    if (!batch) return 0;
    const std::string block = encodeBlock(**batch);
    const auto again = decodeBlock(block, kLimit * 4);
    if (!again || encodeBlock(**again) != block) __builtin_trap();
    return 0;
}
