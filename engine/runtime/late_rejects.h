// Rows that a sink's target refused after their epoch was decided. They are written to a log as if they had been
// received, and a later batch reads them from there and sends them to the sink's port `rejected`: logged before it runs,
// and the same when it runs again.
#pragma once
#include "engine/checkpoint/receive_log.h"
#include "engine/dataflow/sink.h"
#include "engine/dataflow/source.h"
#include "engine/runtime/run_control.h"

#include <set>

namespace streamwright {

class LateRejectsSource final : public ReplayableSource, public LateRejects {
public:
    // `folder` is the node's place in the checkpoint, none to keep everything in memory.
    LateRejectsSource(std::optional<std::filesystem::path> folder, RunControl& control) : folder_(std::move(folder)), control_(control) {}

    // The furthest place that a logged range names, before `open`.
    void needs(const Offset& offset);
    Result<void> open(const SourceContext& context) override;
    Result<void> reject(const std::string& key, std::span<const Rejected> rows) override;

    Result<Range> plan(const Offset& from, const ReadLimit& limit, Timestamp batchTime) override;
    size_t pieces(const Range&) const override { return 1; }
    Result<void> read(const Range& range, size_t piece, const BatchContext& context, Emitter& out) override;
    bool ended(const Offset& at) const override;
    void committed(const Offset& offset) override;
    std::string description() const override { return "rows that were rejected late"; }
    // Segments below the oldest retained epoch may go.
    void forgetBefore(const Offset& offset) override;

private:
    std::optional<std::filesystem::path> folder_;
    RunControl& control_;
    LogPosition needed_;
    std::unique_ptr<ReceiveLog> log_;
    std::set<std::string> known_;       // keys of runs before this one
};

}
