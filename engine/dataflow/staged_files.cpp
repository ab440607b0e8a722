#include "engine/dataflow/staged_files.h"

#include "engine/base/files.h"

namespace streamwright {

namespace fs = std::filesystem;

StagedFiles::StagedFiles(fs::path folder, const SinkContext& context)
    : folder_(std::move(folder)),
      prefix_(fmt::format(".streamwright-{}-{}-", context.checkpointId.empty() ? "run" : context.checkpointId.substr(0, 8), context.node.name))
{
}

std::string StagedFiles::name(int64_t incarnation, Epoch epoch, std::string_view suffix) const { return fmt::format("{}{}-{}{}", prefix_, incarnation, epoch.value, suffix); }

Result<void> StagedFiles::discardAfter(Epoch lastDecided) const
{
    std::error_code error;
    for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (!name.starts_with(prefix_)) continue;
        const size_t dash = name.find('-', prefix_.size());
        if (dash == std::string::npos || std::strtoll(name.c_str() + dash + 1, nullptr, 10) <= lastDecided.value) continue;
        if (auto removed = removeAll(at->path()); !removed) return removed;
    }
    return {};
}

Result<void> StagedFiles::write(const fs::path& path, std::string_view bytes)
{
    auto file = File::create(path);
    if (!file) return file.error();
    if (auto written = file->write(bytes); !written) return written;
    return file->sync();
}

}
