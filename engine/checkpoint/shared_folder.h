// A folder that other machines reach too: in HDFS, or a second directory. One thread uses it.
#pragma once
#include "engine/base/result.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace streamwright {

// Paths are relative to it. Errors are Transient where asking again may help.
class SharedFolder {
public:
    virtual ~SharedFolder() = default;
    // Made, with its parents, if it is not there.
    virtual Result<void> makeFolder(const std::string& path) = 0;
    // Names, ascending; none where there is no such folder.
    virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
    // None: there is no such file.
    virtual Result<std::optional<std::string>> read(const std::string& path) = 0;
    // A new file, durable; after an error some of it may be there.
    virtual Result<void> write(const std::string& path, std::string_view bytes) = 0;
    // Renames a file, or a folder, onto a name that must be free: of many that try, on whichever machine, one does it.
    enum class Renamed : unsigned char { Done, Taken, NoSource };
    virtual Result<Renamed> rename(const std::string& from, const std::string& to) = 0;
    virtual Result<void> remove(const std::string& path) = 0;
    virtual std::string text() const = 0;   // for people: its path or URL
};

// `place` is hdfs://… or a path; `token` a delegation token of HDFS, may be empty.
Result<std::unique_ptr<SharedFolder>> sharedFolder(std::string_view place, const std::string& token);

}
