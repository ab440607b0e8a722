#include "widgets/canvas/layered_layout.h"

#include "widgets/canvas/geometry.h"

#include <graphviz/gvc.h>

#include <mutex>
#include <string>

namespace streamwright {

namespace {

constexpr double kPointsPerInch = 72;

void set(void* item, const char* name, const std::string& value)
{
    agsafeset(item, const_cast<char*>(name), const_cast<char*>(value.c_str()), const_cast<char*>(""));
}

std::string inches(double length) { return std::to_string(length / kPointsPerInch); }

struct DrawnGraph {
    GVC_t* context = gvContext();
    Agraph_t* graph = agopen(const_cast<char*>("pipeline"), Agstrictdirected, nullptr);
    DrawnGraph() = default;
    DrawnGraph(const DrawnGraph&) = delete;
    ~DrawnGraph()
    {
        gvFreeLayout(context, graph);
        agclose(graph);
        gvFreeContext(context);
    }
};

std::vector<Agnode_t*> build(Agraph_t* graph, const LayoutTask& task)
{
    set(graph, "rankdir", "LR");
    // Wires are drawn by us; routing them would take most of the time.
    set(graph, "splines", "false");
    set(graph, "ranksep", inches(kColumnGap));
    set(graph, "nodesep", inches(kRowGap));
    std::vector<Agnode_t*> nodes;
    for (size_t i = 0; i < task.nodes.size(); ++i) {
        Agnode_t* node = agnode(graph, const_cast<char*>(std::to_string(i).c_str()), 1);
        set(node, "shape", "box");
        set(node, "fixedsize", "true");
        set(node, "width", inches(task.nodes[i].width()));
        set(node, "height", inches(task.nodes[i].height()));
        set(node, "label", "");
        nodes.push_back(node);
    }
    for (const auto& [from, to] : task.links) agedge(graph, nodes[from], nodes[to], nullptr, 1);
    return nodes;
}

}

std::vector<QPointF> layeredLayout(const LayoutTask& task)
{
    static std::mutex oneAtATime;
    const std::lock_guard lock(oneAtATime);
    DrawnGraph drawn;
    const std::vector<Agnode_t*> nodes = build(drawn.graph, task);
    if (gvLayout(drawn.context, drawn.graph, "dot") != 0) return {};
    std::vector<QPointF> corners;
    for (size_t i = 0; i < nodes.size(); ++i) {
        const pointf middle = ND_coord(nodes[i]);
        // Graphviz counts upwards.
        corners.push_back(snapped({middle.x - task.nodes[i].width() / 2, -middle.y - task.nodes[i].height() / 2}));
    }
    return corners;
}

}
