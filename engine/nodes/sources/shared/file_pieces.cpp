#include "engine/nodes/sources/shared/file_pieces.h"

#include "engine/formats/text.h"

namespace streamwright {

namespace {

constexpr size_t kCountBytes = 256 << 10;

}

// "FROM TO SIZE MODIFIED LENGTH PATH" for each: a path may hold any bytes, so its length is told.
std::string segmentsText(const std::vector<FileSegment>& segments)
{
    std::string text;
    for (const FileSegment& each : segments) {
        fmt::format_to(std::back_inserter(text), "{} {} {} {} {} {}", each.from, each.to, each.file.size, each.file.modified, each.file.path.size(), each.file.path);
    }
    return text;
}

Result<std::vector<FileSegment>> segmentsOf(std::string_view text)
{
    std::vector<FileSegment> segments;
    while (!text.empty()) {
        const auto from = takeNumber(text), to = takeNumber(text), size = takeNumber(text), modified = takeNumber(text), length = takeNumber(text);
        if (!from || !to || !size || !modified || !length || *length < 0 || static_cast<size_t>(*length) > text.size()) {
            return permanent("the logged list of files cannot be understood", "`streamwright checkpoint verify` shows what is damaged");
        }
        const auto path = static_cast<size_t>(*length);
        segments.push_back({{std::string(text.substr(0, path)), *size, *modified}, *from, *to});
        text.remove_prefix(path);
    }
    return segments;
}

Result<std::optional<int64_t>> FileCut::take(const WaitingFile& file)
{
    auto opened = place_.open(file.file);
    if (!opened) return opened.error();
    if (!*opened) return std::optional<int64_t>();
    int64_t until = file.file.size;
    if (limit_) {
        auto cut = lineEndAfter(**opened, file, *limit_ - rows_);
        if (!cut) return cut.error();
        if (!format_.wholeFiles) until = *cut;
        full_ = rows_ >= *limit_;
    }
    segments_.push_back({file.file, file.from, until});
    full_ |= maxFiles_ > 0 && static_cast<int64_t>(segments_.size()) >= maxFiles_;
    return std::optional(until);
}

// Where the `most`-th line ends, or the file; counts the lines.
Result<int64_t> FileCut::lineEndAfter(PlacedFile& opened, const WaitingFile& file, int64_t most)
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

Result<int64_t> LineNumbers::lineAt(PlacedFile& file, int64_t at)
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

Result<FilePieces::Pieces> FilePieces::of(const Range& range, const FileFormat& format) const
{
    std::lock_guard lock(mutex_);
    if (pieces_ && detail_ == range.detail) return pieces_;
    const auto segments = segmentsOf(range.detail);
    if (!segments) return segments.error();
    auto pieces = std::make_shared<std::vector<FilePiece>>();
    for (const FileSegment& each : *segments) {
        const int64_t size = format.wholeFiles ? std::max<int64_t>(each.to - each.from, 1) : bytes_;
        const auto lines = std::make_shared<LineNumbers>();
        for (int64_t from = each.from; from < each.to; from += size) pieces->push_back({each, from, std::min(from + size, each.to), lines});
    }
    detail_ = range.detail;
    return pieces_ = std::move(pieces);
}

}
