// The document as the canvas sees it: boxes with ports, wires, frames and notes, each where it stands, and an
// index to find them. Read anew after each edit; what did not change keeps its laid-out text and its curve.
// UI thread.
#pragma once
#include "engine/dataflow/catalog.h"
#include "engine/pipeline/document.h"
#include "widgets/canvas/geometry.h"
#include "widgets/canvas/grid_index.h"
#include "widgets/canvas/line.h"

#include <map>
#include <optional>
#include <set>

namespace streamwright {

enum class Side : unsigned char { Input, Output };

struct PortBox {
    std::string name;
    QPointF offset;                     // of its middle from the corner of the box
    bool rejected = false;
    bool many = false;
    bool known = true;                  // false: an edge names it, the type does not have it
};

struct NodeBox {
    NodeId id;
    const NodeType* type = nullptr;     // null: not known here
    Group group = Group::Transform;
    QRectF rect;
    Line title, summary;
    Line farTitle;                      // the title again, as it is laid out when seen from afar
    bool disabled = false, bypassed = false;
    std::vector<PortBox> inputs, outputs;
    std::vector<size_t> wires;          // that begin or end here
    QString look;                       // group and ports: boxes that look the same have the same

    QPointF port(Side side, size_t index) const { return rect.topLeft() + (side == Side::Input ? inputs : outputs)[index].offset; }
    std::optional<size_t> portNamed(Side side, const std::string& name) const;
};

struct Wire {
    Edge edge;
    std::string text;                   // as printEdge writes it: its id
    size_t from = 0, fromPort = 0, to = 0, toPort = 0;
    std::vector<QPointF> bends;
    bool rejected = false;
    WireCurve curve;
};

struct FrameBox {
    std::string id;
    QString title;
    QRectF rect;
    std::string color;                  // a kind's name ("state"), else plain
};

struct NoteBox {
    std::string id;
    QString text;
    QRectF rect;
};

class CanvasGraph {
public:
    explicit CanvasGraph(const Catalog& catalog) : catalog_(catalog) {}
    void read(const Document& document);

    std::vector<NodeBox>& boxes() { return boxes_; }
    const std::vector<NodeBox>& boxes() const { return boxes_; }
    const std::vector<Wire>& wires() const { return wires_; }
    const std::vector<FrameBox>& frames() const { return frames_; }
    const std::vector<NoteBox>& notes() const { return notes_; }
    const NodeBox* box(const NodeId& node) const;
    std::optional<size_t> indexOf(const NodeId& node) const;
    const Wire* wire(const std::string& text) const;

    std::vector<size_t> boxesIn(const QRectF& area) const { return boxIndex_.in(area); }
    std::vector<size_t> wiresIn(const QRectF& area) const { return wireIndex_.in(area); }
    // Of all there is; null if nothing.
    QRectF bounds() const;

    // While a gesture goes on: shown elsewhere than the document says, until the next read().
    void move(size_t box, const QPointF& corner);
    void rewire(size_t wire);           // after its ends were moved
    void setFrameRect(const std::string& id, const QRectF& rect);
    void setNoteRect(const std::string& id, const QRectF& rect);
    void bend(size_t wire, std::vector<QPointF> bends);

private:
    NodeBox boxOf(const Node& node) const;
    void placeBoxes(const Document& document);
    void addWires(const Document& document);
    size_t portOf(NodeBox& box, Side side, const std::string& name);
    void readGround(const Document& document);
    void keepWhatDidNotChange(std::vector<NodeBox>& before, std::vector<Wire>& wiresBefore);
    void index();

    const Catalog& catalog_;
    std::vector<NodeBox> boxes_;
    std::vector<Wire> wires_;
    std::vector<FrameBox> frames_;
    std::vector<NoteBox> notes_;
    std::unordered_map<std::string, size_t> byName_;
    std::unordered_map<std::string, size_t> byText_;
    GridIndex boxIndex_, wireIndex_;
};

}
