#include "widgets/theme/theme.h"

#include <QIconEngine>
#include <QPainterPath>
#include <QPixmapCache>
#include <QStandardPaths>
#include <array>

namespace streamwright {

namespace {

constexpr qreal kDrawn = 18;            // the side of the square in which the kinds are drawn

void addLine(QPainterPath& path, std::initializer_list<QPointF> points)
{
    path.moveTo(*points.begin());
    for (const QPointF* point = points.begin() + 1; point != points.end(); ++point) path.lineTo(*point);
}

QPainterPath drawingOf(Group group)
{
    QPainterPath path;
    switch (group) {
        case Group::Source: addLine(path, {{2, 9}, {12, 9}}), addLine(path, {{8, 5}, {12, 9}, {8, 13}}), addLine(path, {{15, 3}, {15, 15}}); break;
        case Group::Transform: addLine(path, {{9, 2}, {16, 9}, {9, 16}, {2, 9}, {9, 2}}), path.closeSubpath(); break;
        case Group::Window: path.addRoundedRect(2, 4, 8, 10, 1.5, 1.5), path.addRoundedRect(7, 4, 9, 10, 1.5, 1.5); break;
        case Group::State:
            addLine(path, {{9, 1.5}, {15.5, 5.2}, {15.5, 12.8}, {9, 16.5}, {2.5, 12.8}, {2.5, 5.2}, {9, 1.5}}), path.closeSubpath();
            addLine(path, {{9, 6}, {9, 12}}), addLine(path, {{6, 9}, {12, 9}});
            break;
        case Group::Sink: addLine(path, {{3, 3}, {3, 15}}), addLine(path, {{6, 9}, {15, 9}}), addLine(path, {{11, 5}, {15, 9}, {11, 13}}); break;
    }
    return path;
}

// Paints when asked, so that it follows the theme.
class PaintedIcon : public QIconEngine {
public:
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }
};

class KindIcon : public PaintedIcon {
public:
    explicit KindIcon(Group group) : group_(group) {}
    void paint(QPainter* painter, const QRect& area, QIcon::Mode mode, QIcon::State) override
    {
        const Theme& theme = Theme::current();
        paintKindIcon(*painter, area, group_, mode == QIcon::Disabled ? theme.disabled : theme.kind(group_));
    }
    QIconEngine* clone() const override { return new KindIcon(*this); }

private:
    Group group_;
};

class ActionIcon : public PaintedIcon {
public:
    explicit ActionIcon(QString name) : name_(std::move(name)) {}
    void paint(QPainter* painter, const QRect& area, QIcon::Mode mode, QIcon::State) override
    {
        const Theme& theme = Theme::current();
        const QColor color = mode == QIcon::Disabled ? theme.disabled : mode == QIcon::Selected ? theme.onAccent : theme.text;
        const qreal ratio = painter->device() ? painter->device()->devicePixelRatio() : 1;
        painter->drawPixmap(area, tinted(area.size() * ratio, color));
    }
    QIconEngine* clone() const override { return new ActionIcon(*this); }

private:
    QPixmap tinted(const QSize& size, const QColor& color) const
    {
        const QString key = QStringLiteral("action/%1/%2/%3").arg(name_, color.name()).arg(size.width());
        QPixmap pixmap;
        if (QPixmapCache::find(key, &pixmap)) return pixmap;
        pixmap = QPixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        QIcon::fromTheme(name_).paint(&painter, QRect(QPoint(), size));
        painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
        painter.fillRect(pixmap.rect(), color);
        painter.end();
        QPixmapCache::insert(key, pixmap);
        return pixmap;
    }
    QString name_;
};

// Debian's breeze-icon-theme where the desktop's own theme is not it: the designer looks the same everywhere.
void findActionIcons()
{
    static const bool done = [] {
        QIcon::setFallbackThemeName(QIcon::themeName());
        // Not every platform plugin says where icon themes are.
        QStringList folders = QIcon::themeSearchPaths();
        for (const QString& folder : QStandardPaths::locateAll(QStandardPaths::GenericDataLocation, QStringLiteral("icons"), QStandardPaths::LocateDirectory)) {
            if (!folders.contains(folder)) folders += folder;
        }
        QIcon::setThemeSearchPaths(folders);
        QIcon::setThemeName(QStringLiteral("breeze"));
        return true;
    }();
    Q_UNUSED(done);
}

}

void paintKindIcon(QPainter& painter, const QRectF& area, Group group, const QColor& color)
{
    static const std::array<QPainterPath, 5> drawings = {drawingOf(Group::Source), drawingOf(Group::Transform), drawingOf(Group::Window), drawingOf(Group::State), drawingOf(Group::Sink)};
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(area.topLeft());
    painter.scale(area.width() / kDrawn, area.height() / kDrawn);
    painter.setPen(QPen(color, 1.7, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(drawings[static_cast<size_t>(group)]);
    painter.restore();
}

QIcon kindIcon(Group group) { return QIcon(new KindIcon(group)); }

QIcon actionIcon(const QString& name)
{
    findActionIcons();
    return QIcon(new ActionIcon(name));
}

}
