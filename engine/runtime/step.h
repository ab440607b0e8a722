// The steps of the life of a batch and of recovery: every arrow between two of them is a place where a
// test may kill the process (STREAMWRIGHT_CRASH, run_control.h) or look.
#pragma once
#include <optional>
#include <string_view>

namespace streamwright {

// Reached in this order. Steps of recovery carry the number of the last decided batch.
enum class Step : unsigned char {
    Opened,             // recovery: the checkpoint is open and locked
    StateRestored,      // recovery: states are back at the last decided epoch
    SinksOpened,        // recovery: targets answer, undecided stages are discarded
    RecoveryPublishing, // recovery: before a pending output is published
    RecoveryPublished,  // recovery: it is published, its pending row still stands
    Recovered,          // recovery: nothing is pending
    BatchBegun,
    RangesPlanned,
    RangesLogged,
    Computed,           // operators have run
    Staging,            // before each sink's stage
    Staged,             // every sink has staged
    Frozen,             // state changes are taken out and handed to the commit
    OutboxSealed,
    Deciding,           // right before the transaction
    Decided,            // in a checkpoint that is shipped: tentatively
    Shipping,           // right before a decision is shipped; what is not shipped does not count
    Shipped,
    Publishing,         // before each sink's publish
    Published,          // published, the pending row still stands (as if the reply were lost)
    Cleared,            // the pending row is gone
    SourcesTold,        // sources may forget what lies before
    SnapshotChunk,      // a chunk of a state snapshot is written
    SnapshotFinished,
    BatchEnded,
};
inline constexpr size_t kSteps = 25;

std::string_view stepName(Step step);  // "ranges_logged"
std::optional<Step> stepOf(std::string_view name);

}
