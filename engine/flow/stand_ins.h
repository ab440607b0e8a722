// Node types that stand in for the outside world while a flow runs: a source that gives the flow's rows, and
// a sink that keeps nothing (what reaches it is recorded). Both have the port `rejected`, as what they stand in for may
// have; nothing leaves by it.
#pragma once
#include "engine/dataflow/catalog.h"

namespace streamwright {

inline constexpr std::string_view kFlowInput = "flow.input";
inline constexpr std::string_view kFlowSink = "flow.sink";

struct FlowInputs {
    // By input name, then batch number - 1; null where a batch has no rows.
    std::map<std::string, std::vector<BatchPtr>> batches;
    Duration interval = seconds(1);
};

// Options: schema (DDL) and input, the name in `inputs`, which may be filled until the run is prepared.
NodeType flowInput(std::shared_ptr<const FlowInputs> inputs);
NodeType flowSink();

}
