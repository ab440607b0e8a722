// The last lines that a run said, numbered from 1. Any thread.
#pragma once
#include "engine/control/session.h"

#include <deque>
#include <mutex>

namespace streamwright {

class LogRing {
public:
    explicit LogRing(size_t lines = 10'000) : limit_(lines) {}

    void add(LogLevel level, std::string text);
    std::vector<LogLine> after(int64_t number) const;
    int64_t newest() const;

private:
    mutable std::mutex mutex_;
    size_t limit_;
    int64_t newest_ = 0;
    std::deque<LogLine> lines_;
};

}
