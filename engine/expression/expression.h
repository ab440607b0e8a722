// A compiled scalar expression in Spark SQL's syntax and meaning (ANSI mode). Immutable; may be
// evaluated by many threads at once.
#pragma once
#include "engine/base/ids.h"
#include "engine/base/stop_token.h"
#include "engine/columns/batch.h"

#include <optional>

#include <string>
#include <vector>

namespace streamwright {

// What an expression may know besides its input: the same whenever the batch is run again.
struct EvalContext {
    Timestamp batchTime;                // current_timestamp(), now(), current_date()
    std::string timeZone = "UTC";       // session time zone
    const StopToken* stop = nullptr;    // asked at least every 4,096 rows and inside lambdas; may be null
    int64_t firstRow = 0;               // number of the input's first row, where rows have numbers
    uint64_t seed = 0;                  // of rand() and the like that are given none
};

// What Spark 4 would raise for this row.
struct RowError {
    uint32_t row = 0;
    std::string reason;                 // "division by zero"
};

struct Evaluated {
    ColumnPtr column;                   // one value per input row; NULL where a row has an error
    std::vector<RowError> errors;       // ascending by row, at most one per row
};

namespace syntax { struct Bound; }      // the typed tree; private to this room

class Expression {
public:
    explicit Expression(std::shared_ptr<const syntax::Bound> bound, std::string name) : bound_(std::move(bound)), name_(std::move(name)) {}

    const Type& type() const;
    // The alias after AS, else the column's own name, else the expression's text.
    const std::string& name() const { return name_; }
    Evaluated evaluate(const Batch& input, const EvalContext& context) const;
    // False when no row can ever raise an error: callers may skip looking.
    bool canFail() const;
    // Index of the input column if the expression is just that column.
    std::optional<size_t> columnIndex() const;
    const syntax::Bound& bound() const { return *bound_; }

private:
    std::shared_ptr<const syntax::Bound> bound_;
    std::string name_;
};

// Whether the rows that an expression will see have numbers, in EvalContext::firstRow, that depend on no cutting
// and no worker: only then rand(), uuid() and the like have values that a batch run again gives again.
enum class RowNumbers : unsigned char { Unknown, Known };

// Parses and types `text` over the columns of `input`. Mistakes say where in the text they are, what was
// expected, and "did you mean" for names. `text` may end in `AS name`.
Result<Expression> compileExpression(std::string_view text, const Schema& input, RowNumbers numbers = RowNumbers::Unknown);
// The same, and the result is converted to `type` as Spark's implicit casts do; a mistake if they would not.
Result<Expression> compileExpressionAs(std::string_view text, const Schema& input, const Type& type);
// A BOOLEAN expression: "a condition must be boolean, but "amount + 1" is double".
Result<Expression> compileCondition(std::string_view text, const Schema& input);

// Text of an error row for reject ports lives with the caller; rows that are neither false, NULL nor errors:
std::vector<uint32_t> rowsThatAreTrue(const Column& condition);

}
