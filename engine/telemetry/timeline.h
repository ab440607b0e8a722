// The past of a checkpoint's runs as points on a line of time, no finer than what is asked for.
#pragma once
#include "engine/telemetry/summary.h"

namespace streamwright {

// A run of which the history holds something.
struct RecordedRun {
    std::string runId;
    std::string name;                   // of the pipeline
    std::string documentHash;
    Timestamp started;
    int64_t first = 0;                  // numbers of its first and its last batch
    int64_t last = 0;
    Timestamp lastStarted;              // start of the last batch
};

struct TimelineQuery {
    std::string run;                    // its runId; empty: every run, one after the other
    Timestamp from{0};
    Timestamp until{INT64_MAX};
    size_t most = 2000;                 // points: neighbours are joined until they are as few
};

struct Timeline {
    std::vector<RecordedRun> runs;      // that the points belong to, by their start
    std::vector<BatchSummary> points;   // ascending
};

// Neighbours of the same run are joined until at most `most` points remain (one a run at least).
void fit(std::vector<BatchSummary>& points, size_t most);

}
