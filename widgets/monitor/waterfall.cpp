#include "widgets/monitor/waterfall.h"

#include "widgets/theme/theme.h"

#include <QHelpEvent>
#include <QToolTip>

namespace streamwright {

namespace {

constexpr int kHead = 20, kBar = 18;
constexpr double kGap = 1.5;

}

WaterfallBar::WaterfallBar(QWidget* parent) : QWidget(parent)
{
    setAccessibleName(tr("Where the time of a batch went"));
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, qOverload<>(&QWidget::update));
}

void WaterfallBar::show(std::shared_ptr<const BatchProgress> batch, const PipelineDocument& document)
{
    batch_ = std::move(batch);
    parts_ = batch_ ? partsOf(*batch_, document) : std::vector<BatchPart>();
    QStringList texts;
    for (const BatchPart& part : parts_) texts += QStringLiteral("%1 %2").arg(part.name, durationText(part.nanos));
    setAccessibleDescription(texts.join(QStringLiteral(", ")));
    update();
}

QRectF WaterfallBar::bar() const { return QRectF(measure::kSmall, kHead, width() - 2 * measure::kSmall, kBar); }

void WaterfallBar::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.fillRect(rect(), theme.dock);
    painter.setFont(streamwright::font(TextRole::Body));
    painter.setPen(theme.text);
    const QRectF head(measure::kSmall, 0, width() - 2 * measure::kSmall, kHead);
    if (!batch_) {
        painter.setPen(theme.secondary);
        painter.drawText(head, Qt::AlignVCenter, tr("Where the time of a batch goes is shown here."));
        return;
    }
    painter.drawText(head, Qt::AlignVCenter, tr("Batch %1").arg(exactText(batch_->number)));
    painter.drawText(head, Qt::AlignVCenter | Qt::AlignRight, durationText(latencyOf(*batch_)));
    paintParts(painter);
    paintLegend(painter);
}

void WaterfallBar::paintParts(QPainter& painter) const
{
    const auto whole = static_cast<double>(std::max<int64_t>(1, latencyOf(*batch_)));
    double x = bar().left();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    for (const BatchPart& part : parts_) {
        const double width = bar().width() * static_cast<double>(part.nanos) / whole;
        painter.setBrush(part.color(Theme::current()));
        if (width > 0.4) painter.drawRoundedRect(QRectF(x, bar().top(), std::max(0.5, width - kGap), bar().height()), 2, 2);
        x += width;
    }
}

// The greatest parts, as many as find room, in the order of the batch.
void WaterfallBar::paintLegend(QPainter& painter) const
{
    painter.setFont(streamwright::font(TextRole::Secondary));
    const QFontMetricsF metrics(painter.font());
    std::vector<const BatchPart*> order;
    for (const BatchPart& part : parts_) order.push_back(&part);
    std::ranges::sort(order, std::greater(), &BatchPart::nanos);
    const auto text = [](const BatchPart& part) { return QStringLiteral("%1 %2").arg(part.name, durationText(part.nanos)); };
    double room = bar().width();
    size_t fit = 0;
    while (fit < order.size() && (room -= metrics.horizontalAdvance(text(*order[fit])) + 24) > 0) ++fit;
    order.resize(fit);
    std::ranges::sort(order);
    double x = bar().left();
    const double middle = bar().bottom() + 16;
    for (const BatchPart* part : order) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(part->color(Theme::current()));
        painter.drawEllipse(QPointF(x + 4, middle - 4), 3.5, 3.5);
        painter.setPen(Theme::current().secondary);
        painter.drawText(QPointF(x + 12, middle), text(*part));
        x += metrics.horizontalAdvance(text(*part)) + 24;
    }
}

bool WaterfallBar::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip || !batch_) return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const auto whole = static_cast<double>(std::max<int64_t>(1, latencyOf(*batch_)));
    double x = bar().left();
    for (const BatchPart& part : parts_) {
        x += bar().width() * static_cast<double>(part.nanos) / whole;
        if (help->pos().x() >= x) continue;
        QToolTip::showText(help->globalPos(), tr("%1: %2, %3 of the batch\n%4").arg(part.name, durationText(part.nanos), shareText(static_cast<double>(part.nanos) / whole), part.help), this);
        return true;
    }
    QToolTip::hideText();
    return true;
}

}
