// A batch's progress as one line of JSON, with the field names of Spark's StreamingQueryProgress where
// they mean the same; ours beside them: `nodes`, `waterfall`, `rejected`.
#pragma once
#include "engine/telemetry/snapshot.h"

#include <string>

namespace streamwright {

std::string progressJson(const BatchProgress& batch, const RunIdentity& run);

}
