#include "engine/checkpoint/shipped_store.h"

#include "engine/base/files.h"
#include "engine/checkpoint/schema.h"
#include "engine/checkpoint/shipped_copy.h"
#include "engine/checkpoint/shipped_rows.h"

namespace streamwright {

namespace {

constexpr size_t kPartBytes = 16 << 20;

Result<std::unique_ptr<ShipChain>> chainOf(const CheckpointCopy& copy)
{
    auto folder = sharedFolder(copy.place, copy.token);
    if (!folder) return folder.error();
    return std::make_unique<ShipChain>(std::move(*folder));
}

Error unreachable(const ShipChain& chain, const Error& error)
{
    return {error.kind, fmt::format("the checkpoint in {} cannot be read: {}", chain.text(), error.message), error.hint};
}

}

Result<std::unique_ptr<Store>> ShippedStore::open(const std::filesystem::path& directory, const std::optional<CheckpointIdentity>& create, const CheckpointCopy& copy)
{
    // 1. the local folder is ours. 2. it holds what the chain holds. 3. it is opened as any other.
    auto chain = chainOf(copy);
    if (!chain) return chain.error();
    if (auto made = makeFolder(directory); !made) return made.error();
    const std::string owner = newOwner();
    auto lock = DirectoryLock::take(directory, owner);
    if (!lock) return lock.error();
    if (auto made = (*chain)->makeFolders(); !made) return unreachable(**chain, made.error());
    auto synced = syncWithChain(directory, **chain);
    if (!synced) return unreachable(**chain, synced.error());
    std::unique_ptr<ShippedStore> store(new ShippedStore(copy, std::move(*chain)));
    store->at_ = synced->at.place;
    store->atEpoch_ = synced->at.epoch;
    store->whole_ = synced->whole;
    auto newest = store->chain_->newestSnapshot();
    if (!newest) return unreachable(*store->chain_, newest.error());
    store->snapshotAt_ = *newest;
    auto local = SqliteStore::openLocked(directory, create, owner, std::move(*lock));
    if (!local) return local.error();
    store->local_ = std::move(*local);
    for (const auto& [sink, bytes] : synced->outbox) {
        if (auto staged = store->local_->stageOutbox(synced->at.epoch, NodeId{sink}, bytes); !staged) return staged.error();
    }
    if (!synced->outbox.empty()) {
        if (auto sealed = store->local_->sealOutbox(synced->at.epoch); !sealed) return sealed.error();
    }
    return std::unique_ptr<Store>(std::move(store));
}

ShippedStore::~ShippedStore()
{
    if (snapshot_.joinable()) snapshot_.join();
}

Result<void> ShippedStore::beginRun(const CheckpointIdentity& now, const std::vector<StateIdentity>& states, const std::vector<std::pair<NodeId, std::string>>& reset, const Renamed& renamed)
{
    if (!begun_) {
        if (auto begun = local_->beginRun(now, states, reset, renamed); !begun) return begun;
        begun_ = true;
    }
    if (!waiting_) {
        auto restored = local_->restore();
        if (!restored) return restored.error();
        if (auto made = takeOver(*restored); !made) return made;
    }
    if (auto shipped = ship(); !shipped) return shipped;
    whole_ = false;
    // Nobody else writes there any more; what cannot be removed now is removed by the next run.
    (void)chain_->removeUnfinished();
    return {};
}

// A link that says who goes on. It is the last one if this run dies before it publishes: what waits for that goes along.
Result<void> ShippedStore::takeOver(const Restored& restored)
{
    auto outbox = outboxOf(restored.pending);
    if (!outbox) return outbox.error();
    auto rows = local_->shippedRows(std::nullopt);
    if (!rows) return rows.error();
    if (auto made = make(whole_ ? ChainLink::Kind::Whole : ChainLink::Kind::Owner, restored.epoch, std::move(*rows), std::move(*outbox)); !made) return made;
    if (!whole_) return {};
    auto connection = Connection::open(directory() / kDatabaseName, OpenMode::ReadOnly);
    Result<void> written = connection ? writeSnapshot(*chain_, **connection, waiting_->link.place) : connection.error();
    if (!written) waiting_.reset();
    return written;
}

Result<void> ShippedStore::make(ChainLink::Kind kind, Epoch epoch, std::string rows, std::map<std::string, std::string> outbox)
{
    Waiting waiting;
    waiting.link = {.kind = kind, .place = {at_.number + 1, {}}, .previous = at_.hash, .checkpoint = identity().id, .incarnation = identity().incarnation, .owner = owner(), .epoch = epoch, .rows = std::move(rows), .outbox = std::move(outbox)};
    waiting.bytes = linkBytes(waiting.link);
    waiting.link.rows.clear();
    waiting.link.outbox.clear();
    waiting_ = std::move(waiting);
    // Before it is sent: who dies without an answer recognizes its link.
    return note();
}

Result<void> ShippedStore::note() const
{
    ShippedNote note{chain_->text(), {at_, atEpoch_}, {at_, atEpoch_}};
    if (waiting_) note.shipping = {waiting_->link.place, waiting_->link.epoch};
    return writeNote(directory(), note);
}

Result<void> ShippedStore::decide(const Decision& decision)
{
    decided_ = decision.epoch;
    auto outbox = outboxOf(decision.pending);
    if (!outbox) return outbox.error();
    outbox_ = std::move(*outbox);
    return local_->decide(decision);
}

Result<std::map<std::string, std::string>> ShippedStore::outboxOf(const std::vector<PendingOutput>& pending)
{
    std::map<std::string, std::string> outbox;
    for (const PendingOutput& output : pending) {
        if (!output.outbox) continue;
        auto bytes = local_->readOutbox(output.epoch, output.sink);
        if (!bytes) return bytes.error();
        outbox[output.sink.name] = std::move(*bytes);
    }
    return outbox;
}

Result<void> ShippedStore::ship()
{
    if (!waiting_) {
        auto rows = local_->shippedRows(decided_);
        if (!rows) return rows.error();
        if (auto made = make(ChainLink::Kind::Epoch, decided_, std::move(*rows), std::move(outbox_)); !made) return made;
    }
    std::string other;
    auto ours = chain_->append(waiting_->link, waiting_->bytes, other);
    if (!ours) return ours.error();
    if (!*ours) {
        return permanent(fmt::format("{} was taken over by another run ({}): what this one decides does not count any more", chain_->text(), other), "stop the other run to go on here, or give this one a checkpoint of its own");
    }
    at_ = waiting_->link.place;
    atEpoch_ = waiting_->link.epoch;
    waiting_.reset();
    if (auto noted = note(); !noted) return noted;
    snapshotNowAndThen();
    return {};
}

Result<void> ShippedStore::writeSnapshot(ShipChain& chain, Connection& connection, const ChainPlace& at)
{
    auto folder = chain.beginSnapshot();
    if (!folder) return folder.error();
    // The last part says that it is: each waits for the next.
    std::optional<std::string> part;
    int64_t number = 0;
    auto done = rowsOfAll(connection, kPartBytes, [&](std::string next) -> Result<void> {
        if (part) {
            if (auto written = chain.writeSnapshot(*folder, number++, false, at, *part); !written) return written;
        }
        part = std::move(next);
        return {};
    });
    if (done) done = chain.writeSnapshot(*folder, number, true, at, part.value_or(std::string()));
    if (done) done = chain.finishSnapshot(*folder, at);
    return done;
}

// The rows are those of the moment, read and written by a thread of its own while batches go on.
void ShippedStore::snapshotNowAndThen()
{
    if (at_.number - snapshotAt_ < copy_.snapshotEvery) return;
    {
        const std::lock_guard lock(mutex_);
        if (snapshotRuns_) return;
    }
    if (snapshot_.joinable()) snapshot_.join();
    auto connection = Connection::open(directory() / kDatabaseName, OpenMode::ReadOnly);
    auto chain = chainOf(copy_);
    if (!connection || !chain) return;
    auto transaction = Transaction::begin(**connection, TransactionKind::Read);
    // The transaction sees what was there at its first read.
    if (!transaction || !(*connection)->integer("SELECT max(epoch) FROM epochs")) return;
    snapshotAt_ = at_.number;
    snapshotRuns_ = true;
    snapshot_ = std::thread([this, at = at_, chain = std::move(*chain), connection = std::move(*connection), transaction = std::move(*transaction)]() mutable {
        auto done = writeSnapshot(*chain, *connection, at);
        if (done) done = chain->tidy();
        { Transaction ended = std::move(transaction); }
        const std::lock_guard lock(mutex_);
        snapshotRuns_ = false;
        if (!done) snapshotFailed_ = done.error();
    });
}

Result<bool> ShippedStore::tidy(const Retention& retention, const std::function<bool()>& goOn)
{
    {
        const std::lock_guard lock(mutex_);
        if (auto failed = std::exchange(snapshotFailed_, std::nullopt)) return Error{failed->kind, fmt::format("no snapshot could be written to {}: {}; the next one is due in {} epochs", chain_->text(), failed->message, copy_.snapshotEvery), failed->hint};
    }
    return local_->tidy(retention, goOn);
}

Result<Epoch> fetchCheckpoint(const CheckpointCopy& copy, const std::filesystem::path& directory)
{
    auto chain = chainOf(copy);
    if (!chain) return chain.error();
    std::error_code failure;
    if (std::filesystem::exists(directory / kDatabaseName, failure)) return mistake(fmt::format("there is a checkpoint at {} already", directory.string()), "name a folder that is not there yet");
    auto head = (*chain)->head();
    if (!head) return unreachable(**chain, head.error());
    if (!*head) return mistake(fmt::format("there is no checkpoint at {}", (*chain)->text()));
    if (auto made = makeFolder(directory); !made) return made.error();
    auto lock = DirectoryLock::take(directory, newOwner());
    if (!lock) return lock.error();
    auto rebuilt = rebuildFromChain(directory, **chain);
    if (!rebuilt) return unreachable(**chain, rebuilt.error());
    return rebuilt->at.epoch;
}

}
