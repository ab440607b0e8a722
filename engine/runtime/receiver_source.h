// Turns a receiver into a source whose ranges can be read again: what arrives goes into the receive log
// first, batches read it from there. The receiver has a thread of its own; so has the fsync of what waits.
#pragma once
#include "engine/checkpoint/received_keys.h"
#include "engine/dataflow/source.h"
#include "engine/runtime/run_control.h"

#include <thread>

namespace streamwright {

class ReceiverSource final : public ReplayableSource, private RecordQueue {
public:
    // `folder` is the node's place in the checkpoint, none to keep everything in memory; the receiver waits
    // while `highBytes` are in no batch yet.
    ReceiverSource(NodeId node, std::unique_ptr<Receiver> receiver, std::optional<std::filesystem::path> folder, int64_t highBytes, RunControl& control);
    ~ReceiverSource() override;

    // The furthest place that a logged range names, before `open`: a log that is shorter is damaged.
    void needs(const Offset& offset);
    Result<void> open(const SourceContext& context) override;
    // Makes durable what has arrived, then fixes the range.
    Result<Range> plan(const Offset& from, const ReadLimit& limit, Timestamp batchTime) override;
    size_t pieces(const Range& range) const override;
    Result<void> read(const Range& range, size_t piece, const BatchContext& context, Emitter& out) override;
    bool ended(const Offset& at) const override;
    void committed(const Offset& offset) override;
    bool hasMore(const Offset& at) override;
    std::string status() const override;
    // connected, of receivers that tell, bytes since the run began, and what the receiver counts itself.
    Readings readings() const override;
    std::string description() const override { return receiver_->description(); }

    // Segments below the oldest retained epoch may go.
    void forgetBefore(const Offset& offset) override;
    void close();
    // The receiver has ended: what is in the log is all.
    bool done() const;
    int64_t received() const { return durableRecords_.load(std::memory_order_relaxed); }
    int64_t queued() const;
    double fill() const;
    int64_t fsyncs() const { return log_ ? log_->fsyncs() : 0; }

private:
    bool push(std::string_view record) override;
    size_t pushLines(std::string_view lines) override;
    bool pushRejected(std::string_view head, std::string reason) override;
    Result<Taken> offer(const Arrival& arrival, Durable durable) override;
    bool stopping() const override { return stopping_.load(); }
    void onStop(std::function<void()> wake) override;
    void setStatus(std::string status) override;
    void setConnected(bool connected) override;

    // Who handed something over and waits for the fsync.
    struct Waiter {
        LogPosition until;
        Durable durable;
    };

    void receive();
    void syncWhatWaits(const std::stop_token& stop);
    Result<void> sync();
    Result<void> loadKeys();
    Result<LogPosition> append(const Arrival& arrival, Timestamp now);
    void count(int64_t records, size_t bytes);
    void tell(LogPosition until, Durable durable);
    void tellWhyNot(const std::string& reason);
    void answerWaiters(const Result<void>& synced);
    Range nothing(LogPosition end, const Offset& from);
    bool room();
    bool keep(int64_t records, size_t bytes, const std::function<Result<LogPosition>()>& append);
    Result<std::vector<LogPosition>> cutsOf(const Range& range) const;

    NodeId node_;
    std::unique_ptr<Receiver> receiver_;
    std::optional<std::filesystem::path> folder_;
    int64_t highBytes_;
    RunControl& control_;
    std::unique_ptr<ReceiveLog> log_;
    LogPosition needed_;

    mutable std::mutex mutex_;
    std::condition_variable roomMade_;
    std::condition_variable_any dirtied_;
    bool dirty_ = false;
    std::vector<Waiter> waiters_;
    int64_t unsyncedBytes_ = 0;
    int64_t arrivedBytes_ = 0;      // since the run began
    std::optional<bool> connected_; // of receivers that tell
    int64_t arrived_ = 0;           // records since the run began
    int64_t waitingRecords_ = 0;    // arrived and in no batch yet
    int64_t waitingBytes_ = 0;
    bool full_ = false;             // over the high mark, until the low mark
    bool done_ = false;             // no more will come
    std::optional<Error> failure_;
    std::string status_;
    std::string whyNot_;            // why nothing that is offered can be taken; empty if it can
    std::function<void()> wake_;
    LogPosition nothingAt_;         // end of the log when a plan found no record

    std::mutex offers_;             // one at a time; guards the keys
    std::optional<ReceivedKeys> keys_;

    mutable std::mutex cutsMutex_;
    mutable Range cutRange_;
    mutable std::vector<LogPosition> cuts_;
    std::atomic<int64_t> durableRecords_{0};
    std::atomic<bool> stopping_{false};
    std::jthread syncing_;
    std::thread receiving_;
};

}
