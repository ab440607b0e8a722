#include "engine/dataflow/declare.h"
#include "engine/dataflow/named_columns.h"
#include "engine/nodes/sinks/shared/live_sink.h"

namespace streamwright {

namespace {

struct Options {
    std::string show = "latest";
    std::vector<std::string> keys;
    int64_t rows = 100;
    bool report = false;
};

std::vector<FieldError> checkOptions(const Options& o)
{
    if (o.show == "per_key" && o.keys.empty()) return {{"keys", "show per_key needs the columns that identify a row", "write for example \"keys\": [\"word\"]"}};
    if (o.show != "per_key" && !o.keys.empty()) return {{"keys", "keys belong to show per_key, but show is " + o.show, "set \"show\": \"per_key\" or leave the keys out"}};
    return {};
}

LiveKeep keepOf(const Options& o, std::vector<size_t> keys)
{
    const auto how = o.show == "append" ? LiveKeep::How::Append : o.show == "per_key" ? LiveKeep::How::PerKey : LiveKeep::How::Latest;
    return {.how = how, .keys = std::move(keys), .most = static_cast<size_t>(o.rows)};
}

}

NodeType tableSink()
{
    return Declare<Options>("sink.table", Group::Sink)
        .summary("Show rows as a table on the dashboard while the pipeline runs.")
        .help("The rows are kept in memory, as they were after each of the last batches; nothing is written. In a terminal `report` prints them when the run ends.")
        .input("in")
        .afterRewind("the rows are shown again; nothing was written")
        .guarantee(Guarantee::AtLeastOnce)
        .live()
        .field(&Options::show, {.name = "show", .help = "latest: the rows of the last batch that had any; append: the newest of all batches; per_key: the newest of each key.", .kind = FieldKind::Choice, .fallback = Json::string("latest"), .choices = {"latest", "append", "per_key"}})
        .field(&Options::keys, {.name = "keys", .help = "Columns that identify a row, for per_key.", .kind = FieldKind::Columns, .example = Json::array({Json::string("word")}), .visibleWhen = FieldSpec::Visible{"show", {Json::string("per_key")}}})
        .field(&Options::rows, {.name = "rows", .help = "How many rows are kept.", .kind = FieldKind::Integer, .fallback = Json::integer(100), .unit = "rows", .least = 1, .most = 10'000, .example = Json::integer(20)})
        .field(&Options::report, {.name = "report", .help = "Print the rows when the run ends.", .kind = FieldKind::Boolean, .fallback = Json::boolean(false), .advanced = true})
        .check(checkOptions)
        .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::vector<Schema>> {
            if (auto keys = columnsNamed(o.keys, in.only(), "keys"); !keys) return keys.error();
            return std::vector<Schema>{};
        })
        .make([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<Sink>> {
            auto keys = columnsNamed(o.keys, in.only(), "keys");
            if (!keys) return keys.error();
            return liveSink(in.only(), {.layout = {.kind = LiveLayout::Kind::Table}, .keep = keepOf(o, std::move(*keys)), .report = o.report});
        });
}

}
