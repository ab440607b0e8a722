// How a run shows itself: a line on a terminal, JSON lines for programs, or its log alone.
#pragma once
#include "app/cli/live_line.h"
#include "engine/dataflow/check.h"

namespace streamwright {

class Display {
public:
    // `progress`: auto, live, json or none.
    Display(const std::string& progress, const CheckedPipeline& pipeline);

    // Before prepare(): what the run tells is shown.
    void listen(RunOptions& options);
    void begin(const Run& run);
    void end() { line_.end(); }
    void log(LogLevel level, const std::string& text);  // any thread

private:
    enum class Kind : unsigned char { Plain, Live, Json };
    void printJson(const Snapshot& now);

    Kind kind_ = Kind::Plain;
    bool shared_ = false;       // standard output stands where the line does
    LiveLine line_;
    std::mutex mutex_;
    std::shared_ptr<const BatchProgress> shown_;
};

}
