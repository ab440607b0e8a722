// A library for LD_PRELOAD that stands between a program and its files: it records every call that changes
// the files of a folder (write_journal.h), and kills the program before a given one. Nothing is synced for
// real, so that tests are quick: the page cache outlives a killed process.
#include "tests/faults/write_journal.h"

#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdarg>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

using streamwright::DiskEntry;
using streamwright::DiskStep;

namespace {

constexpr int kDescriptors = 1 << 16;

class Journal {
public:
    static Journal& get()
    {
        static auto* journal = new Journal;   // outlives whatever still writes at exit
        return *journal;
    }

    // Held across a call and its entry, so that the journal has the order of the calls.
    std::recursive_mutex mutex;

    bool watches(std::string_view path) const
    {
        // SQLite maps this file into memory; it is made anew from the log after a crash.
        return !folder_.empty() && path.starts_with(folder_) && !path.ends_with("-shm");
    }
    // Before a call that will be recorded.
    void reach()
    {
        if (++count_ == kill_) {
            ::syscall(SYS_kill, ::getpid(), SIGKILL);
            for (;;) ::pause();
        }
    }
    void record(DiskEntry entry, std::string_view path = {}, std::string_view to = {}, const iovec* parts = nullptr, int partCount = 0)
    {
        if (file_ < 0) return;
        entry.path = static_cast<uint32_t>(path.size());
        entry.to = static_cast<uint32_t>(to.size());
        std::string bytes;
        for (int i = 0; i < partCount; ++i) bytes.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
        entry.data = static_cast<uint32_t>(bytes.size());
        const std::string all = std::string(reinterpret_cast<const char*>(&entry), sizeof entry).append(path).append(to).append(bytes);
        if (::syscall(SYS_write, file_, all.data(), all.size()) != static_cast<long>(all.size())) std::abort();
    }

    // The inode behind a descriptor of a watched file; 0 for others.
    uint64_t inode(int fd) const { return fd >= 0 && fd < kDescriptors ? inodes_[fd].load() : 0; }
    void setInode(int fd, uint64_t inode)
    {
        if (fd >= 0 && fd < kDescriptors) inodes_[fd] = inode;
    }

private:
    Journal()
    {
        if (const char* folder = std::getenv(streamwright::kJournalFolder)) folder_ = folder;
        if (const char* kill = std::getenv(streamwright::kJournalKill)) kill_ = std::strtoll(kill, nullptr, 10);
        const char* file = std::getenv(streamwright::kJournalFile);
        if (file) file_ = static_cast<int>(::syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    }

    std::string folder_;
    int file_ = -1;
    int64_t kill_ = 0;
    int64_t count_ = 0;
    std::atomic<uint64_t> inodes_[kDescriptors] = {};   // asked without the lock
};

std::string absolute(int folder, const char* path)
{
    if (path[0] == '/') return path;
    char base[PATH_MAX] = {};
    const std::string link = folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/" + std::to_string(folder);
    const ssize_t size = ::readlink(link.c_str(), base, sizeof base - 1);
    return std::string(base, static_cast<size_t>(std::max<ssize_t>(size, 0))) + "/" + path;
}

int openFile(int folder, const char* path, int flags, mode_t mode)
{
    Journal& journal = Journal::get();
    const std::lock_guard lock(journal.mutex);
    const std::string name = absolute(folder, path);
    const bool watched = journal.watches(name);
    struct stat status{};
    const bool there = watched && ::syscall(SYS_newfstatat, AT_FDCWD, name.c_str(), &status, 0) == 0;
    const bool makes = watched && !there && (flags & O_CREAT);
    if (makes) journal.reach();
    const int fd = static_cast<int>(::syscall(SYS_openat, folder, path, flags, mode));
    if (fd < 0 || !watched) return fd;
    ::syscall(SYS_fstat, fd, &status);
    if (S_ISDIR(status.st_mode)) return fd;
    journal.setInode(fd, status.st_ino);
    journal.record({makes ? DiskStep::Create : DiskStep::Open, 0, 0, 0, status.st_ino, 0}, name);
    if (there && (flags & O_TRUNC)) journal.record({DiskStep::Truncate, 0, 0, 0, status.st_ino, 0});
    return fd;
}

ssize_t writeParts(int fd, const iovec* parts, int count, int64_t at, bool placed)
{
    Journal& journal = Journal::get();
    const uint64_t inode = journal.inode(fd);
    if (inode == 0) return placed ? ::syscall(SYS_pwritev, fd, parts, count, at, 0) : ::syscall(SYS_writev, fd, parts, count);
    const std::lock_guard lock(journal.mutex);
    journal.reach();
    if (!placed) at = ::lseek(fd, 0, (::fcntl(fd, F_GETFL) & O_APPEND) ? SEEK_END : SEEK_CUR);
    const ssize_t wrote = placed ? ::syscall(SYS_pwritev, fd, parts, count, at, 0) : ::syscall(SYS_writev, fd, parts, count);
    ssize_t size = 0;
    for (int i = 0; i < count; ++i) size += static_cast<ssize_t>(parts[i].iov_len);
    if (wrote == size) journal.record({DiskStep::Write, 0, 0, 0, inode, at}, {}, {}, parts, count);
    else if (wrote >= 0) std::abort();   // a full disk is not what these tests are about
    return wrote;
}

int truncateFile(int fd, int64_t size)
{
    Journal& journal = Journal::get();
    const std::lock_guard lock(journal.mutex);
    const uint64_t inode = journal.inode(fd);
    if (inode != 0) journal.reach();
    const int done = static_cast<int>(::syscall(SYS_ftruncate, fd, size));
    if (done == 0 && inode != 0) journal.record({DiskStep::Truncate, 0, 0, 0, inode, size});
    return done;
}

int syncFile(int fd)
{
    Journal& journal = Journal::get();
    const std::lock_guard lock(journal.mutex);
    if (const uint64_t inode = journal.inode(fd)) {
        journal.reach();
        journal.record({DiskStep::Sync, 0, 0, 0, inode, 0});
        return 0;
    }
    struct stat status{};
    if (::syscall(SYS_fstat, fd, &status) != 0 || !S_ISDIR(status.st_mode)) return 0;
    const std::string folder = absolute(fd, ".");
    const std::string name = folder.substr(0, folder.size() - 2);
    if (!journal.watches(name + "/")) return 0;
    journal.reach();
    journal.record({DiskStep::SyncFolder, 0, 0, 0, 0, 0}, name);
    return 0;
}

// A call that changes names.
template <class Call>
int changeName(DiskStep step, const std::string& path, const std::string& to, const Call& call)
{
    Journal& journal = Journal::get();
    const std::lock_guard lock(journal.mutex);
    const bool watched = journal.watches(path);
    if (watched) journal.reach();
    const int done = static_cast<int>(call());
    if (done == 0 && watched) journal.record({step, 0, 0, 0, 0, 0}, path, to);
    return done;
}

mode_t modeOf(int flags, va_list list) { return (flags & (O_CREAT | O_TMPFILE)) ? va_arg(list, mode_t) : 0; }

}

extern "C" {

#define OPEN(name)                                        \
    int name(const char* path, int flags, ...)            \
    {                                                     \
        va_list list;                                     \
        va_start(list, flags);                            \
        const mode_t mode = modeOf(flags, list);          \
        va_end(list);                                     \
        return openFile(AT_FDCWD, path, flags, mode);     \
    }
#define OPEN_AT(name)                                     \
    int name(int folder, const char* path, int flags, ...) \
    {                                                     \
        va_list list;                                     \
        va_start(list, flags);                            \
        const mode_t mode = modeOf(flags, list);          \
        va_end(list);                                     \
        return openFile(folder, path, flags, mode);       \
    }
OPEN(open)
OPEN(open64)
OPEN_AT(openat)
OPEN_AT(openat64)

int close(int fd)
{
    Journal::get().setInode(fd, 0);
    return static_cast<int>(::syscall(SYS_close, fd));
}

ssize_t write(int fd, const void* bytes, size_t size)
{
    const iovec part{const_cast<void*>(bytes), size};
    return writeParts(fd, &part, 1, 0, false);
}
ssize_t pwrite(int fd, const void* bytes, size_t size, off_t at)
{
    const iovec part{const_cast<void*>(bytes), size};
    return writeParts(fd, &part, 1, at, true);
}
ssize_t pwrite64(int fd, const void* bytes, size_t size, off_t at) { return pwrite(fd, bytes, size, at); }
ssize_t writev(int fd, const iovec* parts, int count) { return writeParts(fd, parts, count, 0, false); }
ssize_t pwritev(int fd, const iovec* parts, int count, off_t at) { return writeParts(fd, parts, count, at, true); }
ssize_t pwritev64(int fd, const iovec* parts, int count, off_t at) { return writeParts(fd, parts, count, at, true); }

int ftruncate(int fd, off_t size) noexcept { return truncateFile(fd, size); }
int ftruncate64(int fd, off_t size) noexcept { return truncateFile(fd, size); }
int fsync(int fd) { return syncFile(fd); }
int fdatasync(int fd) { return syncFile(fd); }

int mkdir(const char* path, mode_t mode) noexcept
{
    return changeName(DiskStep::MakeFolder, absolute(AT_FDCWD, path), {}, [&] { return ::syscall(SYS_mkdir, path, mode); });
}
int rmdir(const char* path) noexcept
{
    return changeName(DiskStep::RemoveFolder, absolute(AT_FDCWD, path), {}, [&] { return ::syscall(SYS_rmdir, path); });
}
int unlink(const char* path) noexcept
{
    return changeName(DiskStep::Unlink, absolute(AT_FDCWD, path), {}, [&] { return ::syscall(SYS_unlink, path); });
}
int unlinkat(int folder, const char* path, int flags) noexcept
{
    const DiskStep step = (flags & AT_REMOVEDIR) ? DiskStep::RemoveFolder : DiskStep::Unlink;
    return changeName(step, absolute(folder, path), {}, [&] { return ::syscall(SYS_unlinkat, folder, path, flags); });
}
int rename(const char* from, const char* to) noexcept
{
    return changeName(DiskStep::Rename, absolute(AT_FDCWD, from), absolute(AT_FDCWD, to), [&] { return ::syscall(SYS_rename, from, to); });
}
int renameat2(int fromFolder, const char* from, int toFolder, const char* to, unsigned int flags) noexcept
{
    return changeName(DiskStep::Rename, absolute(fromFolder, from), absolute(toFolder, to), [&] { return ::syscall(SYS_renameat2, fromFolder, from, toFolder, to, flags); });
}
}
