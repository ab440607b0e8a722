#include "engine/control/preparation.h"

#include "engine/base/files.h"
#include "engine/checkpoint/directory_lock.h"

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

CheckedPipeline checkedFor(const StartRequest& request, const Catalog& catalog)
{
    CheckedPipeline pipeline = check(request.document, catalog, {request.folder, request.parameters});
    if (request.checkpoint) setCheckpoint(pipeline.settings, request.checkpoint->string(), {});
    return pipeline;
}

Error mistakesOf(const Diagnostics& diagnostics)
{
    const auto errors = std::ranges::count(diagnostics, Severity::Error, &Diagnostic::severity);
    const auto first = std::ranges::find(diagnostics, Severity::Error, &Diagnostic::severity);
    std::string place = first->node;
    if (!first->field.empty()) place += (place.empty() ? "" : ".") + first->field;
    const std::string more = errors == 1 ? std::string() : fmt::format(" (and {} more)", errors - 1);
    return mistake(fmt::format("{}{}{}{}", place, place.empty() ? "" : ": ", first->message, more), first->hint);
}

Result<std::optional<std::filesystem::path>> setAside(const std::filesystem::path& checkpoint)
{
    std::error_code failure;
    if (!std::filesystem::exists(checkpoint, failure)) return std::optional<std::filesystem::path>();
    auto lock = DirectoryLock::take(checkpoint, newOwner());
    if (!lock) return lock.error();
    for (int number = 1;; ++number) {
        const std::filesystem::path aside = fmt::format("{}.aside-{}", checkpoint.string(), number);
        if (std::filesystem::exists(aside, failure)) continue;
        if (auto moved = publishFile(checkpoint, aside); !moved) return moved.error();
        return std::optional(aside);
    }
}

Result<PlanReport> planFor(const StartRequest& request, const Catalog& catalog)
{
    PlanReport report;
    CheckedPipeline pipeline = checkedFor(request, catalog);
    report.diagnostics = pipeline.diagnostics;
    if (hasErrors(report.diagnostics)) return report;
    if (request.mode == StartRequest::Mode::Preview || request.begin == StartRequest::Begin::Fresh) pipeline.settings.checkpoint.reset();
    report.checkpoint = pipeline.settings.checkpoint;
    std::error_code failure;
    report.exists = report.checkpoint && std::filesystem::exists(*report.checkpoint, failure);
    RunOptions options{.planOnly = true};
    options.resets = request.resets;
    auto run = prepare(std::move(pipeline), std::move(options));
    if (!run) return run.error();
    report.decided = (*run)->snapshot()->decided;
    report.states = (*run)->plan();
    report.notes = (*run)->notes();
    return report;
}

Result<std::vector<VerifyStep>> verifyNode(const StartRequest& request, const NodeId& node, const Catalog& catalog, Probe& probe)
{
    const CheckedPipeline pipeline = checkedFor(request, catalog);
    Diagnostics own;
    std::ranges::copy_if(pipeline.diagnostics, std::back_inserter(own), [&](const Diagnostic& one) { return one.node == node.name && one.severity == Severity::Error; });
    if (!own.empty()) return mistakesOf(own);
    const auto planned = std::ranges::find(pipeline.nodes, node, &PlannedNode::id);
    if (planned == pipeline.nodes.end()) return mistake(fmt::format("{} does not run: there is nothing to verify", node.name), "enable it, or connect it to a source that runs");
    if (!pipeline.schemas.contains(node.name)) return mistake(fmt::format("what reaches {} is not known yet", node.name), "mend the problems of the nodes before it first");
    if (!planned->type->verify) return std::vector<VerifyStep>();
    planned->type->verify(planned->options, planned->inputs, pipeline.context, probe);
    std::vector<VerifyStep> steps = probe.steps();
    for (VerifyStep& step : steps) {
        step.what = pipeline.parameters->redact(std::move(step.what));
        step.message = pipeline.parameters->redact(std::move(step.message));
    }
    return steps;
}

}
