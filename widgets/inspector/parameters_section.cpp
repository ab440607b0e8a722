#include "widgets/inspector/parameters_section.h"

#include "widgets/inspector/editors/editors.h"
#include "widgets/inspector/parameter_edits.h"
#include "widgets/inspector/themed_label.h"

#include <QPushButton>
#include <QToolButton>

namespace streamwright {

ParametersSection::ParametersSection(PipelineDocument& document, QWidget* parent) : QWidget(parent), document_(document), rows_(new QVBoxLayout)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(measure::kSmall);
    column->addWidget(sectionTitle(tr("Parameters"), this));
    auto* help = new ThemedLabel(TextRole::Secondary, ThemedLabel::Tone::Secondary, this);
    help->setWordWrap(true);
    help->setText(tr("Write ${name} in any field; a run may be given other values."));
    column->addWidget(help);
    rows_->setSpacing(measure::kTiny);
    column->addLayout(rows_);
    auto* more = new QPushButton(tr("Add parameter"), this);
    connect(more, &QPushButton::clicked, this, &ParametersSection::add);
    column->addWidget(more, 0, Qt::AlignLeft);
    refresh();
    refreshChecked();
}

void ParametersSection::rebuild()
{
    for (const Row& row : shown_) {
        row.value->disconnect(this);
        row.field->disconnect(this);
        row.line->hide();
        row.line->deleteLater();
        row.problems->deleteLater();
    }
    shown_.clear();
    for (const auto& [name, declared] : document_.document().parameters.members()) addRow(name);
}

void ParametersSection::addRow(const std::string& name)
{
    Row row{name, new QWidget(this), nullptr, nullptr, nullptr};
    auto* line = new QHBoxLayout(row.line);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(measure::kTiny);
    const QString title = QString::fromStdString(name);
    row.field = new QLineEdit(title, row.line);
    row.field->setFont(streamwright::font(TextRole::Code));
    row.field->setAccessibleName(tr("Name of parameter %1").arg(title));
    row.value = makeJsonEditor({.name = name, .help = tr("Value of the parameter %1").arg(title).toStdString()}, scope_, row.line);
    row.value->setPlaceholder(tr("no value"));
    auto* remove = new QToolButton(row.line);
    remove->setText("✕");
    remove->setAutoRaise(true);
    remove->setToolTip(tr("Remove"));
    remove->setAccessibleName(tr("Remove parameter %1").arg(title));
    line->addWidget(row.field, 2);
    line->addWidget(row.value, 3);
    line->addWidget(remove);
    row.problems = new ProblemList(this);
    rows_->addWidget(row.line);
    rows_->addWidget(row.problems);
    connect(row.field, &QLineEdit::editingFinished, this, [this, name, field = row.field] { rename(name, field); });
    connect(row.value, &FieldEditor::edited, this, [this, name, value = row.value] { writeValue(name, value->value()); });
    connect(row.value, &FieldEditor::left, this, [this] { document_.endMerge(); });
    connect(remove, &QToolButton::clicked, this, [this, name, title] { document_.apply(setParameter(document_.document(), name, std::nullopt), tr("Remove parameter %1").arg(title)); });
    shown_.push_back(row);
}

void ParametersSection::refresh()
{
    const auto& members = document_.document().parameters.members();
    const bool same = std::equal(members.begin(), members.end(), shown_.begin(), shown_.end(), [](const Json::Member& member, const Row& row) { return member.first == row.name; });
    if (!same) rebuild();
    for (size_t i = 0; i < shown_.size(); ++i) shown_[i].value->show(parameterValue(members[i].second));
}

void ParametersSection::refreshChecked()
{
    const auto checked = document_.checked();
    for (const Row& row : shown_) {
        Diagnostics found;
        for (const Diagnostic& one : checked->diagnostics) {
            if (one.node.empty() && one.field == "parameters." + row.name) found.push_back(one);
        }
        row.problems->show(found);
    }
}

bool ParametersSection::reveal(const std::string& name)
{
    for (const Row& row : shown_) {
        if (row.name != name) continue;
        row.value->setFocus(Qt::OtherFocusReason);
        return true;
    }
    return false;
}

void ParametersSection::add()
{
    const auto& parameters = document_.document().parameters;
    std::string name = "parameter";
    for (int number = 2; parameters.find(name); ++number) name = "parameter_" + std::to_string(number);
    document_.apply(setParameter(document_.document(), name, Json::string({})), tr("Add parameter %1").arg(QString::fromStdString(name)));
    for (const Row& row : shown_) {
        if (row.name != name) continue;
        row.field->setFocus(Qt::OtherFocusReason);
        row.field->selectAll();
    }
}

void ParametersSection::rename(const std::string& from, QLineEdit* field)
{
    const std::string to = field->text().trimmed().toStdString();
    if (to == from) return;
    const auto edit = renameParameter(document_.document(), from, to);
    if (!edit) return field->setText(QString::fromStdString(from));
    document_.apply(*edit, tr("Rename parameter %1 to %2").arg(QString::fromStdString(from), QString::fromStdString(to)));
}

void ParametersSection::writeValue(const std::string& name, const std::optional<Json>& value)
{
    const Json* declared = document_.document().parameters.find(name);
    if (!declared) return;
    const QString title = QString::fromStdString(name);
    document_.apply(setParameter(document_.document(), name, withValue(*declared, value)), tr("Change parameter %1").arg(title), "parameter " + title);
}

}
