#include "widgets/canvas/gestures/connect.h"

#include "engine/pipeline/document_json.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/edit_chain.h"
#include "widgets/canvas/reason.h"
#include "widgets/theme/theme.h"

#include <QLineF>

namespace streamwright {

ConnectGesture::ConnectGesture(CanvasView& view, LinkEnd fixed, std::string moved) : view_(view), fixed_(std::move(fixed)), moved_(std::move(moved)), pointer_(fixedPoint())
{
    if (const Wire* wire = movedWire()) pointer_ = fixed_.side == Side::Output ? wire->curve.line.last() : wire->curve.line.first();
}

const Wire* ConnectGesture::movedWire() const { return moved_.empty() ? nullptr : view_.canvas().graph().wire(moved_); }

QPointF ConnectGesture::fixedPoint() const
{
    const NodeBox* box = view_.canvas().graph().box(fixed_.node);
    return box ? box->port(fixed_.side, fixed_.port) : QPointF();
}

// A port, or the first port of a node that takes the wire, else its first.
std::optional<LinkEnd> ConnectGesture::endAt(const Hit& hit) const
{
    if (hit.kind != Hit::Kind::Port && hit.kind != Hit::Kind::Node) return std::nullopt;
    const CanvasGraph& graph = view_.canvas().graph();
    const NodeBox& box = graph.boxes()[hit.index];
    if (hit.kind == Hit::Kind::Port && hit.side != fixed_.side) return LinkEnd{box.id, hit.side, hit.part};
    if (box.id == fixed_.node) return std::nullopt;
    const Side side = fixed_.side == Side::Output ? Side::Input : Side::Output;
    const size_t count = (side == Side::Input ? box.inputs : box.outputs).size();
    if (count == 0) return LinkEnd{box.id, fixed_.side, 0};
    for (size_t port = 0; port < count; ++port) {
        if (judgeLink(view_.document(), graph, fixed_, {box.id, side, port}, movedWire()).allowed) return LinkEnd{box.id, side, port};
    }
    return LinkEnd{box.id, side, 0};
}

void ConnectGesture::judge(const std::optional<LinkEnd>& target)
{
    if (target_ == target) return;
    target_ = target;
    verdict_ = target ? judgeLink(view_.document(), view_.canvas().graph(), fixed_, *target, movedWire()) : LinkVerdict{};
    if (target && !verdict_.reason.isEmpty()) Q_EMIT view_.announced(verdict_.reason);
}

void ConnectGesture::move(const Pointer& pointer)
{
    hasMoved_ |= QLineF(pointer.scene, pointer_).length() * view_.zoom() > 3;
    pointer_ = pointer.scene;
    const Hit hit = view_.hitAt(pointer.scene);
    // To judge asks check(): once for what lies there, not for each move over it.
    if (hit_ != hit) judge(endAt(hit));
    hit_ = hit;
    view_.canvas().setDropTarget(target_ && verdict_.allowed ? hit : Hit{});
    view_.canvas().update();
}

void ConnectGesture::connect()
{
    const CanvasGraph& graph = view_.canvas().graph();
    const Edge edge = edgeBetween(graph, fixed_, *target_);
    const Wire* moved = movedWire();
    if (moved && moved->edge == edge) return;
    EditChain chain(view_.document().document());
    if (moved) chain.add(removeEdge(chain.document(), moved->edge));
    chain.add(addEdge(chain.document(), edge));
    view_.document().apply(chain.edit(), moved ? CanvasView::tr("Move wire to %1").arg(QString::fromStdString(target_->node.name)) : CanvasView::tr("Connect %1").arg(QString::fromStdString(printEdge(edge))));
}

void ConnectGesture::cutMoved()
{
    if (const Wire* moved = movedWire()) view_.document().apply(removeEdge(view_.document().document(), moved->edge), CanvasView::tr("Disconnect %1").arg(QString::fromStdString(moved->text)));
}

Gesture::Outcome ConnectGesture::release(const Pointer& pointer)
{
    if (!hasMoved_ && !secondClick_) {
        // A click without a drag: the wire hangs at the pointer until the next click.
        secondClick_ = true;
        hasMoved_ = true;
        return Outcome::Continues;
    }
    move(pointer);
    view_.canvas().setDropTarget({});
    if (target_ && verdict_.allowed) connect();
    else if (target_) Q_EMIT view_.announced(verdict_.reason);
    else if (!moved_.empty()) cutMoved();
    else if (view_.hitAt(pointer.scene).kind != Hit::Kind::Node && view_.hitAt(pointer.scene).kind != Hit::Kind::Port) view_.openSearchForWire(fixed_, pointer.scene);
    view_.canvas().update();
    return Outcome::Over;
}

void ConnectGesture::cancel()
{
    view_.canvas().setDropTarget({});
    view_.canvas().update();
}

void ConnectGesture::paint(QPainter& painter, double scale) const
{
    const Theme& theme = Theme::current();
    const QPointF end = target_ && verdict_.allowed ? view_.canvas().graph().box(target_->node)->port(target_->side, target_->port) : pointer_;
    const QColor color = !target_ ? theme.accent : verdict_.allowed ? (verdict_.reason.isEmpty() ? theme.accent : theme.warning) : theme.error;
    painter.setRenderHint(QPainter::Antialiasing);
    if (fixed_.side == Side::Output) paintLooseWire(painter, fixedPoint(), end, color);
    else paintLooseWire(painter, end, fixedPoint(), color);
    if (target_ && !verdict_.reason.isEmpty()) paintReason(painter, pointer_, scale, verdict_.reason, color);
}

}
