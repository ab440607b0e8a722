#include "engine/checkpoint/sqlite_store.h"

// How a run begins: what it finds, and what it says about itself.
namespace streamwright {

namespace {

std::string joined(const std::vector<std::string>& lines)
{
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

// Fits: what is stored can go on under the new identity.
bool fits(const StateIdentity& a, const StateIdentity& b)
{
    return a.nodeType == b.nodeType && a.stateVersion == b.stateVersion && a.layout == b.layout && a.fingerprint == b.fingerprint;
}

}

Result<Restored> SqliteStore::restore()
{
    const std::scoped_lock lock(mutex_);
    auto transaction = Transaction::begin(*connection_, TransactionKind::Read);
    if (!transaction) return transaction.error();
    Restored restored;
    std::map<int64_t, LoggedBatch> logged;
    Result<void> done = connection_->eachRow("SELECT epoch, batch_time, watermarks FROM epochs ORDER BY epoch DESC LIMIT 1", [&](const Statement& at) {
        restored.epoch = {at.integer(0)};
        restored.batchTime = {at.integer(1)};
        restored.watermarks = at.text(2);
    });
    if (done) {
        done = connection_->eachRow("SELECT node, offset FROM offsets WHERE epoch = (SELECT max(epoch) FROM epochs)", [&](const Statement& at) { restored.offsets[NodeId{std::string(at.text(0))}] = at.text(1); });
    }
    if (done) {
        done = connection_->eachRow("SELECT batch, batch_time, document_hash FROM logged WHERE batch > coalesce((SELECT max(epoch) FROM epochs), 0)", [&](const Statement& at) {
            logged[at.integer(0)] = {at.integer(0), {at.integer(1)}, std::string(at.text(2)), {}};
        });
    }
    if (done) {
        done = connection_->eachRow("SELECT batch, node, range FROM ranges", [&](const Statement& at) {
            const auto found = logged.find(at.integer(0));
            if (found != logged.end()) found->second.ranges[NodeId{std::string(at.text(1))}] = at.text(2);
        });
    }
    if (done) {
        done = connection_->eachRow("SELECT p.sink, p.epoch, previous, batch_time, staged, outbox, incarnation, d.text FROM pending p LEFT JOIN delivered d ON d.sink = p.sink AND d.epoch = p.epoch ORDER BY p.epoch, p.sink", [&](const Statement& at) {
            restored.pending.push_back({NodeId{std::string(at.text(0))}, {at.integer(1)}, {at.integer(2)}, {at.integer(3)}, std::string(at.text(4)), at.integer(5) != 0, at.integer(6), std::string(at.text(7))});
        });
    }
    if (done) {
        done = connection_->eachRow("SELECT sink, epoch, resolved FROM published", [&](const Statement& at) {
            NodeId sink{std::string(at.text(0))};
            restored.published[sink] = {at.integer(1)};
            if (at.integer(2) != 0) restored.resolved.insert(std::move(sink));
        });
    }
    if (!done) return withWayOut(done.error());
    for (auto& [number, batch] : logged) restored.undecided.push_back(std::move(batch));
    return restored;
}

std::vector<StateIdentity> SqliteStore::states() const
{
    const std::scoped_lock lock(mutex_);
    std::vector<StateIdentity> identities;
    for (const auto& [key, state] : live_) identities.push_back(state.row.identity);
    return identities;
}

Result<void> SqliteStore::readState(const NodeId& node, const std::string& name, const std::function<Result<void>(const Batch&)>& apply)
{
    const std::scoped_lock lock(mutex_);
    auto state = live(node, name);
    if (!state) return state.error();
    auto done = readStateRows(*connection_, (*state)->row, last_, apply);
    if (!done) return withWayOut(done.error());
    return {};
}

Result<void> SqliteStore::beginRun(const CheckpointIdentity& now, const std::vector<StateIdentity>& states, const std::vector<std::pair<NodeId, std::string>>& reset, const Renamed& renamed)
{
    const std::scoped_lock lock(mutex_);
    CheckpointIdentity next = identity_;
    next.incarnation = std::max(identity_.incarnation, now.incarnation);
    next.interval = now.interval;
    next.timeZone = now.timeZone;
    next.documentHash = now.documentHash;
    auto done = write(Commit::Durable, [&]() -> Result<void> {
        auto set = connection_->run("UPDATE identity SET incarnation = ?, batch_interval = ?, time_zone = ?, document_hash = ?", next.incarnation, next.interval.micros, next.timeZone, next.documentHash);
        if (!set) return set;
        for (const auto& [node, name] : reset) {
            set = connection_->run("UPDATE states SET until_epoch = ? WHERE node = ? AND name = ? AND until_epoch IS NULL", last_.value, node.name, name);
            if (!set) return set;
        }
        std::map<StateKey, const StateIdentity*> carried;
        for (const auto& [stored, node] : renamed) {
            set = connection_->run("UPDATE states SET node = ? WHERE node = ? AND name = ? AND until_epoch IS NULL", node.name, stored.node.name, stored.name);
            if (!set) return set;
            carried[{node, stored.name}] = &stored;
        }
        for (const StateIdentity& state : states) {
            const bool dropped = std::find(reset.begin(), reset.end(), std::pair(state.node, state.name)) != reset.end();
            const auto old = carried.find({state.node, state.name});
            const auto found = live_.find(old == carried.end() ? StateKey{state.node, state.name} : StateKey{old->second->node, state.name});
            if (found != live_.end() && !dropped) {
                if (!fits(found->second.row.identity, state)) {
                    return mistake(fmt::format("the stored state \"{}\" of node \"{}\" does not fit the pipeline: stored is {} ({}), wanted is {} ({})", state.name, state.node.name, found->second.row.identity.nodeType, found->second.row.identity.layout, state.nodeType, state.layout),
                                   fmt::format("`--reset {}` lets the node start empty", state.node.name));
                }
                set = connection_->run("UPDATE states SET keys = ? WHERE id = ?", joined(state.keys), found->second.row.id);
            } else {
                set = connection_->run("INSERT INTO states (node, name, node_type, state_version, layout, keys, fingerprint, from_epoch) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", state.node.name, state.name,
                                       state.nodeType, state.stateVersion, state.layout, joined(state.keys), state.fingerprint, last_.value);
            }
            if (!set) return set;
        }
        return {};
    });
    if (!done) return done;
    identity_ = next;
    return readLive();
}

Result<void> SqliteStore::logRanges(const LoggedBatch& batch)
{
    const std::scoped_lock lock(mutex_);
    return write(Commit::Durable, [&]() -> Result<void> {
        auto done = connection_->run("INSERT OR REPLACE INTO logged VALUES (?, ?, ?)", batch.number, batch.batchTime.micros, batch.documentHash);
        if (done) done = connection_->run("DELETE FROM ranges WHERE batch = ?", batch.number);
        for (const auto& [node, range] : batch.ranges) {
            if (done) done = connection_->run("INSERT INTO ranges VALUES (?, ?, ?)", batch.number, node.name, range);
        }
        return done;
    });
}

Result<std::vector<std::pair<Epoch, std::string>>> SqliteStore::offsetsOf(const NodeId& source)
{
    const std::scoped_lock lock(mutex_);
    std::vector<std::pair<Epoch, std::string>> offsets;
    auto done = connection_->eachRow("SELECT epoch, node, offset FROM offsets ORDER BY epoch", [&](const Statement& at) {
        if (at.text(1) == source.name) offsets.emplace_back(Epoch{at.integer(0)}, at.text(2));
    });
    if (!done) return done.error();
    return offsets;
}

Result<std::map<NodeId, std::string>> SqliteStore::oldestOffsets()
{
    const std::scoped_lock lock(mutex_);
    std::map<NodeId, std::string> offsets;
    auto done = connection_->eachRow("SELECT node, offset FROM offsets WHERE epoch = (SELECT min(epoch) FROM epochs)", [&](const Statement& at) { offsets[NodeId{std::string(at.text(0))}] = at.text(1); });
    if (!done) return done.error();
    return offsets;
}

}
