// The store over SQLite. One file per noun: store.cpp opens, run.cpp begins and restores, decision.cpp,
// snapshot.cpp, pending.cpp, retention.cpp.
#pragma once
#include "engine/checkpoint/directory_lock.h"
#include "engine/checkpoint/outbox.h"
#include "engine/checkpoint/state_rows.h"
#include "engine/checkpoint/store.h"
#include "engine/checkpoint/turns.h"
#include "engine/checkpoint/wal_keeper.h"
#include "engine/storage/transaction.h"

#include <set>

namespace streamwright {

class SqliteStore final : public Store {
public:
    static Result<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& directory, const std::optional<CheckpointIdentity>& create);
    // The directory is there, and `lock` is its lock.
    static Result<std::unique_ptr<SqliteStore>> openLocked(const std::filesystem::path& directory, const std::optional<CheckpointIdentity>& create, const std::string& owner, DirectoryLock lock);

    const std::filesystem::path& directory() const override { return directory_; }
    const CheckpointIdentity& identity() const override { return identity_; }
    bool created() const override { return created_; }
    const std::string& owner() const override { return owner_; }
    Result<Restored> restore() override;
    std::vector<StateIdentity> states() const override;
    Result<void> readState(const NodeId& node, const std::string& name, const std::function<Result<void>(const Batch&)>& apply) override;
    Result<void> beginRun(const CheckpointIdentity& now, const std::vector<StateIdentity>& states, const std::vector<std::pair<NodeId, std::string>>& reset, const Renamed& renamed) override;
    Result<void> logRanges(const LoggedBatch& batch) override;
    Result<void> decide(const Decision& decision) override;
    Result<void> noteDelivered(const NodeId& sink, Epoch epoch, std::string_view text) override;
    Result<void> clearPending(const NodeId& sink, Epoch epoch) override;
    Result<void> sinksOpened(const std::vector<NodeId>& sinks) override;
    Result<void> stageOutbox(Epoch epoch, const NodeId& sink, std::string_view bytes) override { return outbox_->stage(epoch, sink, bytes); }
    Result<void> sealOutbox(Epoch) override { return outbox_->seal(); }
    Result<std::string> readOutbox(Epoch epoch, const NodeId& sink) override { return outbox_->read(epoch, sink); }
    Result<void> writeSnapshotChunk(const NodeId& node, const std::string& name, Epoch epoch, int chunk, const Batch& rows) override;
    Result<void> finishSnapshot(const NodeId& node, const std::string& name, Epoch epoch, int chunks, Epoch complete) override;
    StateSize stateSize(const NodeId& node, const std::string& name) const override;
    Result<bool> tidy(const Retention& retention, const std::function<bool()>& goOn) override;
    Result<std::vector<std::pair<Epoch, std::string>>> offsetsOf(const NodeId& source) override;
    Result<std::map<NodeId, std::string>> oldestOffsets() override;
    std::filesystem::path receivedFolder() const override;
    int64_t fsyncs() const override { return commits_.load() + outbox_->fsyncs(); }
    // Rows that another store takes in (shipped_rows.h): those of an epoch and of now, or the latter alone.
    Result<std::string> shippedRows(std::optional<Epoch> epoch);

private:
    // A state with what the runtime asks about it, kept in memory.
    struct LiveState {
        StateRow row;
        StateSize size;
        std::set<int64_t> unfinished;   // epochs of snapshots that are being written
    };
    using StateKey = std::pair<NodeId, std::string>;
    // Durable: on disk when the transaction returns. Ordered: on disk with the next durable one; for what a
    // restart finds out again.
    enum class Commit : unsigned char { Durable, Ordered };

    SqliteStore(std::filesystem::path directory, std::string owner, DirectoryLock lock) : directory_(std::move(directory)), owner_(std::move(owner)), lock_(std::move(lock)) {}
    // Opening, step by step.
    Result<void> openDatabase(bool mayCreate);
    Result<void> readIdentity(const std::optional<CheckpointIdentity>& create);
    Result<void> readLive();
    Result<void> readSizes();
    Error withWayOut(Error error);

    // Runs `work` in one transaction of the kind, under the lock.
    Result<void> write(Commit commit, const std::function<Result<void>()>& work);
    Result<LiveState*> live(const NodeId& node, const std::string& name);
    Result<void> insertChanges(const Decision& decision, const std::vector<std::vector<EncodedBlock>>& blocks);
    Result<int64_t> insertBlocks(int64_t state, Epoch epoch, const std::vector<EncodedBlock>& blocks);
    Result<void> forgetOutbox();
    // Retention. False: told not to go on.
    Result<Epoch> oldestWanted(const Retention& retention);
    Result<bool> deleteBlocks(std::string_view table, int64_t state, std::string_view where, Epoch epoch, const std::function<bool()>& goOn);
    Result<bool> deleteState(const StateRow& state, const std::function<bool()>& goOn);
    Result<bool> tidyState(const StateRow& state, Epoch oldest, const std::function<bool()>& goOn);

    std::filesystem::path directory_;
    std::string owner_;
    DirectoryLock lock_;
    bool created_ = false;
    CheckpointIdentity identity_;
    mutable Turns mutex_;                   // guards the connection and what follows
    std::unique_ptr<Connection> connection_;
    Commit mode_ = Commit::Durable;
    Epoch last_;
    std::map<StateKey, LiveState> live_;
    Epoch cleared_;                         // newest epoch whose pending rows went since the last durable commit
    std::unique_ptr<Outbox> outbox_;
    std::unique_ptr<WalKeeper> keeper_;
    std::atomic<int64_t> commits_{0};
};

}
