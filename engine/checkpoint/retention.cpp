#include "engine/checkpoint/sqlite_store.h"

// What no retained epoch needs goes, in short transactions between the commits.
namespace streamwright {

namespace {

// Blocks that one transaction deletes. A block has up to 4 MiB, whose pages are read to be put on the free list,
// and a batch may wait for it.
constexpr int64_t kBlocksAtOnce = 1;

struct Weight {
    int64_t state;
    Epoch epoch;
    int64_t bytes;
};

Result<std::vector<Weight>> weights(Connection& connection, std::string_view sql)
{
    auto rows = connection.prepare(sql);
    if (!rows) return rows.error();
    std::vector<Weight> found;
    for (;;) {
        auto row = rows->step();
        if (!row) return row.error();
        if (!*row) return found;
        found.push_back({rows->integer(0), {rows->integer(1)}, rows->integer(2)});
    }
}

}

// The oldest epoch that stays: by number, and then so late that what must be kept fits into the bytes.
Result<Epoch> SqliteStore::oldestWanted(const Retention& retention)
{
    auto rows = connection_->prepare("SELECT epoch FROM epochs ORDER BY epoch DESC LIMIT ?");
    if (!rows) return rows.error();
    rows->bindAll(std::max<int64_t>(retention.epochs, 1));
    std::vector<Epoch> kept;
    for (;;) {
        auto row = rows->step();
        if (!row) return row.error();
        if (!*row) break;
        kept.push_back({rows->integer(0)});
    }
    if (kept.empty()) return Epoch{};
    auto changes = weights(*connection_, "SELECT state, epoch, sum(length(block)) FROM changes GROUP BY state, epoch");
    if (!changes) return changes.error();
    auto snapshots = weights(*connection_, "SELECT state, complete, bytes FROM snapshots");
    if (!snapshots) return snapshots.error();
    // From the oldest on, until what that epoch needs fits.
    for (size_t i = kept.size(); i-- > 1;) {
        std::map<int64_t, Epoch> base;
        for (const Weight& w : *snapshots) {
            if (w.epoch <= kept[i]) base[w.state] = std::max(base[w.state], w.epoch);
        }
        int64_t bytes = 0;
        for (const Weight& w : *snapshots) bytes += w.epoch >= base[w.state] ? w.bytes : 0;
        for (const Weight& w : *changes) bytes += w.epoch > base[w.state] ? w.bytes : 0;
        if (bytes <= retention.bytes) return kept[i];
    }
    return kept.front();
}

Result<bool> SqliteStore::deleteBlocks(std::string_view table, int64_t state, std::string_view where, Epoch epoch, const std::function<bool()>& goOn)
{
    const std::string sql = fmt::format("DELETE FROM {0} WHERE id IN (SELECT id FROM {0} WHERE state = ? AND epoch {1} ? LIMIT {2})", table, where, kBlocksAtOnce);
    do {
        const Turns::Patient lock(mutex_);
        auto done = write(Commit::Ordered, [&] { return connection_->run(sql, state, epoch.value); });
        if (!done) return done.error();
        if (connection_->changedRows() < kBlocksAtOnce) return true;
    } while (goOn());
    return false;
}

// The rows that make blocks count go first, so that an end in between leaves only waste.
Result<bool> SqliteStore::deleteState(const StateRow& state, const std::function<bool()>& goOn)
{
    const auto run = [&](std::string_view first, std::string_view second) {
        const Turns::Patient lock(mutex_);
        return write(Commit::Ordered, [&]() -> Result<void> {
            auto done = connection_->run(first, state.id);
            if (done && !second.empty()) done = connection_->run(second, state.id);
            return done;
        });
    };
    if (auto gone = run("DELETE FROM sizes WHERE state = ?", "DELETE FROM snapshots WHERE state = ?"); !gone) return gone.error();
    for (const std::string_view table : {"changes", "chunks"}) {
        if (auto done = deleteBlocks(table, state.id, ">=", {0}, goOn); !done || !*done) return done;
    }
    if (auto gone = run("DELETE FROM states WHERE id = ?", {}); !gone) return gone.error();
    return true;
}

Result<bool> SqliteStore::tidyState(const StateRow& state, Epoch oldest, const std::function<bool()>& goOn)
{
    if (state.until && *state.until < oldest) return deleteState(state, goOn);
    std::optional<Epoch> base;
    std::vector<int64_t> abandoned;
    {
        // 1. the snapshot that the oldest epoch stands on; before it nothing is needed. 2. chunks that no
        // snapshot row made valid and that are not being written.
        const Turns::Patient lock(mutex_);
        auto found = snapshotBefore(*connection_, state.id, oldest);
        if (!found) return found.error();
        base = *found;
        auto rows = connection_->prepare("SELECT DISTINCT epoch FROM chunks c WHERE state = ? AND NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.state = c.state AND s.epoch = c.epoch)");
        if (!rows) return rows.error();
        rows->bindAll(state.id);
        const auto now = live_.find({state.identity.node, state.identity.name});
        for (;;) {
            auto row = rows->step();
            if (!row) return row.error();
            if (!*row) break;
            const bool writing = now != live_.end() && now->second.row.id == state.id && now->second.unfinished.contains(rows->integer(0));
            if (!writing) abandoned.push_back(rows->integer(0));
        }
    }
    for (const int64_t epoch : abandoned) {
        if (auto done = deleteBlocks("chunks", state.id, "=", {epoch}, goOn); !done || !*done) return done;
    }
    if (!base) return true;
    {
        const Turns::Patient lock(mutex_);
        auto done = write(Commit::Ordered, [&]() -> Result<void> {
            auto set = connection_->run("DELETE FROM snapshots WHERE state = ? AND epoch < ?", state.id, base->value);
            if (set) set = connection_->run("DELETE FROM sizes WHERE state = ? AND epoch < ? AND epoch < (SELECT max(epoch) FROM sizes WHERE state = ? AND epoch <= ?)", state.id, base->value, state.id, oldest.value);
            if (set) set = connection_->run("UPDATE sizes SET parts = 0 WHERE state = ? AND epoch <= ?", state.id, base->value);
            return set;
        });
        if (!done) return done.error();
    }
    if (auto done = deleteBlocks("chunks", state.id, "<", *base, goOn); !done || !*done) return done;
    return deleteBlocks("changes", state.id, "<=", *base, goOn);
}

Result<bool> SqliteStore::tidy(const Retention& retention, const std::function<bool()>& goOn)
{
    Epoch oldest;
    std::vector<StateRow> states;
    {
        const Turns::Patient lock(mutex_);
        auto wanted = oldestWanted(retention);
        if (!wanted) return wanted.error();
        oldest = *wanted;
        auto rows = readStates(*connection_);
        if (!rows) return rows.error();
        states = std::move(*rows);
        auto done = write(Commit::Ordered, [&]() -> Result<void> {
            auto set = connection_->run("DELETE FROM offsets WHERE epoch < ?", oldest.value);
            if (set) set = connection_->run("DELETE FROM epochs WHERE epoch < ?", oldest.value);
            return set;
        });
        if (!done) return done.error();
    }
    bool all = true;
    for (size_t i = 0; all && i < states.size(); ++i) {
        auto done = tidyState(states[i], oldest, goOn);
        if (!done) return done.error();
        all = *done;
    }
    keeper_->wake();
    if (auto kept = keeper_->outcome(); !kept) return kept.error();
    return all;
}

}
