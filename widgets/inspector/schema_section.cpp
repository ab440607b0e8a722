#include "widgets/inspector/schema_section.h"

#include "widgets/inspector/live_schema.h"
#include "widgets/inspector/themed_label.h"

#include <QGridLayout>

namespace streamwright {

namespace {

struct Port {
    QString title;
    std::optional<Schema> schema;
};

// What a node puts out; of a sink, what comes in.
std::vector<Port> portsOf(const PipelineDocument& document, const NodeId& node)
{
    std::vector<Port> ports;
    const auto outgoing = outgoingRows(document, node);
    for (const OutgoingRows& rows : outgoing) ports.push_back({outgoing.size() == 1 ? SchemaSection::tr("Output") : SchemaSection::tr("Output %1").arg(QString::fromStdString(rows.port)), rows.schema});
    if (!ports.empty()) return ports;
    for (const IncomingRows& rows : incomingRows(document, node)) ports.push_back({SchemaSection::tr("Input from %1").arg(QString::fromStdString(rows.from.name)), rows.schema});
    return ports;
}

}

SchemaSection::SchemaSection(PipelineDocument& document, const NodeId& node, QWidget* parent) : QWidget(parent), document_(document), node_(node)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(measure::kTiny);
    refreshChecked();
}

void SchemaSection::refreshChecked()
{
    const std::vector<Port> ports = portsOf(document_, node_);
    QString text;
    for (const Port& port : ports) text += port.title + '\t' + (port.schema ? QString::fromStdString(port.schema->toDdl()) : QString("?")) + '\n';
    if (text == shown_) return;
    shown_ = text;
    while (QLayoutItem* item = layout()->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const Port& port : ports) addPort(port.title, port.schema);
}

void SchemaSection::addPort(const QString& title, const std::optional<Schema>& schema)
{
    layout()->addWidget(sectionTitle(title, this));
    auto* columns = new ThemedLabel(TextRole::Code, schema ? ThemedLabel::Tone::Text : ThemedLabel::Tone::Secondary, this);
    columns->setWordWrap(true);
    columns->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    columns->setFocusPolicy(Qt::ClickFocus);
    columns->setAccessibleName(title);
    QStringList lines;
    if (schema) {
        for (const Field& field : schema->fields()) lines += QString::fromStdString(field.name + ' ' + field.type.toDdl());
    }
    columns->setText(schema ? lines.join('\n') : tr("Not known yet: the node, or one before it, has a problem."));
    layout()->addWidget(columns);
}

}
