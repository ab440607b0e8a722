// Keeps the latest snapshot of a run and hands each new one on. Any thread.
#pragma once
#include "engine/telemetry/history.h"
#include "engine/telemetry/snapshot.h"

#include <functional>
#include <mutex>

namespace streamwright {

class Recorder {
public:
    explicit Recorder(std::function<void(const SnapshotPtr&)> publish);

    // Changes the snapshot and publishes it.
    void update(const std::function<void(Snapshot&)>& change);
    // Changes it without telling anybody: who asks for the latest sees it, the next update publishes it.
    void quietly(const std::function<void(Snapshot&)>& change);
    SnapshotPtr latest() const;
    // Outlives the recorder for those who hold it.
    std::shared_ptr<const History> history() const { return history_; }

private:
    mutable std::mutex mutex_;
    Snapshot current_;
    SnapshotPtr latest_;
    std::shared_ptr<History> history_ = std::make_shared<History>();
    std::function<void(const SnapshotPtr&)> publish_;
};

}
