// Asked by long kernels at least every 4,096 rows; set by a stop that cannot wait for the batch.
#pragma once
#include <atomic>
#include <exception>

namespace streamwright {

// Thrown by a kernel that saw the stop; caught in runtime/micro_batch.cpp only.
class Stopped : public std::exception {
public:
    const char* what() const noexcept override { return "stopped"; }
};

class StopToken {
public:
    void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
    bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }
    void check() const
    {
        if (requested()) throw Stopped();
    }

private:
    std::atomic<bool> requested_{false};
};

}
