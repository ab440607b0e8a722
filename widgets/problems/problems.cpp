#include "widgets/problems/problems.h"

#include "widgets/document/selection.h"
#include "widgets/theme/theme.h"
#include "widgets/theme/theme_host.h"

#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>

namespace streamwright {

Problems::Problems(QWidget* parent) : QWidget(parent)
{
    buildList();
    empty_.setAlignment(Qt::AlignCenter);
    empty_.setWordWrap(true);
    empty_.setMargin(measure::kLarge);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(&list_, 1);
    column->addWidget(&empty_, 1);
    refresh();
}

void Problems::buildList()
{
    list_.setModel(&model_);
    list_.setAccessibleName(tr("Problems"));
    list_.setRootIsDecorated(false);
    list_.setUniformRowHeights(true);
    list_.setAllColumnsShowFocus(true);
    list_.setFrameShape(QFrame::NoFrame);
    list_.setSelectionMode(QAbstractItemView::ExtendedSelection);
    list_.setTextElideMode(Qt::ElideRight);
    list_.header()->setStretchLastSection(true);
    list_.header()->resizeSection(ProblemsModel::Message, 460);
    list_.header()->resizeSection(ProblemsModel::Where, 180);
    list_.installEventFilter(this);
    connect(&list_, &QTreeView::clicked, this, &Problems::reveal);
    connect(&ThemeHost::instance(), &ThemeHost::changed, &list_, [this] { list_.viewport()->update(); });
}

void Problems::setDocument(PipelineDocument* document)
{
    if (document_) document_->disconnect(this);
    document_ = document;
    if (document) connect(document, &PipelineDocument::checkedChanged, this, &Problems::refresh);
    refresh();
}

void Problems::refresh()
{
    const int errorsBefore = errors(), warningsBefore = warnings();
    model_.setDiagnostics(document_ ? document_->checked()->diagnostics : Diagnostics());
    const bool any = model_.rowCount() > 0;
    list_.setVisible(any);
    empty_.setVisible(!any);
    empty_.setText(document_ ? tr("No problems: this pipeline can run.") : tr("Open a pipeline to see its problems."));
    if (errors() != errorsBefore || warnings() != warningsBefore) Q_EMIT countsChanged(errors(), warnings());
}

void Problems::reveal(const QModelIndex& index)
{
    if (!index.isValid() || !document_) return;
    // A copy: selecting may lead to another check and other rows.
    const Diagnostic one = model_.at(index.row());
    if (one.node.empty()) document_->selection().clear();
    else document_->selection().setNodes({NodeId{one.node}});
    document_->selection().reveal(NodeId{one.node}, QString::fromStdString(one.field));
}

void Problems::copySelected()
{
    QStringList lines;
    for (const QModelIndex& index : list_.selectionModel()->selectedRows()) lines += model_.textOf(index.row());
    if (!lines.isEmpty()) QApplication::clipboard()->setText(lines.join('\n'));
}

bool Problems::eventFilter(QObject* watched, QEvent* event)
{
    if (watched != &list_ || event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
    const auto* press = static_cast<QKeyEvent*>(event);
    if (press->matches(QKeySequence::Copy)) return copySelected(), true;
    if (press->key() == Qt::Key_Return || press->key() == Qt::Key_Enter) return reveal(list_.currentIndex()), true;
    return false;
}

}
