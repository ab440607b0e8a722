#include "engine/telemetry/snapshot.h"

#include <array>

namespace streamwright {

std::string_view runStateName(RunState state)
{
    static constexpr std::array<std::string_view, 9> names = {"starting", "recovering", "running", "waiting", "paused", "stopping", "finished", "stopped", "failed"};
    return names[static_cast<size_t>(state)];
}

}
