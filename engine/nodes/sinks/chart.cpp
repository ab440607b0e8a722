#include "engine/dataflow/declare.h"
#include "engine/dataflow/named_columns.h"
#include "engine/nodes/sinks/shared/live_sink.h"

namespace streamwright {

namespace {

struct Options {
    std::string kind = "line";
    std::string x;
    std::vector<std::string> y;
    std::string series;
    int64_t points = 600;
    int64_t count = 10;
    bool report = false;
};

std::vector<FieldError> checkOptions(const Options& o)
{
    if (o.y.empty()) return {{"y", "y is empty", "name a numeric column, for example [\"n\"]"}};
    if (o.kind == "line") {
        if (!o.series.empty() && o.y.size() > 1) return {{"series", "with series there is one column in y, but y has " + std::to_string(o.y.size()), "leave series out, or keep one column"}};
        return {};
    }
    std::vector<FieldError> errors;
    if (o.x.empty()) errors.push_back({"x", "kind " + o.kind + " needs x, the column with the names of the bars", "write for example \"x\": \"word\""});
    if (!o.series.empty()) errors.push_back({"series", "series belongs to kind line, but kind is " + o.kind, "leave it out"});
    if (o.y.size() > 1) errors.push_back({"y", "bars have one column in y, but y has " + std::to_string(o.y.size()), "keep one column"});
    return errors;
}

struct Columns {
    std::vector<size_t> y;
};

// Every column that the options name is there, and y can be drawn.
Checked<Columns> columnsOf(const Options& o, const Schema& input)
{
    if (!o.x.empty()) {
        auto x = columnNamed(o.x, input, "x");
        if (!x) return x.error();
        const Type& type = input[*x].type;
        if (o.kind == "line" && !isNumeric(type.kind()) && !type.is(TypeKind::Timestamp) && !type.is(TypeKind::Date)) {
            return FieldError{"x", fmt::format("the axis of lines must be a number or a time, but {} is {}", o.x, type.simpleName()), "leave x out: then it is the batch time; or take kind bar"};
        }
    }
    if (!o.series.empty()) {
        if (auto series = columnNamed(o.series, input, "series"); !series) return series.error();
    }
    auto y = columnsNamed(o.y, input, "y");
    if (!y) return y.error();
    for (size_t i = 0; i < y->size(); ++i) {
        const Type& type = input[(*y)[i]].type;
        if (!isNumeric(type.kind())) return FieldError{"y", fmt::format("y must be numeric, but {} is {}", o.y[i], type.simpleName()), {}, i};
    }
    return Columns{std::move(*y)};
}

LiveSinkOptions liveOptions(const Options& o, const Schema& input, const Columns& columns)
{
    const bool line = o.kind == "line";
    LiveSinkOptions options{.layout = {line ? LiveLayout::Kind::Line : LiveLayout::Kind::Bar, o.x, o.y, o.series}, .report = o.report};
    options.addTime = line && o.x.empty();
    if (options.addTime) options.layout.x = timeColumn(input);
    options.keep.how = line ? LiveKeep::How::Append : LiveKeep::How::Latest;
    options.keep.most = static_cast<size_t>(line ? o.points : o.kind == "top" ? o.count : 1000);
    if (o.kind == "top") options.keep.greatest = columns.y.front();
    return options;
}

}

NodeType chartSink()
{
    const FieldSpec::Visible lines{"kind", {Json::string("line")}};
    return Declare<Options>("sink.chart", Group::Sink)
        .summary("Draw rows on the dashboard while the pipeline runs: lines over time, bars, or the greatest of them.")
        .help("line adds the rows of each batch to the lines; bar shows those of the last batch that had any; top the greatest of these. The rows are kept in memory, as they were after each of the last batches; nothing is written. In a "
              "terminal `report` prints them when the run ends.")
        .input("in")
        .afterRewind("the rows are drawn again; nothing was written")
        .guarantee(Guarantee::AtLeastOnce)
        .live()
        .field(&Options::kind, {.name = "kind", .help = "line, bar, or top: the greatest bars.", .kind = FieldKind::Choice, .fallback = Json::string("line"), .choices = {"line", "bar", "top"}})
        .field(&Options::x, {.name = "x", .help = "line: a number or time for the axis, the batch time if left out; else the names of the bars.", .kind = FieldKind::Column, .example = Json::string("word")})
        .field(&Options::y, {.name = "y", .help = "What is drawn: numeric columns, a line each; bars have one.", .kind = FieldKind::Columns, .required = true, .example = Json::array({Json::string("n")})})
        .field(&Options::series, {.name = "series", .help = "A line for each value of this column.", .kind = FieldKind::Column, .example = Json::string("word"), .visibleWhen = lines})
        .field(&Options::points, {.name = "points", .help = "How many rows the lines keep.", .kind = FieldKind::Integer, .fallback = Json::integer(600), .unit = "rows", .least = 2, .most = 100'000, .example = Json::integer(3600), .visibleWhen = lines})
        .field(&Options::count, {.name = "count", .help = "How many bars are shown.", .kind = FieldKind::Integer, .fallback = Json::integer(10), .unit = "rows", .least = 1, .most = 1000, .example = Json::integer(20), .visibleWhen = FieldSpec::Visible{"kind", {Json::string("top")}}})
        .field(&Options::report, {.name = "report", .help = "Print the rows when the run ends.", .kind = FieldKind::Boolean, .fallback = Json::boolean(false), .advanced = true})
        .check(checkOptions)
        .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::vector<Schema>> {
            if (auto columns = columnsOf(o, in.only()); !columns) return columns.error();
            return std::vector<Schema>{};
        })
        .make([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<Sink>> {
            auto columns = columnsOf(o, in.only());
            if (!columns) return columns.error();
            return liveSink(in.only(), liveOptions(o, in.only(), *columns));
        });
}

}
