// How long it takes to check a pipeline of 1,000 nodes: the median of many times, in milliseconds.
#include "engine/dataflow/check.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_json.h"

#include "engine/base/clock.h"

#include <algorithm>
#include <fmt/format.h>

using namespace streamwright;

namespace {

// A chain with an expression in each node, ended by a sink.
std::string chain(int nodes)
{
    std::string text = R"("n0": {"type": "source.stdin"})", edges;
    for (int i = 1; i < nodes - 1; ++i) {
        if (i % 2 == 0) text += fmt::format(R"(, "n{}": {{"type": "filter", "options": {{"condition": "length(value) > {}"}}}})", i, i);
        else text += fmt::format(R"(, "n{}": {{"type": "select", "options": {{"columns": ["value", "length(value) + {} AS size"]}}}})", i, i);
        edges += fmt::format(R"("n{} -> n{}", )", i - 1, i);
    }
    return fmt::format(R"({{"nodes": {{{}, "out": {{"type": "sink.discard"}}}}, "edges": [{}"n{} -> out"]}})", text, edges, nodes - 2);
}

double median(std::vector<double> times)
{
    std::ranges::sort(times);
    return times[times.size() / 2];
}

}

int main()
{
    const Catalog catalog = builtInNodes();
    for (const int nodes : {10, 100, 1000}) {
        const std::string text = chain(nodes);
        std::vector<double> reading, checking;
        for (int i = 0; i < 101; ++i) {
            const int64_t begun = steadyNanos();
            const DocumentRead read = readDocument(text);
            const int64_t then = steadyNanos();
            const CheckedPipeline checked = check(*read.document, catalog, {});
            checking.push_back(static_cast<double>(steadyNanos() - then) / 1e6);
            reading.push_back(static_cast<double>(then - begun) / 1e6);
            if (hasErrors(checked.diagnostics) || checked.schemas.size() != static_cast<size_t>(nodes)) {
                fmt::print(stderr, "the pipeline of {} nodes is not checked right\n", nodes);
                return 1;
            }
        }
        fmt::print("{} nodes: read in {:.2f} ms, checked in {:.2f} ms\n", nodes, median(reading), median(checking));
    }
    return 0;
}
