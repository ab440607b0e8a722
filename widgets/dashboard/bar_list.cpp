#include "widgets/dashboard/bar_list.h"

#include "widgets/theme/figures.h"
#include "widgets/theme/theme.h"

#include <QPaintEvent>

#include <cmath>

namespace streamwright {

namespace {

constexpr int kRow = 24, kBarHeight = 14;
constexpr double kNameShare = 0.35, kWidestName = 220;

}

void BarList::setBars(std::vector<Bar> bars)
{
    if (bars == bars_) return;
    const bool resized = bars.size() != bars_.size();
    bars_ = std::move(bars);
    QStringList texts;
    for (const Bar& bar : bars_) texts += QStringLiteral("%1 %2").arg(bar.name, bar.text);
    setAccessibleDescription(texts.join(QStringLiteral(", ")));
    if (resized) updateGeometry();
    update();
}

QSize BarList::sizeHint() const { return {320, static_cast<int>(bars_.size()) * kRow + measure::kSmall}; }

// From zero, to the right or, below zero, to the left.
void BarList::paintEvent(QPaintEvent* event)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.fillRect(event->rect(), theme.dock);
    const QFontMetricsF metrics(streamwright::font(TextRole::Body));
    double least = 0, greatest = 0, name = 0, figure = 0;
    for (const Bar& bar : bars_) {
        if (std::isfinite(bar.value)) least = std::min(least, bar.value), greatest = std::max(greatest, bar.value);
        name = std::max(name, metrics.horizontalAdvance(bar.name));
        figure = std::max(figure, metrics.horizontalAdvance(bar.text));
    }
    name = std::min({name, kWidestName, width() * kNameShare});
    const double left = measure::kSmall + name + measure::kSmall;
    const double room = std::max(20.0, width() - left - figure - 2 * measure::kSmall);
    const double scale = greatest > least ? room / (greatest - least) : 0;
    const double zero = left - least * scale;
    painter.setRenderHint(QPainter::Antialiasing);
    const int first = std::max(0, event->rect().top() / kRow), last = std::min(static_cast<int>(bars_.size()) - 1, event->rect().bottom() / kRow);
    for (int row = first; row <= last; ++row) {
        const Bar& bar = bars_[static_cast<size_t>(row)];
        const double top = measure::kTiny + row * kRow;
        painter.setPen(theme.text);
        painter.setFont(streamwright::font(TextRole::Body));
        painter.drawText(QRectF(measure::kSmall, top, name, kRow), Qt::AlignVCenter | Qt::AlignRight, metrics.elidedText(bar.name, Qt::ElideRight, name));
        const double length = std::isfinite(bar.value) ? bar.value * scale : 0;
        painter.setPen(Qt::NoPen);
        painter.setBrush(theme.accent);
        if (length != 0) painter.drawRoundedRect(QRectF(std::min(zero, zero + length), top + (kRow - kBarHeight) / 2.0, std::max(1.0, std::abs(length)), kBarHeight), 2, 2);
        painter.setPen(theme.secondary);
        paintFigure(painter, QRectF(std::max(zero, zero + length) + measure::kTiny, top, figure + measure::kSmall, kRow), Qt::AlignVCenter | Qt::AlignLeft, bar.text, streamwright::font(TextRole::Body));
    }
}

}
