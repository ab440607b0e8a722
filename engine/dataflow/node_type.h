// One node type, declared once, in one .cpp under engine/nodes. Palette, search, inspector form, JSON
// checks, `streamwright nodes`, reference pages and run derive from it.
#pragma once
#include "engine/base/duration.h"
#include "engine/base/result.h"
#include "engine/columns/schema.h"
#include "engine/dataflow/operator.h"
#include "engine/dataflow/probe.h"
#include "engine/dataflow/sink.h"
#include "engine/dataflow/source.h"
#include "engine/pipeline/spec.h"

#include <filesystem>
#include <variant>

namespace streamwright {

// A mistake in an option: which field, and what is wrong with it.
struct FieldError {
    std::string field;
    std::string message;
    std::string hint;
    std::optional<size_t> item = {};    // which entry, where the option is a list
};
template <class T>
using Checked = boost::system::result<T, FieldError>;
[[noreturn]] void throw_exception_from_error(const FieldError& error, const boost::source_location& where);

inline FieldError inField(std::string field, const Error& error) { return {std::move(field), error.message, error.hint}; }
// In entry `item` of a list.
inline FieldError inItem(std::string field, size_t item, const Error& error) { return {std::move(field), error.message, error.hint, item}; }

// What reaches a node, one entry per edge.
class Inputs {
public:
    struct Edge {
        std::string port;
        Schema schema;
        Duration slide = {};    // how often a batch comes; 0 when the trigger is not `interval`
    };
    explicit Inputs(std::vector<Edge> edges = {}) : edges_(std::move(edges)) {}
    // The schema of the first edge on a port; every declared port that is not `many` has exactly one.
    const Schema& at(std::string_view port) const;
    const Schema& only() const { return edges_.front().schema; }
    const std::vector<Edge>& edges() const { return edges_; }
    // How often the node sees a batch: as its most frequent input.
    Duration slide() const;

private:
    std::vector<Edge> edges_;
};

// What pure functions of a declaration may know besides options and inputs.
struct PlanContext {
    std::filesystem::path folder;     // of the pipeline file: relative paths belong to it
    std::string timeZone = "UTC";
    Duration batchInterval;           // 0 when the trigger is not `interval`
};

using Runnable = std::variant<std::unique_ptr<RowOperator>, std::unique_ptr<BatchOperator>, std::unique_ptr<ReplayableSource>, std::unique_ptr<Receiver>, std::unique_ptr<Sink>>;

// Options as JSON (parameters already inserted, defaults filled in by the caller of the declaration).
struct NodeType {
    NodeSpec spec;
    // Options that are missing, unknown or of the wrong type: all of them. No input schemas needed.
    std::function<std::vector<FieldError>(const Json& options)> checkOptions;
    // Output schema per output port (without `rejected`): a pure function of options and input schemas.
    std::function<Checked<std::vector<Schema>>(const Json& options, const Inputs& inputs, const PlanContext& context)> schemas;
    // The running part. Called only when checkOptions and schemas found nothing wrong.
    std::function<Checked<Runnable>(const Json& options, const Inputs& inputs, const PlanContext& context)> make;
    // How often the node puts out a batch, if it says so itself, as windows do; null: as often as it sees one.
    std::function<std::optional<Duration>(const Json& options)> slide;
    // Hash text of the options that decide whether kept state still fits (StateEffect::Resets).
    std::function<std::string(const Json& options)> stateFingerprint;
    // Tries what a run would need of the world outside (Verify); null: the node reaches nothing outside. Called, as
    // `make`, only when nothing is wrong with the node.
    std::function<void(const Json& options, const Inputs& inputs, const PlanContext& context, Probe& probe)> verify;
};

}
