// A run as run.cpp keeps it. run_opening.cpp: how it begins; run.cpp: its batches and its end.
#pragma once
#include "engine/runtime/micro_batch.h"
#include "engine/runtime/preview.h"
#include "engine/runtime/recovery.h"
#include "engine/runtime/run.h"
#include "engine/runtime/source_watch.h"
#include "engine/runtime/state_snapshots.h"

namespace streamwright {

// Of this machine, in bytes.
int64_t machineMemory();

class RunImpl final : public Run {
public:
    RunImpl(CheckedPipeline pipeline, RunOptions options, Plan plan)
        : pipeline_(std::move(pipeline)), options_(std::move(options)), plan_(std::move(plan)),
          memory_(std::make_shared<MemoryAccount>(settings().memory > 0 ? settings().memory : machineMemory() / 2))
    {
        if (!options_.taps) return;
        options_.taps->bytes = std::min(options_.taps->bytes, memory_->limit() / 8);
        taps_ = std::make_shared<TapRing>(plan_.taps, *options_.taps);
    }
    ~RunImpl() override;

    Result<void> openCheckpoint();
    Result<KeptStates> takeCheckpoint(const std::filesystem::path& folder, const CheckpointIdentity& identity);
    Result<KeptStates> readCheckpoint(const std::filesystem::path& folder);
    const std::vector<PlannedState>& plan() const override { return states_.fates; }
    const std::vector<std::string>& notes() const override { return notes_; }
    Outcome execute() override;
    void stop() override;
    void stopNow() override { control_->stopNow(); }
    void pause() override { control_->pause(); }
    void resume() override { control_->resume(); }
    void step(int64_t batches) override { control_->allow(batches); }
    SnapshotPtr snapshot() const override { return control_->recorder().latest(); }
    std::shared_ptr<const History> history() const override { return control_->recorder().history(); }
    std::optional<std::filesystem::path> checkpoint() const override { return settings().checkpoint; }
    std::shared_ptr<TapRing> taps() const override { return taps_; }
    std::map<NodeId, std::shared_ptr<const LiveView>> live() const override;

private:
    const Settings& settings() const { return pipeline_.settings; }
    Result<void> recover();
    Result<void> beginRun();
    Result<void> openLateRejects();
    void eachLogged(const NodeId& node, const std::function<void(const Offset&)>& take);
    std::optional<std::filesystem::path> keptBy(const PlanNode& node) const;
    Result<void> followRename(const PlanNode& node, const std::optional<std::filesystem::path>& folder);
    Result<void> openSources();
    std::string wayBack(const PlanNode& source);
    Result<void> openSinks();
    void beginHistory();
    Result<MicroBatch::End> runLogged(MicroBatch& batches, Triggers& triggers);
    Result<MicroBatch::End> runBatches(MicroBatch& batches, Triggers& triggers);
    bool isDone(const MicroBatch& batches, const std::optional<Timestamp>& batchTime);
    std::optional<Timestamp> nextWake() const;
    void logSkipped(int64_t ticks);
    void takePieces(StateSnapshots& snapshots, const MicroBatch& batches, const Triggers& triggers);
    Result<MicroBatch::End> go();
    void closeAll();
    Outcome outcomeOf(const Result<MicroBatch::End>& result);

    CheckedPipeline pipeline_;
    RunOptions options_;
    Plan plan_;
    std::shared_ptr<MemoryAccount> memory_;
    std::shared_ptr<TapRing> taps_;
    std::optional<TemporaryFolder> temporary_;  // of a preview
    std::unique_ptr<Store> store_;
    std::unique_ptr<RunControl> control_;
    std::optional<SourceWatch> sources_;
    StatePlan states_;
    Restored restored_;
    std::vector<std::string> notes_;
    std::map<size_t, Epoch> published_;
    std::unique_ptr<Commit> commit_;
    std::unique_ptr<HistoryWriter> history_;
    std::optional<RecorderFiles> recorder_;
    Timestamp zeroTime_;
    RunIdentity identity_;
    int64_t seed_ = 0;
    int64_t done_ = 0;                      // batches of this run
    std::optional<Timestamp> endedAt_;      // batch time at which every source had ended
    bool closed_ = false;
    int64_t skipped_ = 0;                   // ticks that no log line has told yet
    int64_t skippedLogged_ = 0;
};

}
