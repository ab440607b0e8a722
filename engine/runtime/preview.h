// What a preview has instead of sinks and a checkpoint that stays (RunOptions::preview).
#pragma once
#include "engine/dataflow/sink.h"

#include <filesystem>

namespace streamwright {

// Takes every row and does nothing with it.
std::unique_ptr<Sink> discardingSink(const Sink& instead);

// A folder of our own below the system's temporary one; removed with what is in it.
class TemporaryFolder {
public:
    static Result<TemporaryFolder> make();
    TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    TemporaryFolder& operator=(TemporaryFolder&& other) noexcept { return std::swap(path_, other.path_), *this; }
    ~TemporaryFolder();
    const std::filesystem::path& path() const { return path_; }

private:
    explicit TemporaryFolder(std::filesystem::path path) : path_(std::move(path)) {}
    std::filesystem::path path_;
};

}
