// Verify of sources that can be read again: opens the source and reads a few rows, as the first batch would.
#pragma once
#include "engine/dataflow/probe.h"
#include "engine/dataflow/source.h"

namespace streamwright {

// "read the first rows": how many came, how many are rejected and why the first of them is; passed also if there are
// none yet. Failed where opening or reading fails.
bool probeFirstRows(ReplayableSource& source, Probe& probe);

}
