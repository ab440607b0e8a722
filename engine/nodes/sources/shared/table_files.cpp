#include "engine/base/files.h"
#include "engine/formats/text.h"
#include "engine/nodes/sources/shared/table_reader.h"

namespace streamwright {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The file's bytes without a byte order mark. A file that is not there may come.
struct Content {
    std::shared_ptr<Buffer> buffer;
    std::string_view text;
};
Result<Content> contentOf(const fs::path& path)
{
    std::error_code ignored;
    if (!fs::exists(path, ignored)) return transient(path.string() + " is not there", "the run goes on as soon as it is");
    auto file = File::read(path);
    if (!file) return file.error();
    Content content{Buffer::allocate(static_cast<size_t>(file->size())), {}};
    auto got = file->readAt(0, content.buffer->data(), content.buffer->size());
    if (!got) return got.error();
    content.text = std::string_view(content.buffer->data(), *got);
    if (content.text.starts_with(kByteOrderMark)) content.text.remove_prefix(kByteOrderMark.size());
    return content;
}

class CsvTable final : public TableReader {
public:
    CsvTable(fs::path file, SchemaPtr schema, CsvFormat format, bool header) : file_(std::move(file)), schema_(std::move(schema)), format_(std::move(format)), header_(header) {}

    Result<void> read(Emitter& out) override
    {
        auto content = contentOf(file_);
        if (!content) return content.error();
        std::vector<StringRef> records;
        splitCsvRecords(content->text, format_, true, records);
        CsvLayout layout = layoutOf(*schema_);
        size_t first = 0;
        if (header_ && !records.empty()) {
            first = 1;
            const auto names = splitCsv(records[0].view(), format_);
            const auto found = names ? layoutOf(*schema_, *names) : Result<CsvLayout>(names.error());
            if (!found) return permanent(fmt::format("{}: {}", file_.string(), found.error().message), found.error().hint);
            layout = *found;
        }
        const auto decoder = csvDecoder(schema_, format_, std::move(layout));
        decodeRecords(*decoder, std::span<const StringRef>(records).subspan(first), {content->buffer}, out);
        return {};
    }
    std::string description() const override { return file_.string(); }

private:
    fs::path file_;
    SchemaPtr schema_;
    CsvFormat format_;
    bool header_;
};

class JsonTable final : public TableReader {
public:
    JsonTable(fs::path file, SchemaPtr schema, JsonFormat format) : file_(std::move(file)), schema_(std::move(schema)), format_(std::move(format)) {}

    Result<void> read(Emitter& out) override
    {
        auto content = contentOf(file_);
        if (!content) return content.error();
        const size_t begin = content->text.find_first_not_of(" \t\r\n");
        if (begin != std::string_view::npos && content->text[begin] == '[') return readArray(content->text, out);
        std::vector<StringRef> lines(static_cast<size_t>(std::ranges::count(content->text, '\n') + std::ranges::count(content->text, '\r')) + 1);
        LineScanner scanner(content->text.data(), content->text.data() + content->text.size());
        size_t count = scanner.next(lines.data(), lines.size());
        const char* rest = scanner.rest();
        const char* end = content->text.data() + content->text.size();
        if (rest < end) lines[count++] = StringRef(rest, static_cast<uint32_t>(end - rest));
        lines.resize(count);
        decodeRecords(*jsonDecoder(schema_, format_), lines, {content->buffer}, out);
        return {};
    }
    std::string description() const override { return file_.string(); }

private:
    Result<void> readArray(std::string_view text, Emitter& out)
    {
        auto rows = decodeJsonArray(text, schema_, format_);
        if (!rows) return permanent(fmt::format("{}: {}", file_.string(), rows.error().message), rows.error().hint);
        if (rows->batch->rows() > 0) out.emit(std::move(rows->batch));
        for (BadRecord& bad : rows->bad) out.reject({std::move(bad.field), fmt::format("row {}: {}", bad.record + 1, bad.reason), std::move(bad.row), std::nullopt});
        return {};
    }

    fs::path file_;
    SchemaPtr schema_;
    JsonFormat format_;
};

}

std::unique_ptr<TableReader> csvTable(fs::path file, SchemaPtr schema, CsvFormat format, bool header) { return std::make_unique<CsvTable>(std::move(file), std::move(schema), std::move(format), header); }
std::unique_ptr<TableReader> jsonTable(fs::path file, SchemaPtr schema, JsonFormat format) { return std::make_unique<JsonTable>(std::move(file), std::move(schema), std::move(format)); }

}
