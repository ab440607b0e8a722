#include "engine/nodes/windows/shared/window_aggregation.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> columns;
    std::string as = "count";
    Duration length;
    std::optional<Duration> slide;
};

std::string quoted(const std::string& name)
{
    std::string text = "`";
    for (const char c : name) text += c == '`' ? std::string("``") : std::string(1, c);
    return text + "`";
}

Checked<WindowAggregation> compile(const Options& options, const Inputs& in)
{
    const Schema& input = in.only();
    auto frame = windowFrame(options.length, options.slide, in);
    if (!frame) return frame.error();
    std::vector<std::string> keys;
    for (const std::string& name : options.columns.empty() ? input.names() : options.columns) {
        if (!input.indexOf(name)) {
            // The mistake of an unknown column, with what is near.
            auto column = compileExpression(quoted(name), input);
            if (!column) return inField("columns", column.error());
        }
        keys.push_back(quoted(name));
    }
    auto node = compileWindowAggregation(*frame, keys, {"count(*) AS " + quoted(options.as)}, input);
    if (!node && (node.error().field == "aggregates")) return FieldError{"as", node.error().message, node.error().hint};
    return node;
}

}

NodeType countByValueAndWindowNode()
{
    return Declare<Options>("count_by_value_and_window", Group::Window)
        .summary("Count how often each value came in the last batches.")
        .help("At every slide one row per value in the window, in the order in which the values came.")
        .input("in").output("out").rejects().needsInterval().stateful()
        .field(&Options::columns, {.name = "columns", .help = "What makes a value; all columns if left out.", .kind = FieldKind::Columns, .example = Json::array({Json::string("word")}), .effect = StateEffect::Resets})
        .field(&Options::as, {.name = "as", .help = "Name of the count's column.", .kind = FieldKind::Text, .fallback = Json::string("count"), .example = Json::string("n")})
        .field(&Options::length, lengthField())
        .field(&Options::slide, slideField()).slides(&Options::slide)
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in); },
                  [](const WindowAggregation& node) { return *node.output; },
                  makeWindowOperator);
}

}
