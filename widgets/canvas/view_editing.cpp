// Delete, copy, disable, titles, frames: the verbs that change what is there.
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/edit_chain.h"
#include "widgets/canvas/ground_edits.h"
#include "widgets/canvas/inline_editor.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QClipboard>
#include <QGuiApplication>

namespace streamwright {

namespace {

QString text(const std::string& utf8) { return QString::fromStdString(utf8); }

QString nameOf(const Selection::Items& items, const QString& one, const QString& many)
{
    return items.nodes.size() == 1 ? one.arg(text(items.nodes.begin()->name)) : many;
}

std::string suffixFree(QString title) { return title.trimmed().toStdString(); }

}

void CanvasView::deleteSelection()
{
    const Selection::Items items = document_.selection().items();
    if (items.empty()) return cannot(tr("Nothing is selected"));
    EditChain chain(document_.document());
    for (const std::string& edge : items.edges) {
        if (const Wire* wire = scene_->graph().wire(edge)) chain.add(removeEdge(chain.document(), wire->edge));
    }
    if (!items.nodes.empty()) chain.add(removeNodes(chain.document(), items.nodes));
    for (const std::string& frame : items.frames) chain.add(setFrame(chain.document(), frame, std::nullopt));
    for (const std::string& note : items.notes) chain.add(setNote(chain.document(), note, std::nullopt));
    const int count = static_cast<int>(items.nodes.size());
    document_.apply(chain.edit(), count ? nameOf(items, tr("Delete %1"), tr("Delete %n node(s)", nullptr, count)) : tr("Delete"));
}

void CanvasView::deleteAndHeal()
{
    const Selection::Items items = document_.selection().items();
    if (items.nodes.empty()) return deleteSelection();
    document_.apply(removeAndHeal(document_.document(), items.nodes), nameOf(items, tr("Delete %1 and heal"), tr("Delete %n node(s) and heal", nullptr, static_cast<int>(items.nodes.size()))));
}

void CanvasView::disconnectSelection()
{
    const Selection::Items& items = document_.selection().items();
    EditChain chain(document_.document());
    for (const Wire& wire : scene_->graph().wires()) {
        const bool taken = items.edges.contains(wire.text) || items.nodes.contains({wire.edge.from}) || items.nodes.contains({wire.edge.to});
        if (taken) chain.add(removeEdge(chain.document(), wire.edge));
    }
    if (chain.edit().empty()) return cannot(tr("Nothing that is selected has wires"));
    document_.apply(chain.edit(), tr("Disconnect"));
}

void CanvasView::autoConnect()
{
    std::vector<const NodeBox*> boxes;
    for (const NodeId& node : document_.selection().nodes()) {
        if (const NodeBox* box = scene_->graph().box(node)) boxes.push_back(box);
    }
    if (boxes.size() < 2) return cannot(tr("Select two nodes or more to connect them"));
    std::sort(boxes.begin(), boxes.end(), [](const NodeBox* a, const NodeBox* b) { return std::pair(a->rect.x(), a->rect.y()) < std::pair(b->rect.x(), b->rect.y()); });
    EditChain chain(document_.document());
    QString reason;
    for (size_t i = 1; i < boxes.size(); ++i) {
        for (size_t port = 0; port < boxes[i]->inputs.size(); ++port) {
            const LinkEnd from{boxes[i - 1]->id, Side::Output, 0}, to{boxes[i]->id, Side::Input, port};
            if (boxes[i - 1]->outputs.empty()) break;
            const LinkVerdict verdict = judgeLink(document_, scene_->graph(), from, to);
            if (!verdict.allowed) reason = verdict.reason;
            else {
                chain.add(addEdge(chain.document(), edgeBetween(scene_->graph(), from, to)));
                break;
            }
        }
    }
    if (chain.edit().empty()) return cannot(reason.isEmpty() ? tr("No two of them can be connected") : reason);
    document_.apply(chain.edit(), tr("Connect %n node(s)", nullptr, static_cast<int>(boxes.size())));
}

// ---- clipboard

void CanvasView::copy()
{
    const auto& nodes = document_.selection().nodes();
    if (nodes.empty()) return cannot(tr("Select nodes to copy them"));
    QGuiApplication::clipboard()->setText(text(copyText(document_.document(), nodes)));
}

void CanvasView::cut()
{
    const auto nodes = document_.selection().nodes();
    if (nodes.empty()) return cannot(tr("Select nodes to cut them"));
    copy();
    document_.apply(removeNodes(document_.document(), nodes), tr("Cut %n node(s)", nullptr, static_cast<int>(nodes.size())));
}

void CanvasView::paste()
{
    const QPointF half(measure::kNodeWidth / 2.0, measure::kNodeHeight / 2.0);
    pasteText(QGuiApplication::clipboard()->text().toStdString(), pointerOrMiddle() - half, tr("Paste"));
}

QPointF CanvasView::middleOf(const std::set<NodeId>& nodes) const
{
    QPolygonF corners;
    for (const NodeId& node : nodes) {
        if (const NodeBox* box = scene_->graph().box(node)) corners.append(box->rect.topLeft());
    }
    return corners.boundingRect().center();
}

void CanvasView::pasteText(const std::string& clip, QPointF middle, const QString& name, PasteEdges edges)
{
    middle = snapped(middle);
    Result<Pasted> pasted = streamwright::paste(document_.document(), clip, {middle.x(), middle.y()}, edges);
    if (!pasted) return cannot(engineText(pasted.error().message));
    document_.apply(pasted->edit, name);
    document_.selection().setNodes(pasted->nodes);
}

void CanvasView::duplicate()
{
    const auto nodes = document_.selection().nodes();
    if (nodes.empty()) return cannot(tr("Select nodes to duplicate them"));
    pasteText(copyText(document_.document(), nodes), middleOf(nodes) + QPointF(measure::kGrid, measure::kGrid), tr("Duplicate %n node(s)", nullptr, static_cast<int>(nodes.size())));
}

void CanvasView::duplicateWithInputs()
{
    const auto nodes = document_.selection().nodes();
    if (nodes.empty()) return cannot(tr("Select nodes to duplicate them"));
    pasteText(copyText(document_.document(), nodes), middleOf(nodes) + QPointF(measure::kGrid, measure::kGrid), tr("Duplicate %n node(s) with inputs", nullptr, static_cast<int>(nodes.size())), PasteEdges::AlsoFromOutside);
}

// ---- disabled, bypassed

void CanvasView::setUseOfSelection(NodeUse use, const QString& name)
{
    const auto& nodes = document_.selection().nodes();
    document_.apply(setUse(document_.document(), nodes, use), nameOf(document_.selection().items(), name, name.arg(tr("%n node(s)", nullptr, static_cast<int>(nodes.size())))));
}

void CanvasView::toggleDisabled()
{
    const auto& nodes = document_.selection().nodes();
    if (nodes.empty()) return cannot(tr("Select nodes to disable them"));
    const bool all = std::all_of(nodes.begin(), nodes.end(), [&](const NodeId& node) { return document_.node(node) && document_.node(node)->disabled; });
    setUseOfSelection(all ? NodeUse::Used : NodeUse::Disabled, all ? tr("Enable %1") : tr("Disable %1"));
}

void CanvasView::toggleBypassed()
{
    const auto& nodes = document_.selection().nodes();
    if (nodes.empty()) return cannot(tr("Select nodes to bypass them"));
    const bool all = std::all_of(nodes.begin(), nodes.end(), [&](const NodeId& node) { return document_.node(node) && document_.node(node)->bypassed; });
    for (const NodeId& node : nodes) {
        const NodeBox* box = scene_->graph().box(node);
        if (!all && box && (!box->type || box->type->spec.inputs.size() != 1 || box->type->spec.outputs.size() != 1)) return cannot(tr("%1 cannot be bypassed: only a node with one input and one output can").arg(box->title.text()));
    }
    setUseOfSelection(all ? NodeUse::Used : NodeUse::Bypassed, all ? tr("Use %1 again") : tr("Bypass %1"));
}

// ---- titles

void CanvasView::editInPlace(const QRectF& where, const QString& words, std::function<void(const QString&)> done)
{
    const QRect area = mapFromScene(where).boundingRect();
    auto* editor = new InlineEditor(words, std::move(done), viewport());
    editor->setGeometry(QRect(area.topLeft(), QSize(std::max(area.width(), 160), std::max(area.height(), 28))));
    editor->open();
}

void CanvasView::editTitle()
{
    const Selection::Items items = document_.selection().items();
    if (const auto node = document_.selection().only()) {
        const NodeBox* box = scene_->graph().box(*node);
        if (!box) return;
        return editInPlace(box->rect.adjusted(34, 4, -40, 32 - box->rect.height()), box->title.text(), [this, id = *node](const QString& title) {
            const std::string plain = suffixFree(title);
            document_.apply(setTitle(document_.document(), id, plain == id.name ? std::string() : plain), tr("Title of %1").arg(text(id.name)));
        });
    }
    for (const FrameBox& frame : scene_->graph().frames()) {
        if (!items.frames.contains(frame.id)) continue;
        return editInPlace(QRectF(frame.rect.left() + 8, frame.rect.top() + 2, frame.rect.width() - 16, 26), frame.title, [this, id = frame.id](const QString& title) {
            Json object = groundObject(document_.document(), "frames", id);
            object.set("title", Json::string(suffixFree(title)));
            document_.apply(setFrame(document_.document(), id, object), tr("Title of frame"));
        });
    }
    for (const NoteBox& note : scene_->graph().notes()) {
        if (!items.notes.contains(note.id)) continue;
        return editInPlace(note.rect, note.text, [this, id = note.id](const QString& words) {
            Json object = groundObject(document_.document(), "notes", id);
            object.set("text", Json::string(suffixFree(words)));
            document_.apply(setNote(document_.document(), id, object), tr("Text of note"));
        });
    }
    cannot(tr("Select one node to edit its title"));
}

// ---- frames, notes, wires

void CanvasView::frameSelection()
{
    QRectF area;
    for (const NodeId& node : document_.selection().nodes()) {
        if (const NodeBox* box = scene_->graph().box(node)) area |= box->rect;
    }
    const double margin = measure::kGrid;
    const QPointF at = snapped(pointerOrMiddle());
    area = area.isNull() ? QRectF(at.x() - 160, at.y() - 96, 320, 192) : area.adjusted(-margin, -1.5 * margin, margin, margin);
    const std::string id = freeGroundId(document_.document(), "frames", "frame");
    Json frame = Json::object();
    frame.set("title", Json::string(tr("Frame").toStdString()));
    document_.apply(setFrame(document_.document(), id, withRect(std::move(frame), area)), tr("Frame"));
    document_.selection().set({.nodes = {}, .edges = {}, .frames = {id}, .notes = {}});
    editTitle();
}

void CanvasView::addNote()
{
    const QPointF at = snapped(pointerOrMiddle());
    const std::string id = freeGroundId(document_.document(), "notes", "note");
    Json note = Json::object();
    note.set("text", Json::string({}));
    document_.apply(setNote(document_.document(), id, withRect(std::move(note), QRectF(at.x(), at.y(), 216, 96))), tr("Add note"));
    document_.selection().set({.nodes = {}, .edges = {}, .frames = {}, .notes = {id}});
    editTitle();
}

void CanvasView::straightenSelection()
{
    EditChain chain(document_.document());
    for (const std::string& edge : document_.selection().items().edges) {
        const Wire* wire = scene_->graph().wire(edge);
        if (wire && !wire->bends.empty()) chain.add(setBends(chain.document(), wire->edge, {}));
    }
    if (chain.edit().empty()) return cannot(tr("Select wires with reroute points to straighten them"));
    document_.apply(chain.edit(), tr("Straighten"));
}

}
