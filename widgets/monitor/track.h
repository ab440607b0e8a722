// The points that the charts of the monitor are drawn from: what the checkpoint's history holds of the time in
// sight, then the batches that the run has in memory. Another run can be laid over them. UI thread.
#pragma once
#include "widgets/session/run_controller.h"

#include <QObject>

namespace streamwright {

using Points = std::vector<BatchSummary>;

class Track : public QObject {
    Q_OBJECT

public:
    explicit Track(RunController& run, QObject* parent = nullptr);

    // Ascending; `run` tells one run's points from another's.
    const Points& points() const { return points_; }
    bool isEmpty() const { return points_.empty(); }
    // Of the run that the newest point belongs to.
    std::span<const BatchSummary> newestRun() const;
    const std::optional<RecordedRun>& other() const { return other_; }
    const Points& otherPoints() const { return otherPoints_; }

    // The time that is to be seen, in seconds since the epoch; what memory does not hold is asked for.
    void see(double from, double until);
    void setOther(std::optional<RecordedRun> other);
    // New batches have come, or another run has begun.
    void refresh();

Q_SIGNALS:
    void changed();

private:
    void addLive();
    void join();
    void ask(Timestamp from, Timestamp until);
    Timestamp firstLive() const;

    RunController& run_;
    Points past_, live_, points_;
    std::string runId_;                 // of the live points
    size_t liveRun_ = 0;
    Timestamp lastTime_;                // batch time of the newest live point
    Timestamp pastFrom_, pastUntil_;    // what past_ was asked for
    Timestamp seenFrom_, seenUntil_;
    std::optional<RecordedRun> other_;
    Points otherPoints_;
    bool asking_ = false;
};

}
