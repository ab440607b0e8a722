#include "widgets/inspector/node_header.h"

#include "engine/pipeline/document_json.h"
#include "widgets/document/selection.h"
#include "widgets/theme/names.h"
#include "widgets/theme/theme_host.h"

namespace streamwright {

namespace {

constexpr int kIconSize = 20;

class KindIcon : public QWidget {
public:
    KindIcon(Group group, QWidget* parent) : QWidget(parent), icon_(kindIcon(group)) { setFixedSize(kIconSize, kIconSize); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        icon_.paint(&painter, rect());
    }

private:
    QIcon icon_;
};

}

NodeHeader::NodeHeader(PipelineDocument& document, const NodeId& node, QWidget* parent)
    : QWidget(parent), document_(document), node_(node), type_(TextRole::Secondary, ThemedLabel::Tone::Secondary, this), summary_(TextRole::Secondary, ThemedLabel::Tone::Secondary, this),
      refused_(TextRole::Secondary, ThemedLabel::Tone::Error, this), problems_(this)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(measure::kSmall);
    buildTitle();
    summary_.setWordWrap(true);
    column->addWidget(&summary_);
    column->addWidget(&problems_);
    buildName();
    refresh();
    refreshChecked();
}

void NodeHeader::buildTitle()
{
    auto* line = new QHBoxLayout;
    line->setSpacing(measure::kSmall);
    if (const NodeType* type = document_.typeOf(node_)) line->addWidget(new KindIcon(type->spec.group, this));
    title_.setFont(streamwright::font(TextRole::Title));
    title_.setFrame(false);
    title_.setAccessibleName(tr("Title"));
    title_.setToolTip(tr("Title on the canvas; the name is shown if it is empty"));
    dress();
    connect(&ThemeHost::instance(), &ThemeHost::changed, this, &NodeHeader::dress);
    connect(&title_, &QLineEdit::textEdited, this, &NodeHeader::writeTitle);
    connect(&title_, &QLineEdit::editingFinished, this, [this] { document_.endMerge(); });
    line->addWidget(&title_, 1);
    type_.setElided();
    line->addWidget(&type_);
    static_cast<QVBoxLayout*>(layout())->addLayout(line);
}

// Without a field's ground; the name that stands in for a title is as good as one.
void NodeHeader::dress()
{
    QPalette flat = title_.palette();
    flat.setColor(QPalette::Base, Qt::transparent);
    flat.setColor(QPalette::PlaceholderText, Theme::current().text);
    title_.setPalette(flat);
}

void NodeHeader::buildName()
{
    auto* line = new QHBoxLayout;
    line->setSpacing(measure::kSmall);
    auto* label = new ThemedLabel(TextRole::Secondary, ThemedLabel::Tone::Secondary, this);
    label->setText(tr("&Name"));
    label->setBuddy(&name_);
    name_.setFont(streamwright::font(TextRole::Code));
    name_.setAccessibleName(tr("Name"));
    name_.setToolTip(tr("Identifies the node, its state and its history. A new name is taken with Enter; the state is carried over."));
    connect(&name_, &QLineEdit::editingFinished, this, &NodeHeader::rename);
    connect(&name_, &QLineEdit::textEdited, this, [this](const QString& name) { refused_.setText(whyNot(name)), refused_.setVisible(!refused_.text().isEmpty()); });
    line->addWidget(label);
    line->addWidget(&name_, 1);
    static_cast<QVBoxLayout*>(layout())->addLayout(line);
    refused_.setWordWrap(true);
    refused_.hide();
    layout()->addWidget(&refused_);
}

void NodeHeader::refresh()
{
    const Node* node = document_.node(node_);
    if (!node) return;
    const QString title = QString::fromStdString(node->title);
    if (title_.text() != title) {
        title_.setText(title);
        title_.setCursorPosition(0);        // the beginning of a long one is in view
    }
    title_.setPlaceholderText(QString::fromStdString(node_.name));
    type_.setText(QString::fromStdString(node->type));
    const NodeType* type = document_.typeOf(node_);
    summary_.setText(type ? engineText(type->spec.summary) : tr("This program knows no type of this name. The node is kept as it is."));
    if (name_.hasFocus()) return;
    name_.setText(QString::fromStdString(node_.name));
    name_.setCursorPosition(0);
}

// What is wrong with the node itself, or with what no field shows: its ports.
void NodeHeader::refreshChecked()
{
    Diagnostics own;
    const Node* node = document_.node(node_);
    const NodeType* type = document_.typeOf(node_);
    for (const Diagnostic& one : document_.diagnosticsOf(node_)) {
        const bool inForm = (type && type->spec.field(one.field)) || (node && node->options.find(one.field));
        if (!inForm) own.push_back(one);
    }
    problems_.show(own);
}

void NodeHeader::writeTitle(const QString& title)
{
    document_.apply(setTitle(document_.document(), node_, title.toStdString()), tr("Change title of %1").arg(QString::fromStdString(node_.name)), "title " + QString::fromStdString(node_.name));
}

QString NodeHeader::whyNot(const QString& name) const
{
    if (!isNodeName(name.toStdString())) return tr("A name is made of a-z, 0-9 and _ and starts with a letter.");
    if (name.toStdString() != node_.name && document_.node(NodeId{name.toStdString()})) return tr("Another node is called %1.").arg(name);
    return {};
}

void NodeHeader::rename()
{
    const QString name = name_.text();
    if (name.toStdString() == node_.name) return;
    if (!whyNot(name).isEmpty()) {
        name_.setText(QString::fromStdString(node_.name));
        return refused_.hide();
    }
    const NodeId next{name.toStdString()};
    document_.apply(renameNode(document_.document(), node_, next), tr("Rename %1 to %2").arg(QString::fromStdString(node_.name), name));
    document_.selection().setNodes({next});
}

}
