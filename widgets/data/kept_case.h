// Rows of a run as a case of a flow: what its sources gave in some batches, and what has to leave other ports then.
// `streamwright test` runs it against the pipeline's file. A value.
#pragma once
#include "engine/base/ids.h"

#include <map>
#include <string>
#include <vector>

namespace streamwright {

struct KeptCase {
    struct Port {
        std::string name;                                       // as an edge begins: "counts", "parse.rejected"
        std::map<int64_t, std::vector<std::string>> rows;       // JSON objects by batch; none: the batch had none
    };
    std::string pipeline;                                       // name of the file, beside which the flow stands
    std::map<int64_t, Timestamp> batches;                       // by number, with their times
    Duration interval;                                          // 0: batch times are not a grid
    std::vector<Port> inputs, expected;

    bool empty() const { return batches.empty(); }
    // Adds the port, or takes the place of what was kept of it.
    static void put(std::vector<Port>& ports, Port port);
    std::string title() const;                                  // "batches 3 to 5 of 2026-11-30 03:20:11"
    std::string text() const;
};

// The flow with the case at its end, or in the place of the one with the same title.
std::string withCase(const std::string& flow, const KeptCase& kept);

}
