// The last batches of a run, newest last. Any thread.
#pragma once
#include "engine/telemetry/snapshot.h"

#include <deque>
#include <mutex>

namespace streamwright {

class History {
public:
    explicit History(size_t batches = 3600) : limit_(batches) {}
    void add(std::shared_ptr<const BatchProgress> batch);
    std::vector<std::shared_ptr<const BatchProgress>> batches() const;
    bool isWhole() const;       // no batch had to go yet

private:
    mutable std::mutex mutex_;
    size_t limit_;
    bool whole_ = true;
    std::deque<std::shared_ptr<const BatchProgress>> batches_;
};

}
