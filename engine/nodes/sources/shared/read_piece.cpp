#include "engine/formats/text.h"
#include "engine/nodes/record_options.h"
#include "engine/nodes/sources/shared/file_pieces.h"

namespace streamwright {

namespace {

// Small enough to stay in the second cache while its lines are worked on.
constexpr size_t kReadBytes = 256 << 10;
// Short lines go on in larger batches, about this much text at once.
constexpr int64_t kTextAtOnce = 64 << 10;
constexpr size_t kMaxRecord = 16 << 20;
constexpr size_t kRejectedHead = 256;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class PieceReader {
public:
    PieceReader(const FilePiece& piece, const FileFormat& format, PlacedFile& file, Emitter& out)
        : piece_(piece), format_(format), file_(file), out_(out), decoder_(format.decoder), at_(piece.from), buffer_(Buffer::allocate(kReadBytes))
    {
    }

    Result<void> run()
    {
        if (format_.isCsv) {
            if (auto made = makeCsvDecoder(); !made) return made;
        }
        if (auto begun = skipMark(); !begun) return begun;
        if (format_.wholeFiles) return readWhole();
        if (auto begun = skipToLine(); !begun) return begun;
        begun_ = at_;
        while (at_ < piece_.to) {
            if (auto done = readChunk(); !done) return done;
        }
        return {};
    }

private:
    // Fills the buffer from byte `at`, at most up to `to`.
    Result<size_t> fill(int64_t at, int64_t to)
    {
        if (buffer_.use_count() > 1) buffer_ = Buffer::allocate(buffer_->size());
        const size_t wanted = std::min(buffer_->size(), static_cast<size_t>(to - at));
        auto got = file_.readAt(at, buffer_->data(), wanted);
        if (got && *got < wanted) return permanent(fmt::format("{} became shorter while it was read", piece_.segment.file.path), "put the file back as it was, or start with a fresh checkpoint");
        return got;
    }

    Result<void> makeCsvDecoder()
    {
        CsvLayout layout = layoutOf(*format_.schema);
        if (format_.header) {
            auto got = fill(0, piece_.segment.file.size);
            if (!got) return got.error();
            const char* begin = buffer_->data();
            const char* end = firstLineStart(begin, begin + *got, 'x');
            std::string_view line(begin, static_cast<size_t>(end - begin));
            if (at_ == 0) at_ = static_cast<int64_t>(line.size());
            while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
            if (line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
            const auto names = splitCsv(line, format_.csv);
            const auto found = names ? layoutOf(*format_.schema, *names) : Result<CsvLayout>(names.error());
            if (!found) headerMistake_ = fmt::format("{}: {}", piece_.segment.file.path, found.error().message);
            else layout = *found;
        }
        decoder_ = csvDecoder(format_.schema, format_.csv, std::move(layout));
        return {};
    }

    // A byte order mark is no text, as in Hadoop's reader of lines.
    Result<void> skipMark()
    {
        if (at_ > 0) return {};
        auto got = fill(0, std::min<int64_t>(kByteOrderMark.size(), piece_.to));
        if (!got) return got.error();
        if (std::string_view(buffer_->data(), *got) == kByteOrderMark) at_ = kByteOrderMark.size();
        return {};
    }

    // A piece that begins inside of a line leaves that line to the piece before.
    Result<void> skipToLine()
    {
        if (piece_.from == piece_.segment.from) return {};
        --at_;
        auto got = fill(at_, piece_.segment.to);
        if (!got) return got.error();
        const char* begin = buffer_->data();
        const char* line = firstLineStart(begin + 1, begin + *got, begin[0]);
        at_ += line - begin;
        // A line longer than the buffer goes on beyond this piece, or is skipped piece by piece.
        while (line == begin + *got && at_ < piece_.to) {
            const char before = begin[*got - 1];
            got = fill(at_, piece_.segment.to);
            if (!got) return got.error();
            if (*got == 0) return {};
            begin = buffer_->data();
            line = firstLineStart(begin, begin + *got, before);
            at_ += line - begin;
        }
        return {};
    }

    Result<void> readChunk()
    {
        auto got = fill(at_, piece_.to);
        if (!got) return got.error();
        const char* begin = buffer_->data();
        const char* end = begin + *got;
        const bool skipFeed = returned_ && *begin == '\n';
        LineScanner scanner(begin + (skipFeed ? 1 : 0), end);
        const bool wasUtf8 = isUtf8({begin, lastLineEnd(begin, end)});
        const int64_t before = given_;
        for (size_t count; (count = scanner.next(records_.data(), rowsAtOnce_)) > 0;) give(count, wasUtf8);
        rowsAtOnce_ = rowsOf(scanner.rest() - begin, given_ - before);
        returned_ = scanner.endedInReturn();
        at_ += scanner.rest() - begin;
        // No line ends in the chunk: the line goes on beyond the piece, or is longer than a chunk, or is the file's last.
        return scanner.rest() == begin ? readLongLine() : Result<void>();
    }

    static size_t rowsOf(int64_t bytes, int64_t rows)
    {
        return bytes == 0 ? kSourceRows : static_cast<size_t>(std::clamp<int64_t>(kTextAtOnce * rows / bytes, kSourceRows, kVectorRows));
    }

    static const char* lastLineEnd(const char* begin, const char* end)
    {
        while (end > begin && end[-1] != '\n' && end[-1] != '\r') --end;
        return end;
    }

    Result<void> readLongLine()
    {
        while (true) {
            auto got = fill(at_, piece_.segment.to);
            if (!got) return got.error();
            const char* begin = buffer_->data();
            const char* end = firstLineStart(begin, begin + *got, 'x');
            const bool ended = end > begin && (end[-1] == '\n' || end[-1] == '\r');
            if (ended || at_ + static_cast<int64_t>(*got) >= piece_.segment.to) {
                giveLine(begin, static_cast<size_t>(end - begin));
                at_ += end - begin;
                returned_ = ended && end[-1] == '\r';
                shrink();
                return {};
            }
            if (buffer_->size() > kMaxRecord) return skipLongLine();
            buffer_ = Buffer::allocate(buffer_->size() * 2);
        }
    }

    Result<void> skipLongLine()
    {
        const int64_t from = at_;
        const std::string head(buffer_->data(), kRejectedHead);
        bool ended = false;
        int64_t ends = 0;       // bytes of the line's end
        while (!ended && at_ < piece_.segment.to) {
            auto got = fill(at_, piece_.segment.to);
            if (!got) return got.error();
            const char* begin = buffer_->data();
            const char* end = firstLineStart(begin, begin + *got, 'x');
            ended = end[-1] == '\n' || end[-1] == '\r';
            if (ended) ends = end - begin > 1 && end[-1] == '\n' && end[-2] == '\r' ? 2 : 1;
            at_ += end - begin;
            returned_ = end[-1] == '\r';
        }
        shrink();
        out_.reject({{}, fmt::format("a record must not be longer than {} bytes, but it has {}{}", kMaxRecord, at_ - from - ends, placeOf(0)), {}, head});
        ++given_;
        return {};
    }

    void shrink()
    {
        if (buffer_->size() > kReadBytes) buffer_ = Buffer::allocate(kReadBytes);
    }

    void giveLine(const char* begin, size_t size)
    {
        while (size > 0 && (begin[size - 1] == '\n' || begin[size - 1] == '\r')) --size;
        records_[0] = StringRef::padded(begin, static_cast<uint32_t>(size));
        give(1, isUtf8({begin, size}));
    }

    // Hands on the first `count` records.
    void give(size_t count, bool isUtf8)
    {
        const std::span<StringRef> records(records_.data(), count);
        std::vector<Owner> owners{buffer_};
        std::vector<StringRef> raw;
        if (!isUtf8) {
            raw.assign(records.begin(), records.end());
            if (Owner repaired = repairRecords(records)) owners.push_back(std::move(repaired));
        }
        if (!headerMistake_.empty()) {
            for (const StringRef& record : records) out_.reject({{}, headerMistake_, {}, std::string(record.view())});
            return;
        }
        DecodedRows rows = decoder_->decode(records, nullptr, owners);
        for (BadRecord& bad : rows.bad) bad.reason += placeOf(static_cast<int64_t>(bad.record));
        emitRows(std::move(rows), raw.empty() ? records : std::span<const StringRef>(raw), out_);
        given_ += static_cast<int64_t>(count);
    }

    // Where the record stands that is so many behind the last one given.
    std::string placeOf(int64_t record) const
    {
        const std::string& path = piece_.segment.file.path;
        if (format_.wholeFiles) return fmt::format(" (in {}, record {})", path, given_ + record + 1);
        const auto first = piece_.lines->lineAt(file_, begun_);
        return first ? fmt::format(" (in {}, line {})", path, *first + given_ + record) : " (in " + path + ")";
    }

    // CSV whose records may hold line ends.
    Result<void> readWhole()
    {
        buffer_ = Buffer::allocate(static_cast<size_t>(piece_.to - at_));
        auto got = fill(at_, piece_.to);
        if (!got) return got.error();
        const std::string_view text(buffer_->data(), *got);
        std::vector<StringRef> all;
        splitCsvRecords(text, format_.csv, true, all);
        const bool wasUtf8 = isUtf8(text);
        for (size_t from = 0; from < all.size(); from += records_.size()) {
            const size_t count = std::min(records_.size(), all.size() - from);
            std::copy_n(all.begin() + static_cast<ptrdiff_t>(from), count, records_.begin());
            give(count, wasUtf8);
        }
        return {};
    }

    const FilePiece& piece_;
    const FileFormat& format_;
    PlacedFile& file_;
    Emitter& out_;
    std::shared_ptr<const RecordDecoder> decoder_;
    std::string headerMistake_;
    int64_t at_;
    int64_t begun_ = 0;         // where the first record begins
    int64_t given_ = 0;         // records so far
    bool returned_ = false;     // the chunk before ended in `\r`
    std::shared_ptr<Buffer> buffer_;
    size_t rowsAtOnce_ = kSourceRows;
    std::array<StringRef, kVectorRows> records_;
};

}

Result<void> readPiece(const FilePiece& piece, const FileFormat& format, const FilePlace& place, const StopToken* stop, Emitter& out)
{
    auto file = place.openPlanned(piece.segment.file, piece.from, piece.to, stop);
    if (!file) return file.error();
    if (auto done = PieceReader(piece, format, **file, out).run(); !done) return done;
    return (*file)->finish();
}

}
