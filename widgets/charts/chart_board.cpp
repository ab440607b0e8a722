#include "widgets/charts/chart_board.h"

#include "widgets/charts/chart.h"
#include "widgets/charts/chart_table.h"
#include "widgets/theme/theme.h"

#include <QSvgGenerator>

namespace streamwright {

namespace {

constexpr double kDefaultSpan = 300;
constexpr int kSeeingMilliseconds = 200;
// Where there is less than the span, the charts begin with it, but not narrower than this.
constexpr double kLeastSeen = 30;

}

SeriesColor seriesColor(size_t place)
{
    static constexpr SeriesColor kColors[kMostSeries] = {
        [](const Theme& theme) { return theme.accent; }, [](const Theme& theme) { return theme.source; }, [](const Theme& theme) { return theme.window; },
        [](const Theme& theme) { return theme.state; }, [](const Theme& theme) { return theme.sink; }, [](const Theme& theme) { return theme.transform; },
    };
    return kColors[place % kMostSeries];
}

class ChartBoard::Private {
public:
    Private(ChartBoard& owner, std::vector<ChartSpec> specs) : board(owner), plot(new QCustomPlot(&owner))
    {
        plot->plotLayout()->clear();
        // Each chart has a legend of its own lines.
        plot->setAutoAddPlottableToLegend(false);
        // What is hovered over lies on top of all, legends too.
        plot->addLayer(QStringLiteral("hover"), plot->layer(QStringLiteral("legend")), QCustomPlot::limAbove);
        plot->layer(QStringLiteral("hover"))->setMode(QCPLayer::lmBuffered);
        plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
        plot->setNotAntialiasedElements(QCP::aeAll);
        plot->setNoAntialiasingOnDrag(true);
        plot->setPlottingHint(QCP::phFastPolylines);
        for (const ChartSpec& spec : specs) charts.push_back(std::make_unique<Chart>(*plot, spec));
        for (const auto& chart : charts) link(*chart);
        arrange(2);
        wear();
        seeing.setSingleShot(true);
        seeing.setInterval(kSeeingMilliseconds);
        QObject::connect(&seeing, &QTimer::timeout, plot, [this] { Q_EMIT board.seen(range().lower, range().upper); });
    }

    QCPRange range() const { return charts.front()->keyAxis()->range(); }

    // Another range of one is that of all; the user's own hand ends following the newest.
    void link(Chart& chart)
    {
        QObject::connect(chart.keyAxis(), QOverload<const QCPRange&>::of(&QCPAxis::rangeChanged), plot, [this](const QCPRange& range) {
            if (linking) return;
            linking = true;
            for (const auto& other : charts) other->keyAxis()->setRange(range);
            linking = false;
            if (!moving) following = false;
            changed = true;
            if (!seeing.isActive()) seeing.start();
            board.replot();
        });
    }

    void arrange(int wanted)
    {
        columns = wanted;
        QCPLayoutGrid* grid = plot->plotLayout();
        for (const auto& chart : charts) grid->take(chart->cell());
        grid->simplify();
        for (size_t i = 0; i < charts.size(); ++i) grid->addElement(static_cast<int>(i) / columns, static_cast<int>(i) % columns, charts[i]->cell());
        changed = true;
    }

    void wear()
    {
        const Theme& theme = Theme::current();
        plot->setBackground(QBrush(theme.dock));
        for (const auto& chart : charts) chart->wear(theme);
        changed = true;
    }

    double newest() const
    {
        double key = 0;
        for (const auto& chart : charts) {
            if (!chart->keys().empty()) key = std::max(key, chart->keys().back());
            if (!chart->overlayKeys().empty()) key = std::max(key, chart->overlayKeys().back());
        }
        return key;
    }

    double oldest() const
    {
        double key = newest();
        for (const auto& chart : charts) {
            if (!chart->keys().empty()) key = std::min(key, chart->keys().front());
        }
        return key;
    }

    void follow()
    {
        if (!following || newest() == 0) return;
        moving = true;
        if (kind == KeyKind::Time) charts.front()->keyAxis()->setRange(span > 0 ? std::max(newest() - span, std::min(oldest(), newest() - kLeastSeen)) : oldest(), newest());
        else charts.front()->keyAxis()->setRange(kind == KeyKind::Value ? oldest() : 0, newest());
        moving = false;
    }

    std::optional<double> keyAt(const QPoint& position) const
    {
        for (const auto& chart : charts) {
            if (chart->rect()->rect().contains(position)) return chart->keyAxis()->pixelToCoord(position.x());
        }
        return std::nullopt;
    }

    std::vector<const Chart*> chosen(std::optional<size_t> one) const
    {
        std::vector<const Chart*> found;
        for (size_t i = 0; i < charts.size(); ++i) {
            if (!one || *one == i) found.push_back(charts[i].get());
        }
        return found;
    }

    void hover(std::optional<double> key)
    {
        for (const auto& chart : charts) chart->showHover(key);
        plot->layer(QStringLiteral("hover"))->replot();
        Q_EMIT board.hovered(key);
    }

    ChartBoard& board;
    QCustomPlot* plot;
    std::vector<std::unique_ptr<Chart>> charts;
    double span = kDefaultSpan;
    KeyKind kind = KeyKind::Time;
    QTimer seeing;
    int columns = 2;
    bool following = true;
    bool linking = false;
    bool moving = false;
    bool changed = true;
};

ChartBoard::ChartBoard(std::vector<ChartSpec> charts, QWidget* parent) : QWidget(parent), d_(std::make_unique<Private>(*this, std::move(charts)))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(d_->plot);
    d_->plot->setMouseTracking(true);
    connect(d_->plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) { d_->hover(d_->keyAt(event->pos())); });
    connect(d_->plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) { pressed_ = event->pos(); });
    connect(d_->plot, &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
        const auto key = d_->keyAt(event->pos());
        if (key && (event->pos() - pressed_).manhattanLength() < QApplication::startDragDistance()) Q_EMIT clicked(*key);
    });
    d_->plot->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(d_->plot, &QWidget::customContextMenuRequested, this, [this](const QPoint& at) {
        for (size_t i = 0; i < d_->charts.size(); ++i) {
            if (d_->charts[i]->cell()->outerRect().contains(at)) return Q_EMIT menuRequested(i, d_->plot->mapToGlobal(at));
        }
    });
    connect(d_->plot, &QCustomPlot::mouseDoubleClick, this, [this] { setSpan(d_->span); });
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, [this] {
        d_->wear();
        replot();
    });
}

ChartBoard::~ChartBoard() = default;

void ChartBoard::setData(size_t chart, const std::vector<double>& keys, const std::vector<std::vector<double>>& values)
{
    d_->charts[chart]->setData(keys, values);
    d_->changed = true;
}

void ChartBoard::setHeadline(size_t chart, const QString& text) { d_->charts[chart]->setHeadline(text); }

void ChartBoard::setLevel(size_t chart, std::optional<double> value, const QString& name) { d_->charts[chart]->setLevel(value, name); }

void ChartBoard::setOverlay(size_t chart, const std::vector<double>& keys, const std::vector<std::vector<double>>& values)
{
    d_->charts[chart]->setOverlay(keys, values);
    d_->changed = true;
}

void ChartBoard::setSpread(size_t chart, const std::vector<double>& keys, const std::vector<double>& least, const std::vector<double>& greatest)
{
    d_->charts[chart]->setSpread(keys, least, greatest);
    d_->changed = true;
}

void ChartBoard::setKeyKind(KeyKind kind)
{
    if (d_->kind == kind) return;
    d_->kind = kind;
    d_->following = true;
    d_->changed = true;
    for (const auto& chart : d_->charts) chart->setKeyKind(kind);
}

KeyKind ChartBoard::keyKind() const { return d_->kind; }

void ChartBoard::setSpan(double seconds)
{
    d_->span = seconds;
    d_->following = true;
    d_->changed = true;
    replot();
}

double ChartBoard::span() const { return d_->span; }

void ChartBoard::mark(std::optional<double> key)
{
    for (const auto& chart : d_->charts) chart->mark(key);
    d_->changed = true;
    replot();
}

void ChartBoard::replot()
{
    if (!d_->changed || !isVisible()) return;
    d_->follow();
    for (const auto& chart : d_->charts) chart->fit();
    d_->changed = false;
    d_->plot->replot(QCustomPlot::rpQueuedReplot);
}

int ChartBoard::columns() const { return d_->columns; }

void ChartBoard::setColumns(int columns)
{
    if (columns == d_->columns) return;
    d_->arrange(columns);
    replot();
}

bool ChartBoard::savePicture(const QString& file)
{
    if (!file.endsWith(QStringLiteral(".svg"), Qt::CaseInsensitive)) return d_->plot->savePng(file, 0, 0, 2);
    QSvgGenerator svg;
    svg.setFileName(file);
    svg.setSize(size());
    svg.setViewBox(rect());
    QCPPainter painter;
    if (!painter.begin(&svg)) return false;
    painter.setMode(QCPPainter::pmVectorized);
    d_->plot->toPainter(&painter, width(), height());
    return painter.end();
}

size_t ChartBoard::charts() const { return d_->charts.size(); }

QString ChartBoard::title(size_t chart) const { return d_->charts[chart]->spec().title; }

QString ChartBoard::asCsv(std::optional<size_t> chart) const { return ChartTable(d_->chosen(chart), d_->kind).asCsv(); }

std::unique_ptr<QAbstractItemModel> ChartBoard::asTable(std::optional<size_t> chart) const { return std::make_unique<ChartTable>(d_->chosen(chart), d_->kind); }

void ChartBoard::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    d_->changed = true;
    replot();
}

void ChartBoard::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    d_->changed = true;
    replot();
}

}
