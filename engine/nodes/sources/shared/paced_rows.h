// Numbered rows that come at an even pace of batch time: what source.rate and source.generate share. Row i
// comes i / rate seconds after the stream's zero time, however the batches are cut.
#pragma once
#include "engine/dataflow/source.h"

namespace streamwright {

class PacedRows : public ReplayableSource {
public:
    explicit PacedRows(double rowsPerSecond) : rate_(rowsPerSecond) {}

    Result<void> open(const SourceContext& context) override;
    Result<Range> plan(const Offset& from, const ReadLimit& limit, Timestamp batchTime) override;
    size_t pieces(const Range& range) const override;
    Result<void> read(const Range& range, size_t piece, const BatchContext& context, Emitter& out) override;
    bool ended(const Offset&) const override { return false; }
    bool endless() const override { return true; }

protected:
    // Emits rows [from, from + count); `zero` is the time of row 0.
    virtual void emitRows(int64_t from, size_t count, Timestamp zero, const BatchContext& context, Emitter& out) const = 0;
    // When row `row` comes.
    Timestamp timeOf(int64_t row, Timestamp zero) const;
    double rate() const { return rate_; }
    const SourceContext& opened() const { return context_; }

private:
    int64_t rowsUntil(Timestamp time, Timestamp zero) const;

    double rate_;
    SourceContext context_;
    bool resuming_ = false;
    std::optional<Timestamp> zero_;     // of the rows since a checkpoint was resumed
};

}
