#include "engine/base/files.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <vector>

namespace streamwright {

namespace {

std::atomic<FileWatch*> theWatch{nullptr};

// Runs one step between the watch's two calls. `act` returns 0 or an errno.
template <class Act>
int step(const FileEvent& event, const Act& act)
{
    FileWatch* watch = theWatch.load(std::memory_order_acquire);
    if (!watch) return act();
    if (const int code = watch->before(event)) return code;
    const int code = act();
    if (code == 0) watch->after(event);
    return code;
}

int closing(int fd, int code)
{
    ::close(fd);
    return code;
}

std::filesystem::path parentOf(const std::filesystem::path& path)
{
    const std::filesystem::path parent = path.parent_path();
    return parent.empty() ? "." : parent;
}

// Until the end or beyond `most`; returns 0 or an errno.
int readToEnd(int fd, std::string& bytes, size_t most)
{
    constexpr size_t kPiece = 1 << 16;
    while (bytes.size() <= most) {
        const size_t before = bytes.size();
        bytes.resize(before + kPiece);
        const ssize_t got = ::read(fd, bytes.data() + before, kPiece);
        const int code = errno;
        bytes.resize(before + static_cast<size_t>(std::max<ssize_t>(got, 0)));
        if (got == 0) return 0;
        if (got < 0 && code != EINTR) return code;
    }
    return 0;
}

int renameFree(const char* from, const char* to)
{
    if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return errno;
    // The file system cannot do it in one step. Whoever publishes holds the checkpoint's lock.
    struct stat there;
    if (::lstat(to, &there) == 0) return EEXIST;
    return ::rename(from, to) == 0 ? 0 : errno;
}

Result<void> syncParents(const std::filesystem::path& from, const std::filesystem::path& to)
{
    if (auto done = syncFolder(parentOf(to)); !done) return done;
    if (parentOf(from) == parentOf(to)) return {};
    return syncFolder(parentOf(from));
}

}

void watchFiles(FileWatch* watch) { theWatch.store(watch, std::memory_order_release); }
FileWatch* fileWatch() { return theWatch.load(std::memory_order_acquire); }

Error fileError(std::string_view action, const std::filesystem::path& path, int code)
{
    const std::string where = path.string();
    switch (code) {
        case ENOSPC:
        case EDQUOT: return transient(fmt::format("no space left under {}", parentOf(path).string()), "free some space; the stream goes on by itself");
        case EFBIG: return transient(fmt::format("the file size limit stops {}", where), "raise `ulimit -f` or free some space");
        case EROFS: return transient(fmt::format("the disk under {} is read-only", parentOf(path).string()), "mount it writable; the stream goes on by itself");
        case EMFILE:
        case ENFILE: return transient(fmt::format("too many open files to {} {}", action, where), "raise `ulimit -n`");
        case EAGAIN:
        case ENOMEM: return transient(fmt::format("cannot {} {}: {}", action, where, std::strerror(code)));
        default: return permanent(fmt::format("cannot {} {}: {}", action, where, std::strerror(code)));
    }
}

Result<File> File::create(const std::filesystem::path& path)
{
    int fd = -1;
    const int code = step({FileStep::Create, path}, [&] { return (fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644)) < 0 ? errno : 0; });
    if (code != 0) return fileError("create", path, code);
    return File(path, fd, 0);
}

Result<File> File::append(const std::filesystem::path& path)
{
    int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return create(path);
    if (fd < 0) return fileError("open", path, errno);
    struct stat status;
    if (::fstat(fd, &status) != 0) return fileError("open", path, closing(fd, errno));
    return File(path, fd, status.st_size);
}

Result<File> File::read(const std::filesystem::path& path)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fileError("open", path, errno);
    struct stat status;
    if (::fstat(fd, &status) != 0) return fileError("open", path, closing(fd, errno));
    return File(path, fd, status.st_size);
}

File::File(File&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}

File& File::operator=(File&& other) noexcept
{
    std::swap(path_, other.path_);
    std::swap(fd_, other.fd_);
    std::swap(size_, other.size_);
    return *this;
}

File::~File()
{
    if (fd_ >= 0) ::close(fd_);
}

Result<void> File::write(std::initializer_list<std::string_view> parts)
{
    std::vector<iovec> vectors;
    size_t total = 0;
    for (const std::string_view part : parts) {
        if (part.empty()) continue;
        vectors.push_back({const_cast<char*>(part.data()), part.size()});
        total += part.size();
    }
    const int code = step({FileStep::Write, path_, {}, size_, total}, [&] {
        size_t first = 0;
        off_t at = size_;
        while (first < vectors.size()) {
            const ssize_t wrote = ::pwritev(fd_, vectors.data() + first, static_cast<int>(vectors.size() - first), at);
            if (wrote < 0 && errno == EINTR) continue;
            if (wrote < 0) return errno;
            if (wrote == 0) return ENOSPC;
            at += wrote;
            auto left = static_cast<size_t>(wrote);
            while (first < vectors.size() && left >= vectors[first].iov_len) left -= vectors[first++].iov_len;
            if (left > 0) vectors[first] = {static_cast<char*>(vectors[first].iov_base) + left, vectors[first].iov_len - left};
        }
        return 0;
    });
    if (code != 0) {
        // Part of it may stand behind the end: the next write goes over it, a reader at open finds a torn tail.
        (void)!::ftruncate(fd_, size_);
        return fileError("write", path_, code);
    }
    size_ += static_cast<int64_t>(total);
    return {};
}

Result<void> File::sync()
{
    const int code = step({FileStep::Sync, path_}, [&] { return ::fdatasync(fd_) != 0 ? errno : 0; });
    if (code == 0) return {};
    return permanent(fmt::format("the disk lost what was written to {}: {}", path_.string(), std::strerror(code)), "look at the system's log; what was not confirmed is asked for again after a restart");
}

Result<void> File::truncate(int64_t size)
{
    const int code = step({FileStep::Truncate, path_, {}, size}, [&] { return ::ftruncate(fd_, size) != 0 ? errno : 0; });
    if (code != 0) return fileError("cut", path_, code);
    size_ = size;
    return {};
}

Result<size_t> File::readAt(int64_t offset, char* into, size_t size) const
{
    size_t got = 0;
    while (got < size) {
        const ssize_t n = ::pread(fd_, into + got, size - got, offset + static_cast<int64_t>(got));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fileError("read", path_, errno);
        if (n == 0) break;
        got += static_cast<size_t>(n);
    }
    return got;
}

Result<std::string> readFile(const std::filesystem::path& path, size_t most)
{
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fileError("open", path, errno);
    std::string bytes;
    const int code = closing(fd, readToEnd(fd, bytes, most));
    if (code != 0) return fileError("read", path, code);
    if (bytes.size() > most) return permanent(fmt::format("{} is larger than {} MiB", path.string(), most >> 20), "is it the right file?");
    return bytes;
}

Result<void> syncFile(const std::filesystem::path& path)
{
    auto file = File::append(path);
    if (!file) return file.error();
    return file->sync();
}

Result<void> syncFolder(const std::filesystem::path& folder)
{
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fileError("open", folder, errno);
    int code = step({FileStep::SyncFolder, folder}, [&] { return ::fsync(fd) != 0 ? errno : 0; });
    ::close(fd);
    if (code == EINVAL || code == ENOTSUP) code = 0;  // file systems whose folders are durable without it
    if (code != 0) return fileError("sync", folder, code);
    return {};
}

Result<void> makeFolder(const std::filesystem::path& folder)
{
    struct stat status;
    if (::stat(folder.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) return {};
        return permanent(fmt::format("a folder is wanted where a file stands: {}", folder.string()));
    }
    const std::filesystem::path parent = parentOf(folder);
    if (parent != folder) {
        if (auto made = makeFolder(parent); !made) return made;
    }
    const int code = step({FileStep::MakeFolder, folder}, [&] { return ::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST ? errno : 0; });
    if (code != 0) return fileError("make the folder", folder, code);
    return syncFolder(parent);
}

Result<void> writeDurably(const std::filesystem::path& path, std::string_view bytes)
{
    const std::filesystem::path temp = path.string() + fmt::format(".{}.tmp", ::getpid());
    if (auto gone = removeAll(temp); !gone) return gone;
    auto file = File::create(temp);
    if (!file) return file.error();
    auto done = file->write(bytes);
    if (done) done = file->sync();
    if (done) done = replaceFile(temp, path);
    if (!done) (void)removeAll(temp);
    return done;
}

Result<Publish> publishFile(const std::filesystem::path& from, const std::filesystem::path& to)
{
    int code = step({FileStep::Rename, from, to}, [&] { return renameFree(from.c_str(), to.c_str()); });
    Publish outcome = Publish::Done;
    struct stat status;
    if (code == ENOENT && ::lstat(from.c_str(), &status) != 0 && ::lstat(to.c_str(), &status) == 0) {
        outcome = Publish::AlreadyThere;
        code = 0;
    }
    if (code == EEXIST) return permanent(fmt::format("cannot publish {}: the name is taken: {}", from.string(), to.string()), "move away what stands there, or choose another path");
    if (code != 0) return fileError(fmt::format("publish {} as", from.string()), to, code);
    // After AlreadyThere the parents are made durable too: the crash may have come between rename and fsync.
    if (outcome == Publish::AlreadyThere) {
        if (auto done = syncFolder(parentOf(to)); !done) return done.error();
        return outcome;
    }
    if (auto done = syncParents(from, to); !done) return done.error();
    return outcome;
}

Result<void> replaceFile(const std::filesystem::path& from, const std::filesystem::path& to)
{
    const int code = step({FileStep::Rename, from, to}, [&] { return ::rename(from.c_str(), to.c_str()) != 0 ? errno : 0; });
    if (code != 0) return fileError(fmt::format("rename {} to", from.string()), to, code);
    return syncParents(from, to);
}

Result<void> removeAll(const std::filesystem::path& path)
{
    struct stat status;
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return {};
        return fileError("remove", path, errno);
    }
    if (S_ISDIR(status.st_mode)) {
        std::error_code failure;
        std::vector<std::filesystem::path> inside;
        for (const auto& entry : std::filesystem::directory_iterator(path, failure)) inside.push_back(entry.path());
        if (failure) return fileError("remove", path, failure.value());
        for (const auto& entry : inside) {
            if (auto gone = removeAll(entry); !gone) return gone;
        }
    }
    const bool folder = S_ISDIR(status.st_mode);
    const int code = step({FileStep::Remove, path}, [&] { return (folder ? ::rmdir(path.c_str()) : ::unlink(path.c_str())) != 0 && errno != ENOENT ? errno : 0; });
    if (code != 0) return fileError("remove", path, code);
    return {};
}

}
