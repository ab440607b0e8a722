#include "engine/nodes/sources/shared/table_versions.h"

#include "engine/base/files.h"
#include "engine/columns/block.h"
#include "engine/columns/builder.h"
#include "engine/columns/row_keys.h"

#include <charconv>
#include <fmt/format.h>

namespace streamwright {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".table";
constexpr size_t kInUse = 2;

const SchemaPtr& rejectsSchema()
{
    static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"field", TypeKind::String}, {"reason", TypeKind::String}, {"row", TypeKind::String}, {"raw", TypeKind::Binary}});
    return schema;
}

BatchPtr batchOf(const std::vector<Rejected>& rejected)
{
    std::vector<ColumnBuilder> columns;
    for (const Field& field : rejectsSchema()->fields()) columns.emplace_back(field.type);
    for (const Rejected& row : rejected) {
        columns[0].pushText(row.field);
        columns[1].pushText(row.reason);
        columns[2].pushText(row.row);
        if (row.raw) columns[3].pushText(*row.raw);
        else columns[3].pushNull();
    }
    std::vector<ColumnPtr> made;
    for (ColumnBuilder& column : columns) made.push_back(column.finish());
    return makeBatch(rejectsSchema(), std::move(made), rejected.size());
}

std::vector<Rejected> rejectedOf(const Batch& batch)
{
    std::vector<Rejected> rejected;
    const auto text = [&](size_t column, size_t row) { return std::string(batch.column(column)->values<StringRef>()[row].view()); };
    for (size_t row = 0; row < batch.rows(); ++row) {
        rejected.push_back({text(0, row), text(1, row), text(2, row), batch.column(3)->isNull(row) ? std::nullopt : std::optional(text(3, row))});
    }
    return rejected;
}

int64_t numberOf(const Offset& offset)
{
    int64_t number = 0;
    std::from_chars(offset.text.data(), offset.text.data() + offset.text.size(), number);
    return number;
}

// Two blocks, the size of the first one before them.
std::string bytesOf(const Batch& rows, const std::vector<Rejected>& rejected)
{
    const std::string first = encodeBlock(rows);
    const auto size = static_cast<uint64_t>(first.size());
    std::string bytes(sizeof size, '\0');
    std::memcpy(bytes.data(), &size, sizeof size);
    return bytes + first + encodeBlock(*batchOf(rejected));
}

Error damaged(const fs::path& file) { return permanent(file.string() + " is damaged", "a batch needs the rows of the table in it: restore the checkpoint, or go back by `streamwright checkpoint rewind`"); }

}

Offset TableVersion::offset() const { return {fmt::format("{} {:016x}", number, hash)}; }

void TableVersions::open(SchemaPtr schema, fs::path folder)
{
    schema_ = std::move(schema);
    folder_ = std::move(folder);
}

fs::path TableVersions::fileOf(const Offset& offset) const
{
    std::string name = offset.text;
    std::ranges::replace(name, ' ', '-');
    return folder_ / (name + std::string(kEnding));
}

TableVersionPtr TableVersions::made(int64_t number, uint64_t hash, const BatchPtr& rows, std::vector<Rejected> rejected) const
{
    auto version = std::make_shared<TableVersion>();
    version->number = number;
    version->hash = hash;
    for (size_t from = 0; from < rows->rows(); from += kVectorRows) version->rows.push_back(slice(rows, from, std::min(kVectorRows, rows->rows() - from)));
    version->rejected = std::move(rejected);
    return version;
}

Result<TableVersionPtr> TableVersions::add(const Offset& after, const std::vector<BatchPtr>& rows, std::vector<Rejected> rejected)
{
    const BatchPtr all = concatenate(schema_, rows);
    const std::string bytes = bytesOf(*all, rejected);
    const uint64_t hash = hashBytes(bytes.data(), bytes.size());
    {
        const std::lock_guard lock(mutex_);
        const auto same = std::ranges::find_if(used_, [&](const TableVersionPtr& version) { return version->offset() == after && version->hash == hash; });
        if (same != used_.end()) return *same;
    }
    const bool same = after.text.ends_with(fmt::format(" {:016x}", hash));
    TableVersionPtr version = made(same ? numberOf(after) : numberOf(after) + 1, hash, all, std::move(rejected));
    if (!folder_.empty()) {
        if (auto folder = makeFolder(folder_); !folder) return folder.error();
        if (auto kept = writeDurably(fileOf(version->offset()), bytes); !kept) return kept.error();
    }
    const std::lock_guard lock(mutex_);
    used_.push_back(version);
    if (used_.size() > kInUse) used_.erase(used_.begin());
    return version;
}

Result<TableVersionPtr> TableVersions::find(const Offset& offset)
{
    const std::lock_guard lock(mutex_);
    const auto used = std::ranges::find_if(used_, [&](const TableVersionPtr& version) { return version->offset() == offset; });
    if (used != used_.end()) return *used;
    std::error_code ignored;
    const fs::path file = fileOf(offset);
    if (folder_.empty() || !fs::exists(file, ignored)) return TableVersionPtr();
    auto bytes = readFile(file, SIZE_MAX);
    if (!bytes) return bytes.error();
    uint64_t size = 0;
    if (bytes->size() < sizeof size) return damaged(file);
    std::memcpy(&size, bytes->data(), sizeof size);
    if (size > bytes->size() - sizeof size) return damaged(file);
    const std::string_view blocks = std::string_view(*bytes).substr(sizeof size);
    const auto rows = decodeBlock(blocks.substr(0, size)), rejected = decodeBlock(blocks.substr(size));
    if (!rows || !rejected || !((*rejected)->schema() == *rejectsSchema())) return damaged(file);
    TableVersionPtr version = made(numberOf(offset), hashBytes(bytes->data(), bytes->size()), *rows, rejectedOf(**rejected));
    if (!(version->offset() == offset)) return damaged(file);
    // The pipeline was changed since.
    if (!((*rows)->schema() == *schema_)) return TableVersionPtr();
    used_.push_back(version);
    if (used_.size() > kInUse) used_.erase(used_.begin());
    return version;
}

void TableVersions::forgetBefore(const Offset& offset)
{
    const int64_t oldest = numberOf(offset);
    if (folder_.empty()) return;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(folder_, failure)) {
        const std::string name = entry.path().filename().string();
        int64_t number = 0;
        const bool known = std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc() && name.ends_with(kEnding);
        // What stays because it cannot be removed is only too much.
        if (known && number < oldest) (void)removeAll(entry.path());
    }
}

}
