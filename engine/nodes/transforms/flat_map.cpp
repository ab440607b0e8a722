#include "engine/dataflow/declare.h"
#include "engine/dataflow/named_columns.h"
#include "engine/dataflow/rejecting.h"
#include "engine/expression/expression.h"

namespace streamwright {

namespace {

struct Options {
    std::string expression;
    std::string as = "value";
    std::vector<std::string> carry;
};

struct Compiled {
    Expression expression;
    std::vector<size_t> carry;
    Schema schema;
};

Checked<Compiled> compile(const Options& options, const Schema& input)
{
    auto expression = compileExpression(options.expression, input);
    if (!expression) return inField("expression", expression.error());
    if (!expression->type().is(TypeKind::Array)) {
        return FieldError{"expression", "expression must be an array, but \"" + options.expression + "\" is " + expression->type().simpleName(), "split(value, ' ') makes an array of a text"};
    }
    auto carry = columnsNamed(options.carry, input, "carry");
    if (!carry) return carry.error();
    std::vector<Field> fields;
    for (const size_t column : *carry) fields.push_back(input[column]);
    fields.push_back({options.as, expression->type().element()});
    if (const auto twice = duplicateName(fields)) return FieldError{"as", "the output has the column " + *twice + " twice", "give `as` another name"};
    return Compiled{std::move(*expression), std::move(*carry), Schema(std::move(fields))};
}

class FlatMap final : public RowOperator {
public:
    explicit FlatMap(Compiled compiled) : expression_(std::move(compiled.expression)), carry_(std::move(compiled.carry)), schema_(std::make_shared<const Schema>(std::move(compiled.schema))) {}

    void process(const Morsel& in, const BatchContext& context, Emitter& out) const override
    {
        const Batch& batch = *in.batch;
        const Evaluated arrays = expression_.evaluate(batch, evalContext(context));
        rejectRows(batch, "expression", arrays.errors, out);
        if (batch.rows() == 0) return;
        const ColumnPtr elements = elementsOf(*arrays.column);
        const size_t rows = elements->size();
        if (rows == 0) return;
        std::vector<ColumnPtr> columns;
        if (!carry_.empty()) {
            const std::vector<uint32_t> origin = originOf(*arrays.column, rows);
            for (const size_t column : carry_) columns.push_back(gather(*batch.column(column), origin));
        }
        columns.push_back(elements);
        emitInVectors(makeBatch(schema_, std::move(columns), rows), out);
    }

private:
    // The elements of all arrays in order. Nothing is copied, unless a NULL array has elements to leave out.
    static ColumnPtr elementsOf(const Column& arrays)
    {
        const size_t rows = arrays.size();
        const uint32_t* offsets = arrays.offsets();
        bool dense = true;
        for (size_t row = 0; arrays.nulls() && row < rows; ++row) dense &= !arrays.nulls()[row] || offsets[row] == offsets[row + 1];
        if (dense) return arrays.element()->slice(offsets[0], offsets[rows] - offsets[0]);
        std::vector<uint32_t> picked;
        for (size_t row = 0; row < rows; ++row) {
            if (arrays.isNull(row)) continue;
            for (uint32_t i = offsets[row]; i < offsets[row + 1]; ++i) picked.push_back(i);
        }
        return gather(*arrays.element(), picked);
    }

    // The input row of each element.
    static std::vector<uint32_t> originOf(const Column& arrays, size_t elements)
    {
        std::vector<uint32_t> origin;
        origin.reserve(elements);
        const uint32_t* offsets = arrays.offsets();
        for (uint32_t row = 0; row < arrays.size(); ++row) {
            if (!arrays.isNull(row)) origin.insert(origin.end(), offsets[row + 1] - offsets[row], row);
        }
        return origin;
    }

    // One line may give thousands of rows: what follows works on pieces that stay in the cache.
    static void emitInVectors(const BatchPtr& batch, Emitter& out)
    {
        for (size_t from = 0; from < batch->rows(); from += kVectorRows) out.emit(slice(batch, from, std::min(kVectorRows, batch->rows() - from)));
    }

    Expression expression_;
    std::vector<size_t> carry_;
    SchemaPtr schema_;
};

}

NodeType flatMapNode()
{
    return Declare<Options>("flat_map", Group::Transform)
        .summary("Make one row of each element of an array.")
        .help("A row whose array is empty or NULL gives no rows; a row for which the expression fails goes to `rejected`.")
        .input("in").output("out").rejects()
        .field(&Options::expression, {.name = "expression", .help = "An array over the input columns.", .kind = FieldKind::Expression, .required = true, .example = Json::string("split(value, ' ')")})
        .field(&Options::as, {.name = "as", .help = "Name of the column of elements.", .kind = FieldKind::Text, .fallback = Json::string("value"), .example = Json::string("word")})
        .field(&Options::carry, {.name = "carry", .help = "Input columns that each element takes along.", .kind = FieldKind::Columns, .example = Json::array({Json::string("id")})})
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in.only()); },
                  [](const Compiled& compiled) { return compiled.schema; },
                  [](Compiled compiled) { return std::make_unique<FlatMap>(std::move(compiled)); });
}

}
