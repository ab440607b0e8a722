#include "engine/control/grid.h"
#include "engine/control/local_run.h"
#include "engine/control/rows_of_run.h"

#include <fmt/format.h>
#include <numeric>

namespace streamwright {

Result<LivePage> livePage(const LocalRun* run, const LiveQuery& query)
{
    if (!run) return mistake(fmt::format("{} shows nothing yet: nothing was started", query.node.name));
    const auto view = run->live(query.node);
    if (!view) return mistake(fmt::format("{} is no live sink of what runs", query.node.name), "sink.chart, sink.table and sink.console are");
    const LiveContent content = view->content(query.moment.batch);
    LivePage page{.layout = view->layout(), .batch = content.batch, .batchTime = content.batchTime};
    page.grid.schema = content.rows->schema();
    std::vector<uint32_t> rows(content.rows->rows());
    std::iota(rows.begin(), rows.end(), 0u);
    // Lines are drawn over the times that their cells say: in UTC, whatever the pipeline's zone.
    const std::string zone = page.layout.kind == LiveLayout::Kind::Line ? "UTC" : run->settings().timeZone;
    page.grid.rows = cellsOf(*content.rows, rows, {zone, [run](std::string text) { return run->redact(std::move(text)); }});
    return page;
}

}
