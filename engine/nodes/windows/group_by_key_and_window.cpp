#include "engine/nodes/windows/shared/list_call.h"
#include "engine/nodes/windows/shared/window_aggregation.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> keys;
    std::string values;
    std::string as = "values";
    Duration length;
    std::optional<Duration> slide;
};

Checked<WindowAggregation> compile(const Options& options, const Inputs& in)
{
    const Schema& input = in.only();
    auto frame = windowFrame(options.length, options.slide, in);
    if (!frame) return frame.error();
    WindowAggregation node{*frame};
    auto keys = KeyColumns::compile(options.keys, input);
    if (!keys) return keys.error();
    auto value = compileExpression(options.values, input);
    if (!value) return inField("values", value.error());
    node.keys = std::move(*keys);
    node.calls.push_back(makeListCall(std::move(*value), options.as));
    node.field = "values";
    auto whole = withOutput(std::move(node));
    if (!whole) return FieldError{"as", whole.error().message, "give `as` another name"};
    return whole;
}

}

NodeType groupByKeyAndWindowNode()
{
    return Declare<Options>("group_by_key_and_window", Group::Window)
        .summary("Gather the values of each key over the last batches.")
        .help("At every slide one row per key in the window with an array of its values, oldest first, NULLs too.")
        .input("in").output("out").rejects().needsInterval().stateful()
        .field(&Options::keys, {.name = "keys", .help = "What is gathered apart: columns, or expressions with AS.", .kind = FieldKind::Expressions, .required = true, .example = Json::array({Json::string("word")}), .effect = StateEffect::Resets})
        .field(&Options::values, {.name = "values", .help = "The value that each row gives.", .kind = FieldKind::Expression, .required = true, .example = Json::string("n"), .effect = StateEffect::Resets})
        .field(&Options::as, {.name = "as", .help = "Name of the column of arrays.", .kind = FieldKind::Text, .fallback = Json::string("values"), .example = Json::string("numbers"), .effect = StateEffect::Resets})
        .field(&Options::length, lengthField())
        .field(&Options::slide, slideField()).slides(&Options::slide)
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in); },
                  [](const WindowAggregation& node) { return *node.output; },
                  makeWindowOperator);
}

}
