// What is selected in a document: nodes, edges, frames and notes by their ids. The canvas, the inspector and
// the docks share it. UI thread only.
#pragma once
#include "engine/pipeline/edits.h"

#include <QObject>
#include <set>

namespace streamwright {

class Selection : public QObject {
    Q_OBJECT

public:
    using QObject::QObject;

    struct Items {
        std::set<NodeId> nodes;
        std::set<std::string> edges;    // by their text, as printEdge writes it
        std::set<std::string> frames;
        std::set<std::string> notes;
        bool empty() const { return nodes.empty() && edges.empty() && frames.empty() && notes.empty(); }
        bool operator==(const Items&) const = default;
    };
    const Items& items() const { return items_; }
    const std::set<NodeId>& nodes() const { return items_.nodes; }
    bool contains(const NodeId& node) const { return items_.nodes.contains(node); }
    // The one selected node, else none.
    std::optional<NodeId> only() const;
    void set(Items items);
    void setNodes(std::set<NodeId> nodes) { set({.nodes = std::move(nodes)}); }
    void clear() { set({}); }
    // Shows a field of a node: the inspector puts the focus there.
    void reveal(const NodeId& node, const QString& field);

Q_SIGNALS:
    void changed();
    void revealed(const QString& node, const QString& field);

private:
    Items items_;
};

}
