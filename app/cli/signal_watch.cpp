#include "app/cli/signal_watch.h"

#include <chrono>
#include <unistd.h>

namespace streamwright {

namespace {

// Sent by ourselves, to end the waiting.
constexpr int kEndOfWatch = SIGUSR1;
// A run that has not ended so long after the second signal (a disk that does not answer) is left where it
// is. Nothing is lost: a crash at any moment is what the checkpoint is made for.
constexpr auto kPatience = std::chrono::milliseconds(900);

}

SignalWatch::SignalWatch()
{
    sigemptyset(&watched_);
    for (const int signal : {SIGINT, SIGTERM, kEndOfWatch}) sigaddset(&watched_, signal);
    pthread_sigmask(SIG_BLOCK, &watched_, nullptr);
    // A reader of our output that goes away, and a file that may not grow, are errors of the write.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

SignalWatch::~SignalWatch()
{
    if (!thread_.joinable()) return;
    {
        const std::scoped_lock lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    pthread_kill(thread_.native_handle(), kEndOfWatch);
    thread_.join();
}

void SignalWatch::watch(Reactions reactions)
{
    thread_ = std::thread([this, reactions = std::move(reactions)] { work(reactions); });
}

void SignalWatch::work(const Reactions& reactions)
{
    int signal = 0;
    while (sigwait(&watched_, &signal) == 0 && signal != kEndOfWatch) {
        switch (++signals_) {
        case 1:
            reactions.stop();
            reactions.say("stopping after this batch; once more stops at once");
            break;
        case 2:
            reactions.stopNow();
            giveUpSoon();
            return;
        }
    }
}

void SignalWatch::giveUpSoon()
{
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, kPatience, [this] { return over_; })) ::_exit(1);
}

}
