#include "widgets/inspector/expression_preview.h"

#include "widgets/theme/names.h"

#include <QPainter>

namespace streamwright {

namespace {

constexpr Duration kBudget = milliseconds(50);
constexpr qsizetype kMostCharacters = 60;

QString textOf(const Cell& cell)
{
    if (cell.null) return "NULL";
    const QString text = QString::fromStdString(cell.text).replace('\n', ' ');
    return text.size() > kMostCharacters ? text.left(kMostCharacters) + "…" : text;
}

// "value the quick brown fox → [the, quick]", or the error of that row.
QString lineOf(const Evaluation& evaluation, size_t row)
{
    QString line;
    if (row < evaluation.inputs.rows.size()) {
        const auto& cells = evaluation.inputs.rows[row];
        for (size_t i = 0; i < cells.size() && i < evaluation.inputs.schema.size(); ++i) line += QString::fromStdString(evaluation.inputs.schema[i].name) + ' ' + textOf(cells[i]) + ' ';
    }
    const bool failed = row < evaluation.errors.size() && !evaluation.errors[row].empty();
    return line + "→ " + (failed ? engineText(evaluation.errors[row]) : textOf(evaluation.values[row]));
}

}

ExpressionPreview::ExpressionPreview(const FieldScope& scope, QWidget* parent)
    : QWidget(parent), scope_(scope), title_(TextRole::Secondary, ThemedLabel::Tone::Text, this), rows_(TextRole::Code, ThemedLabel::Tone::Text, this)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(measure::kSmall, measure::kTiny, measure::kSmall, measure::kTiny);
    column->setSpacing(2);
    column->addWidget(&title_);
    column->addWidget(&rows_);
    rows_.setWordWrap(true);
    rows_.setTextInteractionFlags(Qt::TextSelectableByMouse);
    hide();
}

void ExpressionPreview::show(const QString& expression)
{
    cancel_.request();
    asked_ = expression;
    RunController* run = scope_.run();
    auto query = scope_.rows();
    if (!run || !query || expression.trimmed().isEmpty()) return hide();
    query->expression = expression.toStdString();
    CallOptions call = run->call(this, kBudget);
    cancel_ = call.cancel;
    const bool live = query->rows.empty();
    run->session().evaluate(std::move(*query), std::move(call), [this, expression, live](Result<Evaluation> evaluation) {
        if (expression != asked_) return;
        // What is wrong with it stands under the field already.
        if (!evaluation || evaluation->values.empty()) hide();
        else answer(*evaluation, live);
    });
}

void ExpressionPreview::answer(const Evaluation& evaluation, bool live)
{
    title_.setText(live ? tr("On live rows") : tr("On sample rows"));
    QStringList lines;
    for (size_t row = 0; row < evaluation.values.size(); ++row) lines += lineOf(evaluation, row);
    rows_.setText(lines.join('\n'));
    setVisible(true);
}

void ExpressionPreview::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Theme::current().selection);
    painter.drawRoundedRect(rect(), measure::kFieldRadius, measure::kFieldRadius);
}

}
