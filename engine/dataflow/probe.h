// Verify: a node tries what a run would need of the world outside, step by step, and leaves nothing behind.
//
//   .verify([](const Options& options, const Inputs&, const PlanContext&, Probe& probe) {
//       if (!probe.step("find " + options.host, addressesOf(options.host))) return;
//       …
//   })
#pragma once
#include "engine/base/result.h"
#include "engine/base/stop_token.h"

#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace streamwright {

// One check, and what came of it.
struct VerifyStep {
    std::string what;                   // "connect to localhost:9999"
    bool passed = false;
    std::string message;                // the system's own words, or what was seen
};

// One thread takes the steps; `end` alone may be called from any other.
class Probe {
public:
    // Notes a step: passed, with what was seen, or failed, with the error's words and hint. Whether it passed: steps
    // that need this one are left out if not. Throws Stopped when nobody waits any more.
    bool step(std::string what, const Result<std::string>& seen);
    const std::vector<VerifyStep>& steps() const { return steps_; }

    // Nobody waits for the answer any more: wakes what waits.
    void end();
    // Called once by `end`, on its thread; at once if it was called before. Replaces the one before.
    void onEnd(std::function<void()> wake);
    const StopToken& stop() const { return stop_; }

private:
    std::vector<VerifyStep> steps_;
    StopToken stop_;
    std::mutex mutex_;
    std::function<void()> wake_;
};

// The step of sinks that write into a folder: whether a file can be made there, written and made durable. A folder that
// is not there yet is not made: the nearest one above it is tried.
bool probeFolder(const std::filesystem::path& folder, Probe& probe);

}
