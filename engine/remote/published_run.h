// Where runs that listen can be found: each leaves a file in `$XDG_RUNTIME_DIR/streamwright/` that only its user
// may read. Its process holds a lock on the file, which the kernel takes back when the process dies.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <filesystem>
#include <optional>
#include <vector>

namespace streamwright {

struct PublishedRun {
    int64_t process = 0;
    std::string address;                // "127.0.0.1:40211"
    std::string token;                  // empty: none is asked for
    std::string name;                   // of the pipeline; empty: nothing was started yet
    std::filesystem::path file;         // of the pipeline; absolute, or empty
    Timestamp since;
};

// Without XDG_RUNTIME_DIR a folder of this user's in the folder for temporary files. It is made with mode 0700, and
// refused when it is somebody else's or others may write there.
Result<std::filesystem::path> runFolder();

// Those whose process lives, the newest first. Files of dead ones are removed.
Result<std::vector<PublishedRun>> publishedRuns();
std::optional<PublishedRun> publishedRunOf(int64_t process);

// The file of this process. Removed when it is destroyed.
class Publication {
public:
    static Result<Publication> publish(const PublishedRun& run);
    Publication(Publication&& other) noexcept;
    Publication& operator=(Publication&& other) noexcept;
    ~Publication();

    const std::filesystem::path& path() const { return path_; }

private:
    Publication(std::filesystem::path path, int file) : path_(std::move(path)), file_(file) {}
    std::filesystem::path path_;
    int file_ = -1;
};

}
