// Going back to an epoch, with the checkpoint copied first.
#pragma once
#include "engine/control/session.h"
#include "engine/dataflow/catalog.h"

namespace streamwright {

// `pipeline` is the document that will run on. Refused while a run holds the checkpoint.
Result<RewindReport> rewindWithCopy(const std::filesystem::path& checkpoint, const StartRequest& pipeline, const Catalog& catalog, const RewindRequest& request);

}
