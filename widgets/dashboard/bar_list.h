// Bars one below the other: a name, a bar to scale, its value. Scrolls with what holds it. UI thread.
#pragma once
#include <QString>
#include <QWidget>

#include <vector>

namespace streamwright {

class BarList : public QWidget {
    Q_OBJECT

public:
    struct Bar {
        QString name;
        double value = 0;
        QString text;                   // the value as it is read; empty: there is none
        bool operator==(const Bar&) const = default;
    };

    using QWidget::QWidget;

    void setBars(std::vector<Bar> bars);
    const std::vector<Bar>& bars() const { return bars_; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {160, sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    std::vector<Bar> bars_;
};

}
