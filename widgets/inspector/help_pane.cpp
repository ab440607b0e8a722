#include "widgets/inspector/help_pane.h"

#include "widgets/inspector/editors/field_editor.h"
#include "widgets/theme/names.h"

#include <QScrollArea>

namespace streamwright {

HelpPane::HelpPane(QWidget* parent) : QWidget(parent)
{
    auto* scroll = new QScrollArea(this);
    auto* inside = new QWidget(scroll);
    title_ = new ThemedLabel(TextRole::Body, ThemedLabel::Tone::Text, inside);
    help_ = new ThemedLabel(TextRole::Secondary, ThemedLabel::Tone::Secondary, inside);
    example_ = new ThemedLabel(TextRole::Code, ThemedLabel::Tone::Text, inside);
    title_->setBold(true);
    example_->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(measure::kMedium, measure::kSmall, measure::kMedium, measure::kSmall);
    column->setSpacing(2);
    for (ThemedLabel* label : {title_, help_, example_}) {
        label->setWordWrap(true);
        column->addWidget(label);
    }
    column->addStretch(1);
    scroll->setWidget(inside);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->viewport()->setAutoFillBackground(false);
    inside->setAutoFillBackground(false);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(scroll);
    setFixedHeight(104);
    setAccessibleName(tr("Help"));
}

void HelpPane::show(const QString& title, const QString& help, const QString& example)
{
    title_->setText(title);
    help_->setText(help);
    example_->setText(example);
    example_->setVisible(!example.isEmpty());
}

void HelpPane::showField(const FieldSpec& field)
{
    QString help = engineText(field.help);
    if (field.effect == StateEffect::Resets) help += ' ' + tr("A change drops the node's state.");
    show(fieldTitle(field.name), help, field.example.isNull() ? QString() : tr("for example %1").arg(plainText(field.example)));
}

}
