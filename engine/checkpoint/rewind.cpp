#include "engine/checkpoint/rewind.h"

#include "engine/base/files.h"
#include "engine/checkpoint/directory_lock.h"
#include "engine/checkpoint/schema.h"
#include "engine/checkpoint/state_rows.h"
#include "engine/columns/block.h"
#include "engine/storage/migrations.h"
#include "engine/storage/transaction.h"

#include <set>

namespace streamwright {

namespace {

Result<std::unique_ptr<Connection>> openLocked(const std::filesystem::path& directory)
{
    std::error_code failure;
    if (!std::filesystem::exists(directory / kDatabaseName, failure)) return mistake(fmt::format("there is no checkpoint at {}", directory.string()));
    auto connection = Connection::open(directory / kDatabaseName, OpenMode::ReadWrite);
    if (!connection) return connection.error();
    if (auto fine = checkVersion(**connection, checkpointMigrations()); !fine) return fine.error();
    return connection;
}

// Copies rows of all-number and text columns; the blocks have a way of their own.
Result<int64_t> copyRows(Connection& from, Connection& to, std::string_view select, std::string_view insert)
{
    auto rows = from.prepare(select);
    if (!rows) return rows.error();
    auto target = to.prepare(insert);
    if (!target) return target.error();
    for (int64_t count = 0;; ++count) {
        auto row = rows->step();
        if (!row) return row.error();
        if (!*row) return count;
        for (int i = 0; i < rows->columns(); ++i) {
            if (rows->isNull(i)) target->bind(i + 1, nullptr);
            else target->bind(i + 1, rows->text(i));
        }
        // Text of digits becomes a number again in INTEGER columns of STRICT tables.
        auto done = target->step();
        if (!done) return done.error();
        target->reset();
    }
}

// Copies the blocks of one table that are whole.
Result<void> copyBlocks(Connection& from, Connection& to, bool snapshots, Epoch epoch)
{
    const std::string_view index = snapshots ? "SELECT id, state, epoch, chunk, part FROM chunks WHERE epoch <= ? ORDER BY state, epoch, chunk, part" : "SELECT id, state, epoch, 0, part FROM changes WHERE epoch <= ? ORDER BY state, epoch, part";
    auto ids = from.prepare(index);
    if (!ids) return ids.error();
    ids->bindAll(epoch.value);
    auto block = from.prepare(snapshots ? "SELECT rows, block FROM chunks WHERE id = ?" : "SELECT rows, block FROM changes WHERE id = ?");
    if (!block) return block.error();
    auto target = to.prepare(snapshots ? "INSERT INTO chunks (state, epoch, chunk, part, rows, block) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
                                       : "INSERT INTO changes (state, epoch, part, rows, block) VALUES (?1, ?2, ?4, ?5, ?6)");
    if (!target) return target.error();
    for (;;) {
        auto row = ids->step();
        if (!row) return row.error();
        if (!*row) return {};
        block->bindAll(ids->integer(0));
        auto found = block->step();
        if (found && *found && checkBlock(block->blob(1))) {
            target->bindAll(ids->integer(1), ids->integer(2), ids->integer(3), ids->integer(4), block->integer(0), Blob{block->blob(1)});
            auto done = target->step();
            if (!done) return done.error();
            target->reset();
        }
        block->reset();
    }
}

Result<Rewound> copyUpTo(Connection& from, Connection& to, const Rebuildable& rebuildable, Epoch epoch)
{
    auto transaction = Transaction::begin(to);
    if (!transaction) return transaction.error();
    const int64_t at = epoch.value;
    Rewound rewound{epoch};
    const auto copy = [&](std::string_view select, std::string_view insert) -> Result<void> {
        auto count = copyRows(from, to, select, insert);
        if (!count) return count.error();
        return {};
    };
    auto done = copy("SELECT one, id, incarnation + 1, zero_time, batch_interval, time_zone, key_hash_version, document_hash, seed FROM identity", "INSERT INTO identity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
    if (done) done = copy(fmt::format("SELECT epoch, incarnation, batch_time, decided_at, rows_in, bytes, watermarks FROM epochs WHERE epoch <= {}", at), "INSERT INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?)");
    if (done) done = copy(fmt::format("SELECT epoch, node, offset FROM offsets WHERE epoch <= {}", at), "INSERT INTO offsets VALUES (?, ?, ?)");
    if (done) {
        done = copy(fmt::format("SELECT id, node, name, node_type, state_version, layout, keys, fingerprint, from_epoch, CASE WHEN until_epoch > {0} THEN NULL ELSE until_epoch END FROM states WHERE from_epoch <= {0}", at),
                    "INSERT INTO states VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    }
    if (done) done = copyBlocks(from, to, false, epoch);
    if (done) done = copyBlocks(from, to, true, epoch);
    if (done) done = copy(fmt::format("SELECT state, epoch, rows, bytes, parts FROM sizes WHERE epoch <= {}", at), "INSERT INTO sizes VALUES (?, ?, ?, ?, ?)");
    if (done) done = copy(fmt::format("SELECT state, epoch, chunks, bytes, complete FROM snapshots WHERE complete <= {}", at), "INSERT INTO snapshots VALUES (?, ?, ?, ?, ?)");
    if (done) done = copy(fmt::format("SELECT sink, epoch, previous, batch_time, staged, outbox, incarnation FROM pending WHERE epoch <= {}", at), "INSERT INTO pending VALUES (?, ?, ?, ?, ?, ?, ?)");
    if (done) done = copy(fmt::format("SELECT sink, epoch, text FROM delivered WHERE epoch <= {}", at), "INSERT INTO delivered VALUES (?, ?, ?)");
    // What a sink published later stays published; the marker's older incarnation tells it from what comes now.
    if (done) done = copy(fmt::format("SELECT sink, min(epoch, {}) FROM published", at), "INSERT INTO published (sink, epoch) VALUES (?, ?)");
    if (done) done = to.script("DELETE FROM chunks WHERE NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.state = chunks.state AND s.epoch = chunks.epoch)");
    if (!done) return done.error();
    // Epochs that cannot be rebuilt any more go.
    const std::set<Epoch> whole(rebuildable.whole.begin(), rebuildable.whole.end());
    auto epochs = to.prepare("SELECT epoch FROM epochs");
    if (!epochs) return epochs.error();
    std::vector<int64_t> gone;
    for (auto row = epochs->step(); row && *row; row = epochs->step()) {
        if (!whole.contains(Epoch{epochs->integer(0)})) gone.push_back(epochs->integer(0));
    }
    for (const int64_t lost : gone) {
        if (done) done = to.run("DELETE FROM epochs WHERE epoch = ?", lost);
        if (done) done = to.run("DELETE FROM offsets WHERE epoch = ?", lost);
    }
    if (done) done = transaction->commit();
    if (!done) return done.error();
    auto incarnation = to.integer("SELECT incarnation FROM identity");
    auto dropped = from.integer(fmt::format("SELECT count(*) FROM epochs WHERE epoch > {}", at));
    auto pending = from.integer(fmt::format("SELECT count(*) FROM pending WHERE epoch > {}", at));
    if (!incarnation) return incarnation.error();
    rewound.incarnation = incarnation->value_or(1);
    rewound.droppedEpochs = (dropped ? dropped->value_or(0) : 0) + static_cast<int64_t>(gone.size());
    rewound.droppedPending = pending ? pending->value_or(0) : 0;
    return rewound;
}

// Puts the new database in the old one's place. The old one's log must not be read with the new one.
Result<void> takePlace(const std::filesystem::path& directory, const std::filesystem::path& fresh, std::unique_ptr<Connection> old)
{
    auto busy = old->integer("PRAGMA wal_checkpoint(TRUNCATE)");
    if (!busy) return busy.error();
    if (busy->value_or(0) != 0) return transient(fmt::format("{} is being read by another process", directory.string()), "end it and try again");
    old.reset();
    const std::filesystem::path database = directory / kDatabaseName;
    for (const char* ending : {"-wal", "-shm"}) {
        if (auto gone = removeAll(database.string() + ending); !gone) return gone;
    }
    if (auto synced = syncFolder(directory); !synced) return synced;
    if (auto synced = syncFile(fresh); !synced) return synced;
    return replaceFile(fresh, database);
}

}

Result<Rewound> rewindCheckpoint(const std::filesystem::path& directory, Epoch epoch)
{
    // The database is looked for first, so that a mistyped name makes no lock file.
    auto connection = openLocked(directory);
    if (!connection) return connection.error();
    auto lock = DirectoryLock::take(directory, newOwner());
    if (!lock) return lock.error();
    auto rebuildable = checkBlocks(**connection);
    if (!rebuildable) return rebuildable.error();
    auto found = (*connection)->integer(fmt::format("SELECT epoch FROM epochs WHERE epoch = {}", epoch.value));
    if (!found) return found.error();
    const std::string newest = rebuildable->whole.empty() ? std::string("none can be rebuilt") : fmt::format("from {} to {}", rebuildable->whole.front().value, rebuildable->whole.back().value);
    if (!found->has_value()) return mistake(fmt::format("epoch {} is not retained in {}", epoch.value, directory.string()), "retained epochs: " + newest);
    if (std::find(rebuildable->whole.begin(), rebuildable->whole.end(), epoch) == rebuildable->whole.end()) {
        return permanent(fmt::format("epoch {} cannot be rebuilt: blocks of its state are damaged", epoch.value), rewindHint(directory, *rebuildable));
    }

    const std::filesystem::path fresh = directory / "rewound.sqlite";
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
        if (auto gone = removeAll(fresh.string() + ending); !gone) return gone.error();
    }
    Result<Rewound> rewound = Rewound{};
    {
        auto target = Connection::open(fresh, OpenMode::Create);
        if (!target) return target.error();
        auto made = (*target)->script("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL");
        if (made) made = migrate(**target, checkpointMigrations());
        if (!made) return made.error();
        rewound = copyUpTo(**connection, **target, *rebuildable, epoch);
        if (!rewound) return rewound.error();
    }
    if (auto placed = takePlace(directory, fresh, std::move(*connection)); !placed) return placed.error();
    return rewound;
}

Result<std::optional<Epoch>> resolveOutput(const std::filesystem::path& directory, const NodeId& sink, Resolution resolution)
{
    auto connection = openLocked(directory);
    if (!connection) return connection.error();
    auto lock = DirectoryLock::take(directory, newOwner());
    if (!lock) return lock.error();
    auto transaction = Transaction::begin(**connection);
    if (!transaction) return transaction.error();
    auto rows = (*connection)->prepare("SELECT (SELECT max(epoch) FROM pending WHERE sink = ?1), (SELECT max(previous) FROM pending WHERE sink = ?1), (SELECT epoch FROM published WHERE sink = ?1)");
    if (!rows) return rows.error();
    rows->bindAll(sink.name);
    auto row = rows->step();
    if (!row) return row.error();
    const std::optional<Epoch> pending = rows->isNull(0) ? std::nullopt : std::optional(Epoch{rows->integer(0)});
    const bool known = !rows->isNull(2);
    const Epoch before{pending ? rows->integer(1) : rows->integer(2)};
    rows->reset();
    if (!pending && !known) return mistake(fmt::format("no sink \"{}\" has written with the checkpoint {}", sink.name, directory.string()), "`streamwright checkpoint list` shows whose output is pending");
    if (!pending && resolution == Resolution::Publish) {
        return mistake(fmt::format("no output of \"{}\" is pending in {}", sink.name, directory.string()), "`--skip` takes the target as it is and goes on");
    }
    Result<void> done;
    const bool skip = pending && resolution == Resolution::Skip;
    if (skip) done = (*connection)->run("DELETE FROM pending WHERE sink = ?", sink.name);
    if (skip && done) done = (*connection)->run("DELETE FROM delivered WHERE sink = ?", sink.name);
    if (done) done = (*connection)->run("INSERT OR REPLACE INTO published VALUES (?, ?, 1)", sink.name, skip ? pending->value : before.value);
    if (done) done = transaction->commit();
    if (!done) return done.error();
    return pending;
}

}
