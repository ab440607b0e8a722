#include "widgets/monitor/monitor.h"

#include "widgets/monitor/waterfall.h"
#include "widgets/theme/theme.h"

#include <QDialog>
#include <QFileDialog>
#include <QHeaderView>
#include <QMenu>
#include <QTableView>
#include <QToolButton>

namespace streamwright {

namespace {

// More lines in one chart cannot be told apart.
constexpr size_t kLines = 6;
// Below this a scale of whole numbers would repeat its figures.
constexpr double kLeastCount = 4;
constexpr int kRowHeight = 120, kWideEnough = 900;

enum ChartIndex : size_t { Input, Latency, StateRows, Throughput, Processing, Memory, Charts };

QColor accent(const Theme& theme) { return theme.accent; }
QColor processing(const Theme& theme) { return theme.window; }

using Color = QColor (*)(const Theme&);
constexpr Color kLineColors[kLines] = {
    [](const Theme& theme) { return theme.accent; }, [](const Theme& theme) { return theme.source; }, [](const Theme& theme) { return theme.window; },
    [](const Theme& theme) { return theme.state; }, [](const Theme& theme) { return theme.sink; }, [](const Theme& theme) { return theme.transform; },
};

QString nanos(double value) { return durationText(static_cast<int64_t>(value)); }
QString bytes(double value) { return bytesText(static_cast<int64_t>(value)); }

std::vector<SeriesSpec> linesOf(const std::vector<NodeId>& nodes)
{
    std::vector<SeriesSpec> lines;
    for (size_t i = 0; i < nodes.size(); ++i) lines.push_back({QString::fromStdString(nodes[i].name), kLineColors[i]});
    return lines;
}

std::vector<std::vector<double>> columns(size_t series, size_t points) { return std::vector(series, std::vector<double>(points, 0)); }

}

Monitor::Monitor(PipelineDocument& document, RunController& run, QWidget* parent) : QWidget(parent), document_(document), run_(run)
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
    connect(&run_, &RunController::batchesChanged, this, &Monitor::refresh);
    connect(&run_, &RunController::momentChanged, this, &Monitor::showMoment);
}

QLabel* Monitor::buildEmpty()
{
    auto* label = new QLabel(tr("Run the pipeline (F5): rates, latency, state and memory are charted here."), this);
    label->setAlignment(Qt::AlignCenter);
    label->setForegroundRole(QPalette::PlaceholderText);
    return label;
}

QWidget* Monitor::buildBar()
{
    auto* bar = new QWidget(this);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(measure::kSmall, measure::kTiny, measure::kSmall, 0);
    span_ = new QComboBox(bar);
    span_->setAccessibleName(tr("Time shown"));
    span_->addItem(tr("Last minute"), 60);
    span_->addItem(tr("Last 5 minutes"), 300);
    span_->addItem(tr("Last 15 minutes"), 900);
    span_->addItem(tr("Last hour"), 3600);
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
    auto* save = new QToolButton(bar);
    save->setText(tr("Save or show as table"));
    save->setAutoRaise(true);
    save->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(save);
    menu->addAction(tr("Show as table"), this, &Monitor::showTable);
    menu->addAction(tr("Save as PNG…"), this, [this] { exportAs(QStringLiteral("png")); });
    menu->addAction(tr("Save as SVG…"), this, [this] { exportAs(QStringLiteral("svg")); });
    menu->addAction(tr("Save as CSV…"), this, [this] { exportAs(QStringLiteral("csv")); });
    save->setMenu(menu);
    layout->addWidget(span_);
    layout->addWidget(live);
    layout->addStretch();
    layout->addWidget(save);
    return bar;
}

// Those that run, the busiest first to be kept; all stateful ones, or all.
std::vector<NodeId> Monitor::nodesNow(bool withState) const
{
    if (run_.batches().empty()) return {};
    std::vector<NodeId> nodes;
    for (const NodeProgress& node : run_.batches().back()->nodes) {
        const NodeType* type = document_.typeOf(node.node);
        if (withState ? (node.stateRows > 0 || (type && type->spec.stateful)) : !(type && type->spec.group == Group::Sink)) nodes.push_back(node.node);
    }
    if (nodes.size() > kLines) nodes.resize(kLines);
    return nodes;
}

// Anew when other nodes run: a line a node.
void Monitor::buildBoard()
{
    const double span = board_ ? board_->span() : span_->currentData().toDouble();
    delete board_;
    std::vector<ChartSpec> charts(Charts);
    charts[Input] = {tr("Input rate"), tr("rows/s"), {{tr("in"), accent}}, countText, kLeastCount};
    charts[Processing] = {tr("Processing rate"), tr("rows/s"), {{tr("processed"), accent}}, countText, kLeastCount};
    charts[Latency] = {tr("Batch latency"), QString(), {{tr("processing"), accent}, {tr("waiting"), processing, true}}, nanos, 0, true};
    charts[StateRows] = {tr("State"), tr("keys"), stateful_.empty() ? std::vector<SeriesSpec>{{tr("state"), [](const Theme& theme) { return theme.state; }}} : linesOf(stateful_), countText, kLeastCount};
    charts[Throughput] = {tr("Throughput of nodes"), tr("rows/s"), nodes_.empty() ? std::vector<SeriesSpec>{{tr("rows"), accent}} : linesOf(nodes_), countText, kLeastCount};
    charts[Memory] = {tr("Memory"), QString(), {{tr("used"), accent}, {tr("state"), [](const Theme& theme) { return theme.state; }}}, bytes};
    board_ = new ChartBoard(std::move(charts));
    board_->setSpan(span);
    scroll_->setWidget(board_);
    connect(board_, &ChartBoard::clicked, this, &Monitor::momentAt);
    resizeEvent(nullptr);
}

void Monitor::refresh()
{
    if (!isVisible()) return;
    empty_->setVisible(run_.batches().empty());
    scroll_->setVisible(!run_.batches().empty());
    waterfall_->setVisible(!run_.batches().empty());
    if (auto nodes = nodesNow(false), stateful = nodesNow(true); nodes != nodes_ || stateful != stateful_) {
        nodes_ = std::move(nodes);
        stateful_ = std::move(stateful);
        buildBoard();
    }
    keys_.clear();
    for (const auto& batch : run_.batches()) keys_.push_back(static_cast<double>(batch->started.micros) / 1e6);
    fillRates();
    fillLatency();
    fillNodes();
    fillMemory();
    board_->replot();
    showMoment();
}

void Monitor::fillRates()
{
    auto input = columns(1, keys_.size());
    auto processed = columns(1, keys_.size());
    for (size_t i = 0; i < keys_.size(); ++i) {
        input[0][i] = run_.batches()[i]->inputRowsPerSecond;
        processed[0][i] = run_.batches()[i]->processedRowsPerSecond;
    }
    board_->setData(Input, keys_, input);
    board_->setData(Processing, keys_, processed);
    board_->setHeadline(Input, keys_.empty() ? QString() : countText(input[0].back()));
    board_->setHeadline(Processing, keys_.empty() ? QString() : countText(processed[0].back()));
}

void Monitor::fillLatency()
{
    auto values = columns(2, keys_.size());
    for (size_t i = 0; i < keys_.size(); ++i) {
        values[0][i] = static_cast<double>(run_.batches()[i]->time.total);
        values[1][i] = static_cast<double>(run_.batches()[i]->time.wait);
    }
    board_->setData(Latency, keys_, values);
    const Duration interval = document_.checked()->settings.batchInterval;
    const bool ticks = document_.checked()->settings.trigger == Trigger::Interval;
    board_->setLevel(Latency, ticks ? std::optional(static_cast<double>(interval.micros) * 1000) : std::nullopt, tr("interval"));
    if (!keys_.empty()) board_->setHeadline(Latency, tr("%1 + %2 waiting").arg(nanos(values[0].back()), nanos(values[1].back())));
}

void Monitor::fillNodes()
{
    auto state = columns(std::max<size_t>(1, stateful_.size()), keys_.size());
    auto rows = columns(std::max<size_t>(1, nodes_.size()), keys_.size());
    double keys = 0;
    for (size_t i = 0; i < keys_.size(); ++i) {
        const BatchProgress& batch = *run_.batches()[i];
        const double seconds = std::max(1e-6, i > 0 ? keys_[i] - keys_[i - 1] : document_.checked()->settings.batchInterval.seconds());
        keys = 0;
        for (const NodeProgress& node : batch.nodes) {
            const auto at = std::ranges::find(nodes_, node.node);
            if (at != nodes_.end()) rows[static_cast<size_t>(at - nodes_.begin())][i] = static_cast<double>(node.rowsOut) / seconds;
            const auto kept = std::ranges::find(stateful_, node.node);
            if (kept != stateful_.end()) state[static_cast<size_t>(kept - stateful_.begin())][i] = static_cast<double>(node.stateRows);
            keys += static_cast<double>(node.stateRows);
        }
    }
    board_->setData(StateRows, keys_, state);
    board_->setData(Throughput, keys_, rows);
    board_->setHeadline(StateRows, keys_.empty() ? QString() : countText(keys));
}

void Monitor::fillMemory()
{
    auto values = columns(2, keys_.size());
    for (size_t i = 0; i < keys_.size(); ++i) {
        const BatchProgress& batch = *run_.batches()[i];
        values[0][i] = static_cast<double>(batch.memoryUsed);
        for (const NodeProgress& node : batch.nodes) values[1][i] += static_cast<double>(node.stateBytes);
    }
    board_->setData(Memory, keys_, values);
    const SnapshotPtr run = run_.snapshot().run;
    if (run && !keys_.empty()) board_->setHeadline(Memory, tr("%1 of %2").arg(bytesText(run->memoryUsed), bytesText(run->memoryLimit)));
}

void Monitor::showMoment()
{
    const Moment moment = run_.moment();
    const auto batch = moment.isLive() ? (run_.batches().empty() ? nullptr : run_.batches().back()) : run_.batch(*moment.batch);
    waterfall_->show(batch, document_);
    board_->mark(moment.isLive() || !batch ? std::nullopt : std::optional(static_cast<double>(batch->started.micros) / 1e6));
}

// The batch whose point is nearest.
void Monitor::momentAt(double key)
{
    if (keys_.empty()) return;
    const auto after = std::ranges::lower_bound(keys_, key);
    auto at = static_cast<size_t>(std::min(after, keys_.end() - 1) - keys_.begin());
    if (at > 0 && key - keys_[at - 1] < keys_[at] - key) --at;
    run_.setMoment(Moment::ofBatch(run_.batches()[at]->number));
    Q_EMIT batchRequested(run_.batches()[at]->number);
}

void Monitor::exportAs(const QString& kind)
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the charts"), QStringLiteral("monitor.") + kind);
    if (path.isEmpty()) return;
    if (kind != QStringLiteral("csv")) {
        board_->savePicture(path);
        return;
    }
    QFile file(path);
    if (file.open(QFile::WriteOnly)) file.write(board_->asCsv().toUtf8());
}

void Monitor::showTable()
{
    auto* window = new QDialog(this);
    window->setAttribute(Qt::WA_DeleteOnClose);
    window->setWindowTitle(tr("The charts as a table"));
    auto* layout = new QVBoxLayout(window);
    auto* table = new QTableView(window);
    QAbstractItemModel* model = board_->asTable().release();
    model->setParent(table);
    table->setModel(model);
    table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    layout->addWidget(table);
    window->resize(900, 500);
    window->show();
}

void Monitor::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

void Monitor::resizeEvent(QResizeEvent* event)
{
    if (event) QWidget::resizeEvent(event);
    const int across = width() >= kWideEnough ? 3 : width() >= kWideEnough / 2 ? 2 : 1;
    board_->setColumns(across);
    board_->setMinimumHeight(kRowHeight * ((static_cast<int>(Charts) + across - 1) / across));
}

}
