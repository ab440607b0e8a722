// How a scalar function is declared: one entry in functions/<family>.cpp with name, signature, help and
// an example that runs as a test. Types are checked and coerced before a kernel is called; NULL handling
// is derived unless the kernel asks to see NULLs.
#pragma once
#include "engine/columns/builder.h"
#include "engine/expression/expression.h"

#include <functional>

namespace streamwright {

// Gathers row errors of one evaluation; rows are those of the columns a kernel is given.
class ErrorList {
public:
    void add(size_t row, std::string reason) { errors_.push_back({static_cast<uint32_t>(row), std::move(reason)}); }
    bool empty() const { return errors_.empty(); }
    std::vector<RowError>& rows() { return errors_; }

private:
    std::vector<RowError> errors_;
};

// What a kernel is given. All argument columns have `rows` rows and the types that `resolve` asked for.
struct Call {
    std::span<const ColumnPtr> arguments;
    size_t rows = 0;
    const Type& result;             // type that `resolve` gave
    const EvalContext& context;
    ErrorList& errors;              // a row added here gets NULL in the result
    // 1 = some argument is NULL, so the result is NULL and the row should be skipped; null pointer when no
    // row is. Always null for functions with `seesNulls`.
    const uint8_t* nulls = nullptr;
    // True when the argument has the same value in every row (a literal): prepare once (regex, format).
    std::span<const uint8_t> constant;

    bool skip(size_t row) const { return nulls && nulls[row]; }
};

// An argument as the resolver sees it: its type, and its value when it is a literal (NULL for others).
struct ArgumentType {
    Type type;
    std::optional<Value> literal;
};

// What a resolver decides: the types the arguments are implicitly cast to, and the result's type.
struct Signature {
    std::vector<Type> arguments;
    Type result;
};

struct FunctionExample {
    std::string expression;         // "upper('Spark')"
    std::string result;             // as `streamwright eval` prints its JSON value: "\"SPARK\""
};

struct Function {
    std::string name;                       // lower case
    std::vector<std::string> aliases;
    std::string family;                     // "math", "text", …
    std::string usage;                      // "substring(text, position[, length])"
    std::string help;                       // one or two sentences
    FunctionExample example;
    // Decides the types or says what is wrong: `abs expects a number, but got string`.
    std::function<Result<Signature>(std::span<const ArgumentType>)> resolve;
    // Computes the column: of call.rows rows and type call.result. Rows that call.skip() tells, and rows
    // added to call.errors, may hold anything; they become NULL.
    std::function<ColumnPtr(const Call&)> evaluate;
    bool canFail = false;                   // may add errors
    bool seesNulls = false;                 // NULL arguments reach the kernel (coalesce, concat_ws, …)
    // Differs from row to row by itself (rand, uuid, …): two BIGINT arguments follow those of `resolve`, a literal that
    // stands for this call among all, and the row's number. Only where rows have numbers (RowNumbers::Known).
    bool numbered = false;
};

// All scalar functions, by name and alias; those with lambdas and those that evaluate lazily (if, coalesce,
// nvl…, CASE) are known to the compiler itself but stand here too, with `evaluate` empty.
const Function* findFunction(std::string_view name);
std::vector<const Function*> allFunctions();   // sorted by name

// The families, one per file under functions/.
std::vector<Function> mathFunctions();
std::vector<Function> textFunctions();
std::vector<Function> regexFunctions();
std::vector<Function> timeFunctions();
std::vector<Function> logicFunctions();
std::vector<Function> jsonFunctions();
std::vector<Function> arrayFunctions();

}
