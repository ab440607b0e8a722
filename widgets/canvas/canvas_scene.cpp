#include "widgets/canvas/canvas_scene.h"

#include "widgets/canvas/ground_painter.h"
#include "widgets/canvas/layer.h"
#include "widgets/session/run_controller.h"
#include "widgets/theme/theme.h"

namespace streamwright {

namespace {

constexpr double kEnd = 1e6;            // the scene reaches this far in all directions
constexpr int kLiveEvery = 250;         // milliseconds

bool sameMeaning(const Node& a, const Node& b) { return a.type == b.type && a.options == b.options && a.disabled == b.disabled && a.bypassed == b.bypassed; }

}

CanvasScene::CanvasScene(PipelineDocument& document, RunController& runs, QObject* parent)
    : QGraphicsScene(-kEnd, -kEnd, 2 * kEnd, 2 * kEnd, parent), document_(document), runs_(runs), graph_(document.catalog())
{
    // Few items that never move: an index of Qt's would only be kept up to date.
    setItemIndexMethod(NoIndex);
    addItem(new Layer(sceneRect(), [this](QPainter& painter, const QRectF& exposed, double scale) { paintGround(painter, exposed, scale); }));
    addItem(new Layer(sceneRect(), [this](QPainter& painter, const QRectF& exposed, double scale) { paintWires(painter, exposed, scale); }));
    addItem(new Layer(sceneRect(), [this](QPainter& painter, const QRectF& exposed, double scale) { paintNodes(painter, exposed, scale); }));
    addItem(new Layer(sceneRect(), [this](QPainter& painter, const QRectF&, double scale) { paintOverlay(painter, scale); }));
    liveTimer_.setSingleShot(true);
    liveTimer_.setInterval(kLiveEvery);
    connect(&liveTimer_, &QTimer::timeout, this, &CanvasScene::updateLive);
    const auto soon = [this] { if (!liveTimer_.isActive()) liveTimer_.start(); };
    connect(&document_, &PipelineDocument::edited, this, &CanvasScene::reload);
    connect(&document_, &PipelineDocument::checkedChanged, this, &CanvasScene::updateLive);
    connect(&document_.selection(), &Selection::changed, this, [this] { update(); });
    connect(&runs_, &RunController::snapshotChanged, this, soon);
    connect(&runs_, &RunController::stateChanged, this, &CanvasScene::askWhatRuns);
    connect(&runs_, &RunController::momentChanged, this, &CanvasScene::updateLive);
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, [this] { nodePainter_.forget(), update(); });
    reload();
}

CanvasScene::~CanvasScene() = default;

void CanvasScene::reload()
{
    graph_.read(document_.document());
    hover_ = dropTarget_ = {};
    if (focusNode_ && !graph_.indexOf(*focusNode_)) focusNode_.reset();
    updateChanged();
    updateLive();
    update();
    Q_EMIT graphChanged();
}

// ---- what runs

void CanvasScene::askWhatRuns()
{
    if (!runs_.isRunning()) return updateLive();
    runs_.session().document(runs_.call(this), [this](Result<Document> document) {
        if (!document) return;
        running_ = std::move(*document);
        updateChanged();
        updateLive();
    });
}

void CanvasScene::updateChanged()
{
    changed_.clear();
    if (!running_) return;
    std::unordered_map<std::string_view, const Node*> then;
    for (const Node& node : running_->nodes) then.emplace(node.id.name, &node);
    for (const Node& node : document_.document().nodes) {
        const auto at = then.find(node.id.name);
        if (at == then.end() || !sameMeaning(node, *at->second)) changed_.insert(node.id);
    }
}

void CanvasScene::updateLive()
{
    const SnapshotPtr run = runs_.snapshot().run;
    std::shared_ptr<const BatchProgress> batch;
    if (const Moment moment = runs_.moment(); !moment.isLive()) batch = runs_.batch(*moment.batch);
    else if (run) batch = run->last;
    const std::set<NodeId> none;
    const auto checked = document_.checked();
    const LiveFigures::Changes changes = live_.update({graph_, *checked, runs_.isRunning() ? changed_ : none, run, batch});
    for (size_t box : changes.boxes) update(graph_.boxes()[box].rect.adjusted(-10, -10, 10, 10));
    for (size_t wire : changes.wires) update(graph_.wires()[wire].curve.line.boundingRect().adjusted(-50, -30, 50, 10));
    if (!changes.boxes.empty() || !changes.wires.empty()) Q_EMIT liveChanged();
}

// ---- marks

void CanvasScene::setHover(const Hit& hit)
{
    if (hover_ == hit) return;
    updateHit(std::exchange(hover_, hit));
    updateHit(hit);
}

void CanvasScene::setDropTarget(const Hit& hit)
{
    if (dropTarget_ == hit) return;
    updateHit(std::exchange(dropTarget_, hit));
    updateHit(hit);
}

void CanvasScene::updateHit(const Hit& hit)
{
    constexpr double kMarks = 10;       // borders and rings around it
    if ((hit.kind == Hit::Kind::Node || hit.kind == Hit::Kind::Port) && hit.index < graph_.boxes().size()) update(graph_.boxes()[hit.index].rect.adjusted(-kMarks, -kMarks, kMarks, kMarks));
    else if ((hit.kind == Hit::Kind::Wire || hit.kind == Hit::Kind::Bend) && hit.index < graph_.wires().size()) update(graph_.wires()[hit.index].curve.line.boundingRect().adjusted(-kMarks, -kMarks, kMarks, kMarks));
}

void CanvasScene::setFocusNode(std::optional<NodeId> node)
{
    focusNode_ = std::move(node);
    update();
}

void CanvasScene::moveBoxes(const std::map<size_t, QPointF>& corners)
{
    std::set<size_t> wires;
    for (const auto& [box, corner] : corners) {
        graph_.move(box, corner);
        wires.insert(graph_.boxes()[box].wires.begin(), graph_.boxes()[box].wires.end());
    }
    for (size_t wire : wires) graph_.rewire(wire);
    update();
}

void CanvasScene::setOverlay(std::function<void(QPainter&, double)> overlay)
{
    overlay_ = std::move(overlay);
    update();
}

NodeMarks CanvasScene::marksOf(size_t box) const
{
    const NodeId& id = graph_.boxes()[box].id;
    NodeMarks marks;
    marks.selected = document_.selection().contains(id);
    marks.focused = focusNode_ == id;
    marks.hovered = (hover_.kind == Hit::Kind::Node || hover_.kind == Hit::Kind::Port) && hover_.index == box;
    marks.dropTarget = (dropTarget_.kind == Hit::Kind::Node || dropTarget_.kind == Hit::Kind::Port) && dropTarget_.index == box;
    return marks;
}

WireMarks CanvasScene::marksOf(const Wire& wire, size_t index) const
{
    WireMarks marks;
    marks.selected = document_.selection().items().edges.contains(wire.text);
    marks.hovered = (hover_.kind == Hit::Kind::Wire && hover_.index == index) || (dropTarget_.kind == Hit::Kind::Wire && dropTarget_.index == index);
    marks.faded = graph_.boxes()[wire.from].disabled || graph_.boxes()[wire.to].disabled;
    return marks;
}

// ---- painting

void CanvasScene::paintGround(QPainter& painter, const QRectF& exposed, double scale) const
{
    const Selection::Items& selected = document_.selection().items();
    for (const FrameBox& frame : graph_.frames()) {
        if (frame.rect.intersects(exposed)) paintFrame(painter, frame, selected.frames.contains(frame.id), scale);
    }
    for (const NoteBox& note : graph_.notes()) {
        if (note.rect.intersects(exposed)) paintNote(painter, note, selected.notes.contains(note.id), scale);
    }
}

void CanvasScene::paintWires(QPainter& painter, const QRectF& exposed, double scale)
{
    const std::vector<size_t> wires = graph_.wiresIn(exposed);
    if (detailAt(scale) == Detail::Flat) {
        for (size_t index : wires) wirePainter_.addFlat(graph_.wires()[index], live_.wire(index), marksOf(graph_.wires()[index], index));
        return wirePainter_.paintFlat(painter);
    }
    // Of a long wire no more than what crosses the view.
    const double across = (exposed.width() + exposed.height()) * scale;
    double length = 0;
    for (size_t index : wires) length += std::min(graph_.wires()[index].curve.length * scale, across);
    const WireQuality quality = qualityFor(length);
    for (size_t index : wires) wirePainter_.paint(painter, graph_.wires()[index], live_.wire(index), marksOf(graph_.wires()[index], index), scale, quality);
    painter.setRenderHint(QPainter::Antialiasing);
    if (detailAt(scale) != Detail::Full || quality == WireQuality::Rough) return;
    for (size_t index : wires) wirePainter_.paintPill(painter, graph_.wires()[index], live_.wire(index), scale, exposed);
}

void CanvasScene::paintNodes(QPainter& painter, const QRectF& exposed, double scale)
{
    const bool flat = detailAt(scale) == Detail::Flat;
    painter.setRenderHint(QPainter::Antialiasing, !flat);
    for (size_t index : graph_.boxesIn(exposed.adjusted(-10, -10, 10, 10))) {
        const NodeBox& box = graph_.boxes()[index];
        if (flat) nodePainter_.paintFlat(painter, box, live_.node(index), marksOf(index), scale);
        else nodePainter_.paint(painter, box, live_.node(index), marksOf(index), scale);
    }
}

void CanvasScene::paintOverlay(QPainter& painter, double scale) const
{
    if (overlay_) overlay_(painter, scale);
}

}
