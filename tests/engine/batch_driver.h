// Runs one batch through a node as the runtime would, with any number of workers and any cut of the input.
#pragma once
#include "engine/columns/builder.h"
#include "engine/columns/print.h"
#include "engine/nodes/catalog.h"

#include <QTest>

// Qt makes it a word that means nothing; here it is a method.
#undef emit

namespace streamwright::test {

inline BatchPtr batchOf(const std::string& ddl, const std::vector<Value::List>& rows)
{
    auto schema = std::make_shared<const Schema>(*parseSchema(ddl));
    std::vector<ColumnPtr> columns;
    for (size_t c = 0; c < schema->size(); ++c) {
        std::vector<Value> values;
        for (const Value::List& row : rows) values.push_back(row[c]);
        columns.push_back(columnOf((*schema)[c].type, values));
    }
    return makeBatch(schema, std::move(columns), rows.size());
}

class Collector final : public Emitter {
public:
    void emit(BatchPtr batch, size_t port, std::optional<uint32_t>) override
    {
        for (size_t row = 0; row < batch->rows(); ++row) {
            std::string line = port == 0 ? std::string() : std::to_string(port) + ":";
            appendJsonRow(*batch, row, line);
            rows.push_back(std::move(line));
        }
        batches.push_back(std::move(batch));
    }
    void reject(Rejected row) override { rejected.push_back(row.field + ": " + row.reason + " " + row.row); }

    std::vector<std::string> rows;
    std::vector<std::string> rejected;
    std::vector<BatchPtr> batches;
};

struct Cut {
    size_t workers = 1;
    size_t rows = kVectorRows;
    bool backwards = false;  // workers take later morsels first
};

inline std::vector<Cut> everyCut()
{
    std::vector<Cut> cuts;
    for (const size_t workers : {1, 2, 4}) {
        for (const size_t rows : {size_t{4096}, size_t{3}, size_t{1}}) {
            cuts.push_back({workers, rows, false});
            cuts.push_back({workers, rows, true});
        }
    }
    return cuts;
}

inline Json optionsOf(std::vector<Json::Member> members) { return Json::object(std::move(members)); }
inline Json texts(const std::vector<std::string>& list)
{
    std::vector<Json> items;
    for (const std::string& text : list) items.push_back(Json::string(text));
    return Json::array(std::move(items));
}

struct PortInput {
    std::string port;
    BatchPtr batch;
};

// The node's operator, or its mistake as a failed test.
inline std::unique_ptr<BatchOperator> makeNode(const std::string& type, const Json& options, const std::vector<PortInput>& inputs)
{
    static const Catalog catalog = builtInNodes();
    const NodeType* node = catalog.find(type);
    if (!node) qFatal("no node %s", type.c_str());
    for (const FieldError& error : node->checkOptions(options)) qFatal("%s: %s", error.field.c_str(), error.message.c_str());
    std::vector<Inputs::Edge> edges;
    for (const PortInput& input : inputs) edges.push_back({input.port, input.batch->schema()});
    const Inputs schemas(edges);
    auto outputs = node->schemas(options, schemas, PlanContext{});
    if (!outputs) qFatal("%s: %s", outputs.error().field.c_str(), outputs.error().message.c_str());
    auto made = node->make(options, schemas, PlanContext{});
    if (!made) qFatal("%s: %s", made.error().field.c_str(), made.error().message.c_str());
    return std::move(std::get<std::unique_ptr<BatchOperator>>(*made));
}

inline Collector run(const BatchOperator& node, const std::vector<PortInput>& inputs, const Cut& cut)
{
    const StopToken stop;
    BatchContext context;
    context.stop = &stop;
    Collector out;
    auto work = node.begin(context, {}, cut.workers);
    for (size_t port = 0; port < inputs.size(); ++port) {
        std::vector<Morsel> morsels;
        const BatchPtr& batch = inputs[port].batch;
        for (size_t from = 0; from < batch->rows(); from += cut.rows) {
            morsels.push_back({slice(batch, from, std::min(cut.rows, batch->rows() - from)), {static_cast<uint32_t>(morsels.size() / 7), static_cast<uint32_t>(morsels.size() % 7)}, 0});
        }
        if (cut.backwards) std::reverse(morsels.begin(), morsels.end());
        for (size_t i = 0; i < morsels.size(); ++i) work->consume(port, morsels[i], (i * 5 / 3) % cut.workers, out);
    }
    std::sort(out.rejected.begin(), out.rejected.end());
    work->prepare();
    for (size_t part = 0; part < work->parts(); ++part) work->finish(part, out);
    return out;
}

}
