// Who writes to a checkpoint: flock on its file `lock`, which also names host and process.
#pragma once
#include "engine/base/result.h"

#include <filesystem>

namespace streamwright {

class DirectoryLock {
public:
    // Refused while another process, or another store of this one, holds it; readers need no lock.
    static Result<DirectoryLock> take(const std::filesystem::path& directory, const std::string& owner);
    DirectoryLock(DirectoryLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    DirectoryLock& operator=(DirectoryLock&&) = delete;
    ~DirectoryLock();

private:
    explicit DirectoryLock(int fd) : fd_(fd) {}
    int fd_;
};

// A random UUID.
std::string randomUuid();
// "<uuid> host pid": random per call.
std::string newOwner();

}
