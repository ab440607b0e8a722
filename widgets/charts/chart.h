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
    void setSpread(const std::vector<double>& keys, const std::vector<double>& least, const std::vector<double>& greatest);
    void setKeyKind(KeyKind kind);
    const std::vector<double>& overlayKeys() const { return overlayKeys_; }
    const std::vector<std::vector<double>>& overlayValues() const { return overlayValues_; }
    void setHeadline(const QString& text);
    void setLevel(std::optional<double> value, const QString& name);
    void showHover(std::optional<double> key);
    void mark(std::optional<double> key);
    // The value axis fits what is seen.
    void fit();
    void wear(const Theme& theme);

private:
    void buildHead();
    void buildLegend();
    void buildHistogram();
    void fitTicks();
    QString keyText(double key) const;
    struct Heights {
        double usual = 0;               // without peaks
        double greatest = 0;
    };
    Heights heightsIn(const QCPRange& seen, const std::vector<double>& keys, const std::vector<std::vector<double>>& values) const;
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
    QCPGraph* least_ = nullptr;
    QCPGraph* greatest_ = nullptr;
    QCPLegend* legend_ = nullptr;
    KeyKind kind_ = KeyKind::Time;
    QString timeFormat_;
    QCPAxisRect* histogramRect_ = nullptr;
    QCPBars* histogram_ = nullptr;
    QCPItemStraightLine* level_ = nullptr;
    QCPItemStraightLine* hover_ = nullptr;
    QCPItemStraightLine* mark_ = nullptr;
    QCPItemText* hoverText_ = nullptr;
    std::vector<double> keys_;
    std::vector<std::vector<double>> values_;
    std::vector<double> overlayKeys_;
    std::vector<std::vector<double>> overlayValues_;
    QString headText_, levelName_, levelText_;
    std::optional<double> levelValue_;
};

}
