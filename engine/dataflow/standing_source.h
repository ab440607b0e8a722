// A table beside the streams. Every batch reads it as it is at the end of its range, also where the range is empty: then
// it is as it was in the batch before. What it reads counts as input only where the range is not empty. Limits of rows are not
// for it: it is asked for every batch.
#pragma once
#include "engine/dataflow/source.h"

#include <filesystem>

namespace streamwright {

class StandingSource : public ReplayableSource {
public:
    // Before `open`: a folder of its own in the checkpoint, for the rows of versions that batches have used, which cannot be
    // asked for again. Without one they are kept in memory.
    virtual void keepIn(std::filesystem::path folder) = 0;
};

}
