// Where the files of a watched folder stand: on this machine, or elsewhere.
#pragma once
#include "engine/base/reading.h"
#include "engine/base/result.h"
#include "engine/base/stop_token.h"
#include "engine/transport/directory_watch.h"

#include <memory>

namespace streamwright {

// A file that is being read. One thread uses it.
class PlacedFile {
public:
    virtual ~PlacedFile() = default;
    // Reads up to `size` bytes at `offset`; fewer at the end of the file.
    virtual Result<size_t> readAt(int64_t offset, char* into, size_t size) = 0;
    // After the last read: Permanent when the bytes may have been those of another file.
    virtual Result<void> finish() { return {}; }
};

class FilePlace {
public:
    virtual ~FilePlace() = default;

    // On the run's thread:
    // The files that are there now. A folder that does not exist gives an empty list of folders.
    virtual Result<Listing> list() = 0;
    // Whether listing again is worth while; cheap.
    virtual bool changed() = 0;
    // The file as it was listed; null when it has vanished or is another one by now. Transient when it cannot be read.
    virtual Result<std::unique_ptr<PlacedFile>> open(const FoundFile& listed) = 0;
    // Why there is no folder, for people.
    virtual std::string whyMissing() const = 0;

    // From many workers at once: a file that was put into a batch, to be read from byte `from` to about `to`. Permanent when
    // it is another one by now.
    virtual Result<std::unique_ptr<PlacedFile>> openPlanned(const FoundFile& planned, int64_t from, int64_t to, const StopToken* stop) const = 0;
    // How many bytes of a file one worker reads.
    virtual int64_t pieceBytes() const = 0;

    virtual const std::string& folder() const = 0;
    virtual std::string description() const = 0;
    virtual Readings readings() const { return {}; }
};

Error isAnotherFile(const FoundFile& planned, const std::string& is);

}
