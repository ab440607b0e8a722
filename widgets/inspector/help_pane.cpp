#include "widgets/inspector/help_pane.h"

#include "widgets/inspector/editors/field_editor.h"
#include "widgets/theme/names.h"

namespace streamwright {

HelpPane::HelpPane(QWidget* parent)
    : QWidget(parent), title_(TextRole::Body, ThemedLabel::Tone::Text, this), help_(TextRole::Secondary, ThemedLabel::Tone::Secondary, this), example_(TextRole::Code, ThemedLabel::Tone::Text, this), scroll_(this)
{
    title_.setBold(true);
    title_.setWordWrap(true);
    help_.setWordWrap(true);
    example_.setWordWrap(true);
    example_.setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* inside = new QWidget(&scroll_);
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(measure::kMedium, measure::kSmall, measure::kMedium, measure::kSmall);
    column->setSpacing(2);
    column->addWidget(&title_);
    column->addWidget(&help_);
    column->addWidget(&example_);
    column->addStretch(1);
    scroll_.setWidget(inside);
    scroll_.setWidgetResizable(true);
    scroll_.setFrameShape(QFrame::NoFrame);
    scroll_.setFocusPolicy(Qt::NoFocus);
    scroll_.setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll_.viewport()->setAutoFillBackground(false);
    inside->setAutoFillBackground(false);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->addWidget(&scroll_);
    setFixedHeight(104);
    setAccessibleName(tr("Help"));
}

void HelpPane::show(const QString& title, const QString& help, const QString& example)
{
    title_.setText(title);
    help_.setText(help);
    example_.setText(example);
    example_.setVisible(!example.isEmpty());
}

void HelpPane::showField(const FieldSpec& field)
{
    QString help = QString::fromStdString(field.help);
    if (field.effect == StateEffect::Resets) help += ' ' + tr("A change drops the node's state.");
    show(fieldTitle(field.name), help, field.example.isNull() ? QString() : tr("for example %1").arg(plainText(field.example)));
}

}
