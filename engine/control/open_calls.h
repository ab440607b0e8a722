// The calls of a session that wait for their answer. Each is answered once, by whoever comes first: who
// works on it, its deadline, its cancel token, or the end of the session. Any thread.
#pragma once
#include "engine/base/stop_token.h"
#include "engine/control/session.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace streamwright {

class OpenCall {
public:
    virtual ~OpenCall() = default;
    bool open() const { return open_.load(); }
    // Requested when nobody waits for the answer any more: work may end.
    const StopToken& stop() const { return stop_; }
    // Called once, on any thread, when that happens; at once if it has.
    void onStop(std::function<void()> wake)
    {
        std::lock_guard lock(mutex_);
        if (stop_.requested()) return wake();
        wake_ = std::move(wake);
    }
    void fail(const Error& error)
    {
        if (!claim()) return;
        stop_.request();
        {
            std::lock_guard lock(mutex_);
            if (wake_) std::exchange(wake_, nullptr)();
        }
        deliver(error);
    }

protected:
    bool claim() { return open_.exchange(false); }
    virtual void deliver(const Error& error) = 0;

private:
    std::atomic<bool> open_{true};
    StopToken stop_;
    std::mutex mutex_;
    std::function<void()> wake_;
};

// The end of a call that is held by who answers it.
template <class T>
class Reply {
public:
    Reply(Executor executor, Answer<T> answer) : call_(std::make_shared<Waiting>(std::move(executor), std::move(answer))) {}

    // The first one counts.
    void give(Result<T> result) const { call_->give(std::move(result)); }
    bool open() const { return call_->open(); }
    const StopToken& stop() const { return call_->stop(); }
    void onStop(std::function<void()> wake) const { call_->onStop(std::move(wake)); }
    std::shared_ptr<OpenCall> call() const { return call_; }

private:
    class Waiting final : public OpenCall {
    public:
        Waiting(Executor executor, Answer<T> answer) : executor_(std::move(executor)), answer_(std::move(answer)) {}
        void give(Result<T> result)
        {
            if (claim()) hand(std::move(result));
        }

    private:
        void deliver(const Error& error) override { hand(error); }
        // What the answer holds is freed where it was called.
        void hand(Result<T> result)
        {
            auto shared = std::make_shared<Result<T>>(std::move(result));
            std::exchange(executor_, nullptr)([answer = std::exchange(answer_, nullptr), shared] { answer(std::move(*shared)); });
        }
        Executor executor_;
        Answer<T> answer_;
    };
    std::shared_ptr<Waiting> call_;
};

class OpenCalls {
public:
    OpenCalls();
    ~OpenCalls();   // closes

    template <class T>
    Reply<T> add(CallOptions call, Answer<T> answer)
    {
        Reply<T> reply(std::move(call.answerOn), std::move(answer));
        watch(reply.call(), call.deadline, std::move(call.cancel));
        return reply;
    }
    // Answers all with an error, and whatever is added later too.
    void close();

private:
    using Clock = std::chrono::steady_clock;
    void watch(const std::shared_ptr<OpenCall>& call, Duration deadline, Cancel cancel);
    void keepTime(const std::stop_token& stop);

    struct Watched {
        std::shared_ptr<OpenCall> call;
        Duration deadline;
    };
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::multimap<Clock::time_point, Watched> calls_;
    bool closed_ = false;
    std::jthread timer_;
};

}
