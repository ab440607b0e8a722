#include "widgets/canvas/gestures/cut.h"

#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/edit_chain.h"
#include "widgets/theme/theme.h"

namespace streamwright {

CutGesture::CutGesture(CanvasView& view, const Pointer& pressed) : view_(view), line_({pressed.scene}) {}

void CutGesture::move(const Pointer& pointer)
{
    line_.append(pointer.scene);
    view_.canvas().update();
}

std::vector<size_t> CutGesture::crossed() const
{
    const CanvasGraph& graph = view_.canvas().graph();
    std::vector<size_t> wires;
    for (size_t wire : graph.wiresIn(line_.boundingRect().adjusted(-1, -1, 1, 1))) {
        if (crosses(graph.wires()[wire].curve.line, line_)) wires.push_back(wire);
    }
    return wires;
}

Gesture::Outcome CutGesture::release(const Pointer& pointer)
{
    move(pointer);
    const std::vector<size_t> wires = crossed();
    if (wires.empty()) return Outcome::Over;
    EditChain chain(view_.document().document());
    for (size_t wire : wires) chain.add(removeEdge(chain.document(), view_.canvas().graph().wires()[wire].edge));
    view_.document().apply(chain.edit(), CanvasView::tr("Cut %n wire(s)", nullptr, static_cast<int>(wires.size())));
    return Outcome::Over;
}

void CutGesture::cancel() { view_.canvas().update(); }

void CutGesture::paint(QPainter& painter, double) const
{
    QPen pen(Theme::current().error, 2, Qt::DashLine);
    pen.setCosmetic(true);
    painter.setPen(pen);
    painter.drawPolyline(line_);
}

}
