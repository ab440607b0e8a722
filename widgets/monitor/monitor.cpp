#include "widgets/monitor/monitor.h"

#include "widgets/monitor/waterfall.h"
#include "widgets/theme/theme.h"

#include <QDateTime>
#include <QDialog>
#include <QFileDialog>
#include <QHeaderView>
#include <QMenu>
#include <QMessageBox>
#include <QTableView>
#include <QToolButton>

namespace streamwright {

namespace {

constexpr int kRowHeight = 120, kLeastRowHeight = 84, kWideEnough = 900;
// Of the runs that can be compared, the newest.
constexpr size_t kMostRuns = 20;

QString timeText(Timestamp time) { return QLocale().toString(QDateTime::fromMSecsSinceEpoch(time.millis()), QStringLiteral("d MMM HH:mm:ss")); }

}

Monitor::Monitor(PipelineDocument& document, RunController& run, QWidget* parent) : QWidget(parent), document_(document), run_(run), track_(new Track(run, this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildBar());
    scroll_ = new QScrollArea(this);
    scroll_->setWidgetResizable(true);
    scroll_->setFrameShape(QFrame::NoFrame);
    layout->addWidget(empty_ = buildEmpty(), 1);
    layout->addWidget(scroll_, 1);
    layout->addWidget(waterfall_ = new WaterfallBar(this));
    buildBoard();
    sayEmpty();
    connect(&run_, &RunController::batchesChanged, this, &Monitor::refresh);
    connect(&run_, &RunController::stateChanged, this, &Monitor::sayEmpty);
    connect(&run_, &RunController::momentChanged, this, &Monitor::showMoment);
    connect(&document_, &PipelineDocument::checkedChanged, this, &Monitor::browse);
    connect(track_, &Track::changed, this, &Monitor::fill);
}

QLabel* Monitor::buildEmpty()
{
    auto* label = new QLabel(this);
    label->setAlignment(Qt::AlignCenter);
    label->setForegroundRole(QPalette::PlaceholderText);
    return label;
}

void Monitor::sayEmpty() { empty_->setText(run_.isRunning() ? tr("Rates, latency, state and memory are charted here from the first batch on.") : tr("Run the pipeline (F5): rates, latency, state and memory are charted here.")); }

QWidget* Monitor::buildBar()
{
    auto* bar = new QWidget(this);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(measure::kSmall, measure::kTiny, measure::kSmall, 0);
    span_ = new QComboBox(bar);
    span_->setAccessibleName(tr("Time shown"));
    const std::pair<QString, int> spans[] = {{tr("Last minute"), 60}, {tr("Last 5 minutes"), 300}, {tr("Last 15 minutes"), 900}, {tr("Last hour"), 3600}, {tr("Last day"), 86'400}, {tr("Last week"), 604'800}};
    for (const auto& [text, seconds] : spans) span_->addItem(text, seconds);
    span_->setCurrentIndex(1);
    connect(span_, &QComboBox::activated, this, [this] { board_->setSpan(span_->currentData().toDouble()); });
    auto* live = new QToolButton(bar);
    live->setText(tr("Live"));
    live->setToolTip(tr("Follow the newest batch again, in all docks"));
    live->setAutoRaise(true);
    connect(live, &QToolButton::clicked, this, [this] {
        run_.setMoment(Moment::live());
        board_->setSpan(board_->span());
    });
    compare_ = new QToolButton(bar);
    compare_->setText(tr("Compare with…"));
    compare_->setToolTip(tr("Lay an earlier run over this one, dotted"));
    compare_->setAutoRaise(true);
    connect(compare_, &QToolButton::clicked, this, &Monitor::askWhatToCompare);
    layout->addWidget(span_);
    layout->addWidget(live);
    layout->addWidget(compare_);
    layout->addStretch();
    layout->addWidget(buildSaveMenu(bar));
    return bar;
}

QToolButton* Monitor::buildSaveMenu(QWidget* bar)
{
    auto* save = new QToolButton(bar);
    save->setText(tr("Save or show as table"));
    save->setAutoRaise(true);
    save->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(save);
    menu->addAction(tr("Show as table"), this, [this] { showTable(); });
    menu->addAction(tr("Save as PNG…"), this, [this] { exportAs(QStringLiteral("png")); });
    menu->addAction(tr("Save as SVG…"), this, [this] { exportAs(QStringLiteral("svg")); });
    menu->addAction(tr("Save as CSV…"), this, [this] { exportAs(QStringLiteral("csv")); });
    save->setMenu(menu);
    return save;
}

// Those that run, in the order of the graph; sinks put out nothing.
MonitorNodes Monitor::nodesNow() const
{
    MonitorNodes nodes;
    if (track_->isEmpty()) return nodes;
    for (const NodeSummary& node : track_->points().back().nodes) {
        const NodeType* type = document_.typeOf(node.node);
        if (!(type && type->spec.group == Group::Sink)) nodes.busy.push_back(node.node);
        if (node.figures[nodeMetric("state_rows")].greatest > 0 || (type && type->spec.stateful)) nodes.stateful.push_back(node.node);
    }
    return nodes;
}

// Anew when other nodes run: a line a node.
void Monitor::buildBoard()
{
    const double span = board_ ? board_->span() : span_->currentData().toDouble();
    delete board_;
    charts_ = monitorCharts(nodes_);
    std::vector<ChartSpec> specs;
    for (const MonitorChart& chart : charts_) specs.push_back(chart.spec);
    board_ = new ChartBoard(std::move(specs));
    board_->setSpan(span);
    board_->setKeyKind(kind_);
    scroll_->setWidget(board_);
    connect(board_, &ChartBoard::clicked, this, &Monitor::momentAt);
    connect(board_, &ChartBoard::menuRequested, this, &Monitor::showChartMenu);
    connect(board_, &ChartBoard::seen, this, [this](double from, double until) {
        if (kind_ == KeyKind::Time) track_->see(from, until);
    });
    resizeEvent(nullptr);
}

// While nothing was started, the history of the document's checkpoint is shown.
void Monitor::browse()
{
    if (!isVisible() || run_.isRunning() || run_.snapshot().run) return;
    const auto& checkpoint = document_.checked()->settings.checkpoint;
    if (!checkpoint || browsed_ == checkpoint) return;
    browsed_ = checkpoint;
    run_.browse({.document = document_.document(), .folder = document_.folder()});
}

void Monitor::refresh()
{
    if (isVisible()) track_->refresh();
}

std::span<const BatchSummary> Monitor::shownPoints() const { return kind_ == KeyKind::Time ? std::span(track_->points()) : track_->newestRun(); }

void Monitor::fill()
{
    if (!isVisible()) return;
    const bool none = track_->isEmpty();
    empty_->setVisible(none);
    scroll_->setVisible(!none);
    waterfall_->setVisible(!none);
    if (auto nodes = nodesNow(); nodes != nodes_) {
        nodes_ = std::move(nodes);
        buildBoard();
    }
    const auto points = shownPoints();
    const std::vector<double> keys = keysOf(points, kind_), otherKeys = keysOf(track_->otherPoints(), kind_);
    for (size_t chart = 0; chart < charts_.size(); ++chart) fillChart(chart, points, keys, otherKeys);
    board_->replot();
    showMoment();
}

void Monitor::fillChart(size_t chart, std::span<const BatchSummary> points, const std::vector<double>& keys, const std::vector<double>& otherKeys)
{
    const Curve curve = curveOf(points, charts_[chart], keys);
    board_->setData(chart, curve.keys, curve.values);
    board_->setSpread(chart, curve.keys, curve.least, curve.greatest);
    if (kind_ == KeyKind::Time) {
        board_->setOverlay(chart, {}, {});
    } else {
        const Curve other = curveOf(track_->otherPoints(), charts_[chart], otherKeys);
        board_->setOverlay(chart, other.keys, other.values);
    }
    board_->setHeadline(chart, points.empty() || !charts_[chart].headline ? QString() : charts_[chart].headline(points.back()));
    setLevel(chart);
}

void Monitor::setLevel(size_t chart)
{
    const Settings& settings = document_.checked()->settings;
    const SnapshotPtr run = run_.snapshot().run;
    if (charts_[chart].level == MonitorChart::Level::Interval) {
        board_->setLevel(chart, settings.trigger == Trigger::Interval ? std::optional(static_cast<double>(settings.batchInterval.micros) * 1000) : std::nullopt, tr("interval"));
    } else if (charts_[chart].level == MonitorChart::Level::Budget) {
        board_->setLevel(chart, run && run->memoryLimit > 0 ? std::optional(static_cast<double>(run->memoryLimit)) : std::nullopt, tr("budget"));
    }
}

void Monitor::showMoment()
{
    const auto batch = run_.batchOf(run_.moment());
    waterfall_->show(batch, document_);
    const auto points = shownPoints();
    std::optional<double> key;
    if (!run_.moment().isLive()) {
        const auto at = std::ranges::lower_bound(points, *run_.moment().batch, {}, &BatchSummary::last);
        if (at != points.end()) key = keysOf(points, kind_)[static_cast<size_t>(at - points.begin())];
    }
    board_->mark(key);
}

// The batch whose point is nearest; of a point that sums up many, the first.
void Monitor::momentAt(double key)
{
    const auto points = shownPoints();
    if (points.empty()) return;
    const std::vector<double> keys = keysOf(points, kind_);
    const auto after = std::ranges::lower_bound(keys, key);
    auto at = static_cast<size_t>(std::min(after, keys.end() - 1) - keys.begin());
    if (at > 0 && key - keys[at - 1] < keys[at] - key) --at;
    run_.setMoment(Moment::ofBatch(points[at].first));
    Q_EMIT batchRequested(points[at].first);
}

void Monitor::askWhatToCompare()
{
    run_.session().runs(run_.call(this), [this](Result<std::vector<RecordedRun>> runs) { showCompareMenu(runs ? *runs : std::vector<RecordedRun>()); });
}

void Monitor::showCompareMenu(const std::vector<RecordedRun>& runs)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const std::string present = run_.snapshot().run ? run_.snapshot().run->run.runId : runs.empty() ? std::string() : runs.back().runId;
    size_t offered = 0;
    for (auto run = runs.rbegin(); run != runs.rend() && offered < kMostRuns; ++run) {
        if (run->runId == present) continue;
        ++offered;
        QMenu* kinds = menu->addMenu(tr("%1 · batches %2 to %3").arg(timeText(run->started), exactText(run->first), exactText(run->last)));
        kinds->addAction(tr("By elapsed time"), this, [this, run = *run] { compareWith(run, KeyKind::Elapsed); });
        kinds->addAction(tr("Batch by batch"), this, [this, run = *run] { compareWith(run, KeyKind::Number); });
    }
    if (offered == 0) menu->addAction(tr("The checkpoint's history holds no earlier run"))->setEnabled(false);
    if (track_->other()) {
        menu->addSeparator();
        menu->addAction(tr("Compare no more"), this, [this] { compareWith(std::nullopt); });
    }
    menu->popup(compare_->mapToGlobal(QPoint(0, compare_->height())));
}

void Monitor::compareWith(std::optional<RecordedRun> run, KeyKind kind)
{
    kind_ = run ? kind : KeyKind::Time;
    board_->setKeyKind(kind_);
    span_->setEnabled(!run);
    compare_->setText(run ? tr("Compared with %1").arg(timeText(run->started)) : tr("Compare with…"));
    // All of the newest run is seen beside it.
    if (run && !track_->isEmpty()) track_->see(0, static_cast<double>(track_->points().back().from.micros) / 1e6);
    track_->setOther(std::move(run));
    fill();
}

void Monitor::showChartMenu(size_t chart, const QPoint& at)
{
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(tr("Show “%1” as table").arg(board_->title(chart)), this, [this, chart] { showTable(chart); });
    menu->addAction(tr("Save “%1” as CSV…").arg(board_->title(chart)), this, [this, chart] { exportAs(QStringLiteral("csv"), chart); });
    menu->addSeparator();
    menu->addAction(tr("Save all as PNG…"), this, [this] { exportAs(QStringLiteral("png")); });
    menu->addAction(tr("Save all as SVG…"), this, [this] { exportAs(QStringLiteral("svg")); });
    menu->popup(at);
}

void Monitor::exportAs(const QString& kind, std::optional<size_t> chart)
{
    QString path = QFileDialog::getSaveFileName(this, tr("Save the charts"), QStringLiteral("monitor.") + kind, QStringLiteral("*.%1").arg(kind));
    if (path.isEmpty()) return;
    if (!path.endsWith(QLatin1Char('.') + kind, Qt::CaseInsensitive)) path += QLatin1Char('.') + kind;
    QFile file(path);
    bool done = false;
    if (kind != QStringLiteral("csv")) {
        done = board_->savePicture(path);
    } else if (file.open(QFile::WriteOnly | QFile::Truncate)) {
        const QByteArray text = board_->asCsv(chart).toUtf8();
        done = file.write(text) == text.size() && file.flush();
    }
    if (!done) QMessageBox::warning(this, tr("Save the charts"), tr("%1 cannot be written. Choose a folder that you may write to.").arg(path));
}

void Monitor::showTable(std::optional<size_t> chart)
{
    auto* window = new QDialog(this);
    window->setAttribute(Qt::WA_DeleteOnClose);
    window->setWindowTitle(chart ? board_->title(*chart) : tr("The charts as a table"));
    auto* layout = new QVBoxLayout(window);
    auto* table = new QTableView(window);
    QAbstractItemModel* model = board_->asTable(chart).release();
    model->setParent(table);
    table->setModel(model);
    table->setAccessibleName(window->windowTitle());
    table->verticalHeader()->hide();
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    // The newest is what one looks for.
    table->scrollToBottom();
    layout->addWidget(table);
    window->resize(chart ? 480 : 900, 500);
    window->show();
}

void Monitor::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    browse();
    refresh();
}

void Monitor::resizeEvent(QResizeEvent* event)
{
    if (event) QWidget::resizeEvent(event);
    const int across = width() >= kWideEnough ? 3 : width() >= kWideEnough / 2 ? 2 : 1;
    board_->setColumns(across);
    // In a low dock one row is seen whole.
    const int room = height() - waterfall_->sizeHint().height() - span_->parentWidget()->sizeHint().height();
    board_->setMinimumHeight(std::clamp(room, kLeastRowHeight, kRowHeight) * ((static_cast<int>(charts_.size()) + across - 1) / across));
}

}
