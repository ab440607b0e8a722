#include "engine/runtime/recovery.h"

#include "engine/runtime/commit.h"

#include <algorithm>
#include <charconv>

namespace streamwright {

namespace {

const NodeId kCheckpoint{"checkpoint"};

// A fingerprint's lines "option=value" by option.
std::map<std::string, std::string> optionsOf(const std::string& fingerprint)
{
    std::map<std::string, std::string> options;
    for (size_t from = 0; from < fingerprint.size();) {
        const size_t end = std::min(fingerprint.find('\n', from), fingerprint.size());
        const size_t equals = std::min(fingerprint.find('=', from), end);
        options[fingerprint.substr(from, equals - from)] = fingerprint.substr(std::min(equals + 1, end), end - std::min(equals + 1, end));
        from = end + 1;
    }
    return options;
}

// "keys was ["word"] and is now ["upper(word) AS word"]", for each option that differs.
std::string changedOptions(const std::string& stored, const std::string& now)
{
    const auto before = optionsOf(stored), after = optionsOf(now);
    std::string text;
    for (const auto& [name, value] : after) {
        const auto was = before.find(name);
        if (was != before.end() && was->second == value) continue;
        text += fmt::format("{}{} was {} and is now {}", text.empty() ? "" : "; ", name, was == before.end() ? "not known" : was->second, value);
    }
    for (const auto& [name, value] : before) {
        if (!after.contains(name)) text += fmt::format("{}{} was {} and is now not known", text.empty() ? "" : "; ", name, value);
    }
    return text;
}

// What differs between kept and new state, for people; empty when it fits.
std::string misfit(const StateIdentity& stored, const StateIdentity& now)
{
    if (stored.nodeType != now.nodeType) return fmt::format("the node was a {} and is now a {}", stored.nodeType, now.nodeType);
    if (stored.stateVersion != now.stateVersion) return fmt::format("its state has version {}, this program writes version {}", stored.stateVersion, now.stateVersion);
    if (stored.layout != now.layout) return fmt::format("its state holds ({}) and would now hold ({})", stored.layout, now.layout);
    if (stored.fingerprint != now.fingerprint) return fmt::format("an option that decides what the state means has changed: {}", changedOptions(stored.fingerprint, now.fingerprint));
    return {};
}

bool wasNamed(const PlanNode& node, const NodeId& stored) { return node.id == stored || std::ranges::find(node.was, stored.name) != node.was.end(); }

// Batch-time windows count batches: their panes mean nothing under another interval or zone.
std::string windowMisfit(const PlanNode& node, const Settings& settings, const CheckpointIdentity& pinned)
{
    if (!node.type->spec.needsInterval) return {};
    if (pinned.interval != settings.batchInterval) return fmt::format("the batch interval was {} and is now {}", printDuration(pinned.interval), printDuration(settings.batchInterval));
    if (pinned.timeZone != settings.timeZone) return fmt::format("the time zone was {} and is now {}", pinned.timeZone, settings.timeZone);
    return {};
}

}

std::string rangeText(const Range& range)
{
    return fmt::format("{} {} {}\n{}{}{}", range.rows, range.from.text.size(), range.until.text.size(), range.from.text, range.until.text, range.detail);
}

Result<Range> rangeOf(std::string_view text)
{
    const auto damaged = [&] { return permanent(fmt::format("a logged range of the checkpoint cannot be read: \"{}\"", text.substr(0, 80)), "`streamwright checkpoint verify` shows what is damaged"); };
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return damaged();
    int64_t numbers[3] = {};
    const char* at = text.data();
    for (int64_t& number : numbers) {
        const auto part = std::from_chars(at, text.data() + end, number);
        if (part.ec != std::errc()) return damaged();
        at = part.ptr + 1;
    }
    const std::string_view rest = text.substr(end + 1);
    const auto from = static_cast<size_t>(numbers[1]), until = static_cast<size_t>(numbers[2]);
    if (numbers[1] < 0 || numbers[2] < 0 || from + until > rest.size()) return damaged();
    return Range{Offset{std::string(rest.substr(0, from))}, Offset{std::string(rest.substr(from, until))}, std::string(rest.substr(from + until)), numbers[0]};
}

StateIdentity stateIdentity(const PlanNode& node, const State& state)
{
    const StateLayout& layout = state.layout();
    return {node.id, layout.name, node.type->spec.type, node.type->spec.stateVersion, fmt::format("{}: {}", layout.identity, layout.changes.toDdl()), layout.keys, node.fingerprint};
}

StatePlan planStates(const Plan& plan, const Settings& settings, const KeptStates* kept, const std::vector<NodeId>& resets)
{
    StatePlan result;
    std::vector<StateIdentity> stored = kept ? kept->states : std::vector<StateIdentity>();
    for (size_t n = 0; n < plan.nodes.size(); ++n) {
        const PlanNode& node = plan.nodes[n];
        for (size_t s = 0; s < node.states.size(); ++s) {
            const StateIdentity now = stateIdentity(node, *node.states[s]);
            auto old = std::ranges::find_if(stored, [&](const StateIdentity& i) { return i.name == now.name && i.node == node.id; });
            if (old == stored.end()) old = std::ranges::find_if(stored, [&](const StateIdentity& i) { return i.name == now.name && wasNamed(node, i.node); });
            PlannedState& fate = result.fates.emplace_back(PlannedState{node.id, now.name});
            if (old == stored.end()) continue;
            fate.reason = misfit(*old, now);
            if (fate.reason.empty()) fate.reason = windowMisfit(node, settings, kept->identity);
            if (std::ranges::find(resets, node.id) != resets.end()) {
                fate.fate = StateFate::Reset;
                result.reset.emplace_back(old->node, old->name);
            } else if (fate.reason.empty()) {
                fate.fate = StateFate::Kept;
                if (old->node != node.id) fate.reason = "renamed from " + old->node.name;
                result.kept.push_back({n, s, *old});
            } else {
                fate.fate = StateFate::Refused;
                result.refused = true;
            }
            stored.erase(old);
        }
    }
    // State of nodes that do not run now.
    for (const StateIdentity& left : stored) {
        const bool drop = std::ranges::find(resets, left.node) != resets.end();
        if (drop) result.reset.emplace_back(left.node, left.name);
        result.fates.push_back({left.node, left.name, drop ? StateFate::Reset : StateFate::Kept, "the node does not run; its state stays as it is in the checkpoint"});
        if (drop) result.fates.back().reason.clear();
    }
    return result;
}

Result<void> checkPending(const Plan& plan, const Restored& restored, const std::filesystem::path& checkpoint)
{
    for (const PendingOutput& pending : restored.pending) {
        const auto index = plan.indexOf(pending.sink);
        if (index && plan.nodes[*index].sink) continue;
        return mistake(fmt::format("epoch {} of sink {} is decided but not published, and the sink is not in the pipeline any more", pending.epoch.value, pending.sink.name),
                       fmt::format("bring the sink back and run once, or `streamwright checkpoint resolve {} {} --skip`", checkpoint.string(), pending.sink.name));
    }
    return {};
}

void followRenames(const Plan& plan, Restored& restored)
{
    for (const size_t index : plan.sources) {
        const PlanNode& source = plan.nodes[index];
        for (const std::string& was : source.was) {
            const NodeId old{was};
            if (plan.indexOf(old)) continue;
            if (auto moved = restored.offsets.extract(old); moved && !restored.offsets.contains(source.id)) restored.offsets[source.id] = moved.mapped();
            for (LoggedBatch& logged : restored.undecided) {
                if (auto range = logged.ranges.extract(old)) logged.ranges.try_emplace(source.id, range.mapped());
            }
        }
    }
}

Result<void> Recovery::restoreStates(const StatePlan& states)
{
    for (const StatePlan::Kept& kept : states.kept) {
        PlanNode& node = plan_.nodes[kept.node];
        State& state = *node.states[kept.state];
        MemoryScope scope(memory_, &node.id.name);
        try {
            auto read = store_.readState(node.id, kept.stored.name, [&](const Batch& changes) { return state.apply(changes); });
            if (!read) return read;
        } catch (const MemoryExceeded& exceeded) {
            return permanent(exceeded.what());
        }
    }
    return {};
}

Result<void> Recovery::openSinks(const Restored& restored)
{
    std::vector<NodeId> opened;
    for (size_t index : plan_.sinks) {
        PlanNode& sink = plan_.nodes[index];
        const auto published = restored.published.find(sink.id);
        SinkContext context{sink.id, store_.identity().id, store_.identity().incarnation, store_.owner(), published != restored.published.end()};
        context.checkpoint = store_.directory().string();
        context.stop = &control_.stopToken();
        context.late = dynamic_cast<LateRejects*>(sink.source.get());
        if (context.continued) published_[index] = published->second;
        if (restored.resolved.contains(sink.id)) context.resolved = published_[index];
        if (auto answered = control_.patiently(sink.id, [&] { return sink.sink->open(context); }); !answered) return Error{answered.error().kind, fmt::format("{}: {}", sink.id.name, answered.error().message), answered.error().hint};
        if (auto marked = checkMarker(sink, index, restored); !marked) return marked;
        if (auto discarded = control_.patiently(sink.id, [&] { return sink.sink->discardUndecided(restored.epoch); }); !discarded) return discarded;
        opened.push_back(sink.id);
    }
    const bool allKnown = std::ranges::all_of(opened, [&](const NodeId& sink) { return restored.published.contains(sink); });
    if (allKnown && restored.resolved.empty()) return {};
    return control_.patiently(kCheckpoint, [&] { return store_.sinksOpened(opened); });
}

Result<void> Recovery::checkMarker(const PlanNode& sink, size_t index, const Restored& restored)
{
    const bool isPending = std::ranges::any_of(restored.pending, [&](const PendingOutput& p) { return p.sink == sink.id; });
    if (isPending) return {};
    auto marker = control_.patiently(sink.id, [&] { return sink.sink->published(); });
    if (!marker) return marker.error();
    if (!*marker || (*marker)->incarnation < store_.identity().incarnation) return {};
    if ((*marker)->epoch == published_[index]) return {};
    return permanent(fmt::format("{}: {} holds epoch {}, but the checkpoint says that epoch {} was published there", sink.id.name, sink.sink->description(), (*marker)->epoch.value, published_[index].value),
                     fmt::format("the target was replaced, or a copy of the checkpoint wrote to it; `streamwright checkpoint resolve {} {} --skip` takes it as it is", store_.directory().string(), sink.id.name));
}

// The rule of markers: it names the pending epoch: published; the previous one: to be published; else nobody knows.
Result<bool> Recovery::alreadyPublished(PlanNode& sink, const PendingOutput& pending)
{
    auto marker = control_.patiently(sink.id, [&] { return sink.sink->published(); });
    if (!marker) return marker.error();
    if (!*marker) return false;
    if ((*marker)->epoch == pending.epoch && (*marker)->incarnation == pending.incarnation) return true;
    if ((*marker)->epoch == pending.previous || (*marker)->incarnation < pending.incarnation) return false;
    return permanent(fmt::format("{}: epoch {} waits to be published after epoch {}, but {} holds epoch {}", sink.id.name, pending.epoch.value, pending.previous.value, sink.sink->description(), (*marker)->epoch.value),
                     fmt::format("look at the target, then `streamwright checkpoint resolve {} {} --publish` or `--skip`", store_.directory().string(), sink.id.name));
}

Result<void> Recovery::publishPending(const Restored& restored)
{
    for (const PendingOutput& pending : restored.pending) {
        const size_t index = *plan_.indexOf(pending.sink);
        PlanNode& sink = plan_.nodes[index];
        auto there = alreadyPublished(sink, pending);
        if (!there) return there.error();
        if (*there) {
            if (auto cleared = control_.patiently(kCheckpoint, [&] { return store_.clearPending(sink.id, pending.epoch); }); !cleared) return cleared;
        } else {
            Result<std::string> staged = pending.staged;
            if (pending.outbox) staged = store_.readOutbox(pending.epoch, sink.id);
            if (!staged) return staged.error();
            if (auto done = Commit::publish(sink, store_, control_, pending, *staged, Step::RecoveryPublishing, Step::RecoveryPublished); !done) return done;
            control_.log(LogLevel::Info, fmt::format("published epoch {} of {}, decided before the stop", pending.epoch.value, sink.id.name));
        }
        published_[index] = pending.epoch;
    }
    return {};
}

}
