#include "engine/runtime/step.h"

#include <array>

namespace streamwright {

namespace {

constexpr std::array<std::string_view, kSteps> kNames = {
    "opened", "state_restored", "sinks_opened", "recovery_publishing", "recovery_published", "recovered",
    "batch_begun", "ranges_planned", "ranges_logged", "computed", "staging", "staged", "frozen", "outbox_sealed",
    "deciding", "decided", "shipping", "shipped", "publishing", "published", "cleared", "sources_told", "snapshot_chunk", "snapshot_finished", "batch_ended"};

}

std::string_view stepName(Step step) { return kNames[static_cast<size_t>(step)]; }

std::optional<Step> stepOf(std::string_view name)
{
    for (size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == name) return static_cast<Step>(i);
    }
    return std::nullopt;
}

}
