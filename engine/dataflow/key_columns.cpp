#include "engine/dataflow/key_columns.h"

#include <fmt/format.h>

#include <algorithm>

namespace streamwright {

Checked<KeyColumns> KeyColumns::compile(const std::vector<std::string>& keys, const Schema& input, std::string field)
{
    KeyColumns result;
    result.field_ = std::move(field);
    for (size_t item = 0; item < keys.size(); ++item) {
        auto expression = compileExpression(keys[item], input);
        if (!expression) return inItem(result.field_, item, expression.error());
        result.fields_.push_back({expression->name(), expression->type()});
        result.expressions_.push_back(std::move(*expression));
    }
    if (const auto twice = duplicateName(result.fields_)) return FieldError{result.field_, fmt::format("two of them are called {}", *twice), "name one of them with AS"};
    return result;
}

KeyColumns::Evaluation KeyColumns::evaluate(const BatchPtr& batch, const BatchContext& context, Emitter& rejects) const
{
    Evaluation result{batch, {}};
    std::vector<RowError> errors;
    for (const Expression& expression : expressions_) {
        Evaluated evaluated = expression.evaluate(*batch, evalContext(context));
        errors.insert(errors.end(), evaluated.errors.begin(), evaluated.errors.end());
        result.columns.push_back(std::move(evaluated.column));
    }
    if (errors.empty()) return result;
    // The first key that fails speaks for its row.
    std::stable_sort(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row < b.row; });
    errors.erase(std::unique(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row == b.row; }), errors.end());
    rejectRows(*batch, field_, errors, rejects);
    const std::vector<uint32_t> rows = rowsWithoutErrors(batch->rows(), errors);
    result.batch = gather(*batch, rows);
    for (ColumnPtr& column : result.columns) column = gather(*column, rows);
    return result;
}

}
