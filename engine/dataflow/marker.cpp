#include "engine/dataflow/marker.h"

#include <fmt/format.h>

namespace streamwright {

namespace {

Error writtenByAnother(const Published& found, const SinkContext& context, const std::string& target)
{
    return permanent(fmt::format("{} was written by another run of this checkpoint: {} published epoch {}; this run is {}", target, found.owner, found.epoch.value, context.owner),
                     "a checkpoint and its copies belong to one run at a time: stop one of the two");
}

}

Result<MarkerSays> askMarker(const std::optional<Published>& found, const Pending& pending, const SinkContext& context, bool ours, const std::string& target)
{
    if (found) {
        const bool another = found->owner != context.owner;
        // What a run before had published, recovery has seen before it asks: here it was somebody beside this run.
        const bool same = found->incarnation == pending.incarnation && found->epoch == pending.epoch;
        if (another && (same || ours || found->incarnation > pending.incarnation)) return writtenByAnother(*found, context, target);
        if (same) return MarkerSays::AlreadyThere;
        if (found->epoch == pending.previous || found->incarnation < pending.incarnation) return MarkerSays::Publish;
    }
    return permanent(fmt::format("{} holds {} of this run, but epoch {} is to follow epoch {}", target, found ? fmt::format("epoch {}", found->epoch.value) : "no epoch", pending.epoch.value, pending.previous.value),
                     fmt::format("it was replaced or restored; decide with `streamwright checkpoint resolve {} {} --publish` or `--skip`", context.checkpoint, context.node.name));
}

Error markerMissing(const SinkContext& context, const std::string& target)
{
    return permanent(fmt::format("{} no longer holds the marker of this run: it was replaced or restored since", target),
                     fmt::format("put it back, or `streamwright checkpoint resolve {} {} --skip` takes it as it is", context.checkpoint, context.node.name));
}

Error tableMissing(const SinkContext& context, const std::string& target)
{
    return permanent(fmt::format("{} is gone, but this run has written to it", target),
                     fmt::format("put it back, or `streamwright checkpoint resolve {} {} --skip` goes on with an empty one", context.checkpoint, context.node.name));
}

}
