#include "engine/telemetry/history.h"

namespace streamwright {

void History::add(std::shared_ptr<const BatchProgress> batch)
{
    std::lock_guard lock(mutex_);
    batches_.push_back(std::move(batch));
    if (batches_.size() <= limit_) return;
    batches_.pop_front();
    whole_ = false;
}

std::vector<std::shared_ptr<const BatchProgress>> History::batches() const
{
    std::lock_guard lock(mutex_);
    return {batches_.begin(), batches_.end()};
}

bool History::isWhole() const
{
    std::lock_guard lock(mutex_);
    return whole_;
}

}
