// A mutex that knows who is in a hurry: while a batch waits for its turn, who tidies up or takes a snapshot does
// not get one. std::mutex would give it to whoever just had it, and a batch would wait for all that is tidied up.
//
//   const std::scoped_lock lock(turns);            a batch
//   const Turns::Patient lock(turns);              who can wait
#pragma once
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace streamwright {

class Turns {
public:
    void lock()
    {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.wait(lock, [this] { return !taken_; });
        --waiting_;
        ++given_;
        taken_ = true;
    }
    void unlock()
    {
        {
            const std::scoped_lock lock(mutex_);
            taken_ = false;
        }
        changed_.notify_all();
    }

    class Patient {
    public:
        explicit Patient(Turns& turns) : turns_(turns)
        {
            std::unique_lock lock(turns_.mutex_);
            // Without an end to the batches that wait it gets one all the same.
            constexpr int64_t kMostBefore = 100;
            const int64_t last = turns_.given_ + kMostBefore;
            turns_.changed_.wait(lock, [&] { return !turns_.taken_ && (turns_.waiting_ == 0 || turns_.given_ >= last); });
            turns_.taken_ = true;
        }
        ~Patient() { turns_.unlock(); }
        Patient(const Patient&) = delete;
        Patient& operator=(const Patient&) = delete;

    private:
        Turns& turns_;
    };

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int waiting_ = 0;       // in a hurry
    int64_t given_ = 0;     // to who was in a hurry
    bool taken_ = false;
};

}
