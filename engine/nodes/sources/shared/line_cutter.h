// Cuts bytes that come in pieces, from a connection or standard input, into lines for a receiver's queue. A line
// ends at `\n`, `\r\n` or `\r`; one that is too long is refused without being kept. One thread uses it.
#pragma once
#include "engine/dataflow/source.h"

#include <span>

namespace streamwright {

class LineCutter {
public:
    // `option` sets `maxRecord`, as messages say; may be empty. At least `readBytes` are kept room for.
    LineCutter(RecordQueue& queue, size_t maxRecord, std::string_view option = {}, size_t readBytes = size_t{1} << 20);

    // Where the next bytes go; there is always room.
    std::span<char> room();
    // `size` bytes were put into `room`. False when the run stops.
    bool take(size_t size);
    // Of the line that has not ended yet: the first bytes, and how many are kept in memory.
    std::string_view begun() const;
    size_t kept() const { return used_; }
    // No more comes: a line without an end is a record. What comes after it begins a new line. False as above.
    bool finish();

private:
    size_t plainEnds(char* data, size_t size);
    bool pushWhole(std::string_view lines);
    bool pushAll(std::string_view lines);
    bool pushChecked(std::string_view lines);
    void startSkipping();
    bool rejectSkipped();
    bool reject(std::string_view head, size_t size);

    RecordQueue& queue_;
    size_t maxRecord_;
    std::string option_;
    size_t readBytes_;
    std::vector<char> bytes_;
    size_t used_ = 0;
    bool returned_ = false;     // the last byte was `\r`
    bool skipping_ = false;     // inside of a line that is too long
    size_t skipped_ = 0;        // bytes of it so far
    std::string head_;
};

}
