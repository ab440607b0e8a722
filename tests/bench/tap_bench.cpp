// What the always-on taps cost: the processing time of a word count with and without them, alternating, by rows
// in a batch. Medians of the process's CPU time, which other work on the machine changes less than the clock.
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_json.h"
#include "engine/runtime/run.h"
#include "engine/runtime/tap_ring.h"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>

using namespace streamwright;

namespace {

constexpr int kRounds = 15;

double cpuSeconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

CheckedPipeline wordCount(int64_t rows, const Catalog& catalog)
{
    const DocumentRead read = readDocument(fmt::format(R"js({{"format": "streamwright/1", "name": "words", "settings": {{"batch_interval": "1s", "backpressure": false}},
        "nodes": {{"lines": {{"type": "source.generate", "options": {{"rows_per_second": {}, "seed": 1, "columns": ["concat_ws(' ', random % 1000, random % 777, random % 555, random % 333) AS value"]}}}},
                  "words": {{"type": "flat_map", "options": {{"expression": "split(value, ' ')", "as": "word"}}}},
                  "counts": {{"type": "reduce_by_key", "options": {{"keys": ["word"], "aggregates": ["count(*) AS n"]}}}},
                  "totals": {{"type": "update_state_by_key", "options": {{"keys": ["word"], "values": "n", "as": "total", "update": "coalesce(state, 0L) + aggregate(values, 0L, (a, x) -> a + x)"}}}},
                  "out": {{"type": "sink.discard"}}}},
        "edges": ["lines -> words", "words -> counts", "counts -> totals", "totals -> out"]}})js", rows));
    return check(*read.document, catalog, {});
}

// Seconds of processor time for `batches` batches.
double measure(int64_t rows, int64_t batches, bool taps, const Catalog& catalog)
{
    RunOptions options{.workers = 2, .virtualClock = true};
    options.batches = batches;
    if (taps) options.taps.emplace();
    auto run = prepare(wordCount(rows, catalog), std::move(options));
    if (!run) {
        fmt::print(stderr, "{}\n", run.error().message);
        std::exit(1);
    }
    const double begun = cpuSeconds();
    (*run)->execute();
    return cpuSeconds() - begun;
}

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    return values[values.size() / 2];
}

}

int main()
{
    const Catalog catalog = builtInNodes();
    for (const auto& [rows, batches] : {std::pair<int64_t, int64_t>{1'000, 600}, {10'000, 200}, {100'000, 20}, {500'000, 4}}) {
        std::vector<double> without, with;
        for (int round = 0; round < kRounds; ++round) {
            without.push_back(measure(rows, batches, false, catalog));
            with.push_back(measure(rows, batches, true, catalog));
        }
        const double plain = median(without), tapped = median(with);
        fmt::print("{} rows a batch: {:.3f} ms without taps, {:.3f} ms with: {:+.1f} %\n", rows, plain / static_cast<double>(batches) * 1e3, tapped / static_cast<double>(batches) * 1e3, (tapped / plain - 1) * 100);
    }
    return 0;
}
