// A case that is ready to run: its document with stand-ins, typed rows.
#pragma once
#include "engine/dataflow/check.h"
#include "engine/flow/flow.h"
#include "engine/flow/rows.h"
#include "engine/flow/runner.h"
#include "engine/flow/stand_ins.h"

namespace streamwright {

// What is to leave one port.
struct ExpectedPort {
    std::string node;
    std::string port;                               // empty: the first, or what reaches a sink
    RowOrder order = RowOrder::Kept;
    int line = 0;
    bool named = true;                              // false: rejected rows that the case does not name
    std::vector<std::vector<ExpectedRow>> batches;  // by batch number - 1
    std::vector<int> lines;                         // of each batch's rows; 0 where it has none
};

struct PreparedCase {
    Document document;
    std::shared_ptr<FlowInputs> inputs = std::make_shared<FlowInputs>();
    Catalog catalog;                                // with the stand-ins
    std::vector<ExpectedPort> ports;
    size_t batches = 0;
    bool cutting = false;                           // every node works row by row
    bool capture = false;                           // sinks may print
    bool runs = false;                              // it is to be run: no problem was expected
    std::vector<FlowFailure> failures;
};

// Checks the pipeline, compares its problems and types the rows. `folder` is where it is going to run.
PreparedCase prepareCase(const FlowCase& flow, const Catalog& catalog, const std::filesystem::path& folder);
// The same rows in batches of `rows` rows; what is to leave a port is joined to one batch.
PreparedCase prepareCut(const FlowCase& flow, const Catalog& catalog, const std::filesystem::path& folder, size_t rows);

// The text of a `given`, `file` or `prints`.
std::string contentOf(const Json& value);
// Makes the files that are to be there before.
std::vector<FlowFailure> writeGiven(const FlowCase& flow, const std::filesystem::path& folder);

CheckedPipeline checkPrepared(const FlowCase& flow, const PreparedCase& prepared, const std::filesystem::path& folder);

}
