#include "engine/nodes/windows/shared/window_aggregation.h"

#include <fmt/format.h>

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> keys;
    std::vector<std::string> aggregates;
    Duration length;
    std::optional<Duration> slide;
    bool inverse = false;
    std::optional<std::string> having;
};

Checked<WindowAggregation> compile(const Options& options, const Inputs& in)
{
    const Schema& input = in.only();
    auto frame = windowFrame(options.length, options.slide, in);
    if (!frame) return frame.error();
    auto node = compileWindowAggregation(*frame, options.keys, options.aggregates, input);
    if (!node) return node.error();
    if (options.inverse) {
        node->leavingKeys = LeavingKeys::Kept;
        for (const auto& call : node->calls) {
            if (!call->invertible()) {
                return FieldError{"inverse", fmt::format("inverse: true needs aggregates that can be taken away again (count, sum of integers), but {} cannot", call->name()), "write inverse: false; the result is the same"};
            }
        }
    }
    if (options.having) {
        auto having = compileCondition(*options.having, *node->output);
        if (!having) return inField("having", having.error());
        node->having = std::move(*having);
    }
    return node;
}

}

NodeType reduceByKeyAndWindowNode()
{
    return Declare<Options>("reduce_by_key_and_window", Group::Window)
        .summary("Aggregate the rows of each key over the last batches.")
        .help("At every slide one row per key in the window, in the order in which the keys came. With `inverse`, as with Spark's inverse function, a key stays with the value 0 after its last row has left, until `having` drops it.")
        .input("in").output("out").rejects().needsInterval().stateful()
        .field(&Options::keys, {.name = "keys", .help = "What is aggregated apart: columns, or expressions with AS.", .kind = FieldKind::Expressions, .required = true, .example = Json::array({Json::string("word")}), .effect = StateEffect::Resets})
        .field(&Options::aggregates, {.name = "aggregates", .help = "What is worked out of each key's rows.", .kind = FieldKind::Aggregates, .required = true, .example = Json::array({Json::string("count(*) AS n")}), .effect = StateEffect::Resets})
        .field(&Options::length, lengthField())
        .field(&Options::slide, slideField()).slides(&Options::slide)
        .field(&Options::inverse, {.name = "inverse", .help = "Whether keys stay when their last row has left.", .kind = FieldKind::Boolean, .fallback = Json::boolean(false), .effect = StateEffect::Resets})
        .field(&Options::having, {.name = "having", .help = "Which results are put out; with `inverse` a key that is not is forgotten.", .kind = FieldKind::Expression, .example = Json::string("n > 0"), .effect = StateEffect::Keeps})
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in); },
                  [](const WindowAggregation& node) { return *node.output; },
                  makeWindowOperator);
}

}
