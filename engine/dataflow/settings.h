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

struct Settings {
    Duration batchInterval = seconds(1);
    Trigger trigger = Trigger::Interval;
    CatchUp catchUp = CatchUp::Automatic;
    Duration checkpointInterval = Duration{20'000};
    std::optional<std::filesystem::path> checkpoint;   // absolute: relative ones belong to the file's folder
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

// Reads the member `settings`, parameters already inserted. What is wrong is told and keeps its default.
Settings readSettings(const Json& json, const std::filesystem::path& folder, Diagnostics& out);

}
