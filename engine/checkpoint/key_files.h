// Keys of records whose segment of the receive log is deleted: NUMBER.keys, frames of keys without records. One
// thread at a time.
#pragma once
#include "engine/checkpoint/log_segment.h"

#include <map>

namespace streamwright {

class KeyFiles {
public:
    explicit KeyFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

    // Calls `take` with all keys in the files, oldest file first; each counts as lying behind its whole segment.
    Result<void> load(const std::function<void(const ReceivedKey&)>& take);
    // Keeps the keys of a segment, durably; nothing is written when it has none.
    Result<void> keep(LogSegment& segment);
    // Deletes the files whose newest key is older.
    Result<void> forgetBefore(Timestamp since);

private:
    std::filesystem::path fileOf(int64_t number) const;

    std::filesystem::path folder_;
    std::map<int64_t, Timestamp> newest_;   // of each file
};

}
