// A part of the scene that paints itself: the only kind of item that there is. Four of them stand for thousands
// of nodes and wires, which Qt would otherwise visit one by one for each frame.
#pragma once
#include <QGraphicsItem>
#include <QPainter>
#include <QStyleOptionGraphicsItem>
#include <functional>

namespace streamwright {

class Layer : public QGraphicsItem {
public:
    using Paint = std::function<void(QPainter& painter, const QRectF& exposed, double scale)>;
    Layer(const QRectF& bounds, Paint paint) : bounds_(bounds), paint_(std::move(paint))
    {
        setFlag(ItemUsesExtendedStyleOption);
        setAcceptedMouseButtons(Qt::NoButton);
    }
    QRectF boundingRect() const override { return bounds_; }
    void paint(QPainter* painter, const QStyleOptionGraphicsItem* option, QWidget*) override
    {
        paint_(*painter, option->exposedRect, QStyleOptionGraphicsItem::levelOfDetailFromTransform(painter->worldTransform()));
    }

private:
    QRectF bounds_;
    Paint paint_;
};

}
