// Questions about rows of a run: pages of what its taps and its live sinks hold, and expressions on them.
#pragma once
#include "engine/base/stop_token.h"
#include "engine/control/session.h"

namespace streamwright {

class LocalRun;

// `run` may be null: nothing was started. Works until `stop` is requested, then throws Stopped.
Result<TapPage> tapPage(const LocalRun* run, const TapQuery& query, const StopToken& stop);
// What a live sink shows.
Result<LivePage> livePage(const LocalRun* run, const LiveQuery& query);
// Looks at rows until a time and a memory budget are used up: the rows after that are left out.
Result<Evaluation> evaluation(const LocalRun* run, const EvaluateQuery& query, const StopToken& stop);

}
