// The settings of a pipeline, read and checked.
#pragma once
#include "engine/base/diagnostic.h"
#include "engine/base/duration.h"
#include "engine/pipeline/spec.h"

#include <filesystem>
#include <optional>

namespace streamwright {

enum class Trigger : unsigned char { Interval, AsDataArrives, AvailableNow, Once };
enum class CatchUp : unsigned char { Automatic, EveryTick, Skip };  // Automatic: skip when more than 100 are missed

// Where the checkpoint's decisions are shipped to: another machine goes on from there.
struct CheckpointShipping {
    std::string place;                                 // hdfs://… or an absolute path
    std::string token;                                 // delegation token of HDFS; may be empty
    int64_t snapshotEvery = 100;                       // epochs between two snapshots
    bool isCheckpoint = false;                         // `checkpoint` itself named it; the folder here is a working copy
};

struct Settings {
    Duration batchInterval = seconds(1);
    Trigger trigger = Trigger::Interval;
    CatchUp catchUp = CatchUp::Automatic;
    Duration checkpointInterval = Duration{20'000};
    std::optional<std::filesystem::path> checkpoint;   // absolute: relative ones belong to the file's folder
    std::optional<CheckpointShipping> shipping;
    size_t parallelism = 0;                            // workers; 0: one per core
    bool backpressure = true;
    std::optional<int64_t> maxRowsPerSecond;           // per source
    std::optional<int64_t> maxRowsPerBatch;            // per source
    int64_t memory = 0;                                // bytes; 0: half of the machine's
    std::string timeZone = "UTC";
    int retries = 3;                                   // of a batch that an operator broke
    int64_t retainEpochs = 100;
    int64_t retainBytes = int64_t{1} << 30;
};

// Every setting with help, unit, default and example; `retain` is an object of epochs and bytes.
const std::vector<FieldSpec>& settingFields();
std::string_view triggerName(Trigger trigger);

// `place` as the setting `checkpoint`, or in its stead: a folder, below `folder` if it is relative, or hdfs://….
void setCheckpoint(Settings& settings, const std::string& place, const std::filesystem::path& folder);
// Where this machine keeps its working copy of a checkpoint in HDFS: below $XDG_STATE_HOME, or ~/.local/state.
std::filesystem::path workingCopyOf(const std::string& url);

// Reads the member `settings`, parameters already inserted. What is wrong is told and keeps its default.
Settings readSettings(const Json& json, const std::filesystem::path& folder, Diagnostics& out);

}
