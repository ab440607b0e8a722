#include "app/cli/display.h"

#include "engine/pipeline/json.h"
#include "engine/runtime/progress.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <unistd.h>

namespace streamwright {

Display::Display(const std::string& progress, const CheckedPipeline& pipeline)
{
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    if (progress == "json") kind_ = Kind::Json;
    else if (progress == "live" || (progress == "auto" && terminal)) kind_ = Kind::Live;
    // The console writes where the line stands.
    const bool prints = std::ranges::any_of(pipeline.nodes, [](const PlannedNode& node) { return node.type->spec.type == "sink.console"; });
    shared_ = kind_ == Kind::Live && prints && ::isatty(STDOUT_FILENO);
}

void Display::listen(RunOptions& options)
{
    options.log = [this](LogLevel level, const std::string& text) { log(level, text); };
    if (kind_ == Kind::Json) options.progress = [this](const SnapshotPtr& now) { printJson(*now); };
    if (kind_ == Kind::Live) {
        options.progress = [this](const SnapshotPtr& now) {
            if (now->state >= RunState::Stopping) line_.end();
        };
    }
    if (!shared_) return;
    options.stepObserver = [this](Step step, int64_t) {
        if (step == Step::Staged) line_.hold();
        if (step == Step::BatchEnded) line_.letGo();
    };
}

void Display::begin(const Run& run)
{
    if (kind_ == Kind::Live) line_.watch(run);
}

void Display::log(LogLevel level, const std::string& text)
{
    static constexpr std::array<const char*, 3> names = {"info", "warning", "error"};
    const char* name = names[static_cast<size_t>(level)];
    if (kind_ == Kind::Json) line_.print(printJsonLine(Json::object({{"level", Json::string(name)}, {"message", Json::string(text)}})));
    else line_.print(fmt::format("{}: {}", name, text));
}

// Snapshots come for other reasons than a batch too.
void Display::printJson(const Snapshot& now)
{
    const std::scoped_lock lock(mutex_);
    if (!now.last || now.last == shown_) return;
    shown_ = now.last;
    line_.print(progressJson(*now.last, now.run));
}

}
