#include "widgets/charts/chart.h"

#include "widgets/theme/theme.h"

#include <QCoreApplication>
#include <QLocale>

#include <cmath>
#include <numeric>

namespace streamwright {

namespace {

constexpr int kHistogramBins = 24, kHistogramWidth = 60;
// A thin line costs a third of a wide one; where points stand close, the width is not seen.
constexpr double kLineWidth = 1.5, kThinWidth = 1;
// Filled lines are drawn from at most the least and greatest of every two pixels.
constexpr double kPixelsPerPair = 2;
// A few points that stand so far above the rest would hide it: they are cut, and written in the head.
constexpr double kPeakShare = 0.05, kPeak = 4;
constexpr size_t kEnoughForPeaks = 20;
// A level is on the scale when it is at most so many times the greatest value.
constexpr double kLevelInSight = 1.6;

class ValueTicker : public QCPAxisTicker {
public:
    explicit ValueTicker(QString (*text)(double)) : text_(text) { setTickCount(3); }

protected:
    QString getTickLabel(double tick, const QLocale&, QChar, int) override { return tick == 0 ? QStringLiteral("0") : text_(tick); }

private:
    QString (*text_)(double);
};

// Indexes of the points to draw: all, or the least and the greatest of each bucket.
std::vector<size_t> thinned(const std::vector<double>& values, size_t buckets)
{
    std::vector<size_t> kept;
    if (values.size() <= buckets * 2) {
        kept.resize(values.size());
        std::iota(kept.begin(), kept.end(), size_t{0});
        return kept;
    }
    for (size_t b = 0; b < buckets; ++b) {
        const auto from = values.begin() + static_cast<ptrdiff_t>(b * values.size() / buckets);
        const auto to = values.begin() + static_cast<ptrdiff_t>((b + 1) * values.size() / buckets);
        // A gap stays one: it goes with the least.
        const auto [least, greatest] = std::minmax_element(from, to, [](double a, double b) { return std::isnan(a) ? !std::isnan(b) : a < b; });
        const auto first = static_cast<size_t>(std::min(least, greatest) - values.begin());
        const auto second = static_cast<size_t>(std::max(least, greatest) - values.begin());
        kept.push_back(first);
        if (second != first) kept.push_back(second);
    }
    return kept;
}

}

Chart::Chart(QCustomPlot& plot, const ChartSpec& spec) : plot_(plot), spec_(spec), cell_(new QCPLayoutGrid), rect_(new QCPAxisRect(&plot))
{
    // What lies in the plot knows it: items look for it when they are made.
    plot.plotLayout()->addElement(plot.plotLayout()->rowCount(), 0, cell_);
    buildHead();
    auto* body = new QCPLayoutGrid;
    cell_->addElement(1, 0, body);
    body->setColumnSpacing(0);
    body->addElement(0, 0, rect_);
    cell_->setRowSpacing(2);
    rect_->setAutoMargins(QCP::msLeft | QCP::msBottom);
    rect_->setMargins({0, 4, measure::kMedium, 0});
    rect_->setRangeDrag(Qt::Horizontal);
    rect_->setRangeZoom(Qt::Horizontal);
    setKeyKind(KeyKind::Time);
    rect_->axis(QCPAxis::atLeft)->setTicker(QSharedPointer<ValueTicker>::create(spec.text));
    for (size_t i = 0; i < spec.series.size(); ++i) {
        for (auto* graphs : {&graphs_, &overlay_}) graphs->push_back(plot_.addGraph(keyAxis(), rect_->axis(QCPAxis::atLeft)));
        if (spec.series[i].stacked && i > 0) graphs_[i]->setChannelFillGraph(graphs_[i - 1]);
    }
    for (QCPGraph** graph : {&least_, &greatest_}) *graph = plot_.addGraph(keyAxis(), rect_->axis(QCPAxis::atLeft));
    if (spec.series.size() > 1) buildLegend();
    level_ = line(QStringLiteral("main"), Qt::DashLine);
    mark_ = line(QStringLiteral("main"), Qt::SolidLine);
    hover_ = line(QStringLiteral("hover"), Qt::SolidLine);
    hoverText_ = new QCPItemText(&plot_);
    hoverText_->setLayer(QStringLiteral("hover"));
    hoverText_->setClipAxisRect(rect_);
    hoverText_->position->setAxisRect(rect_);
    hoverText_->position->setType(QCPItemPosition::ptAxisRectRatio);
    hoverText_->position->setCoords(0.01, 0.02);
    hoverText_->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
    hoverText_->setVisible(false);
    if (spec.histogram) buildHistogram();
}

void Chart::buildHead()
{
    auto* head = new QCPLayoutGrid;
    cell_->addElement(0, 0, head);
    title_ = new QCPTextElement(&plot_, spec_.unit.isEmpty() ? spec_.title : QStringLiteral("%1, %2").arg(spec_.title, spec_.unit));
    title_->setTextFlags(Qt::AlignLeft | Qt::AlignVCenter);
    head_ = new QCPTextElement(&plot_, QString());
    head_->setTextFlags(Qt::AlignRight | Qt::AlignVCenter);
    head->addElement(0, 0, title_);
    head->addElement(0, 1, head_);
    for (QCPTextElement* text : {title_, head_}) text->setMargins({measure::kSmall, 0, measure::kMedium, 0});
    head->setMaximumSize(QWIDGETSIZE_MAX, 20);
}

// Which line is whose; over the lines, where it hides the least.
void Chart::buildLegend()
{
    legend_ = new QCPLegend;
    rect_->insetLayout()->addElement(legend_, Qt::AlignTop | Qt::AlignLeft);
    rect_->insetLayout()->setMargins({4, 0, 0, 0});
    legend_->setLayer(QStringLiteral("legend"));
    legend_->setFillOrder(QCPLayoutGrid::foColumnsFirst);
    legend_->setWrap(static_cast<int>(spec_.series.size()));
    legend_->setIconSize(10, 8);
    legend_->setRowSpacing(0);
    legend_->setColumnSpacing(8);
    legend_->setMargins({2, 0, 4, 0});
    for (size_t i = 0; i < graphs_.size(); ++i) {
        graphs_[i]->setName(spec_.series[i].name);
        graphs_[i]->addToLegend(legend_);
    }
}

void Chart::setKeyKind(KeyKind kind)
{
    kind_ = kind;
    timeFormat_.clear();
    if (kind == KeyKind::Time) {
        auto time = QSharedPointer<QCPAxisTickerDateTime>::create();
        time->setTickCount(2);
        keyAxis()->setTicker(time);
    } else if (kind == KeyKind::Elapsed) {
        auto elapsed = QSharedPointer<QCPAxisTickerTime>::create();
        elapsed->setTimeFormat(QStringLiteral("%h:%m:%s"));
        elapsed->setTickCount(3);
        keyAxis()->setTicker(elapsed);
    } else {
        auto number = QSharedPointer<QCPAxisTicker>::create();
        number->setTickCount(4);
        keyAxis()->setTicker(number);
        keyAxis()->setNumberFormat(kind == KeyKind::Number ? QStringLiteral("f") : QStringLiteral("g"));
        keyAxis()->setNumberPrecision(kind == KeyKind::Number ? 0 : 6);
    }
    fitTicks();
}

// Ticks say no more than the range that is seen needs.
void Chart::fitTicks()
{
    if (kind_ != KeyKind::Time) return;
    const double size = keyAxis()->range().size();
    const QString format = size <= 600 ? QStringLiteral("HH:mm:ss") : size <= 86'400 ? QStringLiteral("HH:mm") : QStringLiteral("d MMM HH:mm");
    if (std::exchange(timeFormat_, format) != format) keyAxis()->ticker().staticCast<QCPAxisTickerDateTime>()->setDateTimeFormat(format);
}

QString Chart::keyText(double key) const
{
    switch (kind_) {
    case KeyKind::Time: return QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(key * 1000)).toString(QStringLiteral("HH:mm:ss"));
    case KeyKind::Elapsed: return QCoreApplication::translate("streamwright::Chart", "after %1").arg(durationText(static_cast<int64_t>(key * 1e9)));
    case KeyKind::Value: return QLocale::c().toString(key);
    case KeyKind::Number: return QCoreApplication::translate("streamwright::Chart", "batch %1 of the run").arg(exactText(static_cast<int64_t>(key)));
    }
    return {};
}

// How often each latency came, over the same axis.
void Chart::buildHistogram()
{
    histogramRect_ = new QCPAxisRect(&plot_);
    static_cast<QCPLayoutGrid*>(cell_->element(1, 0))->addElement(0, 1, histogramRect_);
    histogramRect_->setMaximumSize(kHistogramWidth, QWIDGETSIZE_MAX);
    histogramRect_->setMinimumSize(kHistogramWidth, 10);
    histogramRect_->setAutoMargins(QCP::msNone);
    histogramRect_->setMargins({0, 4, measure::kTiny, 0});
    histogramRect_->setRangeDrag({});
    histogramRect_->setRangeZoom({});
    for (QCPAxis* axis : histogramRect_->axes()) axis->setVisible(false);
    histogram_ = new QCPBars(histogramRect_->axis(QCPAxis::atLeft), histogramRect_->axis(QCPAxis::atBottom));
    auto* group = new QCPMarginGroup(&plot_);
    rect_->setMarginGroup(QCP::msBottom, group);
    histogramRect_->setAutoMargins(QCP::msBottom);
    histogramRect_->setMarginGroup(QCP::msBottom, group);
}

QCPItemStraightLine* Chart::line(const QString& layer, Qt::PenStyle style)
{
    auto* made = new QCPItemStraightLine(&plot_);
    made->setLayer(layer);
    made->setClipAxisRect(rect_);
    for (QCPItemPosition* point : {made->point1, made->point2}) {
        point->setAxisRect(rect_);
        point->setAxes(keyAxis(), rect_->axis(QCPAxis::atLeft));
    }
    made->setPen(QPen(Qt::gray, 1, style));
    made->setVisible(false);
    return made;
}

void Chart::draw(std::vector<QCPGraph*>& graphs, const std::vector<double>& keys, const std::vector<std::vector<double>>& values)
{
    std::vector<double> sum(keys.size(), 0);
    const auto buckets = static_cast<size_t>(std::max(50.0, rect_->width() / kPixelsPerPair));
    for (size_t s = 0; s < graphs.size(); ++s) {
        const bool filled = spec_.series.size() > s && (spec_.series[s].stacked || (s + 1 < spec_.series.size() && spec_.series[s + 1].stacked));
        std::vector<double> drawn = values[s];
        if (filled) {
            for (size_t i = 0; i < drawn.size(); ++i) sum[i] = drawn[i] += sum[i];
        }
        QVector<double> x, y;
        for (const size_t i : thinned(drawn, filled ? buckets : 2 * buckets)) {
            x += keys[i];
            y += drawn[i];
        }
        graphs[s]->setData(x, y, true);
    }
}

void Chart::setData(const std::vector<double>& keys, const std::vector<std::vector<double>>& values)
{
    keys_ = keys;
    values_ = values;
    draw(graphs_, keys, values);
}

void Chart::setOverlay(const std::vector<double>& keys, const std::vector<std::vector<double>>& values)
{
    overlayKeys_ = keys;
    overlayValues_ = values;
    if (!keys.empty()) return draw(overlay_, keys, values);
    for (QCPGraph* graph : overlay_) graph->data()->clear();
}

void Chart::setSpread(const std::vector<double>& keys, const std::vector<double>& least, const std::vector<double>& greatest)
{
    const QVector<double> x(keys.begin(), keys.end());
    least_->setData(x, QVector<double>(least.begin(), least.end()), true);
    greatest_->setData(x, QVector<double>(greatest.begin(), greatest.end()), true);
}

void Chart::setHeadline(const QString& text)
{
    headText_ = text;
    head_->setText(headline());
}

QString Chart::headline() const { return levelText_.isEmpty() ? headText_ : headText_.isEmpty() ? levelText_ : QStringLiteral("%1 · %2").arg(headText_, levelText_); }

void Chart::setLevel(std::optional<double> value, const QString& name)
{
    levelValue_ = value;
    levelName_ = name;
}

Chart::Heights Chart::heightsIn(const QCPRange& seen, const std::vector<double>& keys, const std::vector<std::vector<double>>& values) const
{
    std::vector<double> heights;
    const auto from = static_cast<size_t>(std::ranges::lower_bound(keys, seen.lower) - keys.begin());
    for (size_t i = from; i < keys.size() && keys[i] <= seen.upper; ++i) {
        double sum = 0, height = 0;
        for (size_t s = 0; s < values.size(); ++s) {
            if (!std::isfinite(values[s][i])) continue;
            sum = spec_.series[s].stacked ? sum + values[s][i] : values[s][i];
            height = std::max(height, sum);
        }
        heights.push_back(height);
    }
    if (heights.empty()) return {};
    const double greatest = *std::ranges::max_element(heights);
    if (heights.size() < kEnoughForPeaks) return {greatest, greatest};
    const auto usual = heights.begin() + static_cast<ptrdiff_t>(static_cast<double>(heights.size()) * (1 - kPeakShare));
    std::nth_element(heights.begin(), usual, heights.end());
    return {*usual > 0 && greatest > *usual * kPeak ? *usual * 1.2 : greatest, greatest};
}

// From zero to a little more than the greatest value in sight; a level beyond is written instead of drawn.
void Chart::fit()
{
    fitTicks();
    const QCPRange seen = keyAxis()->range();
    const auto inSight = std::ranges::upper_bound(keys_, seen.upper) - std::ranges::lower_bound(keys_, seen.lower);
    const double width = static_cast<double>(inSight) > rect_->width() / kPixelsPerPair ? kThinWidth : kLineWidth;
    for (QCPGraph* graph : graphs_) {
        QPen pen = graph->pen();
        if (pen.widthF() == width) continue;
        pen.setWidthF(width);
        graph->setPen(pen);
    }
    const Heights own = heightsIn(seen, keys_, values_), other = heightsIn(seen, overlayKeys_, overlayValues_);
    double greatest = std::max(own.usual, other.usual);
    const double peak = std::max(own.greatest, other.greatest);
    const auto& spread = *greatest_->data();
    for (auto at = spread.findBegin(seen.lower), end = spread.findEnd(seen.upper); at < end; ++at) {
        if (std::isfinite(at->value) && at->value <= std::max(greatest, 1e-9) * kPeak) greatest = std::max(greatest, at->value);
    }
    const bool drawn = levelValue_ && *levelValue_ <= std::max(greatest, 1e-9) * kLevelInSight;
    if (drawn) greatest = std::max(greatest, *levelValue_);
    level_->setVisible(drawn);
    levelText_ = peak > greatest ? QCoreApplication::translate("streamwright::Chart", "peak %1 ↑").arg(spec_.text(peak)) : QString();
    if (drawn) {
        level_->point1->setCoords(0, *levelValue_);
        level_->point2->setCoords(1, *levelValue_);
    } else if (levelValue_ && *levelValue_ > 0) {
        const QString level = QStringLiteral("%1 %2 ↑ %3").arg(levelName_, spec_.text(*levelValue_), shareText(greatest / *levelValue_));
        levelText_ = levelText_.isEmpty() ? level : QStringLiteral("%1 · %2").arg(levelText_, level);
    }
    head_->setText(headline());
    // Lines end below the legend, which would hide them.
    const double band = legend_ && rect_->height() > 0 ? std::min(0.5, static_cast<double>(legend_->outerRect().height()) / rect_->height()) : 0;
    rect_->axis(QCPAxis::atLeft)->setRange(0, std::max(spec_.least, greatest > 0 ? greatest * 1.1 / (1 - band) : 1));
    if (histogram_) fillHistogram();
}

void Chart::fillHistogram()
{
    const QCPRange range = rect_->axis(QCPAxis::atLeft)->range();
    const QCPRange seen = keyAxis()->range();
    std::vector<double> counts(kHistogramBins, 0);
    for (size_t i = 0; i < keys_.size(); ++i) {
        if (!seen.contains(keys_[i])) continue;
        double whole = 0;
        for (const auto& series : values_) whole += series[i];
        if (!std::isfinite(whole)) continue;
        const double bin = whole / range.upper * kHistogramBins;
        counts[static_cast<size_t>(std::clamp(bin, 0.0, kHistogramBins - 1.0))] += 1;
    }
    const double width = range.upper / kHistogramBins;
    QVector<double> keys, values;
    for (int b = 0; b < kHistogramBins; ++b) {
        keys += (b + 0.5) * width;
        values += counts[static_cast<size_t>(b)];
    }
    histogram_->setWidth(width * 0.8);
    histogram_->setData(keys, values, true);
    histogramRect_->axis(QCPAxis::atLeft)->setRange(range);
    histogramRect_->axis(QCPAxis::atBottom)->setRange(0, std::max(1.0, *std::ranges::max_element(counts)));
}

void Chart::showHover(std::optional<double> key)
{
    hover_->setVisible(key.has_value());
    hoverText_->setVisible(key.has_value() && !keys_.empty());
    if (!key || keys_.empty()) return;
    const auto at = std::ranges::lower_bound(keys_, *key);
    size_t i = at == keys_.end() ? keys_.size() - 1 : static_cast<size_t>(at - keys_.begin());
    if (i > 0 && *key - keys_[i - 1] < keys_[i] - *key) --i;
    hover_->point1->setCoords(keys_[i], 0);
    hover_->point2->setCoords(keys_[i], 1);
    QStringList texts{keyText(keys_[i])};
    for (size_t s = 0; s < values_.size(); ++s) {
        if (!std::isfinite(values_[s][i])) continue;
        const QString value = spec_.text(values_[s][i]);
        texts += values_.size() == 1 ? value : QStringLiteral("%1 %2").arg(spec_.series[s].name, value);
    }
    hoverText_->setText(texts.join(QStringLiteral("  ")));
}

void Chart::mark(std::optional<double> key)
{
    mark_->setVisible(key.has_value());
    if (!key) return;
    mark_->point1->setCoords(*key, 0);
    mark_->point2->setCoords(*key, 1);
}

void Chart::wear(const Theme& theme)
{
    title_->setFont(streamwright::font(TextRole::Body));
    title_->setTextColor(theme.text);
    head_->setFont(streamwright::font(TextRole::Body));
    head_->setTextColor(theme.text);
    for (QCPAxis* axis : rect_->axes()) {
        axis->setBasePen(QPen(theme.separator));
        axis->setTickPen(QPen(theme.separator));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(theme.secondary);
        axis->setTickLabelFont(streamwright::font(TextRole::Secondary));
        axis->grid()->setPen(QPen(theme.separator, 0.5));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    keyAxis()->grid()->setVisible(false);
    for (size_t s = 0; s < graphs_.size(); ++s) {
        const QColor color = spec_.series[s].color(theme);
        graphs_[s]->setPen(QPen(color, kLineWidth));
        overlay_[s]->setPen(QPen(color, 1, Qt::DotLine));
        const bool filled = spec_.series[s].stacked || (s + 1 < graphs_.size() && spec_.series[s + 1].stacked);
        // Opaque: alpha costs as much as ten lines.
        if (filled) graphs_[s]->setBrush(QBrush(theme.dark ? color.darker(260) : color.lighter(170)));
    }
    for (QCPGraph* graph : {least_, greatest_}) graph->setPen(QPen(theme.secondary, 1, Qt::DotLine));
    if (legend_) {
        legend_->setBrush(theme.dock);
        legend_->setBorderPen(Qt::NoPen);
        legend_->setFont(streamwright::font(TextRole::Secondary));
        legend_->setTextColor(theme.secondary);
    }
    level_->setPen(QPen(theme.warning, 1, Qt::DashLine));
    mark_->setPen(QPen(theme.accent, 1));
    hover_->setPen(QPen(theme.secondary, 1));
    hoverText_->setColor(theme.text);
    hoverText_->setFont(streamwright::font(TextRole::Secondary));
    hoverText_->setBrush(theme.raised);
    hoverText_->setPadding({4, 1, 4, 1});
    if (histogram_) {
        histogram_->setPen(Qt::NoPen);
        histogram_->setBrush(theme.secondary);
    }
}

}
