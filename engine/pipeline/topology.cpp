#include "engine/pipeline/topology.h"

#include <queue>

namespace streamwright {

namespace {

using Targets = std::vector<std::vector<size_t>>;

// Walks along edges among the nodes that have no place in the order until a node comes again.
std::vector<size_t> cycleFrom(size_t start, const Targets& targets, std::vector<char>& done)
{
    std::vector<size_t> path, position(targets.size(), SIZE_MAX), next(targets.size(), 0);
    path.push_back(start);
    position[start] = 0;
    while (!path.empty()) {
        const size_t node = path.back();
        if (next[node] == targets[node].size()) {
            done[node] = 1;
            position[node] = SIZE_MAX;
            path.pop_back();
            continue;
        }
        const size_t to = targets[node][next[node]++];
        if (done[to]) continue;
        if (position[to] != SIZE_MAX) {
            std::vector<size_t> cycle(path.begin() + static_cast<long>(position[to]), path.end());
            for (const size_t seen : path) done[seen] = 1;
            std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
            return cycle;
        }
        position[to] = path.size();
        path.push_back(to);
    }
    return {};
}

}

Topology topologyOf(size_t nodes, std::span<const std::pair<size_t, size_t>> edges)
{
    Targets targets(nodes);
    std::vector<size_t> waiting(nodes, 0);
    for (const auto& [from, to] : edges) {
        targets[from].push_back(to);
        ++waiting[to];
    }
    std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;
    for (size_t i = 0; i < nodes; ++i) {
        if (waiting[i] == 0) ready.push(i);
    }
    Topology topology;
    std::vector<char> done(nodes, 0);
    while (!ready.empty()) {
        const size_t node = ready.top();
        ready.pop();
        done[node] = 1;
        topology.order.push_back(node);
        for (const size_t to : targets[node]) {
            if (--waiting[to] == 0) ready.push(to);
        }
    }
    for (size_t i = 0; i < nodes; ++i) {
        if (done[i]) continue;
        if (auto cycle = cycleFrom(i, targets, done); !cycle.empty()) topology.cycles.push_back(std::move(cycle));
    }
    return topology;
}

}
