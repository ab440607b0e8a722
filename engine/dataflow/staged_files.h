// Output that file sinks stage beside their target, under hidden names that tell whose it is:
// `.streamwright-<checkpoint>-<node>-<incarnation>-<epoch>[…]`.
#pragma once
#include "engine/dataflow/sink.h"

#include <filesystem>

namespace streamwright {

class StagedFiles {
public:
    StagedFiles() = default;
    StagedFiles(std::filesystem::path folder, const SinkContext& context);

    const std::filesystem::path& folder() const { return folder_; }
    // `suffix` begins with '.', or is empty.
    std::string name(int64_t incarnation, Epoch epoch, std::string_view suffix = {}) const;

    // Removes what was staged for epochs after `lastDecided`, by whichever incarnation.
    Result<void> discardAfter(Epoch lastDecided) const;

    // Writes a new file, durably but for its name.
    static Result<void> write(const std::filesystem::path& path, std::string_view bytes);

private:
    std::filesystem::path folder_;
    std::string prefix_;        // up to the incarnation
};

}
