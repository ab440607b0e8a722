#include "widgets/data/data_view.h"

#include "widgets/data/profile_model.h"
#include "widgets/data/row_keeper.h"
#include "widgets/data/tap_model.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/session/run_controller.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme.h"

#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QSplitter>
#include <QTableView>
#include <QToolButton>

namespace streamwright {

namespace {

// Letters typed into the filter are waited for, so that one query is asked for the word.
constexpr int kTypingMilliseconds = 200;
constexpr int kFilterWidth = 120;

// "node" or "node.port", as an edge writes its beginning.
QString portText(const NodeId& node, const std::string& port) { return QString::fromStdString(port.empty() ? node.name : node.name + "." + port); }

QToolButton* toolButton(const QString& text, const QString& help, QWidget* parent)
{
    auto* button = new QToolButton(parent);
    button->setText(text);
    button->setToolTip(help);
    button->setAutoRaise(true);
    return button;
}

QTableView* table(QAbstractItemModel* model, const QString& name, QWidget* parent)
{
    auto* view = new QTableView(parent);
    view->setModel(model);
    view->setAccessibleName(name);
    view->setAlternatingRowColors(false);
    view->setShowGrid(false);
    view->setWordWrap(false);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->horizontalHeader()->setStretchLastSection(true);
    view->horizontalHeader()->setHighlightSections(false);
    view->verticalHeader()->setDefaultSectionSize(22);
    view->setFrameShape(QFrame::NoFrame);
    return view;
}

QString csvField(const Cell& cell)
{
    if (cell.null) return {};
    QString text = QString::fromStdString(cell.text);
    if (!text.contains(QLatin1Char(',')) && !text.contains(QLatin1Char('"')) && !text.contains(QLatin1Char('\n'))) return text;
    return QLatin1Char('"') + text.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
}

}

DataView::DataView(PipelineDocument& document, RunController& run, QWidget* parent) : QWidget(parent), document_(document), run_(run), model_(new TapModel(this)), profileModel_(new ProfileModel(this)), keeper_(new RowKeeper(document, run, this))
{
    typed_ = new QTimer(this);
    typed_->setSingleShot(true);
    typed_->setInterval(kTypingMilliseconds);
    connect(typed_, &QTimer::timeout, this, &DataView::ask);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildBar());
    auto* split = new QSplitter(Qt::Horizontal, this);
    split->addWidget(table_ = table(model_, tr("Rows of the tap"), split));
    split->addWidget(profileTable_ = table(profileModel_, tr("Profile of the columns"), split));
    profileTable_->verticalHeader()->hide();
    profileTable_->hide();
    layout->addWidget(split, 1);
    layout->addWidget(buildFoot());

    connect(&document_, &PipelineDocument::checkedChanged, this, &DataView::fillPorts);
    connect(&run_, &RunController::batchesChanged, this, &DataView::ask);
    connect(&run_, &RunController::momentChanged, this, &DataView::ask);
    connect(&run_, &RunController::stateChanged, this, &DataView::ask);
    fillPorts();
}

QWidget* DataView::buildBar()
{
    auto* bar = new QWidget(this);
    auto* layout = new QHBoxLayout(bar);
    layout->setContentsMargins(measure::kSmall, measure::kTiny, measure::kSmall, measure::kTiny);
    port_ = new QComboBox(bar);
    port_->setAccessibleName(tr("Wire"));
    port_->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    batch_ = new QComboBox(bar);
    batch_->setAccessibleName(tr("Batch"));
    batch_->setMinimumContentsLength(12);
    sample_ = new QComboBox(bar);
    sample_->setAccessibleName(tr("Sample"));
    sample_->addItem(tr("First rows"), static_cast<int>(TapQuery::Sample::First));
    sample_->addItem(tr("Last rows"), static_cast<int>(TapQuery::Sample::Last));
    sample_->addItem(tr("Random rows"), static_cast<int>(TapQuery::Sample::Random));
    filter_ = new QLineEdit(bar);
    filter_->setAccessibleName(tr("Filter"));
    filter_->setPlaceholderText(tr("Filter: an expression, for example n > 10"));
    filter_->setClearButtonEnabled(true);
    freeze_ = toolButton(tr("Freeze"), tr("Keep what is shown; the run goes on and nothing is lost"), bar);
    freeze_->setCheckable(true);
    profile_ = toolButton(tr("Profile"), tr("NULLs, distinct values, least and greatest of each column"), bar);
    profile_->setCheckable(true);
    for (QWidget* widget : std::initializer_list<QWidget*>{port_, batch_, sample_}) layout->addWidget(widget);
    layout->addWidget(filter_, 1);
    layout->addWidget(freeze_);
    layout->addWidget(profile_);

    auto* more = toolButton(tr("Copy"), tr("Copy the rows that are shown"), bar);
    more->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(more);
    menu->addAction(tr("Copy as CSV"), this, [this] { copy(asCsv()); });
    menu->addAction(tr("Copy as JSON"), this, [this] { copy(asJson()); });
    more->setMenu(menu);
    layout->addWidget(more);
    filter_->setMinimumWidth(kFilterWidth);

    connect(port_, &QComboBox::currentTextChanged, this, &DataView::ask);
    connect(batch_, &QComboBox::activated, this, [this](int at) {
        const int64_t batch = batch_->itemData(at).toLongLong();
        run_.setMoment(batch == 0 ? Moment::live() : Moment::ofBatch(batch));
    });
    connect(sample_, &QComboBox::currentIndexChanged, this, &DataView::ask);
    connect(filter_, &QLineEdit::textChanged, typed_, qOverload<>(&QTimer::start));
    connect(freeze_, &QToolButton::toggled, this, [this](bool frozen) {
        frozenAt_ = frozen ? std::optional(model_->page().batch) : std::nullopt;
        ask();
    });
    connect(profile_, &QToolButton::toggled, this, [this](bool shown) {
        profileTable_->setVisible(shown);
        ask();
    });
    return bar;
}

// What is shown becomes a test.
void DataView::buildKeeping(QLayout& row)
{
    input_ = toolButton(tr("Keep as input"), tr("What the sources gave in this batch becomes the input of a test, in the .flow file beside the pipeline"), this);
    expect_ = toolButton(tr("Expect this"), tr("These rows become what a test expects of this batch, in the .flow file beside the pipeline; streamwright test runs it"), this);
    row.addWidget(input_);
    row.addWidget(expect_);
    connect(input_, &QToolButton::clicked, this, [this] { keeper_->keepInput(model_->page().batch); });
    connect(expect_, &QToolButton::clicked, this, [this] {
        if (keeper_->isBusy()) return keeper_->cancel();
        const TapQuery shown = query();
        keeper_->expect({shown.node, shown.port}, model_->page().batch);
    });
    connect(keeper_, &RowKeeper::busyChanged, this, &DataView::refreshKeeping);
    connect(keeper_, &RowKeeper::told, this, &DataView::announced);
    connect(keeper_, &RowKeeper::failed, this, [this](const QString& message, const QString& hint) { Q_EMIT announced(hint.isEmpty() ? message : tr("%1: %2").arg(message, hint)); });
    connect(keeper_, &RowKeeper::kept, this, [this](const QString& flow, const QString& title) { Q_EMIT announced(tr("Kept in %1 as \"%2\": streamwright test runs it").arg(flow, title)); });
    refreshKeeping();
}

void DataView::refreshKeeping()
{
    const NodeId node = query().node;
    const NodeType* type = document_.typeOf(node);
    const bool source = type && type->spec.group == Group::Source;
    // The rows that are shown are still of another port.
    const bool any = model_->page().batch > 0 && shownPort_ == port_->currentText();
    input_->setEnabled(any && source && !keeper_->isBusy());
    expect_->setEnabled((any && !source) || keeper_->isBusy());
    expect_->setText(keeper_->isBusy() ? tr("Stop recording") : tr("Expect this"));
}

QWidget* DataView::buildFoot()
{
    auto* foot = new QWidget(this);
    auto* row = new QHBoxLayout(foot);
    row->setContentsMargins(measure::kSmall, 0, measure::kSmall, 0);
    foot_ = new QLabel(foot);
    foot_->setFont(streamwright::font(TextRole::Secondary));
    foot_->setForegroundRole(QPalette::PlaceholderText);
    foot_->setWordWrap(true);
    row->addWidget(foot_, 1);
    buildKeeping(*row);
    return foot;
}

void DataView::open(const NodeId& node, const std::string& port)
{
    const QString wanted = portText(node, port);
    int at = port_->findText(wanted);
    if (at < 0) {
        port_->addItem(wanted);
        at = port_->count() - 1;
    }
    freeze_->setChecked(false);
    port_->setCurrentIndex(at);
    ask();
}

// Every port that rows leave, and every sink, in document order.
void DataView::fillPorts()
{
    QStringList ports;
    for (const Node& node : document_.document().nodes) {
        const NodeType* type = document_.catalog().find(node.type);
        if (!type) continue;
        const auto& outputs = type->spec.outputs;
        if (outputs.size() <= 1) ports += portText(node.id, {});
        else for (const PortSpec& port : outputs) ports += portText(node.id, port.name);
        if (type->spec.rejects) ports += portText(node.id, std::string(kRejectedPort));
    }
    QStringList shown;
    for (int i = 0; i < port_->count(); ++i) shown += port_->itemText(i);
    if (ports == shown) return;
    const QString current = port_->currentText();
    const QSignalBlocker quiet(port_);
    port_->clear();
    port_->addItems(ports);
    port_->setCurrentIndex(std::max(0, static_cast<int>(ports.indexOf(current))));
    ask();
}

void DataView::fillBatches()
{
    const TapPage& page = model_->page();
    const QSignalBlocker quiet(batch_);
    batch_->clear();
    batch_->addItem(tr("Live"), 0);
    for (auto batch = page.batches.rbegin(); batch != page.batches.rend(); ++batch) batch_->addItem(tr("Batch %L1").arg(*batch), static_cast<qlonglong>(*batch));
    const int at = run_.moment().isLive() ? 0 : batch_->findData(static_cast<qlonglong>(*run_.moment().batch));
    batch_->setCurrentIndex(std::max(0, at));
}

TapQuery DataView::query() const
{
    const QString port = port_->currentText();
    TapQuery query;
    query.node = NodeId{port.section(QLatin1Char('.'), 0, 0).toStdString()};
    query.port = port.section(QLatin1Char('.'), 1).toStdString();
    query.moment = frozenAt_ ? Moment::ofBatch(*frozenAt_) : run_.moment();
    query.sample = static_cast<TapQuery::Sample>(sample_->currentData().toInt());
    query.filter = filter_->text().trimmed().toStdString();
    query.profile = profile_->isChecked();
    query.json = true;
    return query;
}

// One query at a time; what changed meanwhile is asked for when it is answered.
void DataView::ask()
{
    if (!isVisible()) return;
    refreshKeeping();
    if (asking_) {
        askAgain_ = true;
        return;
    }
    if (port_->count() == 0 || !run_.snapshot().run) return showFoot({});
    asking_ = true;
    const TapQuery asked = query();
    run_.session().tap(asked, run_.call(this, seconds(5)), [this, port = port_->currentText(), filtered = !asked.filter.empty()](Result<TapPage> answer) {
        asking_ = false;
        filtered_ = filtered;
        take(port, std::move(answer));
        if (std::exchange(askAgain_, false)) ask();
    });
}

void DataView::take(const QString& port, Result<TapPage> answer)
{
    if (!answer) {
        foot_->setText(engineText(answer.error()));
        return;
    }
    const bool newColumns = !(answer->grid.schema == model_->page().grid.schema);
    model_->setPage(std::move(*answer));
    shownPort_ = port;
    if (newColumns) table_->resizeColumnsToContents();
    fillBatches();
    profileModel_->setProfile(model_->page().profile);
    refreshKeeping();
    showFoot(model_->page());
}

void DataView::showFoot(const TapPage& page)
{
    if (port_->count() == 0) return foot_->setText(tr("Add nodes first: then every wire can be looked into here."));
    if (!run_.snapshot().run) return foot_->setText(tr("Run the pipeline (F5): the rows on this wire appear here."));
    if (page.batch == 0) return foot_->setText(tr("No rows have come along here yet."));
    const auto shown = static_cast<qlonglong>(page.grid.rows.size());
    QString text = tr("Batch %L1: showing %L2 of %L3 rows").arg(page.batch).arg(shown).arg(page.rowsInBatch);
    if (filtered_) text += page.complete ? tr(", filtered") : tr(", filtered from the sample");
    if (frozenAt_) text += tr(" · frozen");
    if (profile_->isChecked()) text += page.profileOfSample ? tr(" · profile of the sample") : tr(" · profile of all rows");
    foot_->setText(text);
}

QString DataView::asCsv() const
{
    const Grid& grid = model_->page().grid;
    QStringList names;
    for (const Field& field : grid.schema.fields()) names += csvField({field.name});
    QString text = names.join(QLatin1Char(',')) + QLatin1Char('\n');
    for (const auto& row : grid.rows) {
        QStringList cells;
        for (const Cell& cell : row) cells += csvField(cell);
        text += cells.join(QLatin1Char(',')) + QLatin1Char('\n');
    }
    return text;
}

QString DataView::asJson() const
{
    QStringList rows;
    for (const std::string& row : model_->page().json) rows += QStringLiteral("  ") + QString::fromStdString(row);
    return QStringLiteral("[\n") + rows.join(QStringLiteral(",\n")) + QStringLiteral("\n]\n");
}

void DataView::copy(const QString& text) { QApplication::clipboard()->setText(text); }

void DataView::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    ask();
}

}
