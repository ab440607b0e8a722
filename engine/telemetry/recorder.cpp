#include "engine/telemetry/recorder.h"

namespace streamwright {

Recorder::Recorder(std::function<void(const SnapshotPtr&)> publish) : latest_(std::make_shared<const Snapshot>()), publish_(std::move(publish)) {}

void Recorder::update(const std::function<void(Snapshot&)>& change)
{
    SnapshotPtr made;
    {
        std::lock_guard lock(mutex_);
        const auto before = current_.last;
        change(current_);
        if (current_.last && current_.last != before) history_->add(current_.last);
        latest_ = made = std::make_shared<const Snapshot>(current_);
    }
    if (publish_) publish_(made);
}

void Recorder::quietly(const std::function<void(Snapshot&)>& change)
{
    std::lock_guard lock(mutex_);
    change(current_);
    latest_ = std::make_shared<const Snapshot>(current_);
}

SnapshotPtr Recorder::latest() const
{
    std::lock_guard lock(mutex_);
    return latest_;
}

}
