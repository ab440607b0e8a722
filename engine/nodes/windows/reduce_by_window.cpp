#include "engine/nodes/windows/shared/window_aggregation.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> aggregates;
    Duration length;
    std::optional<Duration> slide;
};

Checked<WindowAggregation> compile(const Options& options, const Inputs& in)
{
    const Schema& input = in.only();
    auto frame = windowFrame(options.length, options.slide, in);
    if (!frame) return frame.error();
    return compileWindowAggregation(*frame, {}, options.aggregates, input);
}

}

NodeType reduceByWindowNode()
{
    return Declare<Options>("reduce_by_window", Group::Window)
        .summary("Aggregate the rows of the last batches.")
        .help("One row at every slide; none for a window without rows.")
        .input("in").output("out").rejects().needsInterval().stateful()
        .field(&Options::aggregates, {.name = "aggregates", .help = "What is worked out of the rows.", .kind = FieldKind::Aggregates, .required = true, .example = Json::array({Json::string("max(price) AS highest")}), .effect = StateEffect::Resets})
        .field(&Options::length, lengthField())
        .field(&Options::slide, slideField()).slides(&Options::slide)
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in); },
                  [](const WindowAggregation& node) { return *node.output; },
                  makeWindowOperator);
}

}
