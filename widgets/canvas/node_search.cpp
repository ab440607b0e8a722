#include "widgets/canvas/node_search.h"

#include "widgets/canvas/search_row.h"
#include "widgets/canvas/summary.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>

namespace streamwright {

namespace {

constexpr int kWidth = 320, kMostRows = 8;

// 0 best: the title begins so, a word of it does, it holds it, the summary holds it; -1: not at all.
int rankOf(const NodeSearch::Choice& choice, const QString& wanted)
{
    if (wanted.isEmpty()) return 0;
    const QString title = choice.title.toLower();
    const QString type = choice.type ? QString::fromStdString(choice.type->spec.type).replace(QLatin1Char('_'), QLatin1Char(' ')) : QString();
    if (title.startsWith(wanted)) return 0;
    if (title.contains(QLatin1Char(' ') + wanted)) return 1;
    if (title.contains(wanted) || type.contains(wanted)) return 2;
    return choice.summary.toLower().contains(wanted) ? 3 : -1;
}

}

NodeSearch::NodeSearch(const Catalog& catalog, QWidget* parent) : QFrame(parent), catalog_(catalog), field_(new QLineEdit(this)), list_(new QListWidget(this)), nothing_(new QLabel(tr("No node fits. Try another word."), this))
{
    setFixedWidth(kWidth);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(measure::kSmall, measure::kSmall, measure::kSmall, measure::kSmall);
    column->setSpacing(measure::kSmall);
    for (QWidget* part : std::initializer_list<QWidget*>{field_, list_, nothing_}) column->addWidget(part);
    list_->setItemDelegate(new SearchRow(list_));
    list_->setFrameShape(NoFrame);
    list_->viewport()->setAutoFillBackground(false);
    list_->setUniformItemSizes(true);
    list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->setFocusPolicy(Qt::NoFocus);
    list_->setMouseTracking(true);
    nothing_->setWordWrap(true);
    field_->installEventFilter(this);
    field_->setAccessibleName(tr("Add a node"));
    connect(field_, &QLineEdit::textChanged, this, &NodeSearch::filter);
    connect(field_, &QLineEdit::returnPressed, this, &NodeSearch::take);
    connect(list_, &QListWidget::itemClicked, this, &NodeSearch::take);
    hide();
}

std::vector<NodeSearch::Choice> NodeSearch::types(std::optional<Side> needed) const
{
    std::vector<Choice> choices;
    for (const NodeType& type : catalog_.types()) {
        Choice choice{&type, {}, 0, typeTitle(type.spec.type), engineText(type.spec.summary)};
        const auto& ports = needed == Side::Input ? type.spec.inputs : type.spec.outputs;
        if (needed && ports.empty()) continue;
        // Sockets, not nodes, where there are several to choose from.
        const size_t count = needed && ports.size() > 1 ? ports.size() : 1;
        for (size_t port = 0; port < count; ++port) {
            choices.push_back(choice);
            choices.back().port = port;
            if (count > 1) choices.back().title += QStringLiteral(" · ") + QString::fromStdString(ports[port].name);
        }
    }
    return choices;
}

void NodeSearch::open(const QPoint& at, const QString& placeholder, std::vector<Choice> choices, std::function<void(const Choice&)> picked)
{
    choices_ = std::move(choices);
    picked_ = std::move(picked);
    field_->setPlaceholderText(placeholder);
    field_->clear();
    filter();
    const QRect room = parentWidget()->rect().adjusted(measure::kSmall, measure::kSmall, -measure::kSmall, -measure::kSmall);
    move(std::clamp(at.x() - 24, room.left(), std::max(room.left(), room.right() - width())), std::clamp(at.y() - 24, room.top(), std::max(room.top(), room.bottom() - height())));
    show();
    raise();
    field_->setFocus(Qt::PopupFocusReason);
}

// It stands on the canvas: raised, with a border that can be seen.
void NodeSearch::paintEvent(QPaintEvent*)
{
    const Theme& theme = Theme::current();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(theme.border, 1));
    painter.setBrush(theme.raised);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), measure::kNodeRadius, measure::kNodeRadius);
}

void NodeSearch::filter()
{
    const QString wanted = field_->text().trimmed().toLower();
    std::vector<std::pair<int, size_t>> found;
    for (size_t i = 0; i < choices_.size(); ++i) {
        if (const int rank = rankOf(choices_[i], wanted); rank >= 0) found.emplace_back(rank, i);
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    list_->clear();
    for (const auto& [rank, index] : found) {
        auto* item = new QListWidgetItem(choices_[index].title, list_);
        item->setData(Qt::UserRole, static_cast<qulonglong>(index));
        item->setData(SearchRow::Summary, choices_[index].summary);
        item->setToolTip(choices_[index].summary);
        if (choices_[index].type) item->setIcon(kindIcon(choices_[index].type->spec.group));
    }
    list_->setCurrentRow(0);
    list_->setVisible(!found.empty());
    nothing_->setVisible(found.empty());
    fitHeight();
}

// As high as what was found, within the canvas.
void NodeSearch::fitHeight()
{
    const int row = list_->sizeHintForRow(0);
    const int rows = std::clamp((parentWidget()->height() - 4 * row) / std::max(row, 1), 2, kMostRows);
    list_->setFixedHeight(std::min(rows, list_->count()) * row + 2);
    layout()->activate();
    adjustSize();
}

void NodeSearch::take()
{
    const QListWidgetItem* item = list_->currentItem();
    if (!item) return;
    const Choice choice = choices_[item->data(Qt::UserRole).toULongLong()];
    const auto picked = picked_;
    close();
    parentWidget()->setFocus(Qt::PopupFocusReason);
    picked(choice);
}

bool NodeSearch::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::FocusOut && watched == field_ && static_cast<QFocusEvent*>(event)->reason() != Qt::ActiveWindowFocusReason) close();
    if (event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
    const auto* key = static_cast<QKeyEvent*>(event);
    const int row = list_->currentRow();
    switch (key->key()) {
        case Qt::Key_Escape: close(), parentWidget()->setFocus(Qt::PopupFocusReason); return true;
        case Qt::Key_Down: list_->setCurrentRow(std::min(row + 1, list_->count() - 1)); return true;
        case Qt::Key_Up: list_->setCurrentRow(std::max(row - 1, 0)); return true;
        case Qt::Key_PageDown: list_->setCurrentRow(std::min(row + 6, list_->count() - 1)); return true;
        case Qt::Key_PageUp: list_->setCurrentRow(std::max(row - 6, 0)); return true;
        case Qt::Key_Tab: take(); return true;
        default: return QFrame::eventFilter(watched, event);
    }
}

}
