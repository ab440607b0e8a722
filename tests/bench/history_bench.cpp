// Whether the history delays batches: the time of each batch of a word count at a 1 ms interval with a checkpoint,
// with and without it, in turn. The checkpoint lies in the memory's file system, so that the disk says nothing.
#include "engine/base/files.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_json.h"
#include "engine/runtime/run.h"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>

using namespace streamwright;

namespace {

constexpr int kRounds = 6;
constexpr int64_t kBatches = 3000;

CheckedPipeline wordCount(const Catalog& catalog, const std::filesystem::path& folder)
{
    const DocumentRead read = readDocument(fmt::format(R"js({{"format": "streamwright/1", "name": "words", "settings": {{"batch_interval": "1ms", "backpressure": false, "checkpoint": "{}"}},
        "nodes": {{"lines": {{"type": "source.generate", "options": {{"rows_per_second": 50000, "seed": 1, "columns": ["concat_ws(' ', random % 1000, random % 777, random % 555, random % 333) AS value"]}}}},
                  "words": {{"type": "flat_map", "options": {{"expression": "split(value, ' ')", "as": "word"}}}},
                  "counts": {{"type": "reduce_by_key", "options": {{"keys": ["word"], "aggregates": ["count(*) AS n"]}}}},
                  "totals": {{"type": "update_state_by_key", "options": {{"keys": ["word"], "values": "n", "as": "total", "update": "coalesce(state, 0L) + aggregate(values, 0L, (a, x) -> a + x)", "emit": "changed"}}}},
                  "out": {{"type": "sink.discard"}}}},
        "edges": ["lines -> words", "words -> counts", "counts -> totals", "totals -> out"]}})js", folder.string()));
    return check(*read.document, catalog, {});
}

double cpuSeconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Measured {
    std::vector<int64_t> nanos;     // of each batch
    double cpu = 0;
};

void measure(bool history, const Catalog& catalog, const std::filesystem::path& folder, Measured& into)
{
    if (auto gone = removeAll(folder); !gone) std::exit(1);
    std::vector<int64_t> taken;
    RunOptions options{.workers = 1};
    options.batches = kBatches;
    options.history = history;
    std::shared_ptr<const BatchProgress> last;
    options.progress = [&](const SnapshotPtr& now) {
        if (now->last && now->last != last) taken.push_back((last = now->last)->time.total);
    };
    auto run = prepare(wordCount(catalog, folder), std::move(options));
    if (!run) {
        fmt::print(stderr, "{}\n", run.error().message);
        std::exit(1);
    }
    const double begun = cpuSeconds();
    (*run)->execute();
    into.cpu += cpuSeconds() - begun;
    // The first second warms up.
    into.nanos.insert(into.nanos.end(), taken.begin() + kBatches / 3, taken.end());
}

}

int main()
{
    const Catalog catalog = builtInNodes();
    const std::filesystem::path folder = "/dev/shm/streamwright-history-bench";
    Measured without, with;
    for (int round = 0; round < kRounds; ++round) {
        measure(round % 2 == 1, catalog, folder, round % 2 == 1 ? with : without);
        measure(round % 2 == 0, catalog, folder, round % 2 == 0 ? with : without);
    }
    for (Measured* one : {&without, &with}) std::ranges::sort(one->nanos);
    const auto at = [](const Measured& one, double share) { return static_cast<double>(one.nanos[static_cast<size_t>(share * static_cast<double>(one.nanos.size() - 1))]) / 1e3; };
    for (const double share : {0.5, 0.9, 0.99}) fmt::print("p{:g}: {:.1f} us without, {:.1f} us with: {:.3f}\n", share * 100, at(without, share), at(with, share), at(with, share) / at(without, share));
    fmt::print("processor time of {} batches: {:.2f} s without, {:.2f} s with: {:.3f}\n", kBatches * kRounds, without.cpu, with.cpu, with.cpu / without.cpu);
    (void)removeAll(folder);
    return 0;
}
