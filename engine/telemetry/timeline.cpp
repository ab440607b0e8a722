#include "engine/telemetry/timeline.h"

namespace streamwright {

void fit(std::vector<BatchSummary>& points, size_t most)
{
    if (points.size() <= most || most == 0) return;
    // Equal stretches of time, so that what was quiet and what was dense keep their places.
    const int64_t begin = points.front().from.micros;
    const double stretch = static_cast<double>(points.back().from.micros - begin + 1) / static_cast<double>(most);
    const auto stretchOf = [&](const BatchSummary& point) { return static_cast<int64_t>(static_cast<double>(point.from.micros - begin) / stretch); };
    std::vector<BatchSummary> fewer;
    for (size_t i = 0; i < points.size();) {
        size_t end = i + 1;
        while (end < points.size() && points[end].run == points[i].run && stretchOf(points[end]) == stretchOf(points[i])) ++end;
        fewer.push_back(joined(std::span(points).subspan(i, end - i)));
        i = end;
    }
    points = std::move(fewer);
}

}
