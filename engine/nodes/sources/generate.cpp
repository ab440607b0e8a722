#include "engine/columns/builder.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/rejecting.h"
#include "engine/nodes/projection.h"
#include "engine/nodes/sources/shared/paced_rows.h"

namespace streamwright {

namespace {

struct Options {
    double rowsPerSecond = 10;
    std::vector<std::string> columns;
    std::optional<int64_t> seed;
};

// What the expressions work on.
SchemaPtr inputSchema()
{
    static const SchemaPtr schema = std::make_shared<const Schema>(std::vector<Field>{{"row", TypeKind::BigInt}, {"random", TypeKind::BigInt}, {"time", TypeKind::Timestamp}});
    return schema;
}

// 63 even bits of (seed, row): SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
int64_t randomOf(uint64_t seed, uint64_t row)
{
    uint64_t z = seed + (row + 1) * 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return static_cast<int64_t>((z ^ (z >> 31)) >> 1);
}

class Generate final : public PacedRows {
public:
    Generate(const Options& options, Projection projection) : PacedRows(options.rowsPerSecond), seed_(options.seed), projection_(std::move(projection)) {}
    std::string description() const override { return fmt::format("generate {} rows/s", rate()); }

protected:
    void emitRows(int64_t from, size_t count, Timestamp zero, const BatchContext& context, Emitter& out) const override
    {
        const auto seed = static_cast<uint64_t>(seed_.value_or(opened().seed));
        FixedBuilder<int64_t> rows, randoms, times;
        int64_t* row = rows.extend(count);
        int64_t* random = randoms.extend(count);
        int64_t* time = times.extend(count);
        for (size_t i = 0; i < count; ++i) {
            row[i] = from + static_cast<int64_t>(i);
            random[i] = randomOf(seed, static_cast<uint64_t>(row[i]));
            time[i] = timeOf(row[i], zero).micros;
        }
        const BatchPtr input = makeBatch(inputSchema(), {columnFrom(TypeKind::BigInt, rows), columnFrom(TypeKind::BigInt, randoms), columnFrom(TypeKind::Timestamp, times)}, count);
        EvalContext numbered = evalContext(context);
        numbered.firstRow = from;
        numbered.seed = seed;
        projection_.apply(*input, numbered, out);
    }

private:
    std::optional<int64_t> seed_;
    Projection projection_;
};

}

NodeType generateSource()
{
    return Declare<Options>("source.generate", Group::Source)
        .summary("Make up a stream from expressions.")
        .help("Each column is an expression over `row` (0, 1, 2, …), `random` (an even random BIGINT from 0 on, by seed and row) and "
              "`time` (when the row comes); rand(), uuid() and the like have a value of their own in every row. The same seed gives the same rows. The stream has no end.")
        .output("out")
        .rejects()
        .field(&Options::rowsPerSecond, {.name = "rows_per_second", .help = "How many rows come in a second.", .kind = FieldKind::Number, .fallback = Json::integer(10), .unit = "rows/s", .example = Json::integer(1000)})
        .field(&Options::columns, {.name = "columns", .help = "The output columns, in order.", .kind = FieldKind::Expressions, .required = true, .example = Json::array({Json::string("row AS id"), Json::string("element_at(array('red', 'green', 'blue'), CAST(1 + random % 3 AS INT)) AS colour")}), .names = {"row", "random", "time"}})
        .field(&Options::seed, {.name = "seed", .help = "Of `random`; without it every new checkpoint has one of its own.", .kind = FieldKind::Integer, .example = Json::integer(42)})
        .check([](const Options& options) {
            std::vector<FieldError> errors;
            if (!(options.rowsPerSecond > 0) || options.rowsPerSecond > 1e9) errors.push_back({"rows_per_second", fmt::format("rows_per_second must be above 0 and at most 1e9, but is {}", options.rowsPerSecond), {}});
            return errors;
        })
        .schema([](const Options& options, const Inputs&, const PlanContext&) -> Checked<Schema> {
            auto projection = Projection::compile("columns", options.columns, *inputSchema(), RowNumbers::Known);
            if (!projection) return projection.error();
            return *projection->schema();
        })
        .make([](const Options& options, const Inputs&, const PlanContext&) -> Checked<std::unique_ptr<ReplayableSource>> {
            auto projection = Projection::compile("columns", options.columns, *inputSchema(), RowNumbers::Known);
            if (!projection) return projection.error();
            return std::make_unique<Generate>(options, std::move(*projection));
        });
}

}
