#include "widgets/dashboard/live_tile.h"

#include "widgets/dashboard/live_model.h"
#include "widgets/theme/theme.h"

#include <QDateTime>
#include <QFile>
#include <QFileDialog>
#include <QHeaderView>
#include <QMenu>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

namespace streamwright {

namespace {

QString quoted(QString text) { return QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"'); }

QString csvOf(const Grid& grid)
{
    QString text;
    QStringList cells;
    for (const Field& field : grid.schema.fields()) cells += quoted(QString::fromStdString(field.name));
    text += cells.join(QLatin1Char(',')) + QLatin1Char('\n');
    for (const auto& row : grid.rows) {
        cells.clear();
        for (const Cell& cell : row) cells += cell.null ? QString() : quoted(QString::fromStdString(cell.text));
        text += cells.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return text;
}

}

LiveTile::LiveTile(const NodeId& node, QWidget* parent) : QFrame(parent), node_(node), rows_(new LiveModel(this))
{
    setFrameShape(QFrame::StyledPanel);
    setMinimumSize(260, 180);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildHead());
    body_ = new QStackedWidget(this);
    lines_ = new QWidget(body_);
    auto* inner = new QVBoxLayout(lines_);
    inner->setContentsMargins(0, 0, 0, 0);
    auto* scroll = new QScrollArea(body_);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(bars_ = new BarList);
    barsPage_ = scroll;
    table_ = new QTableView(body_);
    table_->setModel(rows_);
    table_->setShowGrid(false);
    table_->setFrameShape(QFrame::NoFrame);
    table_->setSelectionBehavior(QAbstractItemView::SelectRows);
    table_->setWordWrap(false);
    table_->verticalHeader()->hide();
    table_->verticalHeader()->setDefaultSectionSize(22);
    table_->horizontalHeader()->setHighlightSections(false);
    table_->horizontalHeader()->setStretchLastSection(true);
    text_ = new QPlainTextEdit(body_);
    text_->setReadOnly(true);
    text_->setFrameShape(QFrame::NoFrame);
    text_->setLineWrapMode(QPlainTextEdit::NoWrap);
    text_->setUndoRedoEnabled(false);
    text_->setFont(streamwright::font(TextRole::Code));
    for (QWidget* page : {lines_, barsPage_, static_cast<QWidget*>(table_), static_cast<QWidget*>(text_)}) body_->addWidget(page);
    body_->setCurrentWidget(table_);
    layout->addWidget(body_, 1);
    setTitle(QString::fromStdString(node.name));
}

QWidget* LiveTile::buildHead()
{
    auto* head = new QWidget(this);
    auto* layout = new QHBoxLayout(head);
    layout->setContentsMargins(measure::kSmall, measure::kTiny, measure::kTiny, measure::kTiny);
    title_ = new QLabel(head);
    title_->setFont(streamwright::font(TextRole::Title));
    note_ = new QLabel(head);
    note_->setForegroundRole(QPalette::PlaceholderText);
    note_->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    menu_ = new QToolButton(head);
    menu_->setText(QStringLiteral("⋯"));
    menu_->setToolTip(tr("Show as table, save"));
    menu_->setAccessibleName(tr("More"));
    menu_->setAutoRaise(true);
    menu_->setPopupMode(QToolButton::InstantPopup);
    auto* actions = new QMenu(menu_);
    asTable_ = actions->addAction(tr("Show as table"));
    asTable_->setCheckable(true);
    connect(asTable_, &QAction::toggled, this, &LiveTile::showAsTable);
    actions->addAction(tr("Save the rows as CSV…"), this, &LiveTile::saveCsv);
    menu_->setMenu(actions);
    layout->addWidget(title_);
    layout->addWidget(note_, 1);
    layout->addWidget(menu_);
    return head;
}

void LiveTile::setTitle(const QString& title)
{
    title_->setText(title);
    setAccessibleName(title);
    table_->setAccessibleName(title);
    bars_->setAccessibleName(title);
    text_->setAccessibleName(title);
}

void LiveTile::showNote(const QString& note) { note_->setText(note); }

void LiveTile::show(LivePage page)
{
    const QString time = QDateTime::fromMSecsSinceEpoch(page.batchTime.millis()).toString(QStringLiteral("HH:mm:ss"));
    showNote(page.batch > 0 ? tr("batch %1 · %2").arg(exactText(page.batch), time) : tr("no rows yet"));
    kind_ = page.layout.kind;
    asTable_->setVisible(kind_ != LiveLayout::Kind::Table);
    if (kind_ == LiveLayout::Kind::Line) showLines(page);
    if (kind_ == LiveLayout::Kind::Bar) bars_->setBars(barsOf(page));
    if (kind_ == LiveLayout::Kind::Text) showText(page);
    const bool first = rows_->columnCount() == 0;
    rows_->setGrid(std::move(page.grid));
    if (first) table_->resizeColumnsToContents();
    showAsTable(asTable_->isChecked());
}

// A board has its series for good: others need another board.
void LiveTile::showLines(const LivePage& page)
{
    const LiveCurve curve = curveOf(page);
    if (curve.series.empty()) return;
    if (!board_ || curve.series != series_) {
        delete board_;
        series_ = curve.series;
        ChartSpec spec{.title = QString::fromStdString(page.layout.y.size() == 1 ? page.layout.y.front() : std::string()), .text = countText};
        for (size_t s = 0; s < series_.size(); ++s) spec.series.push_back({series_[s], seriesColor(s)});
        board_ = new ChartBoard({std::move(spec)}, lines_);
        board_->setSpan(0);
        lines_->layout()->addWidget(board_);
    }
    board_->setKeyKind(curve.kind);
    board_->setData(0, curve.keys, curve.values);
    board_->setHeadline(0, curve.more > 0 ? tr("%1 more are not drawn").arg(curve.more) : QString());
    board_->replot();
}

// Follows the end, unless somebody scrolled back to read.
void LiveTile::showText(const LivePage& page)
{
    QStringList lines;
    for (const auto& row : page.grid.rows) lines += QString::fromStdString(row.front().text);
    QScrollBar& bar = *text_->verticalScrollBar();
    const int before = bar.value();
    const bool follows = before >= bar.maximum() - bar.pageStep();
    const QString text = lines.join(QLatin1Char('\n'));
    if (text == text_->toPlainText()) return;
    text_->setPlainText(text);
    bar.setValue(follows ? bar.maximum() : before);
}

void LiveTile::showAsTable(bool asTable)
{
    QWidget* drawn[] = {table_, lines_, barsPage_, text_};
    body_->setCurrentWidget(asTable ? table_ : drawn[static_cast<size_t>(kind_)]);
}

void LiveTile::saveCsv()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the rows"), QString::fromStdString(node_.name) + QStringLiteral(".csv"), tr("CSV (*.csv)"));
    if (path.isEmpty()) return;
    QFile file(path);
    const QByteArray text = csvOf(rows_->grid()).toUtf8();
    const bool done = file.open(QFile::WriteOnly | QFile::Truncate) && file.write(text) == text.size() && file.flush();
    if (!done) QMessageBox::warning(this, tr("Save the rows"), tr("%1 cannot be written: %2").arg(path, file.errorString()));
}

}
