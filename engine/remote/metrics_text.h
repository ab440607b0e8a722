// What monitoring programs read of a run over HTTP.
#pragma once
#include "engine/control/session.h"

namespace streamwright {

// The text format of Prometheus (version 0.0.4). Of a session where nothing was started, that alone.
std::string metricsText(const SessionSnapshot& now);
// {"state": "running", "message": "", "progress": {…}}: the last batch as `run --progress json` prints it, or null.
std::string progressText(const SessionSnapshot& now);

}
