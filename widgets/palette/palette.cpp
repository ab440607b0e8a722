#include "widgets/palette/palette.h"

#include "widgets/theme/theme.h"
#include "widgets/theme/theme_host.h"

#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>

namespace streamwright {

namespace {

constexpr int kRowHeight = 25, kTitleHeight = 30, kIconSize = 18;

// Titles of groups small and in capitals, types with the icon of their kind.
class PaletteDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const override { return {120, isTitle(index) ? kTitleHeight : kRowHeight}; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        painter->save();
        if (isTitle(index)) paintTitle(painter, option.rect, index);
        else paintType(painter, option, index);
        painter->restore();
    }

private:
    static bool isTitle(const QModelIndex& index) { return index.data(PaletteModel::TypeRole).toString().isEmpty(); }

    static void paintTitle(QPainter* painter, const QRect& rect, const QModelIndex& index)
    {
        QFont small = font(TextRole::Secondary);
        small.setWeight(QFont::DemiBold);
        small.setCapitalization(QFont::AllUppercase);
        small.setLetterSpacing(QFont::AbsoluteSpacing, 0.4);
        painter->setFont(small);
        painter->setPen(Theme::current().secondary);
        painter->drawText(rect.adjusted(measure::kMedium, measure::kSmall, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, index.data().toString());
    }

    static void paintType(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index)
    {
        const Theme& theme = Theme::current();
        const QRect area = option.rect.adjusted(measure::kTiny, 1, -measure::kTiny, -1);
        painter->setRenderHint(QPainter::Antialiasing);
        const bool selected = option.state & QStyle::State_Selected;
        if (selected || (option.state & QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(selected ? theme.selection : theme.raised);
            painter->drawRoundedRect(area, measure::kFieldRadius, measure::kFieldRadius);
        }
        if (selected && (option.state & QStyle::State_HasFocus)) {
            painter->setPen(QPen(theme.text, 2));
            painter->setBrush(Qt::NoBrush);
            painter->drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), measure::kFieldRadius, measure::kFieldRadius);
        }
        const QRect icon(area.left() + measure::kSmall, area.center().y() - kIconSize / 2 + 1, kIconSize, kIconSize);
        index.data(Qt::DecorationRole).value<QIcon>().paint(painter, icon);
        painter->setFont(font(TextRole::Body));
        painter->setPen(theme.text);
        const QRect text = area.adjusted(measure::kSmall + kIconSize + measure::kSmall, 0, -measure::kTiny, 0);
        painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter, painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, text.width()));
    }
};

}

Palette::Palette(const Catalog& catalog, QWidget* parent) : QWidget(parent), model_(catalog)
{
    buildSearch();
    buildList();
    empty_.setText(tr("No node type fits. Esc shows all of them."));
    empty_.setWordWrap(true);
    empty_.setMargin(measure::kMedium);
    empty_.setAlignment(Qt::AlignTop);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(measure::kSmall, measure::kSmall, measure::kSmall, 0);
    column->setSpacing(measure::kTiny);
    column->addWidget(&search_);
    column->addWidget(&list_, 1);
    column->addWidget(&empty_, 1);
    setMinimumWidth(180);
    setFocusProxy(&search_);
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, [this] { list_.viewport()->update(); });
    showMatches({});
}

void Palette::buildSearch()
{
    search_.setPlaceholderText(tr("Search nodes"));
    search_.setAccessibleName(tr("Search nodes"));
    search_.setClearButtonEnabled(true);
    search_.installEventFilter(this);
    connect(&search_, &QLineEdit::textChanged, this, &Palette::showMatches);
}

void Palette::buildList()
{
    list_.setModel(&model_);
    list_.setItemDelegate(new PaletteDelegate(&list_));
    list_.setAccessibleName(tr("Node types"));
    list_.setFrameShape(QFrame::NoFrame);
    list_.setDragEnabled(true);
    list_.setDragDropMode(QAbstractItemView::DragOnly);
    list_.setSelectionMode(QAbstractItemView::SingleSelection);
    list_.setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_.setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    list_.setMouseTracking(true);
    list_.viewport()->setAutoFillBackground(false);
    list_.installEventFilter(this);
    connect(&list_, &QListView::doubleClicked, this, &Palette::request);
}

void Palette::focusSearch()
{
    search_.setFocus(Qt::ShortcutFocusReason);
    search_.selectAll();
}

void Palette::showMatches(const QString& search)
{
    model_.setSearch(search);
    const int best = model_.bestRow();
    list_.setVisible(best >= 0);
    empty_.setVisible(best < 0);
    if (best >= 0 && !search.isEmpty()) list_.setCurrentIndex(model_.index(best));
}

void Palette::request(const QModelIndex& index)
{
    const QString type = index.data(PaletteModel::TypeRole).toString();
    if (!type.isEmpty()) Q_EMIT addRequested(type);
}

bool Palette::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    const auto* press = static_cast<QKeyEvent*>(event);
    if (watched == &search_) return searchKey(press->key());
    return watched == &list_ && listKey(press->text(), press->key());
}

bool Palette::searchKey(int key)
{
    switch (key) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (const QModelIndex index = list_.currentIndex(); index.isValid()) request(index);
        return true;
    case Qt::Key_Down:
        if (!list_.currentIndex().isValid()) list_.setCurrentIndex(model_.index(model_.bestRow()));
        list_.setFocus(Qt::TabFocusReason);
        return true;
    case Qt::Key_Escape:
        // Without a search Esc is for who holds the palette.
        if (search_.text().isEmpty()) return false;
        search_.clear();
        return true;
    default: return false;
    }
}

bool Palette::listKey(const QString& text, int key)
{
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
        request(list_.currentIndex());
        return true;
    }
    if (key == Qt::Key_Escape && !search_.text().isEmpty()) {
        search_.clear();
        return true;
    }
    if (text.isEmpty() || !text[0].isPrint() || text[0].isSpace()) return false;
    search_.setFocus(Qt::OtherFocusReason);
    search_.setText(search_.text() + text);
    return true;
}

}
