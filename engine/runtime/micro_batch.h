// The life of a batch, top to bottom: ranges fixed, ranges logged, operators run, sinks stage, state frozen,
// decided and published (commit.h), seen. Every fault of a batch is caught here.
#pragma once
#include "engine/checkpoint/history_writer.h"
#include "engine/runtime/backpressure.h"
#include "engine/runtime/commit.h"
#include "engine/runtime/pass.h"
#include "engine/runtime/recorder_files.h"
#include "engine/runtime/triggers.h"

namespace streamwright {

// What a run is made of; lives as long as it.
struct RunParts {
    Plan& plan;
    const Settings& settings;
    RunControl& control;
    Scheduler& scheduler;
    std::shared_ptr<MemoryAccount> memory;
    Store* store = nullptr;             // null without a checkpoint
    Commit* commit = nullptr;
    RecorderFiles* recorder = nullptr;
    TapRing* taps = nullptr;            // null: nothing is kept of what leaves the ports
    HistoryWriter* history = nullptr;   // null without a checkpoint, and in a preview
    size_t vectorRows = kVectorRows;
    std::string documentHash;
    Timestamp zeroTime;
    bool everyInterval = true;          // batches without data run too
};

class MicroBatch {
public:
    MicroBatch(RunParts& parts, Epoch last, std::vector<Offset> offsets);

    enum class End : unsigned char {
        Ran,
        Nothing,    // no data, and none was asked for: it did not happen
        Stopped,    // a stop came before it was done: the next run makes it again
    };
    // `logged`: run again what was logged before a crash.
    Result<End> run(const Tick& tick, bool woken, const LoggedBatch* logged);

    int64_t number() const { return number_; }
    Epoch handedOver() const { return handedOver_; }
    const std::vector<Offset>& offsets() const { return offsets_; }   // by Plan::sources
    // Makes the last batch time durable when the last batches wrote nothing.
    Result<void> decideWhatIsLeft();

private:
    struct Batch;
    // What went wrong in an attempt.
    struct Fault {
        enum class Kind : unsigned char { Stopped, Transient, Broken, Fatal };
        Kind kind;
        NodeId node;
        Error error;
    };
    Result<void> planRanges(Batch& batch, const LoggedBatch* logged);
    void tellStatus(size_t source);
    Result<void> logRanges(Batch& batch);
    Result<End> computeAndStage(Batch& batch);
    std::optional<Fault> attempt(Batch& batch);
    std::optional<Fault> stage(Batch& batch);
    void rollback();
    void freeze(Batch& batch);
    Result<void> publishAtOnce(Batch& batch);
    Result<void> handOver(Batch& batch);
    void show(Batch& batch);
    Readings readingsOf(const PlanNode& node, Readings own);
    void fillProgress(Batch& batch);
    void logRejects(const Batch& batch);

    RunParts& parts_;
    int64_t number_;
    Epoch handedOver_;
    Timestamp lastTime_;
    Timestamp lastStart_;
    std::vector<Offset> offsets_;
    std::vector<Backpressure> backpressure_;
    std::map<size_t, std::string> statuses_;    // of sources, as told last
    std::map<size_t, int64_t> rejectsLogged_;   // node to steady time
};

}
