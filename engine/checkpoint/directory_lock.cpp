#include "engine/checkpoint/directory_lock.h"

#include "engine/base/files.h"
#include "engine/checkpoint/schema.h"

#include <cerrno>
#include <fcntl.h>
#include <random>
#include <sys/file.h>
#include <unistd.h>

namespace streamwright {

namespace {

std::string hostName()
{
    char name[256] = {};
    return ::gethostname(name, sizeof name - 1) == 0 ? name : "unknown host";
}

}

Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& directory, const std::string& owner)
{
    const std::filesystem::path path = directory / kLockName;
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) return fileError("lock", path, errno);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const int code = errno;
        char holder[512] = {};
        (void)!::pread(fd, holder, sizeof holder - 1, 0);
        ::close(fd);
        if (code != EWOULDBLOCK) return fileError("lock", path, code);
        std::string who(holder);
        while (!who.empty() && who.back() == '\n') who.pop_back();
        return permanent(fmt::format("the checkpoint {} is in use by {}", directory.string(), who.empty() ? "another process" : who), "stop that run first, or give this one a checkpoint of its own");
    }
    // For people; who holds the lock is decided by flock, which a crash gives back.
    const std::string text = fmt::format("host {} pid {} ({})\n", hostName(), ::getpid(), owner.substr(0, owner.find(' ')));
    (void)!::ftruncate(fd, 0);
    (void)!::pwrite(fd, text.data(), text.size(), 0);
    return DirectoryLock(fd);
}

DirectoryLock::~DirectoryLock()
{
    if (fd_ >= 0) ::close(fd_);
}

std::string randomUuid()
{
    std::random_device device;
    uint32_t words[4];
    for (uint32_t& word : words) word = device();
    words[1] = (words[1] & 0xFFFF0FFFu) | 0x4000u;       // version 4
    words[2] = (words[2] & 0x3FFFFFFFu) | 0x80000000u;   // variant 1
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:04x}{:08x}", words[0], words[1] >> 16, words[1] & 0xFFFF, words[2] >> 16, words[2] & 0xFFFF, words[3]);
}

std::string newOwner() { return fmt::format("{} {} {}", randomUuid(), hostName(), ::getpid()); }

}
