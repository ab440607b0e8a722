#include "widgets/monitor/batch_parts.h"

#include "widgets/theme/theme.h"

#include <QCoreApplication>

#include <map>
#include <numeric>

namespace streamwright {

namespace {

constexpr size_t kBatchesLookedAt = 20;
constexpr double kWarningShare = 0.7;
// Of the high mark: a queue that rose by so much over the batches looked at grows; one that is so full is worth a word.
constexpr double kGrowth = 0.05, kFull = 0.6;

QString tr(const char* text) { return QCoreApplication::translate("streamwright::BatchParts", text); }

using Color = QColor (*)(const Theme&);

Color colorOf(const PipelineDocument& document, const NodeId& node)
{
    const NodeType* type = document.typeOf(node);
    switch (type ? type->spec.group : Group::Transform) {
    case Group::Source: return [](const Theme& theme) { return theme.source; };
    case Group::Window: return [](const Theme& theme) { return theme.window; };
    case Group::State: return [](const Theme& theme) { return theme.state; };
    case Group::Sink: return [](const Theme& theme) { return theme.sink; };
    case Group::Transform: return [](const Theme& theme) { return theme.transform; };
    }
    return nullptr;
}

// Workers are busy side by side: a node's share of the time that computing took is its share of their work.
void addNodes(std::vector<BatchPart>& parts, const BatchProgress& batch, const PipelineDocument& document)
{
    int64_t busy = 0;
    for (const NodeProgress& node : batch.nodes) busy += node.busyNanos;
    if (busy == 0) {
        parts.push_back({tr("compute"), {}, tr("Sources read, operators run"), [](const Theme& theme) { return theme.transform; }, batch.time.compute});
        return;
    }
    int64_t given = 0;
    for (const NodeProgress& node : batch.nodes) {
        const auto nanos = static_cast<int64_t>(static_cast<double>(batch.time.compute) * static_cast<double>(node.busyNanos) / static_cast<double>(busy));
        given += nanos;
        parts.push_back({QString::fromStdString(node.node.name), node.node, tr("Its share of the work of this batch"), colorOf(document, node.node), nanos});
    }
    if (!parts.empty()) parts.back().nanos += batch.time.compute - given;
}

struct Mean {
    double latency = 0, wait = 0;
    std::map<QString, std::pair<double, NodeId>> parts;
};

Mean meanOf(std::span<const std::shared_ptr<const BatchProgress>> batches, const PipelineDocument& document)
{
    Mean mean;
    const double share = 1.0 / static_cast<double>(batches.size());
    for (const auto& batch : batches) {
        mean.latency += share * static_cast<double>(latencyOf(*batch));
        mean.wait += share * static_cast<double>(batch->time.wait);
        for (const BatchPart& part : partsOf(*batch, document)) {
            auto& [nanos, node] = mean.parts[part.name];
            nanos += share * static_cast<double>(part.nanos);
            node = part.node;
        }
    }
    return mean;
}

double fillOf(const BatchProgress& batch)
{
    double fill = 0;
    for (const SourceProgress& source : batch.sources) fill = std::max(fill, source.queueFill);
    return fill;
}

// Full, or fuller from each third of the batches to the next.
bool queueGrows(std::span<const std::shared_ptr<const BatchProgress>> batches)
{
    if (fillOf(*batches.back()) > kFull) return batches.size() > 1;
    const size_t third = batches.size() / 3;
    if (third == 0) return false;
    double means[3] = {};
    for (size_t i = 0; i < third * 3; ++i) means[i / third] += fillOf(*batches[batches.size() - third * 3 + i]) / static_cast<double>(third);
    return means[1] > means[0] && means[2] > means[1] && means[2] - means[0] > kGrowth;
}

}

int64_t latencyOf(const BatchProgress& batch) { return batch.time.wait + batch.time.total; }

std::vector<BatchPart> partsOf(const BatchProgress& batch, const PipelineDocument& document)
{
    const Waterfall& time = batch.time;
    const Color quiet = [](const Theme& theme) { return theme.secondary; };
    const Color store = [](const Theme& theme) { return theme.accent; };
    const Color out = [](const Theme& theme) { return theme.sink; };
    std::vector<BatchPart> parts;
    parts.push_back({tr("wait"), {}, tr("From the tick to the start: scheduling delay"), quiet, time.wait});
    parts.push_back({tr("plan"), {}, tr("Sources fix the ranges that the batch reads"), [](const Theme& theme) { return theme.source; }, time.plan});
    parts.push_back({tr("log"), {}, tr("The ranges are made durable"), store, time.logRanges});
    addNodes(parts, batch, document);
    parts.push_back({tr("stage"), {}, tr("Sinks write their output, invisible yet"), out, time.stage});
    parts.push_back({tr("state"), {}, tr("Changed state is taken out"), [](const Theme& theme) { return theme.state; }, time.freeze});
    parts.push_back({tr("checkpoint"), {}, tr("Waiting for the commit of earlier batches"), store, time.handOver});
    parts.push_back({tr("publish"), {}, tr("Output becomes visible"), out, time.publish});
    int64_t sum = 0;
    for (const BatchPart& part : parts) sum += part.nanos;
    parts.push_back({tr("unattributed"), {}, tr("What no clock saw"), quiet, latencyOf(batch) - sum});
    std::erase_if(parts, [](const BatchPart& part) { return part.nanos <= 0; });
    return parts;
}

Verdict verdictOf(const std::vector<std::shared_ptr<const BatchProgress>>& batches, Duration interval, int64_t behind, const PipelineDocument& document)
{
    if (batches.empty()) return {};
    const std::span recent = std::span(batches).last(std::min(kBatchesLookedAt, batches.size()));
    const Mean mean = meanOf(recent, document);
    // Waiting is told apart, when there is enough of it.
    const auto most = std::ranges::max_element(mean.parts, {}, [](const auto& part) { return part.first == tr("wait") ? 0 : part.second.first; });
    if (most == mean.parts.end()) return {};
    const auto& [nanos, node] = most->second;
    // Waiting for the tick's turn is no work of the batch.
    const double processing = mean.latency - mean.wait;
    Verdict verdict{.node = node, .batch = recent.back()->number};
    verdict.text = tr("%1 takes most of a batch: %2 of %3").arg(most->first, durationText(static_cast<int64_t>(nanos)), durationText(static_cast<int64_t>(processing)));
    const double share = interval.micros > 0 ? processing / 1000 / static_cast<double>(interval.micros) : 0;
    const double part = interval.micros > 0 ? nanos / 1000 / static_cast<double>(interval.micros) : 0;
    if (interval.micros > 0) verdict.text += part < 0.01 ? tr(", less than 1 % of the interval") : tr(", %1 of the interval").arg(shareText(part));
    const double fill = fillOf(*recent.back());
    const bool grows = queueGrows(recent);
    if (share >= kWarningShare || grows || behind > 1) {
        verdict.level = Verdict::Level::Warning;
        if (behind > 1) verdict.text += tr(". %1 batches wait: they take longer than the interval").arg(behind);
        else if (grows) verdict.text += fill > kFull ? tr(". The queue of received rows is %1 full").arg(shareText(fill)) : tr(". The queue of received rows grows: it is %1 full").arg(shareText(fill));
        else verdict.text += tr(". Batches fill %1 of the interval").arg(shareText(share));
    } else {
        verdict.text += tr(". Nothing waits");
    }
    verdict.text += QLatin1Char('.');
    return verdict;
}

}
