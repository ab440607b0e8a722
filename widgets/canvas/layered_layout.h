// Places for nodes in layers from left to right, by Graphviz. Slow for large graphs: call it off the UI thread.
// Graphviz keeps state of its own, so only one layout is computed at a time; others wait.
#pragma once
#include <QPointF>
#include <QSizeF>
#include <utility>
#include <vector>

namespace streamwright {

struct LayoutTask {
    std::vector<QSizeF> nodes;
    std::vector<std::pair<size_t, size_t>> links;
};
// Corners, in the order of the nodes, on the grid; the first layer is left.
std::vector<QPointF> layeredLayout(const LayoutTask& task);

}
