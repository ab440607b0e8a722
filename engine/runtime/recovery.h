// From a checkpoint back to where the run was: which state fits, states and offsets restored, decided
// output published, logged batches found.
#pragma once
#include "engine/checkpoint/store.h"
#include "engine/runtime/plan.h"
#include "engine/runtime/run_control.h"

namespace streamwright {

// A range as it is logged: "rows fromLength untilLength\n" and the three texts.
std::string rangeText(const Range& range);
Result<Range> rangeOf(std::string_view text);

// What the states of a plan would be written as.
StateIdentity stateIdentity(const PlanNode& node, const State& state);

// Where each kept state comes from, and what happens to it.
struct StatePlan {
    struct Kept {
        size_t node;
        size_t state;
        StateIdentity stored;       // the node's old name after a rename
    };
    std::vector<Kept> kept;
    std::vector<std::pair<NodeId, std::string>> reset;
    std::vector<PlannedState> fates;
    bool refused = false;
};
// What a checkpoint keeps, whoever reads it.
struct KeptStates {
    CheckpointIdentity identity;
    std::vector<StateIdentity> states;
};
StatePlan planStates(const Plan& plan, const Settings& settings, const KeptStates* kept, const std::vector<NodeId>& resets);

// Pending output of sinks that are no longer there is refused.
Result<void> checkPending(const Plan& plan, const Restored& restored, const std::filesystem::path& checkpoint);

// Sources that were renamed go on where they were under their old name.
void followRenames(const Plan& plan, Restored& restored);

class Recovery {
public:
    Recovery(Plan& plan, Store& store, RunControl& control, const std::shared_ptr<MemoryAccount>& memory) : plan_(plan), store_(store), control_(control), memory_(memory) {}

    Result<void> restoreStates(const StatePlan& states);
    // Opens targets, checks their markers, discards what was staged and never decided.
    Result<void> openSinks(const Restored& restored);
    // Decided output goes out before anything new is planned.
    Result<void> publishPending(const Restored& restored);
    const std::map<size_t, Epoch>& published() const { return published_; }

private:
    Result<void> checkMarker(const PlanNode& sink, size_t index, const Restored& restored);
    Result<bool> alreadyPublished(PlanNode& sink, const PendingOutput& pending);

    Plan& plan_;
    Store& store_;
    RunControl& control_;
    std::shared_ptr<MemoryAccount> memory_;
    std::map<size_t, Epoch> published_;
};

}
