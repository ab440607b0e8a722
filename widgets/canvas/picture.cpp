// The graph as a picture, PNG or SVG, in the colours of the theme.
#include "widgets/canvas/canvas_view.h"
#include "widgets/canvas/ground_painter.h"
#include "widgets/theme/theme.h"

#include <QFile>
#include <QSvgGenerator>

namespace streamwright {

namespace {

constexpr double kMargin = 48;
constexpr double kPixels = 2;           // of a PNG, for a unit of the scene
constexpr double kMostPixels = 16'000;  // of a side

void paintAll(QPainter& painter, const CanvasScene& scene, const QRectF& area)
{
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(area, Theme::current().canvas);
    scene.paintGround(painter, area, 1);
    const WirePainter wires;
    NodePainter nodes(NodePainter::Way::Picture);
    const CanvasGraph& graph = scene.graph();
    for (size_t i = 0; i < graph.wires().size(); ++i) wires.paint(painter, graph.wires()[i], scene.live().wire(i), {}, 1);
    for (size_t i = 0; i < graph.wires().size(); ++i) wires.paintPill(painter, graph.wires()[i], scene.live().wire(i), 1, area);
    for (size_t i = 0; i < graph.boxes().size(); ++i) nodes.paint(painter, graph.boxes()[i], scene.live().node(i), {}, 1);
}

}

Result<void> CanvasView::exportPicture(const QString& path) const
{
    const QRectF area = scene_->graph().bounds().adjusted(-kMargin, -kMargin, kMargin, kMargin);
    if (scene_->graph().bounds().isNull()) return mistake(tr("there is nothing to draw").toStdString());
    if (path.endsWith(QLatin1String(".svg"), Qt::CaseInsensitive)) {
        QFile file(path);
        if (!file.open(QFile::WriteOnly)) return permanent(tr("cannot write %1: %2").arg(path, file.errorString()).toStdString());
        QSvgGenerator generator;
        generator.setOutputDevice(&file);
        generator.setSize(area.size().toSize());
        generator.setViewBox(QRectF(QPointF(), area.size()));
        generator.setTitle(document_.displayName());
        QPainter painter(&generator);
        painter.translate(-area.topLeft());
        paintAll(painter, *scene_, area);
        return {};
    }
    const double scale = std::min(kPixels, kMostPixels / std::max(area.width(), area.height()));
    QImage image((area.size() * scale).toSize(), QImage::Format_RGB32);
    QPainter painter(&image);
    painter.scale(scale, scale);
    painter.translate(-area.topLeft());
    paintAll(painter, *scene_, area);
    painter.end();
    if (!image.save(path)) return permanent(tr("cannot write %1").arg(path).toStdString());
    return {};
}

}
