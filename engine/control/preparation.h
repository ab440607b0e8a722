// From what a start asks for to what prepare() takes: the one way for starts and plans.
#pragma once
#include "engine/control/session.h"
#include "engine/dataflow/catalog.h"

namespace streamwright {

CheckedPipeline checkedFor(const StartRequest& request, const Catalog& catalog);
// The mistakes of a document in one error.
Error mistakesOf(const Diagnostics& diagnostics);
// Moves a checkpoint out of the way, to "<name>.aside-1" or the first number that is free. Refused while a
// run holds it. Where it is now; none if there was no checkpoint.
Result<std::optional<std::filesystem::path>> setAside(const std::filesystem::path& checkpoint);
// What a start would do. Reads only.
Result<PlanReport> planFor(const StartRequest& request, const Catalog& catalog);
// Takes the steps of a node's Verify. A mistake if the node does not run, or cannot as it stands.
Result<std::vector<VerifyStep>> verifyNode(const StartRequest& request, const NodeId& node, const Catalog& catalog, Probe& probe);

}
