#include "engine/checkpoint/wal_keeper.h"

namespace streamwright {

Result<std::unique_ptr<WalKeeper>> WalKeeper::start(const std::filesystem::path& database)
{
    auto connection = Connection::open(database, OpenMode::ReadWrite, 0);
    if (!connection) return connection.error();
    // Full: log and database are fsynced in the order that a power loss needs.
    if (auto set = (*connection)->script("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0"); !set) return set.error();
    std::unique_ptr<WalKeeper> keeper(new WalKeeper(std::move(*connection)));
    keeper->thread_ = std::thread([self = keeper.get()] { self->work(); });
    return keeper;
}

WalKeeper::~WalKeeper()
{
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void WalKeeper::wake()
{
    {
        const std::scoped_lock lock(mutex_);
        wanted_ = true;
    }
    changed_.notify_all();
}

Result<void> WalKeeper::outcome()
{
    const std::scoped_lock lock(mutex_);
    if (!failed_) return {};
    const Error error = *failed_;
    failed_.reset();
    return error;
}

void WalKeeper::work()
{
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return wanted_ || stopping_; });
        if (stopping_) return;
        wanted_ = false;
        lock.unlock();
        // Passive: neither readers nor the writer wait; what cannot be copied yet is copied next time.
        auto done = connection_->script("PRAGMA wal_checkpoint(PASSIVE)");
        lock.lock();
        if (!done && done.error().kind != ErrorKind::Transient) failed_ = done.error();
    }
}

}
