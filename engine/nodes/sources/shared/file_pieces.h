// The bytes of files that a batch reads: cut to the batch's limit, then into pieces for the workers.
#pragma once
#include "engine/dataflow/source.h"
#include "engine/formats/csv.h"
#include "engine/nodes/sources/shared/arrived_files.h"
#include "engine/nodes/sources/shared/file_place.h"

#include <map>
#include <mutex>

namespace streamwright {

// How the bytes of a file are read.
struct FileFormat {
    SchemaPtr schema;
    std::shared_ptr<const RecordDecoder> decoder;   // null for CSV, whose header decides
    CsvFormat csv;
    bool isCsv = false;
    bool header = false;        // the first line of a CSV file names its columns
    bool wholeFiles = false;    // quoted CSV fields may hold line ends
};

// Bytes [from, to) of a file; both stand at the start of a record or at the end of the file.
struct FileSegment {
    FoundFile file;
    int64_t from = 0;
    int64_t to = 0;
};

std::string segmentsText(const std::vector<FileSegment>& segments);
Result<std::vector<FileSegment>> segmentsOf(std::string_view text);

// Takes files until a batch is full.
class FileCut {
public:
    FileCut(const FileFormat& format, FilePlace& place, std::optional<int64_t> rows, int64_t maxFiles) : format_(format), place_(place), limit_(rows), maxFiles_(maxFiles) {}

    // The byte up to which the file is taken; none when it has vanished or is another one by now. Transient
    // when it cannot be read.
    Result<std::optional<int64_t>> take(const WaitingFile& file);
    bool full() const { return full_; }
    const std::vector<FileSegment>& segments() const { return segments_; }
    // Records taken if they were counted, else -1.
    int64_t rows() const { return limit_ ? rows_ : -1; }

private:
    Result<int64_t> lineEndAfter(PlacedFile& opened, const WaitingFile& file, int64_t most);

    const FileFormat& format_;
    FilePlace& place_;
    std::optional<int64_t> limit_;
    int64_t maxFiles_;
    int64_t rows_ = 0;
    bool full_ = false;
    std::vector<FileSegment> segments_;
};

// Which line of a file a byte is in, for messages: counted when first asked for, no byte twice. Any thread.
class LineNumbers {
public:
    // Of the line that begins at byte `at`, counted from 1.
    Result<int64_t> lineAt(PlacedFile& file, int64_t at);

private:
    std::mutex mutex_;
    std::map<int64_t, int64_t> known_{{0, 1}};
};

// What one worker reads: the records of the segment that begin in bytes [from, to).
struct FilePiece {
    FileSegment segment;
    int64_t from = 0;
    int64_t to = 0;
    std::shared_ptr<LineNumbers> lines;     // of the file
};

// The pieces of a range, kept while workers ask for the same one. Any thread.
class FilePieces {
public:
    explicit FilePieces(int64_t bytes) : bytes_(bytes) {}
    using Pieces = std::shared_ptr<const std::vector<FilePiece>>;
    Result<Pieces> of(const Range& range, const FileFormat& format) const;

private:
    int64_t bytes_;             // of a piece
    mutable std::mutex mutex_;
    mutable std::string detail_;
    mutable Pieces pieces_;
};

// Reads a piece. A file that is not the one that was planned is a Permanent error.
Result<void> readPiece(const FilePiece& piece, const FileFormat& format, const FilePlace& place, const StopToken* stop, Emitter& out);

}
