// The graph of a pipeline, to see and to edit. Mouse gestures are the view's own; what keys and menus do are the
// public verbs, bound by app/designer/actions. Every verb that changes something is one undo command with a
// readable name; a verb that cannot be done says why by announced(). UI thread only.
//
//   auto* canvas = new CanvasView(document, runs);
//   connect(canvas, &CanvasView::tapRequested, data, &DataDock::open);
#pragma once
#ifndef Q_MOC_RUN  // moc of Qt 6.4 stumbles over <concepts>
#include "widgets/canvas/canvas_scene.h"
#include "widgets/canvas/gestures/gesture.h"
#include "widgets/canvas/links.h"
#endif

#include <QGraphicsView>
#include <QTimer>




namespace streamwright {

class Arranging;
class NodeSearch;
class Minimap;

class CanvasView : public QGraphicsView {
    Q_OBJECT

public:
    CanvasView(PipelineDocument& document, RunController& runs, QWidget* parent = nullptr);
    ~CanvasView() override;

    // The drag of a node type from the palette: its name as UTF-8.
    static constexpr const char* kNodeTypeMime = "application/x-streamwright-node-type";

    PipelineDocument& document() { return document_; }
    CanvasScene& canvas() { return *scene_; }
    const CanvasScene& canvas() const { return *scene_; }

    // ---- where one looks (view_looking.cpp)
    double zoom() const;                    // 1: a unit of the scene is a pixel
    QPointF middle() const;                 // of the view, in the scene
    void zoomTo(double zoom);               // about the middle
    void zoomIn();
    void zoomOut();
    void fitAll();
    void fitSelection();                    // all, when nothing is selected
    void lookAt(const QPointF& middle);
    void scrollBy(const QPoint& pixels);
    void reveal(const NodeId& node);        // selects it, and scrolls or zooms in only if it cannot be read
    void setMinimapVisible(bool visible);
    bool isMinimapVisible() const;
    // The preference "wheel scrolls": then it zooms with Ctrl only.
    void setWheelScrolls(bool scrolls) { wheelScrolls_ = scrolls; }

    // ---- adding (view_adding.cpp)
    void openSearch();                      // at the pointer; what is picked goes there, or into the selected wire
    void openSearchForSelection();          // what can follow the selected node, new or there already: connects it
    void openSearchForWire(const LinkEnd& end, const QPointF& at);
    void openSwapSearch();                  // another type for the selected node
    std::optional<NodeId> addNode(const std::string& type, const QPointF& middle);
    void swapType(const NodeId& node, const std::string& type);

    // ---- editing (view_editing.cpp)
    void deleteSelection();
    void deleteAndHeal();
    void disconnectSelection();             // the wires of the selected nodes, or the selected wires
    void autoConnect();                     // the selected nodes, from left to right, where it can be
    void duplicate();
    void duplicateWithInputs();
    void copy();
    void cut();
    void paste();                           // with its middle at the pointer, else in the middle of the view
    // `middle`: of the nodes' corners, as middleOf() tells it.
    void pasteText(const std::string& text, QPointF middle, const QString& name, PasteEdges edges = PasteEdges::Between);
    QPointF middleOf(const std::set<NodeId>& nodes) const;
    void toggleDisabled();
    void toggleBypassed();
    void editTitle();                       // of the selected node, frame or note, in its place
    void frameSelection();                  // an empty frame at the pointer, when nothing is selected
    void addNote();
    void straightenSelection();             // takes the bends out of the selected wires

    // ---- selecting and walking (view_walking.cpp)
    void selectAll();
    void selectNone();
    void selectUpstream();                  // adds what feeds the selection, near and far
    void selectDownstream();
    enum class Direction : unsigned char { Left, Right, Up, Down };
    void walk(Direction direction);         // along the wires, else to what is nearest
    void nudge(Direction direction, double distance);   // one command while it goes on
    void tap(int number);                   // output `number` of the selected node, from 1

    // ---- arranging (view_arranging.cpp)
    enum class Line : unsigned char { Left, Middle, Right, Top, Center, Bottom };
    void align(Line line);
    void distribute(Qt::Orientation orientation);
    void layOut();                          // the selection of two or more, else all; off this thread
    void cancelLayout();
    bool isLayingOut() const;

    // ---- picture
    // PNG or SVG by the ending, of all there is. Says what went wrong.
    Result<void> exportPicture(const QString& path) const;

    void abortGesture();                    // as Esc does: everything is as it was
    bool hasGesture() const { return gesture_ != nullptr; }
    bool spaceIsDown() const { return space_ != Space::Up; }
    Hit hitAt(const QPointF& scene) const;

Q_SIGNALS:
    void zoomChanged(double zoom);
    void nodeActivated(const NodeId& node);             // double click: show its options
    void tapRequested(const NodeId& node, const QString& port);
    void contextMenuRequested(const QPoint& global);    // the selection is already what it is about
    void announced(const QString& sentence);            // for the status line and screen readers
    void layoutFinished();
    void viewMoved();

protected:
    void drawBackground(QPainter* painter, const QRectF& area) override;
    void drawForeground(QPainter* painter, const QRectF& area) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void leaveEvent(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    bool focusNextPrevChild(bool next) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    friend class ConnectGesture;            // announces its reasons
    enum class Space : unsigned char { Up, Down, Used };    // Used: it panned, and opens nothing
    Pointer pointerAt(const QPoint& view, Qt::KeyboardModifiers modifiers, Qt::MouseButton button) const;
    void begin(std::unique_ptr<Gesture> gesture);
    void finish(const Pointer& pointer);
    void press(const Pointer& pointer, const Hit& hit);
    void click(const Pointer& pointer, const Hit& hit);
    void scrollAtEdge();
    void zoomAt(const QPoint& view, double zoom);
    void showToolTip(const QPoint& view, const QPoint& global);
    void fit(const QRectF& area);
    QPointF pointerOrMiddle() const;
    QPointF freePlaceNear(QPointF corner) const;
    void editInPlace(const QRectF& where, const QString& text, std::function<void(const QString&)> done);
    void addBend(size_t wire, const QPointF& at);
    void removeBend(size_t wire, size_t bend);
    void openSearchAt(const QPointF& at, std::optional<LinkEnd> end, std::optional<std::string> wire);
    void addChosen(const std::string& type, size_t port, const QPointF& at, const std::optional<LinkEnd>& end, const std::optional<std::string>& wire);
    void setUseOfSelection(NodeUse use, const QString& name);
    void spreadSelection(Side side);
    void moveTo(const std::map<NodeId, Position>& positions, const QString& name, const QString& mergeKey = {});
    void placeOverlays();
    void cannot(const QString& why) { Q_EMIT announced(why); }

    PipelineDocument& document_;
    CanvasScene* scene_;
    Minimap* minimap_;
    NodeSearch* search_;
    std::unique_ptr<Gesture> gesture_;
    std::optional<Pointer> pressed_;        // the button is down, and no gesture has begun
    Hit pressedHit_;
    Pointer last_;                          // where the pointer was
    QPoint spacePressed_;
    bool pointerIsIn_ = false;              // last_ says where
    Space space_ = Space::Up;
    bool wheelScrolls_ = false;
    bool fitted_ = false;                   // and nobody looked elsewhere since: it stays so when the size changes
    QTimer edgeTimer_;
    std::unique_ptr<Arranging> arranging_;
};

}
