// What a test asks a Session, and the answer it waits for.
#pragma once
#define QT_NO_EMIT
#include "engine/control/session.h"
#include "engine/control/work_queue.h"

#include <QtGlobal>
#include <chrono>
#include <condition_variable>

namespace streamwright {

// Answers come on a thread of their own, one after the other.
inline Executor answersElsewhere()
{
    static WorkQueue queue;
    return [](std::function<void()> work) { queue.add(std::move(work)); };
}

template <class T>
class Asked {
public:
    // The answer, for the Session; it may come when the test has ended.
    Answer<T> answer() const
    {
        return [shared = shared_](Result<T> result) {
            const std::scoped_lock lock(shared->mutex);
            ++shared->count;
            shared->result.emplace(std::move(result));
            shared->changed.notify_all();
        };
    }
    // Fails the program after twenty seconds.
    Result<T> wait() const
    {
        std::unique_lock lock(shared_->mutex);
        if (!shared_->changed.wait_for(lock, std::chrono::seconds(20), [this] { return shared_->result.has_value(); })) qFatal("no answer came");
        return *shared_->result;
    }
    int count() const
    {
        const std::scoped_lock lock(shared_->mutex);
        return shared_->count;
    }

private:
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        std::optional<Result<T>> result;
        int count = 0;
    };
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

// ask<TapPage>([&](CallOptions call, auto answer) { session.tap(query, call, answer); })
template <class T, class F>
Result<T> ask(const F& verb, Duration deadline = seconds(15))
{
    const Asked<T> asked;
    verb(CallOptions{.answerOn = answersElsewhere(), .deadline = deadline}, asked.answer());
    return asked.wait();
}

}
