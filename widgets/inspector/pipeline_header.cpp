#include "widgets/inspector/pipeline_header.h"

#include "widgets/theme/theme.h"

namespace streamwright {

PipelineHeader::PipelineHeader(PipelineDocument& document, QWidget* parent) : QLineEdit(parent), document_(document)
{
    setFrame(false);
    setFont(streamwright::font(TextRole::Title));
    QPalette flat = palette();
    flat.setColor(QPalette::Base, Qt::transparent);
    setPalette(flat);
    setPlaceholderText(tr("Name of the pipeline"));
    setAccessibleName(tr("Name of the pipeline"));
    connect(this, &QLineEdit::textEdited, this, [this](const QString& name) { document_.apply(setName(document_.document(), name.toStdString()), tr("Change name of the pipeline"), "pipeline name"); });
    connect(this, &QLineEdit::editingFinished, this, [this] { document_.endMerge(); });
    refresh();
}

void PipelineHeader::refresh()
{
    const QString name = QString::fromStdString(document_.document().name);
    setToolTip(name);
    if (text() == name) return;
    setText(name);
    setCursorPosition(0);       // the beginning of a long one is in view
}

}
