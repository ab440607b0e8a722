// The rows of a live sink as lines, or as bars.
#pragma once
#include "engine/control/session.h"
#include "widgets/charts/chart_board.h"
#include "widgets/dashboard/bar_list.h"

namespace streamwright {

struct LiveCurve {
    KeyKind kind = KeyKind::Time;
    std::vector<QString> series;        // at most kMostSeries
    size_t more = 0;                    // series that found no room
    std::vector<double> keys;
    std::vector<std::vector<double>> values;    // of each series; NaN where it has no row
};
LiveCurve curveOf(const LivePage& page);
std::vector<BarList::Bar> barsOf(const LivePage& page);

}
