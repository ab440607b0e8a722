#include "engine/nodes/sources/shared/file_pieces.h"

#include "engine/formats/text.h"
#include "engine/pipeline/json.h"

namespace streamwright {

namespace {

constexpr size_t kCountBytes = 1 << 20;
constexpr int64_t kPieceBytes = 2 << 20;

}

std::string segmentsText(const std::vector<FileSegment>& segments)
{
    Json all = Json::array();
    for (const FileSegment& each : segments) {
        all.items().push_back(Json::array({Json::string(each.file.path), Json::integer(each.from), Json::integer(each.to), Json::integer(each.file.size), Json::integer(each.file.modified)}));
    }
    return printJsonLine(all);
}

Result<std::vector<FileSegment>> segmentsOf(const std::string& text)
{
    const auto damaged = [] { return permanent("the logged list of files cannot be understood", "`streamwright checkpoint verify` shows what is damaged"); };
    const auto json = readJson(text);
    if (!std::holds_alternative<Json>(json)) return damaged();
    std::vector<FileSegment> segments;
    for (const Json& each : std::get<Json>(json).items()) {
        if (each.items().size() != 5) return damaged();
        const auto number = [&](size_t i) { return each.items()[i].asInteger().value_or(-1); };
        segments.push_back({{each.items()[0].asString(), number(3), number(4)}, number(1), number(2)});
    }
    return segments;
}

Result<std::optional<int64_t>> FileCut::take(const WaitingFile& file)
{
    // A file that does not open is looked at again, to tell one that has vanished from one that must not be read.
    auto opened = File::read(file.file.path);
    if (!opened) {
        if (std::error_code gone; !std::filesystem::exists(file.file.path, gone)) return std::optional<int64_t>();
        return transient(opened.error().message, opened.error().hint);
    }
    if (opened->size() < file.file.size) return std::optional<int64_t>();
    int64_t until = file.file.size;
    if (limit_) {
        auto cut = lineEndAfter(*opened, file, *limit_ - rows_);
        if (!cut) return cut.error();
        if (!format_.wholeFiles) until = *cut;
        full_ = rows_ >= *limit_;
    }
    segments_.push_back({file.file, file.from, until});
    full_ |= maxFiles_ > 0 && static_cast<int64_t>(segments_.size()) >= maxFiles_;
    return std::optional(until);
}

// Where the `most`-th line ends, or the file; counts the lines.
Result<int64_t> FileCut::lineEndAfter(const File& opened, const WaitingFile& file, int64_t most)
{
    // The header of a file is no row.
    const int64_t header = format_.header && file.from == 0 ? 1 : 0;
    LineCounter counter(most + header);
    const auto buffer = Buffer::allocate(kCountBytes);
    int64_t at = file.from;
    char last = '\n';
    while (at < file.file.size && !counter.full()) {
        auto got = opened.readAt(at, buffer->data(), std::min(kCountBytes, static_cast<size_t>(file.file.size - at)));
        if (!got) return got.error();
        if (*got == 0) break;
        const size_t taken = counter.take(buffer->data(), *got);
        at += static_cast<int64_t>(taken);
        last = buffer->data()[taken - 1];
    }
    // The line feed of a last `\r\n` belongs to the line.
    if (counter.endedInReturn() && at < file.file.size) {
        auto got = opened.readAt(at, buffer->data(), 1);
        if (!got) return got.error();
        if (*got == 1 && buffer->data()[0] == '\n') ++at;
    }
    rows_ += counter.lines() + (last == '\n' || last == '\r' ? 0 : 1) - header;
    return at;
}

Result<int64_t> LineNumbers::lineAt(const File& file, int64_t at)
{
    const std::scoped_lock lock(mutex_);
    const auto known = std::prev(known_.upper_bound(at));
    int64_t from = known->first;
    LineCounter counter(INT64_MAX);
    const auto buffer = Buffer::allocate(kCountBytes);
    while (from < at) {
        auto got = file.readAt(from, buffer->data(), std::min(kCountBytes, static_cast<size_t>(at - from)));
        if (!got) return got.error();
        if (*got == 0) break;
        counter.take(buffer->data(), *got);
        from += static_cast<int64_t>(*got);
    }
    return known_.emplace(at, known->second + counter.lines()).first->second;
}

std::shared_ptr<const std::vector<FilePiece>> FilePieces::of(const Range& range, const FileFormat& format) const
{
    std::lock_guard lock(mutex_);
    if (pieces_ && detail_ == range.detail) return pieces_;
    auto pieces = std::make_shared<std::vector<FilePiece>>();
    const auto segments = segmentsOf(range.detail);
    for (const FileSegment& each : segments ? *segments : std::vector<FileSegment>()) {
        const int64_t size = format.wholeFiles ? std::max<int64_t>(each.to - each.from, 1) : kPieceBytes;
        const auto lines = std::make_shared<LineNumbers>();
        for (int64_t from = each.from; from < each.to; from += size) pieces->push_back({each, from, std::min(from + size, each.to), lines});
    }
    detail_ = range.detail;
    return pieces_ = std::move(pieces);
}

}
