// What a run asks all its sources at once: whether more will come, and whether a batch has something to do.
#pragma once
#include "engine/runtime/plan.h"
#include "engine/runtime/triggers.h"

namespace streamwright {

// `offsets` are those of Plan::sources: how far each has been read.
class SourceWatch {
public:
    SourceWatch(const Plan& plan, Clock& clock, Trigger trigger) : plan_(plan), clock_(clock), trigger_(trigger) {}

    // Those that have an end; false if none has.
    bool allEnded(const std::vector<Offset>& offsets) const;
    // All that receivers got has been read, and they have ended.
    bool receiversRead(const std::vector<Offset>& offsets) const;
    // Sinks have rejected rows that no batch has taken yet.
    bool lateRejects(const std::vector<Offset>& offsets) const;
    // A source may know only by looking whether more will come. A virtual run that was stopped at its end must
    // not make one more batch because of that.
    void askForEnds(const std::vector<Offset>& offsets);
    // For the trigger; `offsets` and this live as long.
    DataWatch watch(const std::vector<Offset>& offsets);
    // A batch had nothing to do: sources that do not call are left alone for a while.
    void foundNothing();

private:
    bool waiting(const std::vector<Offset>& offsets) const;
    bool receiversDone() const;

    const Plan& plan_;
    Clock& clock_;
    Trigger trigger_;
    Timestamp quietUntil_;
};

}
