#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/gestures/bend.h"
#include "widgets/canvas/gestures/connect.h"
#include "widgets/canvas/gestures/cut.h"
#include "widgets/canvas/gestures/move.h"
#include "widgets/canvas/gestures/pan.h"
#include "widgets/canvas/gestures/resize.h"
#include "widgets/canvas/gestures/rubber_band.h"

#include <QLineF>

namespace streamwright {

namespace {

constexpr double kWireEnd = 28;         // pixels: nearer to a wire's end than this, the end is taken

const Wire* soleWireInto(const CanvasGraph& graph, const Hit& hit)
{
    const NodeBox& box = graph.boxes()[hit.index];
    if (box.inputs[hit.part].many) return nullptr;
    for (size_t wire : box.wires) {
        const Wire& entering = graph.wires()[wire];
        if (entering.to == hit.index && entering.toPort == hit.part) return &entering;
    }
    return nullptr;
}

std::unique_ptr<Gesture> moveEnd(CanvasView& view, const Wire& wire, Side end)
{
    const CanvasGraph& graph = view.canvas().graph();
    const LinkEnd from{graph.boxes()[wire.from].id, Side::Output, wire.fromPort}, to{graph.boxes()[wire.to].id, Side::Input, wire.toPort};
    return std::make_unique<ConnectGesture>(view, end == Side::Input ? from : to, wire.text);
}

std::unique_ptr<Gesture> onWire(CanvasView& view, const Pointer& pressed, size_t index)
{
    const Wire& wire = view.canvas().graph().wires()[index];
    const double reach = kWireEnd / view.zoom();
    if (QLineF(wire.curve.line.last(), pressed.scene).length() < reach) return moveEnd(view, wire, Side::Input);
    if (QLineF(wire.curve.line.first(), pressed.scene).length() < reach) return moveEnd(view, wire, Side::Output);
    return nullptr;
}

}

std::unique_ptr<Gesture> gestureAtPress(CanvasView& view, const Pointer& pressed, const Hit& hit)
{
    if (pressed.button == Qt::MiddleButton || (pressed.button == Qt::LeftButton && view.spaceIsDown())) return std::make_unique<PanGesture>(view, pressed);
    if (pressed.button != Qt::LeftButton || hit.kind != Hit::Kind::Port) return nullptr;
    const CanvasGraph& graph = view.canvas().graph();
    if (hit.side == Side::Input) {
        // An input that is taken gives its wire away.
        if (const Wire* wire = soleWireInto(graph, hit)) return moveEnd(view, *wire, Side::Input);
    }
    return std::make_unique<ConnectGesture>(view, LinkEnd{graph.boxes()[hit.index].id, hit.side, hit.part}, std::string());
}

std::unique_ptr<Gesture> gestureFor(CanvasView& view, const Pointer& pressed, const Hit& hit)
{
    if (pressed.button == Qt::RightButton) {
        if (pressed.modifiers.testFlag(Qt::ControlModifier)) return std::make_unique<CutGesture>(view, pressed);
        return nullptr;
    }
    if (pressed.button != Qt::LeftButton) return nullptr;
    if (pressed.modifiers.testFlag(Qt::AltModifier) && hit.kind == Hit::Kind::Nothing) return std::make_unique<CutGesture>(view, pressed);
    switch (hit.kind) {
        case Hit::Kind::Node:
        case Hit::Kind::Frame:
        case Hit::Kind::Note: return std::make_unique<MoveGesture>(view, pressed, hit);
        case Hit::Kind::Bend: return std::make_unique<BendGesture>(view, hit.index, hit.part);
        case Hit::Kind::Wire: return onWire(view, pressed, hit.index);
        case Hit::Kind::FrameCorner:
        case Hit::Kind::NoteCorner: return std::make_unique<ResizeGesture>(view, pressed, hit);
        default: return std::make_unique<RubberBandGesture>(view, pressed);
    }
}

}
