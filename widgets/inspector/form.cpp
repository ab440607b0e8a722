#include "widgets/inspector/form.h"

namespace streamwright {

namespace {

// Who unfolded it for one node wants it so for the next.
bool unfolded = false;

}

Form::Form(std::unique_ptr<Subject> subject, QWidget* parent) : QWidget(parent), subject_(std::move(subject)), column_(new QVBoxLayout(this))
{
    column_->setContentsMargins(0, 0, 0, 0);
    column_->setSpacing(measure::kMedium);
    std::vector<FieldSpec> fields = subject_->fields();
    std::stable_partition(fields.begin(), fields.end(), [](const FieldSpec& field) { return !field.advanced; });
    for (const FieldSpec& field : fields) {
        if (field.advanced && !fold_) buildFold();
        rows_.push_back(new FieldRow(field, *subject_, this));
        column_->addWidget(rows_.back());
    }
    showRows();
}

void Form::buildFold()
{
    fold_ = new QToolButton(this);
    fold_->setText(tr("More options"));
    fold_->setAutoRaise(true);
    fold_->setCheckable(true);
    fold_->setFocusPolicy(Qt::StrongFocus);
    fold_->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    connect(fold_, &QToolButton::clicked, this, &Form::unfold);
    column_->addWidget(fold_, 0, Qt::AlignLeft);
}

void Form::unfold(bool open)
{
    unfolded = open;
    showRows();
}

bool Form::isWanted(const FieldRow& row) const
{
    // What is wrong is never hidden.
    if (row.hasProblem()) return true;
    if (row.spec().advanced && !unfolded) return false;
    if (!row.spec().visibleWhen) return true;
    const auto& when = *row.spec().visibleWhen;
    for (const FieldRow* other : rows_) {
        if (other->spec().name != when.field) continue;
        const Json shown = subject_->value(when.field).value_or(other->spec().fallback);
        const bool parameter = shown.isString() && shown.asString().find("${") != std::string::npos;
        return parameter || subject_->differs(when.field) || std::find(when.values.begin(), when.values.end(), shown) != when.values.end();
    }
    return true;
}

void Form::showRows()
{
    for (FieldRow* row : rows_) row->setVisible(isWanted(*row));
    if (!fold_) return;
    fold_->setChecked(unfolded);
    fold_->setArrowType(unfolded ? Qt::DownArrow : Qt::RightArrow);
}

FieldRow* Form::reveal(const std::string& field)
{
    for (FieldRow* row : rows_) {
        if (row->spec().name != field) continue;
        if (row->spec().advanced && !row->isVisibleTo(this)) unfold(true);
        row->show();
        return row;
    }
    return nullptr;
}

void Form::refresh()
{
    for (FieldRow* row : rows_) row->refresh();
    showRows();
}

void Form::refreshChecked()
{
    for (FieldRow* row : rows_) row->refreshChecked();
    showRows();
}

}
