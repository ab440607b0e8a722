#include "engine/columns/ddl.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/rejecting.h"
#include "engine/expression/expression.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> columns;
};

// `*` stands for all input columns.
Checked<std::vector<Expression>> compileColumns(const Options& options, const Schema& input)
{
    std::vector<Expression> expressions;
    const auto add = [&](std::string_view text) -> std::optional<FieldError> {
        auto expression = compileExpression(text, input);
        if (!expression) return inField("columns", expression.error());
        expressions.push_back(std::move(*expression));
        return std::nullopt;
    };
    for (const std::string& text : options.columns) {
        if (text != "*") {
            if (auto error = add(text)) return *error;
            continue;
        }
        for (const Field& field : input.fields()) {
            if (auto error = add(quoteName(field.name))) return *error;
        }
    }
    return expressions;
}

Checked<Schema> schemaOf(const std::vector<Expression>& expressions)
{
    std::vector<Field> fields;
    for (const Expression& expression : expressions) fields.push_back({expression.name(), expression.type()});
    if (const auto twice = duplicateName(fields)) return FieldError{"columns", "columns has " + *twice + " twice", "name one of them otherwise: … AS " + *twice + "_2"};
    return Schema(std::move(fields));
}

class Select final : public RowOperator {
public:
    Select(std::vector<Expression> expressions, SchemaPtr schema) : expressions_(std::move(expressions)), schema_(std::move(schema)) {}

    void process(const Morsel& in, const BatchContext& context, Emitter& out) const override
    {
        const Batch& batch = *in.batch;
        const EvalContext evalWith = evalContext(context);
        std::vector<ColumnPtr> columns;
        columns.reserve(expressions_.size());
        std::vector<RowError> errors;
        for (const Expression& expression : expressions_) {
            if (const auto index = expression.columnIndex()) {
                columns.push_back(batch.column(*index));
                continue;
            }
            Evaluated evaluated = expression.evaluate(batch, evalWith);
            columns.push_back(std::move(evaluated.column));
            if (!evaluated.errors.empty()) addErrors(errors, std::move(evaluated.errors), expression.name());
        }
        BatchPtr result = makeBatch(schema_, std::move(columns), batch.rows());
        if (!errors.empty()) {
            rejectRows(batch, "columns", errors, out);
            result = gather(*result, rowsWithoutErrors(batch.rows(), errors));
        }
        if (result->rows() > 0) out.emit(std::move(result));
    }

private:
    // A row is rejected once, for the first column that failed.
    static void addErrors(std::vector<RowError>& errors, std::vector<RowError> more, const std::string& column)
    {
        for (RowError& error : more) error.reason = column + ": " + error.reason;
        errors.insert(errors.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
        std::stable_sort(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row < b.row; });
        errors.erase(std::unique(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row == b.row; }), errors.end());
    }

    std::vector<Expression> expressions_;
    SchemaPtr schema_;
};

}

NodeType selectNode()
{
    return Declare<Options>("select", Group::Transform)
        .summary("Compute the output columns from each row.")
        .help("Each entry is a column or an expression with AS; * stands for all columns. A row for which an expression fails goes to `rejected`.")
        .input("in").output("out").rejects()
        .field(&Options::columns, {.name = "columns", .help = "The output columns, in order.", .kind = FieldKind::Expressions, .required = true, .example = Json::array({Json::string("id"), Json::string("amount * 2 AS twice")})})
        .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<Schema> {
            auto expressions = compileColumns(o, in.only());
            if (!expressions) return expressions.error();
            return schemaOf(*expressions);
        })
        .make([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<Select>> {
            auto expressions = compileColumns(o, in.only());
            if (!expressions) return expressions.error();
            auto schema = schemaOf(*expressions);
            if (!schema) return schema.error();
            return std::make_unique<Select>(std::move(*expressions), std::make_shared<const Schema>(std::move(*schema)));
        });
}

}
