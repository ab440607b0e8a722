#include "app/designer/socket_notice.h"

#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QPushButton>

namespace streamwright {

namespace {

constexpr std::string_view kSocket = "source.socket";

}

SocketNotice::SocketNotice(PipelineDocument& document, RunController& run, QWidget* parent) : QWidget(parent), document_(document), run_(run), text_(new QLabel(this)), button_(new QPushButton(this))
{
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(measure::kMedium, measure::kTiny, measure::kMedium, measure::kTiny);
    row->setSpacing(measure::kMedium);
    text_->setTextFormat(Qt::PlainText);
    text_->setWordWrap(true);
    text_->setAccessibleDescription(tr("What the run waits for"));
    row->addWidget(text_, 1);
    row->addWidget(button_);
    connect(button_, &QPushButton::clicked, this, &SocketNotice::press);
    connect(&feed_, &DemoFeed::changed, this, &SocketNotice::refresh);
    connect(&run_, &RunController::snapshotChanged, this, &SocketNotice::refresh);
    connect(&run_, &RunController::stateChanged, this, [this] {
        // What it fed has ended.
        if (!run_.isRunning()) feed_.stop();
        refresh();
    });
    hide();
}

std::optional<SocketNotice::Unanswered> SocketNotice::unanswered() const
{
    const SnapshotPtr run = run_.snapshot().run;
    if (!run_.isRunning() || !run || !run->last) return std::nullopt;
    for (const SourceProgress& source : run->last->sources) {
        const NodeType* type = document_.typeOf(source.node);
        if (source.status.empty() || !type || type->spec.type != kSocket) continue;
        Unanswered found{source.node, QString::fromStdString(source.status), {}, 0};
        const auto checked = document_.checked();
        const auto planned = std::ranges::find(checked->nodes, source.node, &PlannedNode::id);
        const Json* host = planned == checked->nodes.end() ? nullptr : planned->options.find("host");
        const Json* port = planned == checked->nodes.end() ? nullptr : planned->options.find("port");
        found.host = host && host->isString() ? QString::fromStdString(host->asString()) : QStringLiteral("localhost");
        if (port) found.port = static_cast<uint16_t>(port->asInteger().value_or(0));
        return found;
    }
    return std::nullopt;
}

void SocketNotice::refresh()
{
    shown_ = unanswered();
    const bool fed = feed_.isOn() && fed_;
    setVisible(fed || shown_);
    if (fed) {
        text_->setText(tr("Demo lines go to %1 in the place of %2:%3: %4 so far").arg(QString::fromStdString(fed_->node.name), fed_->host).arg(fed_->port).arg(exactText(feed_.lines())));
        button_->setText(tr("Stop the demo lines"));
        button_->show();
    } else if (shown_) {
        text_->setText(QStringLiteral("%1: %2").arg(QString::fromStdString(shown_->node.name), shown_->status));
        button_->setText(tr("Feed demo lines here"));
        button_->setToolTip(tr("This window listens on %1:%2 and sends a few lines a second").arg(shown_->host).arg(shown_->port));
        button_->setVisible(shown_->port > 0 && DemoFeed::canStandInFor(shown_->host));
    }
}

void SocketNotice::press()
{
    if (feed_.isOn()) return feed_.stop();
    if (!shown_) return;
    fed_ = shown_;
    if (auto done = feed_.start(fed_->host, fed_->port); !done) text_->setText(tr("Nothing can listen on %1:%2: %3").arg(fed_->host).arg(fed_->port).arg(engineText(done.error().message)));
}

}
