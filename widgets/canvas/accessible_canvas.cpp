#include "widgets/canvas/accessible_canvas.h"

#include "engine/pipeline/topology.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/inline_editor.h"
#include "widgets/canvas/node_search.h"

#include <QAccessibleWidget>

namespace streamwright {

namespace {

class AccessibleCanvas;

// What stands on the canvas, by its id: it lives as long as the document has it.
class AccessibleThing : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    AccessibleThing(CanvasView& view, std::string id, bool isNode) : view_(&view), id_(std::move(id)), isNode_(isNode) {}

    bool isValid() const override { return view_ && (isNode_ ? box() != nullptr : wire() != nullptr); }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override { return view_ ? view_->window()->windowHandle() : nullptr; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(view_.data()); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QAccessible::Role role() const override { return isNode_ ? QAccessible::ListItem : QAccessible::Link; }
    QString text(QAccessible::Text kind) const override;
    void setText(QAccessible::Text, const QString&) override {}
    QRect rect() const override;
    QAccessible::State state() const override;
    void* interface_cast(QAccessible::InterfaceType type) override { return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this) : nullptr; }

    QStringList actionNames() const override { return {pressAction(), setFocusAction()}; }
    void doAction(const QString& action) override;
    QStringList keyBindingsForAction(const QString&) const override { return {}; }

private:
    const NodeBox* box() const { return view_->canvas().graph().box({id_}); }
    const Wire* wire() const { return view_->canvas().graph().wire(id_); }
    QString nodeText(QAccessible::Text kind) const;
    QString wireText(QAccessible::Text kind) const;

    QPointer<CanvasView> view_;
    std::string id_;
    bool isNode_;
};

QString AccessibleThing::text(QAccessible::Text kind) const
{
    if (!isValid()) return {};
    return isNode_ ? nodeText(kind) : wireText(kind);
}

QString AccessibleThing::nodeText(QAccessible::Text kind) const
{
    const NodeBox& node = *box();
    if (kind == QAccessible::Name) return node.title.text();
    if (kind != QAccessible::Description && kind != QAccessible::Value) return {};
    const NodeLive& live = view_->canvas().live().node(*view_->canvas().graph().indexOf(node.id));
    if (kind == QAccessible::Value) return live.figures.text();
    const Node* written = view_->document().node(node.id);
    QStringList parts{QString::fromStdString(written ? written->type : std::string()), node.summary.text()};
    if (node.disabled) parts += CanvasView::tr("disabled");
    if (node.bypassed) parts += CanvasView::tr("bypassed");
    if (!live.why.isEmpty()) parts += live.why;
    return parts.join(QStringLiteral(", "));
}

QString AccessibleThing::wireText(QAccessible::Text kind) const
{
    const CanvasGraph& graph = view_->canvas().graph();
    const Wire& line = *wire();
    const NodeBox& from = graph.boxes()[line.from];
    const NodeBox& to = graph.boxes()[line.to];
    if (kind == QAccessible::Name) return (line.rejected ? CanvasView::tr("Wire of rejected rows from %1 to %2") : CanvasView::tr("Wire from %1 to %2")).arg(from.title.text(), to.title.text());
    return kind == QAccessible::Value ? view_->canvas().live().wire(static_cast<size_t>(&line - graph.wires().data())).pill.text() : QString();
}

QRect AccessibleThing::rect() const
{
    if (!isValid()) return {};
    const QRectF scene = isNode_ ? box()->rect : wire()->curve.line.boundingRect();
    const QRect inView = view_->mapFromScene(scene).boundingRect();
    return {view_->viewport()->mapToGlobal(inView.topLeft()), inView.size()};
}

QAccessible::State AccessibleThing::state() const
{
    QAccessible::State state;
    state.invalid = !isValid();
    if (state.invalid) return state;
    state.selectable = state.multiSelectable = true;
    state.focusable = isNode_;
    const Selection::Items& items = view_->document().selection().items();
    state.selected = isNode_ ? items.nodes.contains({id_}) : items.edges.contains(id_);
    state.focused = isNode_ && view_->canvas().focusNode() == NodeId{id_};
    state.disabled = isNode_ && box()->disabled;
    state.offscreen = !view_->viewport()->rect().translated(view_->viewport()->mapToGlobal(QPoint())).intersects(rect());
    return state;
}

void AccessibleThing::doAction(const QString& action)
{
    if (!isValid()) return;
    if (!isNode_) return view_->document().selection().set({.nodes = {}, .edges = {id_}, .frames = {}, .notes = {}});
    view_->reveal({id_});
    view_->canvas().setFocusNode(NodeId{id_});
    if (action == pressAction()) Q_EMIT view_->nodeActivated({id_});
}

class AccessibleCanvas : public QAccessibleWidget {
public:
    explicit AccessibleCanvas(CanvasView* view) : QAccessibleWidget(view, QAccessible::List, view->accessibleName()), view_(view)
    {
        QObject::connect(&view->canvas(), &CanvasScene::graphChanged, view, [this] { stale_ = true; });
    }
    ~AccessibleCanvas() override
    {
        for (const auto& [key, id] : ids_) QAccessible::deleteAccessibleInterface(id);
    }

    // Nodes, wires, then what stands above the canvas for a while: the search, a title that is edited.
    int childCount() const override { return static_cast<int>(order().size()) + static_cast<int>(overlays().size()); }
    QAccessibleInterface* child(int index) const override
    {
        const auto things = static_cast<int>(order().size());
        if (index < 0 || index >= childCount()) return nullptr;
        if (index >= things) return QAccessible::queryAccessibleInterface(overlays()[index - things]);
        return QAccessible::accessibleInterface(idOf(order()[static_cast<size_t>(index)]));
    }
    int indexOfChild(const QAccessibleInterface* child) const override
    {
        for (int i = 0; i < childCount(); ++i) {
            if (this->child(i) == child) return i;
        }
        return -1;
    }
    QAccessibleInterface* childAt(int x, int y) const override
    {
        const Hit hit = view_->hitAt(view_->mapToScene(view_->viewport()->mapFromGlobal(QPoint(x, y))));
        const CanvasGraph& graph = view_->canvas().graph();
        if (hit.kind == Hit::Kind::Node || hit.kind == Hit::Kind::Port) return QAccessible::accessibleInterface(idOf({true, graph.boxes()[hit.index].id.name}));
        if (hit.kind == Hit::Kind::Wire || hit.kind == Hit::Kind::Bend) return QAccessible::accessibleInterface(idOf({false, graph.wires()[hit.index].text}));
        return nullptr;
    }
    QAccessibleInterface* focusChild() const override
    {
        const auto& focus = view_->canvas().focusNode();
        return focus ? QAccessible::accessibleInterface(idOf({true, focus->name})) : QAccessibleWidget::focusChild();
    }

private:
    QList<QWidget*> overlays() const
    {
        QList<QWidget*> shown;
        for (QWidget* parent : {static_cast<QWidget*>(view_), view_->viewport()}) {
            for (QWidget* child : parent->findChildren<QWidget*>(QString(), Qt::FindDirectChildrenOnly)) {
                if (child->isVisible() && (qobject_cast<NodeSearch*>(child) || qobject_cast<InlineEditor*>(child))) shown += child;
            }
        }
        return shown;
    }

    using Key = std::pair<bool, std::string>;   // whether it is a node, its id

    QAccessible::Id idOf(const Key& key) const
    {
        const auto [at, added] = ids_.try_emplace(key, 0);
        if (added) at->second = QAccessible::registerAccessibleInterface(new AccessibleThing(*view_, key.second, key.first));
        return at->second;
    }
    // Sources first, as the rows go.
    const std::vector<Key>& order() const
    {
        if (!std::exchange(stale_, false)) return order_;
        const CanvasGraph& graph = view_->canvas().graph();
        std::vector<std::pair<size_t, size_t>> links;
        for (const Wire& wire : graph.wires()) links.emplace_back(wire.from, wire.to);
        std::vector<size_t> boxes = topologyOf(graph.boxes().size(), links).order;
        std::vector<size_t> rank(graph.boxes().size(), graph.boxes().size());
        for (size_t i = 0; i < boxes.size(); ++i) rank[boxes[i]] = i;
        for (size_t i = 0; i < rank.size(); ++i) {
            if (rank[i] == rank.size()) boxes.push_back(i);
        }
        std::vector<size_t> wires(graph.wires().size());
        for (size_t i = 0; i < wires.size(); ++i) wires[i] = i;
        std::stable_sort(wires.begin(), wires.end(), [&](size_t a, size_t b) { return rank[graph.wires()[a].from] < rank[graph.wires()[b].from]; });
        order_.clear();
        for (size_t box : boxes) order_.emplace_back(true, graph.boxes()[box].id.name);
        for (size_t wire : wires) order_.emplace_back(false, graph.wires()[wire].text);
        return order_;
    }

    CanvasView* view_;
    mutable bool stale_ = true;
    mutable std::vector<Key> order_;
    mutable std::map<Key, QAccessible::Id> ids_;
};

QAccessibleInterface* makeInterface(const QString&, QObject* object)
{
    auto* view = qobject_cast<CanvasView*>(object);
    return view ? new AccessibleCanvas(view) : nullptr;
}

}

void installCanvasAccessibility()
{
    static const bool once = (QAccessible::installFactory(&makeInterface), true);
    Q_UNUSED(once);
}

void announceFocus(CanvasView& view, const NodeId& node)
{
    if (!QAccessible::isActive()) return;
    QAccessibleInterface* canvas = QAccessible::queryAccessibleInterface(&view);
    QAccessibleInterface* thing = canvas ? canvas->focusChild() : nullptr;
    if (!thing || !view.canvas().graph().box(node)) return;
    QAccessibleEvent event(thing, QAccessible::Focus);
    QAccessible::updateAccessibility(&event);
}

}
