// Lines of text. A line ends at `\n`, `\r\n` or `\r`, as in Java's readLine and Spark's text source; the
// last line needs no end. What is not UTF-8 becomes U+FFFD, as Java's decoder has it.
#pragma once
#include "engine/columns/batch.h"

namespace streamwright {

// Cuts the bytes of a Buffer into lines, without copying: views of them. The bytes [begin, end) must lie in
// a Buffer, whose padding lets whole vectors be read behind the end.
class LineScanner {
public:
    LineScanner(const char* begin, const char* end) : end_(end), block_(begin), line_(begin) {}

    // Writes up to `most` lines that have their end into `out` and returns how many.
    size_t next(StringRef* out, size_t most);
    // Where the first line stands that `next` has not given yet. At the end of the bytes: what follows the
    // last line end, a line only if nothing comes after it.
    const char* rest() const { return line_ < end_ ? line_ : end_; }
    // True when the bytes given ended in `\r`: a `\n` that comes next belongs to it.
    bool endedInReturn() const { return block_ >= end_ && returned_; }

private:
    void scanBlock();

    const char* end_;
    const char* block_;         // next 64 bytes to look at
    const char* line_;          // start of the current line
    const char* base_ = nullptr;  // block that `ends_` belongs to
    uint64_t ends_ = 0;         // line ends of the block not given yet
    uint64_t pairs_ = 0;        // `\n` of the block that close a `\r\n`
    bool returned_ = false;     // the byte before `block_` was `\r`
};

// Counts line ends over chunks of one text, to cut it after a number of lines.
class LineCounter {
public:
    explicit LineCounter(int64_t limit) : limit_(limit) {}

    // Takes a whole chunk, or as much of it as makes up the limit; returns the bytes taken. The bytes must
    // lie in a Buffer.
    size_t take(const char* data, size_t size);
    // What comes now stands behind a `\r`: a `\n` in front ends no line of its own.
    void follow() { returned_ = true; }
    int64_t lines() const { return lines_; }
    bool full() const { return lines_ >= limit_; }
    // The last byte taken was `\r`: a `\n` behind it belongs to the same line end.
    bool endedInReturn() const { return returned_; }

private:
    int64_t limit_;
    int64_t lines_ = 0;
    bool returned_ = false;
};

// Where the first line starts at or after `at`, given the byte before `at`; `end` if none does.
const char* firstLineStart(const char* at, const char* end, char before);

bool isUtf8(std::string_view text);
// The text with every malformed sequence replaced by U+FFFD, as Java decodes UTF-8.
std::string repairUtf8(std::string_view text);

// Replaces records that are not UTF-8; returns what keeps the new text alive, or null if all were well.
// Looks at the records one by one: when they lie in one chunk, ask isUtf8 of the chunk first.
Owner repairRecords(std::span<StringRef> records);

// The schema of text lines: `value STRING`.
const SchemaPtr& textSchema();

}
