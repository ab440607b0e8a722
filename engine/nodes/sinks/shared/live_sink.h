// What sink.chart and sink.table have in common: the rows of a batch reach a LiveView when the batch counts.
#pragma once
#include "engine/dataflow/live_view.h"
#include "engine/dataflow/sink.h"

namespace streamwright {

struct LiveSinkOptions {
    LiveLayout layout;
    LiveKeep keep;
    bool addTime = false;               // the batch time becomes the first column, `layout.x`
    bool report = false;                // print what is shown when the run ends
};

std::unique_ptr<Sink> liveSink(const Schema& input, LiveSinkOptions options);
// A name for the column of the batch time that the input does not have.
std::string timeColumn(const Schema& input);

}
