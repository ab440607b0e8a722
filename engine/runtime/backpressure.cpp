#include "engine/runtime/backpressure.h"

#include <algorithm>
#include <cmath>

namespace streamwright {

std::optional<double> RateEstimator::compute(int64_t time, int64_t rows, int64_t processingDelay, int64_t schedulingDelay)
{
    if (time <= latestTime_ || rows <= 0 || processingDelay <= 0) return std::nullopt;
    const double sinceUpdate = static_cast<double>(time - latestTime_) / 1000;
    const double processingRate = static_cast<double>(rows) / static_cast<double>(processingDelay) * 1000;
    const double error = latestRate_ - processingRate;
    // Rows that waited because the batch began late, as a rate.
    const double historicalError = static_cast<double>(schedulingDelay) * processingRate / intervalMillis_;
    const double changeOfError = (error - latestError_) / sinceUpdate;
    const double newRate = std::max(kMinRate, latestRate_ - kProportional * error - kIntegral * historicalError - kDerivative * changeOfError);
    latestTime_ = time;
    if (first_) {
        first_ = false;
        latestRate_ = processingRate;
        latestError_ = 0;
        return std::nullopt;
    }
    latestRate_ = newRate;
    latestError_ = error;
    return newRate;
}

Backpressure::Backpressure(const Settings& settings, bool estimate)
    : settings_(settings), estimate_(estimate), slack_{std::max<int64_t>(0, kShortest.micros - settings.batchInterval.micros)}, estimator_(std::max(kShortest, settings.batchInterval))
{
}

ReadLimit Backpressure::limit(Duration span)
{
    ReadLimit limit;
    // As in Spark, `once` takes all there is.
    limit.all = settings_.trigger == Trigger::Once;
    if (limit.all) return limit;
    std::optional<double> rate = rate_;
    if (settings_.maxRowsPerSecond) rate = std::min(rate.value_or(1e15), static_cast<double>(*settings_.maxRowsPerSecond));
    if (rate) {
        const double rows = std::min(*rate * span.seconds() + fraction_, 9e15);
        limit.rows = static_cast<int64_t>(rows);
        fraction_ = rows - std::floor(rows);
    }
    if (settings_.maxRowsPerBatch) limit.rows = std::min(limit.rows.value_or(*settings_.maxRowsPerBatch), *settings_.maxRowsPerBatch);
    return limit;
}

void Backpressure::batchEnded(Timestamp end, int64_t rows, int64_t processingNanos, int64_t schedulingNanos)
{
    if (!estimate_) return;
    const int64_t late = schedulingNanos - slack_.micros * 1000;
    if (late < 0) {
        rate_.reset();
        return;
    }
    // Late by its fixed costs: fewer rows would make it no shorter, and a low rate would stay for good.
    if (slack_.micros > 0 && processingNanos < kShortest.micros * 1000) {
        if (rate_) rate_ = *rate_ * 2;
        return;
    }
    // A batch of few rows takes less than a millisecond, the estimator's unit: one that took none would say
    // nothing, and a rate that fell to the least would stay there.
    const int64_t processing = std::max<int64_t>(1, processingNanos / 1'000'000);
    if (auto rate = estimator_.compute(end.millis(), rows, processing, late / 1'000'000)) rate_ = std::trunc(*rate);
}

}
