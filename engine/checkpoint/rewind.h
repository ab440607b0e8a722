// What people do to a checkpoint while no run holds it: go back to an epoch, decide about an output whose
// target says something unexpected. Both take the checkpoint's lock.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/result.h"

#include <filesystem>

namespace streamwright {

// Back to the end of a retained epoch: what came later is dropped, the incarnation rises. Works on a damaged
// database too, as long as the blocks of that epoch are whole: what is whole is copied into a new one.
struct Rewound {
    Epoch epoch;
    int64_t incarnation = 0;
    int64_t droppedEpochs = 0;
    int64_t droppedPending = 0;
};
Result<Rewound> rewindCheckpoint(const std::filesystem::path& directory, Epoch epoch);

// Publish: the pending output of the sink is published, whatever its target says. Skip: it counts as published;
// when nothing is pending, the target is taken as it is. The target is told at the next start. Gives the pending
// epoch, if there is one.
enum class Resolution : unsigned char { Publish, Skip };
Result<std::optional<Epoch>> resolveOutput(const std::filesystem::path& directory, const NodeId& sink, Resolution resolution);

}
