// Charts over one axis of time: hover, zoom and pan go over all of them at once. One plot with an axis rectangle a
// chart, so that a redraw is one. Keys are seconds since the epoch (or batch numbers), ascending. UI thread.
#pragma once
#include <QColor>
#include <QPoint>
#include <QString>
#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

class QAbstractItemModel;

namespace streamwright {

struct Theme;

struct SeriesSpec {
    QString name;
    QColor (*color)(const Theme& theme);
    // On top of the series before it, both filled: parts of a whole.
    bool stacked = false;
};

struct ChartSpec {
    QString title;                      // "Input rate"
    QString unit;                       // "rows/s"
    std::vector<SeriesSpec> series;
    QString (*text)(double value);      // "1.2 k": ticks, hover
    double least = 0;                   // the scale reaches at least so far
    bool histogram = false;             // beside it, of the last series' whole, over the same axis
};

class ChartBoard : public QWidget {
    Q_OBJECT

public:
    explicit ChartBoard(std::vector<ChartSpec> charts, QWidget* parent = nullptr);
    ~ChartBoard() override;

    // Points of a chart: `values` has a list for each of its series. Drawn with the next replot.
    void setData(size_t chart, const std::vector<double>& keys, const std::vector<std::vector<double>>& values);
    // What stands right in the head of the chart: the newest figures.
    void setHeadline(size_t chart, const QString& text);
    // A dashed line, or, where it is off the scale, its text in the head: "interval 1 s ↑ 4 %".
    void setLevel(size_t chart, std::optional<double> value, const QString& name);
    // A second run, dashed, over the same axis; empty takes it away.
    void setOverlay(size_t chart, const std::vector<double>& keys, const std::vector<std::vector<double>>& values);
    // How many seconds are seen while the end is followed.
    void setSpan(double seconds);
    double span() const;
    // Marks a key in all charts; none removes the mark.
    void mark(std::optional<double> key);
    // At once, if anything changed and it can be seen.
    void replot();
    int columns() const;
    void setColumns(int columns);

    bool savePicture(const QString& file);      // .png or .svg
    QString asCsv() const;                      // all charts, a row a key
    std::unique_ptr<QAbstractItemModel> asTable() const;

Q_SIGNALS:
    void hovered(std::optional<double> key);
    void clicked(double key);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    class Private;
    std::unique_ptr<Private> d_;
    QPoint pressed_;
};

}
