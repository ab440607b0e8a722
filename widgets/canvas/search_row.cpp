#include "widgets/canvas/search_row.h"

#include "widgets/theme/theme.h"

namespace streamwright {

void SearchRow::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const Theme& theme = Theme::current();
    const bool current = option.state.testFlag(QStyle::State_Selected);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (current) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(theme.selection);
        painter->drawRoundedRect(option.rect, measure::kFieldRadius, measure::kFieldRadius);
    }
    index.data(Qt::DecorationRole).value<QIcon>().paint(painter, QRect(option.rect.left() + 8, option.rect.top() + 10, 18, 18));
    const QRect words = option.rect.adjusted(36, 3, -8, -3);
    painter->setPen(theme.text);
    painter->setFont(font(TextRole::Body));
    painter->drawText(QRect(words.left(), words.top(), words.width(), 16), Qt::AlignLeft | Qt::AlignVCenter, index.data().toString());
    painter->setFont(font(TextRole::Secondary));
    // On the selection's fill text, never secondary: its contrast is too low there.
    if (!current) painter->setPen(theme.secondary);
    painter->drawText(QRect(words.left(), words.top() + 16, words.width(), 16), Qt::AlignLeft | Qt::AlignVCenter, painter->fontMetrics().elidedText(index.data(Summary).toString(), Qt::ElideRight, words.width()));
    painter->restore();
}

}
