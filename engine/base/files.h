// Files that survive a power loss. The one place through which the checkpoint, the receive log and the
// sinks create, append, fsync, rename and remove, so that tests can stand between them and the disk.
// Errors name the path: no space, quota and a read-only disk are Transient, everything else Permanent.
#pragma once
#include "engine/base/result.h"

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace streamwright {

// One open file. Movable; closes itself. Reading at a place is safe from many threads at once, writing is not.
class File {
public:
    // A new file; refused if the name is taken.
    static Result<File> create(const std::filesystem::path& path);
    // Made if it is not there; writes go behind its end.
    static Result<File> append(const std::filesystem::path& path);
    static Result<File> read(const std::filesystem::path& path);
    File(File&& other) noexcept;
    File& operator=(File&& other) noexcept;
    ~File();

    const std::filesystem::path& path() const { return path_; }
    int64_t size() const { return size_; }   // as this object knows it: at open, plus what it wrote

    // The parts one after the other behind the end: all of them or, after an error, none of them.
    Result<void> write(std::initializer_list<std::string_view> parts);
    Result<void> write(std::string_view bytes) { return write({bytes}); }
    // What was written is durable when it returns; the name in the folder is not (syncFolder).
    // A failed sync is never tried again on the same bytes: the kernel may have dropped them.
    Result<void> sync();
    Result<void> truncate(int64_t size);
    // Reads up to `size` bytes at `offset`; fewer at the end of the file.
    Result<size_t> readAt(int64_t offset, char* into, size_t size) const;

private:
    File(std::filesystem::path path, int fd, int64_t size) : path_(std::move(path)), fd_(fd), size_(size) {}
    std::filesystem::path path_;
    int fd_ = -1;
    int64_t size_ = 0;
};

// The whole file, or all that comes through a pipe; what is larger than `most` is refused, as is no text that people write.
inline constexpr size_t kLargestText = 64 << 20;
Result<std::string> readFile(const std::filesystem::path& path, size_t most = kLargestText);

// Makes the file's content durable, and the entries of a folder.
Result<void> syncFile(const std::filesystem::path& path);
Result<void> syncFolder(const std::filesystem::path& folder);
// Makes the folder and its missing parents, durably.
Result<void> makeFolder(const std::filesystem::path& folder);
// Replaces the file by one that holds `bytes`: temp, fsync, rename, fsync of the folder.
Result<void> writeDurably(const std::filesystem::path& path, std::string_view bytes);

// Renames a file or folder onto a name that must be free (RENAME_NOREPLACE) and makes both parents durable.
// Calling it again after a crash is fine: `AlreadyThere` when `from` is gone and `to` stands.
enum class Publish : unsigned char { Done, AlreadyThere };
Result<Publish> publishFile(const std::filesystem::path& from, const std::filesystem::path& to);
// Renames over what stands at `to`; both parents are made durable.
Result<void> replaceFile(const std::filesystem::path& from, const std::filesystem::path& to);
// Removes a file, or a folder with all in it; a name that is not there is fine. Not yet durable.
Result<void> removeAll(const std::filesystem::path& path);

// The error of a failed call, with the path and the reason of `code` (an errno).
Error fileError(std::string_view action, const std::filesystem::path& path, int code);

// What tests put between the program and the disk.
enum class FileStep : unsigned char { Create, Write, Truncate, Sync, SyncFolder, MakeFolder, Rename, Remove };
struct FileEvent {
    FileStep step;
    std::filesystem::path path;
    std::filesystem::path to;   // of Rename
    int64_t offset = 0;         // of Write; new size of Truncate
    size_t size = 0;            // of Write
};
class FileWatch {
public:
    virtual ~FileWatch() = default;
    // Returns the errno with which the step is to fail, 0 to let it happen.
    virtual int before(const FileEvent& event) = 0;
    // The step has happened.
    virtual void after(const FileEvent& event) = 0;
};
// Null takes it away. Set while no other thread works with files.
void watchFiles(FileWatch* watch);
FileWatch* fileWatch();

}
