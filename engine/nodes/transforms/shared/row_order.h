// The option `by` of sort and top: expressions with ASC or DESC, and the rows of a batch in their order.
#pragma once
#include "engine/dataflow/gathered_rows.h"
#include "engine/dataflow/node_type.h"
#include "engine/expression/expression.h"

namespace streamwright {

class RowOrder {
public:
    // `n DESC`, `word`, `lower(word) ASC NULLS LAST`. As in Spark NULLs come first when ascending, last when descending.
    static Checked<RowOrder> compile(const std::vector<std::string>& by, const Schema& input);

private:
    friend class OrderedRows;
    struct Key {
        Expression expression;
        bool descending = false;
        bool nullsFirst = true;
    };
    std::vector<Key> keys_;
};

// The rows of one batch.
class OrderedRows {
public:
    OrderedRows(const RowOrder& order, SchemaPtr schema, const BatchContext& context, size_t workers) : order_(order), schema_(std::move(schema)), context_(context), perWorker_(workers) {}

    // From many workers; rows for which a key fails are rejected.
    void add(const Morsel& in, size_t worker, Emitter& rejects);
    // After the last add: emits the first `most` rows in order; equal rows stay in input order.
    void emit(size_t most, Emitter& out);

private:
    struct Piece {
        Morsel morsel;
        std::vector<ColumnPtr> keys;
    };
    void concatenateAll();
    std::vector<uint64_t> firstKeys() const;
    bool before(uint32_t a, uint32_t b) const;

    const RowOrder& order_;
    SchemaPtr schema_;
    const BatchContext& context_;
    std::vector<std::vector<Piece>> perWorker_;
    BatchPtr all_;
    std::vector<ColumnPtr> keys_;
};

}
