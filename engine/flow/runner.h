// Runs the cases of a flow in many ways, which must all give the same rows, and compares.
#pragma once
#include "engine/dataflow/catalog.h"
#include "engine/flow/flow.h"

namespace streamwright {

// One way of running a case.
struct FlowMode {
    size_t vectorRows = 4096;
    size_t workers = 1;         // of the first start; with `restarts` each start has other ones
    bool restarts = false;      // stopped and restored from its checkpoint after every batch
    size_t cutRows = 0;         // batches of so many rows instead of the flow's; 0: as they are
};
std::string describe(const FlowMode& mode);

// Thorough: vectors of 1, 3 and 4,096 rows with 1, 2 and 4 workers, the vectors again with a restart after
// every batch, and, for nodes that work row by row, with the rows cut into other batches. Quick: two of these.
enum class Thoroughness : unsigned char { Quick, Thorough };
std::vector<FlowMode> modesOf(const FlowCase& flow, Thoroughness thoroughness);

struct FlowFailure {
    int line = 0;
    std::string message;                // may have several lines
    std::vector<std::string> modes;     // in which it was seen; empty when it is the same whatever the mode
};

struct CaseResult {
    std::vector<FlowFailure> failures;
    size_t modes = 0;                   // in which it was run
};

CaseResult runCase(const FlowCase& flow, const Catalog& catalog, Thoroughness thoroughness);

// `file:line: message`, with the modes where they matter.
std::string describe(const FlowFailure& failure, const std::filesystem::path& file, size_t modes);

}
