#include "widgets/inspector/inspector.h"

#include "widgets/document/selection.h"
#include "widgets/inspector/node_header.h"
#include "widgets/inspector/parameters_section.h"
#include "widgets/inspector/pipeline_header.h"
#include "widgets/inspector/schema_section.h"
#include "widgets/inspector/verify_section.h"
#include "widgets/theme/names.h"

#include <QKeyEvent>
#include <QScrollBar>

namespace streamwright {

namespace {

class Separator : public QWidget {
public:
    explicit Separator(QWidget* parent) : QWidget(parent) { setFixedHeight(1); }

protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(rect(), Theme::current().separator); }
};

}

struct Inspector::Shown {
    const PipelineDocument* document = nullptr;
    const RunController* run = nullptr;
    std::set<NodeId> nodes;
    std::vector<std::string> types;
    std::vector<std::string> fields;
    bool operator==(const Shown&) const = default;
};

Inspector::Inspector(QWidget* parent) : QWidget(parent), scroll_(this), help_(this)
{
    scroll_.setWidgetResizable(true);
    scroll_.setFrameShape(QFrame::NoFrame);
    scroll_.setFocusPolicy(Qt::NoFocus);
    scroll_.setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll_.viewport()->setAutoFillBackground(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(&scroll_, 1);
    column->addWidget(new Separator(this));
    column->addWidget(&help_);
    setMinimumWidth(288);
    setMaximumWidth(420);
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) { followFocus(now); });
    rebuild();
}

Inspector::~Inspector() = default;

void Inspector::setDocument(PipelineDocument* document, RunController* run)
{
    if (document == document_ && run == run_) return;
    if (document_) document_->disconnect(this), document_->selection().disconnect(this);
    document_ = document;
    run_ = run;
    if (document) {
        connect(document, &PipelineDocument::edited, this, &Inspector::look);
        connect(document, &PipelineDocument::checkedChanged, this, &Inspector::refreshChecked);
        connect(&document->selection(), &Selection::changed, this, &Inspector::look);
        connect(&document->selection(), &Selection::revealed, this, &Inspector::reveal);
    }
    look();
}

Inspector::Shown Inspector::wanted() const
{
    Shown shown{document_, run_, {}, {}, {}};
    if (!document_) return shown;
    for (const NodeId& id : document_->selection().nodes()) {
        const Node* node = document_->node(id);
        if (!node) continue;
        shown.nodes.insert(id);
        shown.types.push_back(node->type);
    }
    const auto subject = shown.nodes.empty() ? settingsSubject(*document_, run_) : nodeSubject(*document_, run_, shown.nodes);
    for (const FieldSpec& field : subject->fields()) shown.fields.push_back(field.name);
    return shown;
}

// The widgets stay as long as they fit: a field that is being typed into keeps its focus and its cursor.
void Inspector::look()
{
    if (!shown_ || !(*shown_ == wanted())) return rebuild();
    if (form_) form_->refresh();
    if (header_) header_->refresh();
    if (pipeline_) pipeline_->refresh();
    if (parameters_) parameters_->refresh();
}

void Inspector::rebuild()
{
    if (document_) document_->endMerge();
    shown_ = std::make_unique<Shown>(wanted());
    // A field of the old page may be telling us about an edit just now.
    if (QWidget* old = scroll_.takeWidget()) old->hide(), old->deleteLater();
    form_ = nullptr;
    header_ = nullptr;
    pipeline_ = nullptr;
    schemas_ = nullptr;
    parameters_ = nullptr;
    page_ = new QWidget;
    page_->setAutoFillBackground(false);
    auto* column = new QVBoxLayout(page_);
    column->setContentsMargins(measure::kLarge, measure::kMedium, measure::kLarge, measure::kLarge);
    column->setSpacing(measure::kMedium);
    if (!document_) addPart(new QWidget(page_));
    else if (shown_->nodes.empty()) buildPipeline();
    else if (shown_->nodes.size() == 1) buildNode(*shown_->nodes.begin());
    else buildNodes(shown_->nodes);
    column->addStretch(1);
    scroll_.setWidget(page_);
    showHelpOfWhole();
}

void Inspector::addPart(QWidget* part)
{
    static_cast<QVBoxLayout*>(page_->layout())->addWidget(part);
}

void Inspector::addForm(std::unique_ptr<Subject> subject)
{
    form_ = new Form(std::move(subject), page_);
    for (FieldRow* row : form_->rows()) {
        connect(row, &FieldRow::helpWanted, &help_, [this, row](const QString& title, const QString& help) {
            if (title.isEmpty()) help_.showField(row->spec());
            else help_.show(title, help);
        });
    }
    addPart(form_);
}

void Inspector::buildNode(const NodeId& node)
{
    header_ = new NodeHeader(*document_, node, page_);
    addPart(header_);
    addForm(nodeSubject(*document_, run_, {node}));
    const NodeType* type = document_->typeOf(node);
    if (!type) return;
    if (type->verify && run_) addPart(new VerifySection(*document_, *run_, node, page_));
    schemas_ = new SchemaSection(*document_, node, page_);
    addPart(schemas_);
}

void Inspector::buildNodes(const std::set<NodeId>& nodes)
{
    auto* title = new ThemedLabel(TextRole::Title, ThemedLabel::Tone::Text, page_);
    title->setText(tr("%1 nodes").arg(nodes.size()));
    addPart(title);
    auto* text = new ThemedLabel(TextRole::Secondary, ThemedLabel::Tone::Secondary, page_);
    text->setWordWrap(true);
    addPart(text);
    addForm(nodeSubject(*document_, run_, nodes));
    text->setText(form_->rows().empty() ? tr("They have no options in common.") : tr("A change is made in all of them."));
}

void Inspector::buildPipeline()
{
    pipeline_ = new PipelineHeader(*document_, page_);
    addPart(pipeline_);
    addForm(settingsSubject(*document_, run_));
    parameters_ = new ParametersSection(*document_, page_);
    addPart(parameters_);
}

void Inspector::refreshChecked()
{
    if (form_) form_->refreshChecked();
    if (header_) header_->refreshChecked();
    if (schemas_) schemas_->refreshChecked();
    if (parameters_) parameters_->refreshChecked();
}

void Inspector::reveal(const QString& node, const QString& field)
{
    look();
    const std::string name = field.toStdString();
    if (node.isEmpty() && name.starts_with("parameters.") && parameters_ && parameters_->reveal(name.substr(11))) return;
    if (!form_) return;
    const std::string option = node.isEmpty() && name.starts_with("settings.") ? name.substr(9, name.find('.', 9) - 9) : name;
    FieldRow* row = form_->reveal(option);
    if (!row && field.isEmpty() && !form_->rows().empty()) row = form_->rows().front();
    if (!row) return;
    row->focusEditor();
    scroll_.ensureWidgetVisible(row, 0, measure::kLarge);
}

void Inspector::followFocus(const QWidget* focus)
{
    if (!focus || !form_ || !isAncestorOf(focus)) return;
    for (FieldRow* row : form_->rows()) {
        if (!row->isAncestorOf(focus)) continue;
        help_.showField(row->spec());
        scroll_.ensureWidgetVisible(row, 0, measure::kSmall);
        return;
    }
    showHelpOfWhole();
}

void Inspector::showHelpOfWhole()
{
    if (!document_) return help_.show(tr("Inspector"), tr("Open a pipeline, or make a new one."));
    if (shown_->nodes.empty()) return help_.show(tr("Pipeline"), tr("Settings of the whole pipeline. Select a node to see its options."));
    const NodeType* type = document_->typeOf(*shown_->nodes.begin());
    if (shown_->nodes.size() > 1 || !type) return help_.show({}, {});
    const std::string& help = type->spec.help.empty() ? type->spec.summary : type->spec.help;
    help_.show(QString::fromStdString(type->spec.type), engineText(help));
}

// Fields have no undo of their own.
void Inspector::keyPressEvent(QKeyEvent* event)
{
    if (document_ && event->matches(QKeySequence::Undo)) return document_->undoStack().undo();
    if (document_ && event->matches(QKeySequence::Redo)) return document_->undoStack().redo();
    QWidget::keyPressEvent(event);
}

}
