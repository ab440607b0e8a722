// Charts over one axis of time: hover, zoom and pan go over all of them at once. One plot with an axis rectangle a
// chart, so that a redraw is one. Keys ascend; what they mean is the board's KeyKind. UI thread.
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

using SeriesColor = QColor (*)(const Theme& theme);
// Of lines that stand for equals; more of them cannot be told apart.
inline constexpr size_t kMostSeries = 6;
SeriesColor seriesColor(size_t place);

struct SeriesSpec {
    QString name;
    SeriesColor color;
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

// What the shared axis counts.
enum class KeyKind : unsigned char {
    Time,       // seconds since the epoch; the newest is followed
    Elapsed,    // seconds since the start of a run; all of it is seen
    Number,     // batches of a run, 1 for its first; all of them are seen
    Value,      // any number; all of them are seen
};

class ChartBoard : public QWidget {
    Q_OBJECT

public:
    explicit ChartBoard(std::vector<ChartSpec> charts, QWidget* parent = nullptr);
    ~ChartBoard() override;

    void setKeyKind(KeyKind kind);
    KeyKind keyKind() const;
    // Points of a chart: `values` has a list for each of its series; NaN breaks a line. Drawn with the next replot.
    void setData(size_t chart, const std::vector<double>& keys, const std::vector<std::vector<double>>& values);
    // What stands right in the head of the chart: the newest figures.
    void setHeadline(size_t chart, const QString& text);
    // A dashed line, or, where it is off the scale, its text in the head: "interval 1 s ↑ 4 %".
    void setLevel(size_t chart, std::optional<double> value, const QString& name);
    // A second run, dashed, over the same axis; empty takes it away.
    void setOverlay(size_t chart, const std::vector<double>& keys, const std::vector<std::vector<double>>& values);
    // Thin lines for what the points sum up: the least and the greatest of the first series; NaN where there is
    // nothing to sum up.
    void setSpread(size_t chart, const std::vector<double>& keys, const std::vector<double>& least, const std::vector<double>& greatest);
    // How many seconds are seen while the end is followed, as far as there are points; 0: all of them.
    void setSpan(double seconds);
    double span() const;
    // Marks a key in all charts; none removes the mark.
    void mark(std::optional<double> key);
    // At once, if anything changed and it can be seen.
    void replot();
    int columns() const;
    void setColumns(int columns);

    size_t charts() const;
    QString title(size_t chart) const;
    bool savePicture(const QString& file);      // .png or .svg; false: it cannot be written
    // One chart, or all of them: a row a key.
    QString asCsv(std::optional<size_t> chart = {}) const;
    std::unique_ptr<QAbstractItemModel> asTable(std::optional<size_t> chart = {}) const;

Q_SIGNALS:
    void hovered(std::optional<double> key);
    void clicked(double key);
    void seen(double from, double until);       // another range is in sight, since a moment
    void menuRequested(size_t chart, const QPoint& globalPosition);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    class Private;
    std::unique_ptr<Private> d_;
    QPoint pressed_;
};

}
