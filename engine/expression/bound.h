// The typed tree of a compiled expression and how it is evaluated. Private to this room.
#pragma once
#include "engine/expression/function.h"

#include <mutex>

namespace streamwright::syntax {

struct Bound;
using BoundPtr = std::shared_ptr<const Bound>;

// What a tree is evaluated over. Slots hold the columns of the input, then variables of lambdas and values
// that are computed once; those that the tree reads are set and have `rows` rows.
struct Frame {
    std::vector<ColumnPtr> slots;
    size_t rows;
    const EvalContext& context;
    ErrorList& errors;          // of this frame's rows; the first of a row counts

    void set(uint32_t slot, ColumnPtr column)
    {
        if (slots.size() <= slot) slots.resize(slot + 1);
        slots[slot] = std::move(column);
    }
    void checkStop() const
    {
        if (context.stop) context.stop->check();
    }
};

struct Bound {
    Type type;
    std::vector<BoundPtr> inputs;
    bool canFail = false;       // some row may raise, here or below
    bool contextual = false;    // depends on the batch time or the time zone
    bool cheap = false;         // costs about one pass over an array: worth computing on rows that do not need it
    std::vector<uint32_t> slots;            // read here or below, ascending
    std::optional<Value> literal;           // known when compiled

    virtual ~Bound() = default;
    // A column of frame.rows rows. Rows that fail are added to frame.errors and are NULL.
    virtual ColumnPtr evaluate(Frame& frame) const = 0;

    bool constant() const { return slots.empty(); }
};

// Derives what follows from the inputs, computes what is known already, and makes what is the same in
// every row be computed once. `introduced`: slots that this node sets itself.
BoundPtr seal(std::shared_ptr<Bound> node, std::span<const uint32_t> introduced = {});

BoundPtr literalOf(const Type& type, const Value& value);
BoundPtr slotOf(const Type& type, uint32_t slot);
// The slot that the tree is, if it is just that.
std::optional<uint32_t> slotIn(const Bound& bound);

// Over some rows of the frame (ascending); errors are told to the frame.
ColumnPtr evaluateOn(const Bound& bound, Frame& frame, std::span<const uint32_t> rows);

// An input of a kernel: a constant has one row.
struct Operand {
    ColumnPtr column;
    bool constant = false;

    size_t at(size_t row) const { return constant ? 0 : row; }
    bool isNull(size_t row) const { return column->isNull(at(row)); }
};
Operand evaluateOperand(const Bound& bound, Frame& frame);

// `rows` copies of the only row of a column.
ColumnPtr broadcast(const ColumnPtr& one, size_t rows);

// NULL marks of a result with what keeps them alive; data is null when no row is NULL.
struct Marks {
    const uint8_t* data = nullptr;
    std::vector<Owner> owners;
};
// NULL where an operand is. A NULL constant must have been met before.
Marks marksOf(const Operand& operand);
Marks eitherNull(const Operand& a, const Operand& b, size_t rows);
Marks either(Marks a, Marks b, size_t rows);
// Writable marks of a result: a copy, all 0 when there were none.
uint8_t* writable(Marks& marks, size_t rows);
// The same column with more NULLs.
ColumnPtr withNulls(const ColumnPtr& column, const Marks& more);
// NULL in the rows of these errors.
ColumnPtr withErrors(const ColumnPtr& column, std::span<const RowError> errors);

// A column around a buffer of values.
ColumnPtr columnAround(const Type& type, size_t rows, const std::shared_ptr<Buffer>& values, Marks marks);

// Row by row `yes` where the mask is 1, else `no`; both have all rows or are constants.
ColumnPtr choose(const Type& type, const uint8_t* mask, const Operand& yes, const Operand& no, size_t rows);

// Puts a column together from pieces for some of its rows; rows of no piece are NULL.
class Pieces {
public:
    void add(ColumnPtr column, std::vector<uint32_t> rows);
    ColumnPtr assemble(const Type& type, size_t rows) const;

private:
    std::vector<ColumnPtr> columns_;
    std::vector<std::vector<uint32_t>> rows_;
};

std::vector<uint32_t> allRows(size_t rows);

}
