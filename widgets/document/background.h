// Work on a thread of the pool, its result back on the UI thread: only as long as the receiver lives.
#pragma once
#include <QFuture>
#include <QObject>
#include <QPromise>
#include <QThreadPool>

#include <memory>

namespace streamwright {

// `work` runs on the pool and must own what it uses; `then` takes its result on the receiver's thread. The common
// pool is for work that waits for the disk: what must not wait behind it has a pool of its own.
template <class Work, class Then>
void inBackground(QObject* receiver, Work work, Then then, QThreadPool& pool = *QThreadPool::globalInstance())
{
    using Value = std::invoke_result_t<Work>;
    auto promise = std::make_shared<QPromise<Value>>();
    promise->start();
    promise->future().then(receiver, std::move(then));
    pool.start([promise, work = std::move(work)]() mutable {
        promise->addResult(work());
        promise->finish();
    });
}

}
