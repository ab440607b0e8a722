#include "engine/control/rewinding.h"

#include "engine/base/files.h"
#include "engine/checkpoint/directory_lock.h"
#include "engine/checkpoint/log_segment.h"
#include "engine/checkpoint/rewind.h"
#include "engine/checkpoint/schema.h"
#include "engine/control/preparation.h"

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

namespace {

std::string batchesText(Epoch after, Epoch last)
{
    return after.value + 1 == last.value ? fmt::format("batch {}", last.value) : fmt::format("batches {} to {}", after.value + 1, last.value);
}

// Whether the receive log still holds what came after an offset: what no retained epoch needs is deleted.
bool logHolds(const std::filesystem::path& checkpoint, const NodeId& source, const std::string& offset)
{
    const auto position = LogPosition::parse(offset);
    std::error_code failure;
    return position && std::filesystem::exists(checkpoint / kReceivedName / source.name / LogSegment::nameOf(std::max<int64_t>(1, position->segment)), failure);
}

RewindReport::Line tellSource(const PlannedNode& node, const std::filesystem::path& checkpoint, const std::string& batches, const EpochInfo& back)
{
    const bool receives = node.type->spec.receives;
    const auto offset = back.offsets.find(node.id);
    if (offset == back.offsets.end()) return {node.id, receives ? "was not read at that epoch: what it has sent since cannot be read again" : "was not read at that epoch: begins anew", receives};
    if (!receives) return {node.id, fmt::format("what {} read is read again, as it is there now", batches), false};
    if (logHolds(checkpoint, node.id, offset->second)) return {node.id, fmt::format("what {} read is read again from the receive log", batches), false};
    return {node.id, fmt::format("what {} read is in the receive log no more: it cannot be read again", batches), true};
}

// Where each source and sink stands when what came after `epoch` runs again.
void tell(const CheckedPipeline& pipeline, const std::filesystem::path& checkpoint, const std::string& batches, const EpochInfo& back, RewindReport& report)
{
    for (const PlannedNode& node : pipeline.nodes) {
        const NodeSpec& spec = node.type->spec;
        if (spec.group == Group::Source) {
            report.sources.push_back(tellSource(node, checkpoint, batches, back));
            report.canReadAgain &= !report.sources.back().loses;
        }
        if (spec.group == Group::Sink) report.sinks.push_back({node.id, fmt::format("{}: {}", batches, spec.afterRewind.empty() ? "what was written stays; it is written again" : spec.afterRewind), false});
    }
}

// "<name>.before-rewind-1", or the first number that is free.
Result<std::filesystem::path> copyOf(const std::filesystem::path& checkpoint)
{
    auto lock = DirectoryLock::take(checkpoint, newOwner());
    if (!lock) return lock.error();
    std::error_code failure;
    std::filesystem::path copy;
    for (int number = 1; copy.empty() || std::filesystem::exists(copy, failure); ++number) copy = fmt::format("{}.before-rewind-{}", checkpoint.string(), number);
    const std::filesystem::path unfinished = copy.string() + ".unfinished";
    if (auto gone = removeAll(unfinished); !gone) return gone.error();
    std::filesystem::copy(checkpoint, unfinished, std::filesystem::copy_options::recursive, failure);
    if (failure) return permanent(fmt::format("the checkpoint could not be copied to {}: {}", unfinished.string(), failure.message()), "nothing was changed");
    for (auto entry = std::filesystem::recursive_directory_iterator(unfinished, failure); !failure && entry != std::filesystem::recursive_directory_iterator(); entry.increment(failure)) {
        if (entry->is_regular_file(failure)) {
            if (auto synced = syncFile(entry->path()); !synced) return synced.error();
        }
    }
    if (auto moved = publishFile(unfinished, copy); !moved) return moved.error();
    return copy;
}

}

Result<RewindReport> rewindWithCopy(const std::filesystem::path& checkpoint, const StartRequest& pipeline, const Catalog& catalog, const RewindRequest& request)
{
    RewindReport report{.epoch = request.epoch};
    {
        auto browser = Browser::open(checkpoint);
        if (!browser) return browser.error();
        auto epochs = (*browser)->epochs();
        if (!epochs) return epochs.error();
        const auto back = std::ranges::find(*epochs, request.epoch, &EpochInfo::epoch);
        if (back == epochs->end()) return mistake(fmt::format("epoch {} is not retained in {}", request.epoch.value, checkpoint.string()), epochs->empty() ? "" : fmt::format("its epochs are {} to {}", epochs->front().epoch.value, epochs->back().epoch.value));
        if (back->epoch != epochs->back().epoch) tell(checkedFor(pipeline, catalog), checkpoint, batchesText(back->epoch, epochs->back().epoch), *back, report);
    }
    if (request.dryRun) return report;
    auto copy = copyOf(checkpoint);
    if (!copy) return copy.error();
    report.copy = std::move(*copy);
    if (auto rewound = rewindCheckpoint(checkpoint, request.epoch); !rewound) return rewound.error();
    return report;
}

}
