// What earlier batches and runs left in the history of a checkpoint, and of those that were set aside beside it when
// its pipeline began anew.
#pragma once
#include "engine/control/session.h"

namespace streamwright {

// By their start. Empty when there is no history yet.
Result<std::vector<RecordedRun>> recordedRuns(const std::filesystem::path& checkpoint);
// Without a run in the query: those of the checkpoint itself.
Result<Timeline> recordedTimeline(const std::filesystem::path& checkpoint, const TimelineQuery& query);

// Takes away what the query does not want.
void cut(Batches& batches, const HistoryQuery& query);
// Before what memory holds (its first batch is `first`, 0 for none) the recorded batches of the query's run, of the
// newest one when it names none.
Result<Batches> withRecorded(const std::filesystem::path& checkpoint, const HistoryQuery& query, int64_t first, Batches held);

}
