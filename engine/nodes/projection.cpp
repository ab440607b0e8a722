#include "engine/nodes/projection.h"

#include "engine/columns/ddl.h"
#include "engine/dataflow/rejecting.h"

namespace streamwright {

namespace {

// A row is rejected once, for the first column that failed.
void addErrors(std::vector<RowError>& errors, std::vector<RowError> more, const std::string& column)
{
    for (RowError& error : more) error.reason = column + ": " + error.reason;
    errors.insert(errors.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    std::stable_sort(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row < b.row; });
    errors.erase(std::unique(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row == b.row; }), errors.end());
}

}

Checked<Projection> Projection::compile(const std::string& field, const std::vector<std::string>& columns, const Schema& input, RowNumbers numbers)
{
    Projection projection;
    projection.field_ = field;
    const auto add = [&](std::string_view text, size_t item) -> std::optional<FieldError> {
        auto expression = compileExpression(text, input, numbers);
        if (!expression) return inItem(field, item, expression.error());
        projection.expressions_.push_back(std::move(*expression));
        return std::nullopt;
    };
    for (size_t item = 0; item < columns.size(); ++item) {
        if (columns[item] != "*") {
            if (auto error = add(columns[item], item)) return *error;
            continue;
        }
        for (const Field& each : input.fields()) {
            if (auto error = add(quoteName(each.name), item)) return *error;
        }
    }
    std::vector<Field> fields;
    for (const Expression& expression : projection.expressions_) fields.push_back({expression.name(), expression.type()});
    if (const auto twice = duplicateName(fields)) return FieldError{field, field + " has " + *twice + " twice", "name one of them otherwise: … AS " + *twice + "_2"};
    projection.schema_ = std::make_shared<const Schema>(std::move(fields));
    return projection;
}

void Projection::apply(const Batch& batch, const EvalContext& context, Emitter& out) const
{
    std::vector<ColumnPtr> columns;
    columns.reserve(expressions_.size());
    std::vector<RowError> errors;
    for (const Expression& expression : expressions_) {
        if (const auto index = expression.columnIndex()) {
            columns.push_back(batch.column(*index));
            continue;
        }
        Evaluated evaluated = expression.evaluate(batch, context);
        columns.push_back(std::move(evaluated.column));
        if (!evaluated.errors.empty()) addErrors(errors, std::move(evaluated.errors), expression.name());
    }
    BatchPtr result = makeBatch(schema_, std::move(columns), batch.rows());
    if (!errors.empty()) {
        rejectRows(batch, field_, errors, out);
        result = gather(*result, rowsWithoutErrors(batch.rows(), errors));
    }
    if (result->rows() > 0) out.emit(std::move(result));
}

}
