// One line at the foot of the terminal that says how a run is doing. It gives way while others write there.
#pragma once
#include "engine/runtime/run.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace streamwright {

// The line for `now`, without a line end, cut to `columns`.
std::string liveText(const Snapshot& now, double rowsPerSecond, size_t columns);

class LiveLine {
public:
    LiveLine() = default;
    ~LiveLine();

    // Draws five times a second until `end`; `run` lives as long.
    void watch(const Run& run);
    // Others write to the terminal from here to letGo. Any thread.
    void hold();
    void letGo();
    // A line of the log, above. Any thread.
    void print(const std::string& line);
    // The last state stays; nothing is drawn from here on. Any thread, may be called again.
    void end();

private:
    void work(const Run& run);
    void draw(const Snapshot& now);
    void clear();
    double rowsPerSecond(const Snapshot& now);

    std::mutex mutex_;
    std::condition_variable changed_;
    bool held_ = false;
    bool ended_ = false;
    bool drawn_ = false;
    bool gone_ = true;      // no thread draws
    std::deque<std::pair<int64_t, int64_t>> seen_;  // steady time and rows read so far, of the last seconds
    std::thread thread_;
};

}
