#include "engine/checkpoint/sqlite_store.h"

namespace streamwright {

Result<void> SqliteStore::noteDelivered(const NodeId& sink, Epoch epoch, std::string_view text)
{
    const std::scoped_lock lock(mutex_);
    return write(Commit::Durable, [&] { return connection_->run("INSERT OR REPLACE INTO delivered VALUES (?, ?, ?)", sink.name, epoch.value, text); });
}

Result<void> SqliteStore::clearPending(const NodeId& sink, Epoch epoch)
{
    // Ordered is enough: after a power loss the row is there again, and publishing is idempotent.
    const std::scoped_lock lock(mutex_);
    auto done = write(Commit::Ordered, [&]() -> Result<void> {
        auto set = connection_->run("DELETE FROM pending WHERE sink = ? AND epoch = ?", sink.name, epoch.value);
        if (set) set = connection_->run("DELETE FROM delivered WHERE sink = ?", sink.name);
        if (set) set = connection_->run("INSERT OR REPLACE INTO published (sink, epoch) VALUES (?, ?)", sink.name, epoch.value);
        return set;
    });
    if (done) cleared_ = std::max(cleared_, epoch);
    return done;
}

Result<void> SqliteStore::sinksOpened(const std::vector<NodeId>& sinks)
{
    const std::scoped_lock lock(mutex_);
    return write(Commit::Durable, [&]() -> Result<void> {
        auto set = connection_->run("UPDATE published SET resolved = 0");
        for (const NodeId& sink : sinks) {
            if (set) set = connection_->run("INSERT OR IGNORE INTO published (sink, epoch) VALUES (?, 0)", sink.name);
        }
        return set;
    });
}

// Staged bytes go only when the row that asks for them is durably gone: after the next durable commit.
Result<void> SqliteStore::forgetOutbox()
{
    Epoch keepFrom;
    {
        const std::scoped_lock lock(mutex_);
        if (cleared_.value == 0) return {};
        auto oldest = connection_->integer("SELECT min(epoch) FROM pending");
        if (!oldest) return oldest.error();
        keepFrom = oldest->has_value() ? Epoch{**oldest} : Epoch{cleared_.value + 1};
        cleared_ = {};
    }
    return outbox_->forgetBefore(keepFrom);
}

}
