#include "engine/checkpoint/store.h"

#include "engine/checkpoint/schema.h"
#include "engine/checkpoint/shipped_rows.h"
#include "engine/checkpoint/shipped_store.h"
#include "engine/storage/migrations.h"

namespace streamwright {

namespace {

// Pages stay small, since a batch of a quick stream changes few bytes in a few tables. The log is copied
// back by the keeper alone.
constexpr std::string_view kSettings = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 0;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -4096;
PRAGMA temp_store = MEMORY;
)sql";

}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& directory, const std::optional<CheckpointIdentity>& create, const std::optional<CheckpointCopy>& copy)
{
    if (copy) return ShippedStore::open(directory, create, *copy);
    auto store = SqliteStore::open(directory, create);
    if (!store) return store.error();
    return std::unique_ptr<Store>(std::move(*store));
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& directory, const std::optional<CheckpointIdentity>& create)
{
    std::error_code failure;
    const bool there = std::filesystem::exists(directory / kDatabaseName, failure);
    if (!there && !create) return mistake(fmt::format("there is no checkpoint at {}", directory.string()), "run a pipeline whose settings name this checkpoint");
    if (auto made = makeFolder(directory); !made) return made.error();
    const std::string owner = newOwner();
    auto lock = DirectoryLock::take(directory, owner);
    if (!lock) return lock.error();
    return openLocked(directory, create, owner, std::move(*lock));
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::openLocked(const std::filesystem::path& directory, const std::optional<CheckpointIdentity>& create, const std::string& owner, DirectoryLock lock)
{
    // The database, whose identity makes the checkpoint, then what stands around it.
    std::error_code failure;
    const bool there = std::filesystem::exists(directory / kDatabaseName, failure);
    std::unique_ptr<SqliteStore> store(new SqliteStore(directory, owner, std::move(lock)));
    if (auto made = makeFolder(store->receivedFolder()); !made) return made.error();
    // An empty file is what a cut off making leaves; with output staged or records received it has lost its content.
    const bool hollow = there && std::filesystem::file_size(directory / kDatabaseName, failure) == 0 && std::filesystem::exists(directory / kHistoryName, failure) && !std::filesystem::exists(directory / (std::string(kDatabaseName) + "-wal"), failure);
    if (hollow) return store->withWayOut(permanent(fmt::format("{} is empty, but runs have written to it", (directory / kDatabaseName).string())));
    if (auto opened = store->openDatabase(create.has_value()); !opened) return store->withWayOut(opened.error());
    if (auto read = store->readIdentity(create); !read) return store->withWayOut(read.error());
    if (auto read = store->readLive(); !read) return store->withWayOut(read.error());
    auto outbox = Outbox::open(directory / kStagedName);
    if (!outbox) return outbox.error();
    store->outbox_ = std::move(*outbox);
    auto keeper = WalKeeper::start(directory / kDatabaseName);
    if (!keeper) return keeper.error();
    store->keeper_ = std::move(*keeper);
    return store;
}

Result<void> SqliteStore::openDatabase(bool mayCreate)
{
    const std::filesystem::path path = directory_ / kDatabaseName;
    auto connection = Connection::open(path, mayCreate ? OpenMode::Create : OpenMode::ReadWrite);
    if (!connection) return connection.error();
    connection_ = std::move(*connection);
    if (auto set = connection_->script(kSettings); !set) return set;
    if (auto migrated = migrate(*connection_, checkpointMigrations()); !migrated) return migrated;
    // The names of the files SQLite made.
    if (auto synced = syncFolder(directory_); !synced) return synced;
    return {};
}

Result<void> SqliteStore::readIdentity(const std::optional<CheckpointIdentity>& create)
{
    auto rows = connection_->prepare("SELECT id, incarnation, zero_time, batch_interval, time_zone, key_hash_version, document_hash, seed FROM identity");
    if (!rows) return rows.error();
    auto row = rows->step();
    if (!row) return row.error();
    if (*row) {
        identity_.id = rows->text(0);
        identity_.incarnation = rows->integer(1);
        identity_.zeroTime = {rows->integer(2)};
        identity_.interval = {rows->integer(3)};
        identity_.timeZone = rows->text(4);
        identity_.keyHashVersion = static_cast<int>(rows->integer(5));
        identity_.documentHash = rows->text(6);
        identity_.seed = rows->integer(7);
        return {};
    }
    if (!create) return permanent(fmt::format("{} is empty: its making was cut off", directory_.string()), "run the pipeline once more, it makes a new one");
    identity_ = *create;
    if (identity_.id.empty()) identity_.id = randomUuid();
    created_ = true;
    return write(Commit::Durable, [&] {
        return connection_->run("INSERT INTO identity VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)", identity_.id, identity_.incarnation, identity_.zeroTime.micros, identity_.interval.micros,
                                identity_.timeZone, identity_.keyHashVersion, identity_.documentHash, identity_.seed);
    });
}

Result<void> SqliteStore::readLive()
{
    auto last = connection_->integer("SELECT max(epoch) FROM epochs");
    if (!last) return last.error();
    last_ = {last->value_or(0)};
    auto states = readStates(*connection_);
    if (!states) return states.error();
    live_.clear();
    for (StateRow& state : *states) {
        if (state.until) continue;
        StateKey key{state.identity.node, state.identity.name};
        live_[std::move(key)].row = std::move(state);
    }
    return readSizes();
}

Result<void> SqliteStore::readSizes()
{
    for (auto& [key, state] : live_) {
        auto base = snapshotBefore(*connection_, state.row.id, last_);
        if (!base) return base.error();
        auto rows = connection_->prepare("SELECT coalesce((SELECT bytes FROM snapshots WHERE state = ?1 AND epoch = ?2), 0), coalesce((SELECT sum(length(block)) FROM changes WHERE state = ?1 AND epoch > ?2), 0)");
        if (!rows) return rows.error();
        rows->bindAll(state.row.id, base->value_or(state.row.from).value);
        auto row = rows->step();
        if (!row) return row.error();
        state.size = {rows->integer(1), rows->integer(0)};
    }
    return {};
}

Error SqliteStore::withWayOut(Error error)
{
    if (error.kind != ErrorKind::Permanent || !error.hint.empty()) return error;
    if (connection_) {
        auto rebuildable = checkBlocks(*connection_);
        if (rebuildable) error.hint = rewindHint(directory_, *rebuildable);
    }
    if (error.hint.empty()) error.hint = fmt::format("nothing of it can be read: restore {} from a backup, or move it away and start anew", directory_.string());
    return error;
}

Result<void> SqliteStore::write(Commit commit, const std::function<Result<void>()>& work)
{
    if (commit != mode_) {
        if (auto set = connection_->script(commit == Commit::Durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"); !set) return set;
        mode_ = commit;
    }
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.error();
    if (auto done = work(); !done) return done;
    auto done = transaction->commit();
    if (done && commit == Commit::Durable) ++commits_;
    return done;
}

Result<SqliteStore::LiveState*> SqliteStore::live(const NodeId& node, const std::string& name)
{
    const auto found = live_.find({node, name});
    if (found == live_.end()) return broken(fmt::format("node \"{}\" writes a state \"{}\" that its run did not announce", node.name, name));
    return &found->second;
}

Result<std::string> SqliteStore::shippedRows(std::optional<Epoch> epoch)
{
    const std::scoped_lock lock(mutex_);
    return epoch ? rowsOfEpoch(*connection_, *epoch) : rowsOfNow(*connection_);
}

std::filesystem::path SqliteStore::receivedFolder() const { return directory_ / kReceivedName; }

}
