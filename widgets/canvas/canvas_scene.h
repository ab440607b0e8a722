// The scene of one document: its graph, the live figures on it, and four layers that paint what is exposed.
// The document is the truth; what a gesture shows meanwhile is let go by reload(). UI thread.
#pragma once
#ifndef Q_MOC_RUN  // moc of Qt 6.4 stumbles over <concepts>
#include "widgets/canvas/hit.h"
#include "widgets/canvas/live.h"
#include "widgets/canvas/node_painter.h"
#include "widgets/canvas/wire_painter.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/document/selection.h"
#endif

#include <QGraphicsScene>
#include <QTimer>
#include <functional>

namespace streamwright {

class RunController;

class CanvasScene : public QGraphicsScene {
    Q_OBJECT

public:
    CanvasScene(PipelineDocument& document, RunController& runs, QObject* parent);
    ~CanvasScene() override;

    PipelineDocument& document() { return document_; }
    CanvasGraph& graph() { return graph_; }
    const CanvasGraph& graph() const { return graph_; }
    const LiveFigures& live() const { return live_; }
    NodePainter& nodePainter() { return nodePainter_; }

    // As the document says: after an edit, and when a gesture is over or aborted.
    void reload();

    // What is marked besides the selection.
    void setHover(const Hit& hit);
    void setDropTarget(const Hit& hit);             // a node, port or wire; nothing: none
    void setFocusNode(std::optional<NodeId> node);
    const Hit& hover() const { return hover_; }
    const Hit& dropTarget() const { return dropTarget_; }
    const std::optional<NodeId>& focusNode() const { return focusNode_; }

    // For a gesture: boxes stand elsewhere, with their wires.
    void moveBoxes(const std::map<size_t, QPointF>& corners);
    // What the gesture paints on top, in scene coordinates.
    void setOverlay(std::function<void(QPainter&, double scale)> overlay);

    void paintGround(QPainter& painter, const QRectF& exposed, double scale) const;
    void paintWires(QPainter& painter, const QRectF& exposed, double scale);
    void paintNodes(QPainter& painter, const QRectF& exposed, double scale);
    void paintOverlay(QPainter& painter, double scale) const;
    NodeMarks marksOf(size_t box) const;

Q_SIGNALS:
    void graphChanged();
    void liveChanged();

private:
    void updateHit(const Hit& hit);
    void updateLive();
    void updateChanged();
    void askWhatRuns();
    WireMarks marksOf(const Wire& wire, size_t index) const;

    PipelineDocument& document_;
    RunController& runs_;
    CanvasGraph graph_;
    LiveFigures live_;
    NodePainter nodePainter_;
    WirePainter wirePainter_;
    Hit hover_, dropTarget_;
    std::optional<NodeId> focusNode_;
    std::function<void(QPainter&, double)> overlay_;
    std::optional<Document> running_;               // what runs, as the session told it
    std::set<NodeId> changed_;                      // against it
    QTimer liveTimer_;                              // live figures at 4 Hz
};

}
