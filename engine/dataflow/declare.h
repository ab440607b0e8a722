// Declares a node type from an Options struct: members, help and readers stand in one place.
//
//   return Declare<Options>("filter", Group::Transform)
//       .summary("Keep the rows for which the condition is true.")
//       .input("in").output("out").rejects()
//       .field(&Options::condition, {.name = "condition", .help = "…", .kind = FieldKind::Expression, .required = true})
//       .schema([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<Schema> { return in.only(); })
//       .make([](const Options& o, const Inputs& in, const PlanContext&) -> Checked<std::unique_ptr<RowOperator>> { … });
#pragma once
#include "engine/dataflow/node_type.h"

namespace streamwright {

// Reads one option into its member; what is wrong, or none. `field` names the unit and choices.
std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, std::string& out);
std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, int64_t& out);
std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, double& out);
std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, bool& out);
std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, Duration& out);
std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, Schema& out);
std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, Type& out);
std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, Json& out);
std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, std::vector<std::string>& out);
template <class T>
std::optional<FieldError> readOption(const Json& json, const FieldSpec& field, std::optional<T>& out)
{
    return readOption(json, field, out.emplace());
}

// The mistakes that no single field can tell: unknown names, missing ones.
std::vector<FieldError> checkNames(const Json& options, const NodeSpec& spec);
// Text of the options whose change resets state, in spec order.
std::string fingerprintOf(const Json& options, const NodeSpec& spec);

template <class Options>
class Declare {
public:
    Declare(std::string type, Group group)
    {
        type_.spec.type = std::move(type);
        type_.spec.group = group;
    }

    Declare& summary(std::string text) { return type_.spec.summary = std::move(text), *this; }
    Declare& help(std::string text) { return type_.spec.help = std::move(text), *this; }
    Declare& input(std::string name, std::string help = {}) { return type_.spec.inputs.push_back({std::move(name), std::move(help), false}), *this; }
    Declare& inputs(std::string name, std::string help = {}) { return type_.spec.inputs.push_back({std::move(name), std::move(help), true}), *this; }
    Declare& output(std::string name, std::string help = {}) { return type_.spec.outputs.push_back({std::move(name), std::move(help), false}), *this; }
    Declare& rejects() { return type_.spec.rejects = true, *this; }
    Declare& needsInterval() { return type_.spec.needsInterval = true, *this; }
    Declare& stateful(int version = 1) { return type_.spec.stateful = true, type_.spec.stateVersion = version, *this; }
    Declare& afterRewind(std::string text) { return type_.spec.afterRewind = std::move(text), *this; }
    Declare& live() { return type_.spec.live = true, *this; }
    Declare& endless() { return type_.spec.endless = true, *this; }
    Declare& guarantee(Guarantee guarantee) { return type_.spec.guarantee = guarantee, *this; }

    // The option that says how often the node puts out a batch; without it, as often as it sees one.
    Declare& slides(std::optional<Duration> Options::*member) { return slide_ = member, *this; }

    // `spec.fallback` unset: the member's own initial value is the default and need not be written.
    template <class T>
    Declare& field(T Options::*member, FieldSpec spec)
    {
        readers_.push_back([member, spec](const Json& json, Options& options) { return readOption(json, spec, options.*member); });
        type_.spec.fields.push_back(std::move(spec));
        return *this;
    }

    // Checks beyond single fields ("slide must be …"); the schemas may not be known yet.
    Declare& check(std::function<std::vector<FieldError>(const Options&)> check) { return check_ = std::move(check), *this; }

    // One output: Checked<Schema>; several: Checked<std::vector<Schema>>; sinks leave it out.
    template <class F>
    Declare& schema(F compute)
    {
        schema_ = [compute](const Options& options, const Inputs& inputs, const PlanContext& context) -> Checked<std::vector<Schema>> {
            auto result = compute(options, inputs, context);
            if (!result) return result.error();
            if constexpr (std::is_same_v<std::decay_t<decltype(*result)>, Schema>) return std::vector<Schema>{std::move(*result)};
            else return std::move(*result);
        };
        return *this;
    }

    // Returns Checked<std::unique_ptr<X>>, X any of Runnable's alternatives or a class derived from one.
    template <class F>
    Declare& make(F compute)
    {
        make_ = [compute](const Options& options, const Inputs& inputs, const PlanContext& context) -> Checked<Runnable> {
            auto result = compute(options, inputs, context);
            if (!result) return result.error();
            return Runnable(std::move(*result));
        };
        using Made = typename std::invoke_result_t<F, const Options&, const Inputs&, const PlanContext&>::value_type;
        if constexpr (!std::is_same_v<Made, Runnable>) type_.spec.receives = std::is_base_of_v<Receiver, typename Made::element_type>;
        return *this;
    }

    // Where both come from the same: `compile(options, inputs, context)`, checked, of which `schemaOf(compiled)` gives what schema()
    // does, and `makeOf(compiled)` or `makeOf(compiled, options)` the std::unique_ptr of make().
    template <class Compile, class SchemaOf, class MakeOf>
    Declare& compiled(Compile compile, SchemaOf schemaOf, MakeOf makeOf)
    {
        using Compiled = typename std::invoke_result_t<Compile, const Options&, const Inputs&, const PlanContext&>::value_type;
        schema([compile, schemaOf](const Options& options, const Inputs& inputs, const PlanContext& context) -> Checked<std::decay_t<std::invoke_result_t<SchemaOf, const Compiled&>>> {
            auto compiled = compile(options, inputs, context);
            if (!compiled) return compiled.error();
            return schemaOf(*compiled);
        });
        const auto finish = [makeOf](Compiled compiled, const Options& options) {
            if constexpr (std::is_invocable_v<MakeOf, Compiled>) return makeOf(std::move(compiled));
            else return makeOf(std::move(compiled), options);
        };
        return make([compile, finish](const Options& options, const Inputs& inputs, const PlanContext& context) -> Checked<std::invoke_result_t<decltype(finish), Compiled, const Options&>> {
            auto compiled = compile(options, inputs, context);
            if (!compiled) return compiled.error();
            return finish(std::move(*compiled), options);
        });
    }

    // Sources and sinks that reach something outside: tries it (probe.h).
    Declare& verify(std::function<void(const Options&, const Inputs&, const PlanContext&, Probe&)> verify) { return verify_ = std::move(verify), *this; }

    operator NodeType() const  // NOLINT: a finished declaration is a node type
    {
        NodeType type = type_;
        const NodeSpec spec = type_.spec;
        auto readers = readers_;
        auto check = check_;
        auto read = [spec, readers](const Json& json, Options& options) {
            std::vector<FieldError> errors;
            for (size_t i = 0; i < readers.size(); ++i) {
                const Json* value = json.find(spec.fields[i].name);
                if (!value && !spec.fields[i].fallback.isNull()) value = &spec.fields[i].fallback;
                if (!value) continue;
                if (auto error = readers[i](*value, options)) errors.push_back(std::move(*error));
            }
            return errors;
        };
        type.checkOptions = [spec, read, check](const Json& json) {
            std::vector<FieldError> errors = checkNames(json, spec);
            Options options{};
            for (FieldError& error : read(json, options)) errors.push_back(std::move(error));
            if (errors.empty() && check) errors = check(options);
            return errors;
        };
        type.schemas = [read, schema = schema_](const Json& json, const Inputs& inputs, const PlanContext& context) -> Checked<std::vector<Schema>> {
            if (!schema) return std::vector<Schema>{};
            Options options{};
            read(json, options);
            return schema(options, inputs, context);
        };
        type.make = [read, make = make_](const Json& json, const Inputs& inputs, const PlanContext& context) -> Checked<Runnable> {
            Options options{};
            read(json, options);
            return make(options, inputs, context);
        };
        type.slide = [read, slide = slide_](const Json& json) -> std::optional<Duration> {
            if (!slide) return std::nullopt;
            Options options{};
            read(json, options);
            return options.*slide;
        };
        if (verify_) {
            type.verify = [read, verify = verify_](const Json& json, const Inputs& inputs, const PlanContext& context, Probe& probe) {
                Options options{};
                read(json, options);
                verify(options, inputs, context, probe);
            };
        }
        type.stateFingerprint = [spec](const Json& json) { return fingerprintOf(json, spec); };
        return type;
    }

private:
    NodeType type_;
    std::vector<std::function<std::optional<FieldError>(const Json&, Options&)>> readers_;
    std::optional<Duration> Options::*slide_ = nullptr;
    std::function<std::vector<FieldError>(const Options&)> check_;
    std::function<Checked<std::vector<Schema>>(const Options&, const Inputs&, const PlanContext&)> schema_;
    std::function<Checked<Runnable>(const Options&, const Inputs&, const PlanContext&)> make_;
    std::function<void(const Options&, const Inputs&, const PlanContext&, Probe&)> verify_;
};

}
