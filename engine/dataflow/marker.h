// The rule of markers (engine/README.md, "Exactly once"), for sinks whose target keeps a marker beside the rows: looked at
// in the transaction that publishes, so that it cannot change in between.
#pragma once
#include "engine/dataflow/sink.h"

namespace streamwright {

enum class MarkerSays : unsigned char {
    Publish,        // the target holds the epoch before
    AlreadyThere,   // it was published by this process, and the reply was lost
};

// `found` is the marker. `ours`: this process has published there before, so nobody else may have since. Permanent, with
// both sides, when the target holds something else, or another process writes with this checkpoint or a copy of it.
// `target` as Sink::description has it.
Result<MarkerSays> askMarker(const std::optional<Published>& found, const Pending& pending, const SinkContext& context, bool ours, const std::string& target);

// A sink that was opened with this checkpoint before finds no marker, or not even the place for rows. Permanent.
Error markerMissing(const SinkContext& context, const std::string& target);
Error tableMissing(const SinkContext& context, const std::string& target);

}
