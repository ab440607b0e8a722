// Folders in which files arrive. One thread uses a watch.
#pragma once
#include "engine/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace streamwright {

struct FoundFile {
    std::string path;
    int64_t size = 0;
    int64_t modified = 0;       // nanoseconds since 1970
    bool operator==(const FoundFile&) const = default;
};

struct Listing {
    std::vector<FoundFile> files;       // ordered by (modified, path)
    std::vector<std::string> folders;   // that were looked into
};

// Regular files (links followed) that stand directly in `folder`, a folder or a glob of folders, and whose
// name fits the glob `pattern` (empty: any). Names that start with `.` or `_` are left out, and so are
// files that vanish meanwhile. A folder that does not exist gives an empty list of folders.
Result<Listing> listFiles(const std::string& folder, const std::string& pattern);
// The same facts of one file; a mistake of kind Transient when it cannot be had.
Result<FoundFile> statFile(const std::string& path);

// Tells cheaply whether looking again is worth while.
class DirectoryWatch {
public:
    DirectoryWatch();
    ~DirectoryWatch();
    DirectoryWatch(const DirectoryWatch&) = delete;
    DirectoryWatch& operator=(const DirectoryWatch&) = delete;

    // Watches these folders from now on. Call it before the folders are listed.
    void watch(const std::vector<std::string>& folders);
    // Whether something changed since the last call. True also when the system cannot tell, and once a
    // second in any case: network file systems report nothing.
    bool changed();

private:
    int inotify_ = -1;
    std::vector<std::pair<std::string, int>> watched_;
    bool blind_ = true;         // some folder cannot be watched
    int64_t lastTrue_ = 0;
};

}
