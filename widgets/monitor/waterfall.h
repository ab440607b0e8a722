// One batch as a bar: where its time went, part by part, to scale, with a legend. UI thread.
#pragma once
#include "widgets/monitor/batch_parts.h"

#include <QWidget>

namespace streamwright {

class WaterfallBar : public QWidget {
    Q_OBJECT

public:
    explicit WaterfallBar(QWidget* parent = nullptr);

    void show(std::shared_ptr<const BatchProgress> batch, const PipelineDocument& document);
    QSize sizeHint() const override { return {480, 74}; }
    QSize minimumSizeHint() const override { return {240, 74}; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool event(QEvent* event) override;

private:
    QRectF bar() const;
    void paintParts(QPainter& painter) const;
    void paintLegend(QPainter& painter) const;

    std::shared_ptr<const BatchProgress> batch_;
    std::vector<BatchPart> parts_;
};

}
