#include "engine/base/files.h"
#include "engine/dataflow/declare.h"
#include "engine/formats/json.h"
#include "engine/nodes/sources/shared/first_rows.h"

#include <charconv>

namespace streamwright {

namespace {

namespace fs = std::filesystem;

struct Options {
    std::string file;
    Schema schema;
};

constexpr size_t kReadBytes = 256 << 10;

// Where the next batch begins. As an offset: "BYTE LINE".
struct Place {
    int64_t byte = 0;
    int64_t line = 1;

    static Place of(const Offset& offset)
    {
        Place place;
        const char* end = offset.text.data() + offset.text.size();
        const auto byte = std::from_chars(offset.text.data(), end, place.byte);
        if (byte.ptr < end) std::from_chars(byte.ptr + 1, end, place.line);
        return place;
    }
    Offset offset() const { return {fmt::format("{} {}", byte, line)}; }
};

class Replay final : public ReplayableSource {
public:
    Replay(fs::path path, SchemaPtr schema, JsonFormat format) : path_(std::move(path)), schema_(std::move(schema)), format_(std::move(format)) {}

    Result<void> open(const SourceContext&) override
    {
        auto file = File::read(path_);
        if (!file) return file.error();
        file_.emplace(std::move(*file));
        return {};
    }

    // One line, whatever the limit: batches are those that were recorded.
    Result<Range> plan(const Offset& from, const ReadLimit&, Timestamp) override
    {
        const Place place = Place::of(from);
        if (place.byte > file_->size()) {
            return permanent(fmt::format("{} was read up to byte {}, but has only {} bytes: it was changed by another program", path_.string(), place.byte, file_->size()),
                             "put the file back, or start with a fresh checkpoint");
        }
        const int64_t begin = lineAfter(place.byte);
        if (begin >= file_->size()) return Range{from, from};
        auto line = readUntilFeed(begin);
        if (!line) return line.error();
        return Range{from, Place{begin + static_cast<int64_t>(line->size()), place.line + 1}.offset()};
    }

    size_t pieces(const Range&) const override { return 1; }

    Result<void> read(const Range& range, size_t, const BatchContext&, Emitter& out) override
    {
        const Place from = Place::of(range.from);
        std::string line(static_cast<size_t>(Place::of(range.until).byte - from.byte), '\0');
        auto got = file_->readAt(from.byte, line.data(), line.size());
        if (!got) return got.error();
        line.resize(*got);
        while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
        auto rows = decodeJsonArray(line, schema_, format_);
        if (!rows) return permanent(fmt::format("{} line {}: {}", path_.string(), from.line, rows.error().message), rows.error().hint);
        if (rows->batch->rows() > 0) out.emit(std::move(rows->batch));
        for (BadRecord& bad : rows->bad) out.reject({std::move(bad.field), fmt::format("line {}, row {}: {}", from.line, bad.record + 1, bad.reason), std::move(bad.row), std::nullopt});
        return {};
    }

    bool ended(const Offset& at) const override { return lineAfter(Place::of(at).byte) >= file_->size(); }
    std::string description() const override { return "replay " + path_.string(); }

private:
    // Where the next line begins. A last line without an end may have got one since it was read.
    int64_t lineAfter(int64_t byte) const
    {
        char around[3] = {'\n'};
        if (byte == 0 || byte >= file_->size() || !file_->readAt(byte - 1, around, sizeof around) || around[0] == '\n') return byte;
        if (around[1] == '\r' && around[2] == '\n') return byte + 2;
        return around[1] == '\n' ? byte + 1 : byte;
    }

    // The bytes from `byte` to the end of the line, the line feed included.
    Result<std::string> readUntilFeed(int64_t byte) const
    {
        std::string line;
        while (true) {
            const size_t seen = line.size();
            line.resize(seen + kReadBytes);
            auto got = file_->readAt(byte + static_cast<int64_t>(seen), line.data() + seen, kReadBytes);
            if (!got) return got.error();
            line.resize(seen + *got);
            const size_t feed = line.find('\n', seen);
            if (feed != std::string::npos) line.resize(feed + 1);
            if (feed != std::string::npos || *got == 0) return line;
        }
    }

    fs::path path_;
    SchemaPtr schema_;
    JsonFormat format_;
    std::optional<File> file_;
};

std::unique_ptr<ReplayableSource> makeReplay(const Options& options, const PlanContext& context)
{
    return std::make_unique<Replay>(context.folder / options.file, std::make_shared<const Schema>(options.schema), JsonFormat{context.timeZone, Blank::Skipped});
}

}

NodeType replaySource()
{
    return Declare<Options>("source.replay", Group::Source)
        .summary("Play recorded rows again, batch by batch.")
        .help("Reads JSON lines as sink.record and `streamwright run --record` write them: a line is a batch, an array of rows, each "
              "an object (or a bare value when there is a single column); [] is a batch without rows. With `--clock virtual` the same "
              "input gives the same output to the byte and takes no waiting.")
        .output("out")
        .rejects()
        .field(&Options::file, {.name = "file", .help = "File of JSON lines; one line a batch.", .kind = FieldKind::Path, .required = true, .example = Json::string("lines.jsonl")})
        .field(&Options::schema, {.name = "schema", .help = "The columns of the rows, as DDL.", .kind = FieldKind::Schema, .fallback = Json::string("value STRING"), .example = Json::string("word STRING, n BIGINT")})
        .schema([](const Options& o, const Inputs&, const PlanContext&) -> Checked<Schema> { return o.schema; })
        .make([](const Options& o, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<ReplayableSource>> { return makeReplay(o, context); })
        .verify([](const Options& o, const Inputs&, const PlanContext& context, Probe& probe) { probeFirstRows(*makeReplay(o, context), probe); });
}

}
