// What a run shows on the canvas: figures, a status and a busy share for each node, a rate for each wire. Made
// from the snapshot at the moment the docks show; what did not change keeps its laid-out text. UI thread.
#pragma once
#include "engine/dataflow/check.h"
#include "engine/telemetry/snapshot.h"
#include "widgets/canvas/graph.h"

namespace streamwright {

enum class NodeStatus : unsigned char { None, Running, Done, Waiting, Warning, Error };

struct NodeLive {
    Line figures;
    Line farFigures;                    // the same, as they are laid out when seen from afar
    double busy = -1;                   // share of the batch interval; below 0: not known
    NodeStatus status = NodeStatus::None;
    QString why;                        // of Waiting, Warning and Error
    bool changed = false;               // edited since the run began
};

struct WireLive {
    double rowsPerSecond = -1;          // below 0: not known
    double queueFill = -1;              // of a receiver's outgoing wire
    Line pill;
};

class LiveFigures {
public:
    // Everything that decides what is shown.
    struct Sources {
        const CanvasGraph& graph;
        const CheckedPipeline& checked;
        const std::set<NodeId>& changed;                // edited since the run began
        std::shared_ptr<const Snapshot> run;            // null: nothing was started
        std::shared_ptr<const BatchProgress> batch;     // at the moment that is shown; null: none yet
    };
    // Which boxes and wires look different now.
    struct Changes {
        std::vector<size_t> boxes, wires;
    };
    Changes update(const Sources& sources);

    const NodeLive& node(size_t box) const { return nodes_[box]; }
    const WireLive& wire(size_t wire) const { return wires_[wire]; }

private:
    std::vector<NodeLive> nodes_;       // as the graph's boxes
    std::vector<WireLive> wires_;       // as the graph's wires
};

// From 2 to 6, by the order of magnitude: a wire twice as wide carries about a hundred times as much.
double wireWidth(double rowsPerSecond);

}
