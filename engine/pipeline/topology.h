// The order in which nodes run, and the cycles that forbid one.
#pragma once
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

namespace streamwright {

struct Topology {
    // Every node before those it feeds; otherwise in the given order. Nodes on or behind a cycle are left out.
    std::vector<size_t> order;
    // The nodes of each cycle, along its edges, starting with the lowest.
    std::vector<std::vector<size_t>> cycles;
};

// Nodes are 0 … nodes-1, edges (from, to) between them.
Topology topologyOf(size_t nodes, std::span<const std::pair<size_t, size_t>> edges);

}
