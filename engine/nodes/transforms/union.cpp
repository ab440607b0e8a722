#include "engine/dataflow/declare.h"

namespace streamwright {

namespace {

struct Options {};

class Union final : public RowOperator {
public:
    explicit Union(SchemaPtr schema) : schema_(std::move(schema)) {}

    void process(const Morsel& in, const BatchContext&, Emitter& out) const override
    {
        // The columns are called as on the first wire.
        out.emit(in.batch->schemaPtr() == schema_ ? in.batch : makeBatch(schema_, in.batch->columns(), in.batch->rows()));
    }

private:
    SchemaPtr schema_;
};

Checked<Schema> commonSchema(const Inputs& inputs)
{
    const Schema& first = inputs.edges().front().schema;
    for (size_t i = 1; i < inputs.edges().size(); ++i) {
        const Schema& other = inputs.edges()[i].schema;
        bool same = other.size() == first.size();
        for (size_t c = 0; same && c < first.size(); ++c) same = first[c].type == other[c].type;
        if (!same) return FieldError{"", fmt::format("all inputs of a union need columns of the same types, but input 1 is ({}) and input {} is ({})", first.toDdl(), i + 1, other.toDdl()), "make them alike with select"};
    }
    return first;
}

}

NodeType unionNode()
{
    return Declare<Options>("union", Group::Transform)
        .summary("Put the rows of several streams into one.")
        .help("Columns go by their place and are called as on the first wire. Rows come in the order of the wires.")
        .inputs("in").output("out")
        .schema([](const Options&, const Inputs& in, const PlanContext&) { return commonSchema(in); })
        .make([](const Options&, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<Union>> {
            auto schema = commonSchema(in);
            if (!schema) return schema.error();
            return std::make_unique<Union>(std::make_shared<const Schema>(std::move(*schema)));
        });
}

}
