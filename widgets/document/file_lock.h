// Says that this process owns a file, for as long as it lives: the kernel takes it back when the process dies.
#pragma once
#include <filesystem>
#include <optional>
#include <utility>

namespace streamwright {

class FileLock {
public:
    // Another owner, who may be another object of this process: give up, or wait until he lets go.
    enum class Busy : unsigned char { GiveUp, Wait };
    // None if the file is not there, or the wait was given up.
    static std::optional<FileLock> take(const std::filesystem::path& file, Busy busy = Busy::GiveUp);
    FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileLock& operator=(FileLock&& other) noexcept
    {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~FileLock();

private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}
