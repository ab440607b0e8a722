// How many rows the next batch may take from a source: Spark's PID rate estimator, and fixed limits.
#pragma once
#include "engine/base/ids.h"
#include "engine/dataflow/settings.h"
#include "engine/dataflow/source.h"

namespace streamwright {

// Spark's PIDRateEstimator with its defaults: proportional 1, integral 0.2, derivative 0, at least 100 rows/s.
class RateEstimator {
public:
    explicit RateEstimator(Duration interval) : intervalMillis_(static_cast<double>(interval.micros) / 1000) {}

    // After a batch: when it ended, its rows, how long it ran and how late it began, all in milliseconds.
    // The new rate in rows/s; none for batches without rows or below a millisecond, and for the first.
    std::optional<double> compute(int64_t time, int64_t rows, int64_t processingDelay, int64_t schedulingDelay);

private:
    static constexpr double kProportional = 1, kIntegral = 0.2, kDerivative = 0, kMinRate = 100;
    double intervalMillis_;
    bool first_ = true;
    int64_t latestTime_ = -1;
    double latestRate_ = -1;
    double latestError_ = -1;
};

// One per source. A rate is told by batches of a tenth of a second or longer. What a shorter one costs is
// mostly the same for any number of rows (fsyncs), so that its rate says nothing and would only fall: under a
// short interval nothing is limited until the stream is a tenth of a second late, and a shorter batch doubles the rate.
class Backpressure {
public:
    Backpressure(const Settings& settings, bool estimate);

    // For a batch that covers `span` of time; zero rows when not even one fits. Once for each batch: the
    // fraction of a row that is left over is kept for the next.
    ReadLimit limit(Duration span);
    // `processing`: what the batch itself took, without the fixing and logging of its ranges.
    void batchEnded(Timestamp end, int64_t rows, int64_t processingNanos, int64_t schedulingNanos);
    double rate() const { return rate_.value_or(0); }

private:
    static constexpr Duration kShortest = milliseconds(100);
    Settings settings_;
    bool estimate_;
    Duration slack_;            // lateness that does not count
    RateEstimator estimator_;
    std::optional<double> rate_;
    double fraction_ = 0;
};

}
