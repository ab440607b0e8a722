#include "engine/dataflow/probe.h"

#include "engine/base/files.h"

#include <fmt/format.h>
#include <unistd.h>

namespace streamwright {

namespace {

namespace fs = std::filesystem;

// Written and made durable, to see that the disk takes it.
constexpr std::string_view kProbeText = "streamwright tries whether it can write here; this file may be removed\n";

std::string bytesText(std::uintmax_t bytes)
{
    constexpr double kGigabyte = 1e9, kMegabyte = 1e6;
    const auto size = static_cast<double>(bytes);
    return size >= kGigabyte ? fmt::format("{:.0f} GB", size / kGigabyte) : fmt::format("{:.0f} MB", size / kMegabyte);
}

Result<std::string> writeProbe(const fs::path& folder)
{
    const fs::path path = folder / fmt::format(".streamwright-verify-{}", ::getpid());
    if (auto removed = removeAll(path); !removed) return removed.error();
    auto file = File::create(path);
    if (!file) return file.error();
    auto done = file->write(kProbeText);
    if (done) done = file->sync();
    const auto removed = removeAll(path);
    if (!done) return done.error();
    if (!removed) return removed.error();
    std::error_code unknown;
    const fs::space_info space = fs::space(folder, unknown);
    return unknown ? std::string() : bytesText(space.available) + " free";
}

// The folder itself, or the nearest above it that is there.
fs::path nearestThere(fs::path folder)
{
    std::error_code ignored;
    while (!fs::exists(folder, ignored) && folder.has_parent_path() && folder.parent_path() != folder) folder = folder.parent_path();
    return folder;
}

}

bool Probe::step(std::string what, const Result<std::string>& seen)
{
    stop_.check();
    if (seen) steps_.push_back({std::move(what), true, *seen});
    else steps_.push_back({std::move(what), false, seen.error().hint.empty() ? seen.error().message : seen.error().message + ": " + seen.error().hint});
    return steps_.back().passed;
}

void Probe::end()
{
    stop_.request();
    std::lock_guard lock(mutex_);
    if (wake_) std::exchange(wake_, nullptr)();
}

void Probe::onEnd(std::function<void()> wake)
{
    std::lock_guard lock(mutex_);
    if (stop_.requested()) return wake();
    wake_ = std::move(wake);
}

bool probeFolder(const fs::path& folder, Probe& probe)
{
    std::error_code ignored;
    const fs::path wanted = folder.empty() ? fs::path(".") : fs::absolute(folder, ignored).lexically_normal();
    const fs::path there = nearestThere(wanted);
    const std::string found = there == wanted ? "it is there" : "it is made when the run starts, in " + there.string();
    const bool isFolder = fs::is_directory(there, ignored);
    if (!probe.step("find the folder " + wanted.string(), isFolder ? Result<std::string>(found) : permanent(there.string() + " is a file, not a folder", "choose another folder"))) return false;
    return probe.step("write a file in " + there.string(), writeProbe(there));
}

}
