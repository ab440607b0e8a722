#include "engine/columns/builder.h"
#include "engine/dataflow/declare.h"
#include "engine/nodes/sources/shared/paced_rows.h"

namespace streamwright {

namespace {

struct Options {
    double rowsPerSecond = 1;
};

SchemaPtr rateSchema()
{
    static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"timestamp", TypeKind::Timestamp}, {"value", TypeKind::BigInt}});
    return schema;
}

class Rate final : public PacedRows {
public:
    using PacedRows::PacedRows;
    std::string description() const override { return fmt::format("rate {} rows/s", rate()); }

protected:
    void emitRows(int64_t from, size_t count, Timestamp zero, const BatchContext&, Emitter& out) const override
    {
        FixedBuilder<int64_t> times, values;
        int64_t* time = times.extend(count);
        int64_t* value = values.extend(count);
        for (size_t i = 0; i < count; ++i) {
            value[i] = from + static_cast<int64_t>(i);
            time[i] = timeOf(value[i], zero).micros;
        }
        out.emit(makeBatch(rateSchema(), {columnFrom(TypeKind::Timestamp, times), columnFrom(TypeKind::BigInt, values)}, count));
    }
};

}

NodeType rateSource()
{
    return Declare<Options>("source.rate", Group::Source)
        .summary("Count up at an even pace, to try pipelines out.")
        .help("Rows of `timestamp` and `value` (0, 1, 2, …) as Spark's rate source makes them. The stream has no end.")
        .output("out")
        .field(&Options::rowsPerSecond, {.name = "rows_per_second", .help = "How many rows come in a second.", .kind = FieldKind::Number, .fallback = Json::integer(1), .unit = "rows/s", .example = Json::integer(10)})
        .check([](const Options& options) {
            std::vector<FieldError> errors;
            if (!(options.rowsPerSecond > 0) || options.rowsPerSecond > 1e9) errors.push_back({"rows_per_second", fmt::format("rows_per_second must be above 0 and at most 1e9, but is {}", options.rowsPerSecond), {}});
            return errors;
        })
        .schema([](const Options&, const Inputs&, const PlanContext&) -> Checked<Schema> { return *rateSchema(); })
        .make([](const Options& options, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<ReplayableSource>> { return std::make_unique<Rate>(options.rowsPerSecond); });
}

}
