#include "widgets/dashboard/dashboard.h"

#include "widgets/dashboard/live_tile.h"
#include "widgets/theme/theme.h"

#include <QGridLayout>
#include <QScrollArea>

namespace streamwright {

namespace {

constexpr int kRefreshMilliseconds = 250, kTileWidth = 380;

}

Dashboard::Dashboard(PipelineDocument& document, RunController& run, QWidget* parent) : QWidget(parent), document_(document), run_(run)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    empty_ = new QLabel(tr("Add a sink of the type chart, table or console: what reaches it is shown here while the pipeline runs."), this);
    empty_->setAlignment(Qt::AlignCenter);
    empty_->setWordWrap(true);
    empty_->setForegroundRole(QPalette::PlaceholderText);
    scroll_ = new QScrollArea(this);
    scroll_->setWidgetResizable(true);
    scroll_->setFrameShape(QFrame::NoFrame);
    board_ = new QWidget;
    grid_ = new QGridLayout(board_);
    grid_->setContentsMargins(measure::kSmall, measure::kSmall, measure::kSmall, measure::kSmall);
    grid_->setSpacing(measure::kSmall);
    scroll_->setWidget(board_);
    layout->addWidget(empty_, 1);
    layout->addWidget(scroll_, 1);
    slow_ = new QTimer(this);
    slow_->setSingleShot(true);
    slow_->setInterval(kRefreshMilliseconds);
    connect(slow_, &QTimer::timeout, this, &Dashboard::refresh);
    const auto soon = [this] {
        if (isVisible() && !slow_->isActive()) slow_->start();
    };
    connect(&run_, &RunController::batchesChanged, this, soon);
    connect(&run_, &RunController::momentChanged, this, soon);
    connect(&run_, &RunController::stateChanged, this, soon);
    connect(&document_, &PipelineDocument::checkedChanged, this, [this] {
        build();
        refresh();
    });
    build();
}

// A tile for each live sink of the document, in its order.
void Dashboard::build()
{
    std::vector<const Node*> sinks;
    for (const Node& node : document_.document().nodes) {
        const NodeType* type = document_.typeOf(node.id);
        if (type && type->spec.live && !node.disabled) sinks.push_back(&node);
    }
    const bool same = std::ranges::equal(sinks, tiles_, {}, [](const Node* node) { return node->id; }, [](const LiveTile* tile) { return tile->node(); });
    if (!same) {
        for (LiveTile* tile : tiles_) tile->deleteLater();
        tiles_.clear();
        for (const Node* sink : sinks) tiles_.push_back(new LiveTile(sink->id, board_));
        arrange();
    }
    for (size_t i = 0; i < sinks.size(); ++i) tiles_[i]->setTitle(QString::fromStdString(sinks[i]->title.empty() ? sinks[i]->id.name : sinks[i]->title));
    empty_->setVisible(tiles_.empty());
    scroll_->setVisible(!tiles_.empty());
}

void Dashboard::arrange()
{
    const int across = std::clamp(width() / kTileWidth, 1, std::max(1, static_cast<int>(tiles_.size())));
    for (size_t i = 0; i < tiles_.size(); ++i) {
        grid_->removeWidget(tiles_[i]);
        grid_->addWidget(tiles_[i], static_cast<int>(i) / across, static_cast<int>(i) % across);
    }
    for (int column = 0; column < grid_->columnCount(); ++column) grid_->setColumnStretch(column, column < across ? 1 : 0);
}

void Dashboard::refresh()
{
    if (!isVisible() || asking_ > 0) return;
    for (LiveTile* tile : tiles_) ask(*tile);
}

void Dashboard::ask(LiveTile& tile)
{
    if (!run_.snapshot().run) return tile.showNote(tr("run the pipeline (F5)"));
    ++asking_;
    run_.session().live({.node = tile.node(), .moment = run_.moment()}, run_.call(this), [this, to = QPointer(&tile)](Result<LivePage> page) {
        --asking_;
        if (!to) return;
        if (page) to->show(std::move(*page));
        else to->showNote(tr("not part of what runs"));
    });
}

void Dashboard::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

void Dashboard::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

}
