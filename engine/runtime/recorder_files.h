// The files of `--record`: one line of JSON rows a batch.
#pragma once
#include "engine/base/files.h"
#include "engine/runtime/pass.h"

namespace streamwright {

class RecorderFiles {
public:
    // Starts the files anew unless the run resumes a checkpoint.
    static Result<RecorderFiles> open(const std::vector<Recording>& records, bool continued);
    Result<void> write(int64_t batch, Pass& pass);

private:
    std::vector<Recording> records_;
    std::vector<std::optional<File>> files_;
};

}
