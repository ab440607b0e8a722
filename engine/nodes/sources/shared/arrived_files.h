// Which files of a watched folder were read, and which wait. A file is known by path, size and modification
// time; one that has no bytes yet has not arrived. One thread uses it.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/transport/directory_watch.h"

#include <deque>
#include <map>
#include <optional>

namespace streamwright {

// A file to be read from byte `from` on.
struct WaitingFile {
    FoundFile file;
    int64_t from = 0;
};

// Takes a number and the space behind it off the front of a place's text.
std::optional<int64_t> takeNumber(std::string_view& text);

class ArrivedFiles {
public:
    explicit ArrivedFiles(Duration forgetAfter) : forgetAfter_(forgetAfter) {}

    // Goes to the place that `text` names (an offset): what was read until then. Cheap when it is there already.
    Result<void> goTo(const std::string& text);
    // The place as an offset.
    std::string text();
    // The place at which all these files count as read.
    std::string withAll(const std::vector<FoundFile>& files) const;

    // The files that are in the folder now, ordered by (modified, path).
    void found(const std::vector<FoundFile>& files);
    bool anyWaiting() const { return current_.has_value() || !waiting_.empty(); }
    // The next file to read, none when all are read; the same again until it is taken whole or dropped.
    std::optional<WaitingFile> next();
    // The file was taken up to byte `until`.
    void took(const WaitingFile& file, int64_t until);
    // The file that `next` gave has vanished, or is another one by now.
    void drop();
    // A sentence about files that are too old to be read; empty if there are none.
    std::string leftOut() const;

private:
    uint64_t identity(const FoundFile& file) const;
    void remember(const FoundFile& file);
    void forgetOld();

    Duration forgetAfter_;
    std::map<uint64_t, int64_t> seen_;      // identity to modification time in seconds
    int64_t newest_ = 0;                    // modification time of the newest file read, in nanoseconds
    std::optional<WaitingFile> current_;    // read in part
    std::deque<FoundFile> waiting_;
    std::vector<FoundFile> listed_;
    std::optional<std::string> text_;       // of the place, while it has not changed
    size_t tooOld_ = 0;
};

}
