#include "engine/nodes/sources/shared/first_rows.h"

#include <fmt/format.h>

namespace streamwright {

namespace {

constexpr int64_t kRows = 100;

// Counts what is read of the first range.
class Counting final : public Emitter {
public:
    void emit(BatchPtr batch, size_t, std::optional<uint32_t>) override { rows_ += batch->rows(); }
    void reject(Rejected row) override
    {
        if (rejected_++ == 0) reason_ = std::move(row.reason);
    }
    std::string told() const
    {
        if (rows_ + rejected_ == 0) return "there are none yet";
        if (rejected_ == 0) return fmt::format("{} read", rows_);
        return fmt::format("{} read, {} rejected; the first of them: {}", rows_, rejected_, reason_);
    }

private:
    size_t rows_ = 0;
    size_t rejected_ = 0;
    std::string reason_;
};

Result<std::string> readFirst(ReplayableSource& source, const StopToken& stop)
{
    if (auto opened = source.open({}); !opened) return opened.error();
    const auto range = source.plan({}, {.rows = kRows}, {});
    if (!range) return range.error();
    Counting counting;
    BatchContext context;
    context.stop = &stop;
    if (!range->empty() && source.pieces(*range) > 0) {
        if (auto done = source.read(*range, 0, context, counting); !done) return done.error();
    }
    return counting.told();
}

}

bool probeFirstRows(ReplayableSource& source, Probe& probe) { return probe.step("read the first rows", readFirst(source, probe.stop())); }

}
