#include "engine/control/grid.h"
#include "engine/control/local_run.h"
#include "engine/control/rows_of_run.h"
#include "engine/expression/expression.h"

#include <fmt/format.h>
#include <numeric>

namespace streamwright {

namespace {

// Copies of a port's rows are made in the run: of more rows than this they would slow it down.
constexpr size_t kMostRows = 10'000;

TapSampling samplingOf(TapQuery::Sample sample)
{
    switch (sample) {
    case TapQuery::Sample::Last: return TapSampling::Last;
    case TapQuery::Sample::Random: return TapSampling::Random;
    default: return TapSampling::First;
    }
}

// The rows that the page shows: those for which the filter is true, at most as many as asked for.
Result<std::vector<uint32_t>> rowsOf(const Batch& batch, const TapQuery& query, const EvalContext& context)
{
    std::vector<uint32_t> rows(batch.rows());
    std::iota(rows.begin(), rows.end(), 0u);
    if (!query.filter.empty()) {
        auto condition = compileCondition(query.filter, batch.schema());
        if (!condition) return condition.error();
        rows = rowsThatAreTrue(*condition->evaluate(batch, context).column);
    }
    if (rows.size() > query.most) rows.resize(query.most);
    return rows;
}

Error notInRing(const TapQuery& query, std::string_view why)
{
    return mistake(fmt::format("no rows of {}{}{} are kept: {}", query.node.name, query.port.empty() ? "" : ".", query.port, why));
}

}

Result<TapPage> tapPage(const LocalRun* run, const TapQuery& query, const StopToken& stop)
{
    const auto taps = run ? run->taps() : nullptr;
    if (!taps) return notInRing(query, "nothing was started");
    const auto port = taps->find(query.node, query.port);
    if (!port) return notInRing(query, "no such node and port runs, or nothing is connected to the port");
    if (run->ended()) taps->wish(*port, {});
    else taps->wish(*port, {samplingOf(query.sample), std::clamp(query.most, TapWish().rows, kMostRows), query.profile});
    const auto found = taps->page(*port, query.moment.batch);
    TapPage page;
    page.grid.schema = *taps->port(*port).schema;
    page.batches = taps->batches(*port);
    if (!found && query.moment.batch) return notInRing(query, fmt::format("batch {} is not among those kept", *query.moment.batch));
    if (!found) return page;
    const Batch& batch = *found->rows->rows;
    const CellStyle style{run->settings().timeZone, [run](std::string text) { return run->redact(std::move(text)); }};
    const auto rows = rowsOf(batch, query, {found->batchTime, style.timeZone, &stop});
    if (!rows) return rows.error();
    page.batch = found->batch;
    page.batchTime = found->batchTime;
    page.rowsInBatch = found->rows->rowsInBatch;
    page.complete = found->rows->complete();
    page.grid.rows = cellsOf(batch, *rows, style);
    // What a filter leaves was not counted by the run.
    const bool counted = found->rows->profile && query.filter.empty();
    if (query.profile) page.profile = counted ? profileOf(*found->rows->profile, batch.schema(), style) : profileOf(batch, *rows, style, stop);
    page.profileOfSample = !page.complete && !counted;
    for (size_t i = 0; query.json && i < rows->size(); ++i) page.json.push_back(jsonOf(batch, (*rows)[i], style));
    return page;
}

}
