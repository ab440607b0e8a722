// One chart of a board: an axis rectangle with its head, lines, level, hover line and histogram in a shared plot.
// Owned by the plot's layout, as QCustomPlot wants it. UI thread.
#pragma once
#include "widgets/charts/chart_board.h"

// QCustomPlot writes `signals`, `slots` and `foreach`; our own code does not (widgets/README.md).
#define signals Q_SIGNALS
#define slots Q_SLOTS
#define foreach Q_FOREACH
#include <qcustomplot.h>
#undef signals
#undef slots
#undef foreach

namespace streamwright {

class Chart {
public:
    Chart(QCustomPlot& plot, const ChartSpec& spec);

    QCPLayoutGrid* cell() const { return cell_; }
    QCPAxisRect* rect() const { return rect_; }
    QCPAxis* keyAxis() const { return rect_->axis(QCPAxis::atBottom); }
    const ChartSpec& spec() const { return spec_; }
    const std::vector<double>& keys() const { return keys_; }
    const std::vector<std::vector<double>>& values() const { return values_; }

    void setData(const std::vector<double>& keys, const std::vector<std::vector<double>>& values);
    void setOverlay(const std::vector<double>& keys, const std::vector<std::vector<double>>& values);
    void setHeadline(const QString& text);
    void setLevel(std::optional<double> value, const QString& name);
    void showHover(std::optional<double> key);
    void mark(std::optional<double> key);
    // The value axis fits what is seen.
    void fit();
    void wear(const Theme& theme);

private:
    void buildHead();
    void buildHistogram();
    void fillHistogram();
    void draw(std::vector<QCPGraph*>& graphs, const std::vector<double>& keys, const std::vector<std::vector<double>>& values);
    QCPItemStraightLine* line(const QString& layer, Qt::PenStyle style);
    QString headline() const;

    QCustomPlot& plot_;
    ChartSpec spec_;
    QCPLayoutGrid* cell_;
    QCPAxisRect* rect_;
    QCPTextElement* title_ = nullptr;
    QCPTextElement* head_ = nullptr;
    std::vector<QCPGraph*> graphs_, overlay_;
    QCPAxisRect* histogramRect_ = nullptr;
    QCPBars* histogram_ = nullptr;
    QCPItemStraightLine* level_ = nullptr;
    QCPItemStraightLine* hover_ = nullptr;
    QCPItemStraightLine* mark_ = nullptr;
    QCPItemText* hoverText_ = nullptr;
    std::vector<double> keys_;
    std::vector<std::vector<double>> values_;
    QString headText_, levelName_, levelText_;
    std::optional<double> levelValue_;
};

}
