// A checkpoint whose decisions count when a shared folder holds them: each is written into the local folder, tentative, and
// shipped; what is shipped is published. Another machine goes on from the shared folder, and who was there before is fenced.
#pragma once
#include "engine/checkpoint/ship_chain.h"
#include "engine/checkpoint/sqlite_store.h"

#include <thread>

namespace streamwright {

class ShippedStore final : public Store {
public:
    static Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory, const std::optional<CheckpointIdentity>& create, const CheckpointCopy& copy);
    ~ShippedStore() override;

    const std::filesystem::path& directory() const override { return local_->directory(); }
    const CheckpointIdentity& identity() const override { return local_->identity(); }
    bool created() const override { return local_->created(); }
    const std::string& owner() const override { return local_->owner(); }
    Result<Restored> restore() override { return local_->restore(); }
    std::vector<StateIdentity> states() const override { return local_->states(); }
    Result<void> readState(const NodeId& node, const std::string& name, const std::function<Result<void>(const Batch&)>& apply) override { return local_->readState(node, name, apply); }
    Result<void> beginRun(const CheckpointIdentity& now, const std::vector<StateIdentity>& states, const std::vector<std::pair<NodeId, std::string>>& reset, const Renamed& renamed) override;
    Result<void> logRanges(const LoggedBatch& batch) override { return local_->logRanges(batch); }
    Result<void> decide(const Decision& decision) override;
    bool ships() const override { return true; }
    Result<void> ship() override;
    Result<void> noteDelivered(const NodeId& sink, Epoch epoch, std::string_view text) override { return local_->noteDelivered(sink, epoch, text); }
    Result<void> clearPending(const NodeId& sink, Epoch epoch) override { return local_->clearPending(sink, epoch); }
    Result<void> sinksOpened(const std::vector<NodeId>& sinks) override { return local_->sinksOpened(sinks); }
    Result<void> stageOutbox(Epoch epoch, const NodeId& sink, std::string_view bytes) override { return local_->stageOutbox(epoch, sink, bytes); }
    Result<void> sealOutbox(Epoch epoch) override { return local_->sealOutbox(epoch); }
    Result<std::string> readOutbox(Epoch epoch, const NodeId& sink) override { return local_->readOutbox(epoch, sink); }
    Result<void> writeSnapshotChunk(const NodeId& node, const std::string& name, Epoch epoch, int chunk, const Batch& rows) override { return local_->writeSnapshotChunk(node, name, epoch, chunk, rows); }
    Result<void> finishSnapshot(const NodeId& node, const std::string& name, Epoch epoch, int chunks, Epoch complete) override { return local_->finishSnapshot(node, name, epoch, chunks, complete); }
    StateSize stateSize(const NodeId& node, const std::string& name) const override { return local_->stateSize(node, name); }
    Result<bool> tidy(const Retention& retention, const std::function<bool()>& goOn) override;
    Result<std::vector<std::pair<Epoch, std::string>>> offsetsOf(const NodeId& source) override { return local_->offsetsOf(source); }
    Result<std::map<NodeId, std::string>> oldestOffsets() override { return local_->oldestOffsets(); }
    std::filesystem::path receivedFolder() const override { return local_->receivedFolder(); }
    int64_t fsyncs() const override { return local_->fsyncs(); }

private:
    // A link that is not known to be in the chain.
    struct Waiting {
        ChainLink link;
        std::string bytes;
    };

    ShippedStore(const CheckpointCopy& copy, std::unique_ptr<ShipChain> chain) : copy_(copy), chain_(std::move(chain)) {}
    Result<void> make(ChainLink::Kind kind, Epoch epoch, std::string rows, std::map<std::string, std::string> outbox);
    Result<void> takeOver(const Restored& restored);
    // By sink, the bytes that wait in the outbox.
    Result<std::map<std::string, std::string>> outboxOf(const std::vector<PendingOutput>& pending);
    Result<void> note() const;
    // All rows as they are now, as of this link.
    static Result<void> writeSnapshot(ShipChain& chain, Connection& connection, const ChainPlace& at);
    void snapshotNowAndThen();

    CheckpointCopy copy_;
    std::unique_ptr<ShipChain> chain_;
    std::unique_ptr<SqliteStore> local_;
    ChainPlace at_;                         // the last link that is ours or that we follow
    Epoch atEpoch_;
    std::optional<Waiting> waiting_;
    bool begun_ = false;
    bool whole_ = false;                    // the first link takes all that is here along
    Epoch decided_;                         // here, and to be shipped
    std::map<std::string, std::string> outbox_;     // of the decision that is to be shipped
    int64_t snapshotAt_ = 0;                // number of the link that had the last snapshot

    std::thread snapshot_;
    std::mutex mutex_;                      // guards what follows
    bool snapshotRuns_ = false;
    std::optional<Error> snapshotFailed_;   // told once
};

// Makes the folder of a checkpoint from a shared one, takes nothing over; refused if there is one. The epoch it is at.
Result<Epoch> fetchCheckpoint(const CheckpointCopy& copy, const std::filesystem::path& directory);

}
