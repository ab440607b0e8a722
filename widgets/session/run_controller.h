// The run of one tab as Qt sees it: holds a Session, asks it for a snapshot 10 times a second, and hands on
// what changed. Widgets read the snapshot, ask queries through session() with call(), and never wait. UI
// thread only.
#pragma once
#include "engine/control/session.h"

#include <QObject>
#include <QTimer>

namespace streamwright {

class RunController : public QObject {
    Q_OBJECT

public:
    explicit RunController(std::unique_ptr<Session> session, QObject* parent = nullptr);
    ~RunController() override;

    Session& session() { return *session_; }
    // Another place to run: the old session is let go. Only when nothing runs in it, or it goes on without us.
    void setSession(std::unique_ptr<Session> session);
    // Answers on the UI thread, and never once `receiver` is gone.
    CallOptions call(QObject* receiver, Duration deadline = seconds(10)) const;

    const SessionSnapshot& snapshot() const { return snapshot_; }
    RunState state() const;             // Finished when nothing was started
    bool isRunning() const;             // started and not ended; paused counts
    bool isPaused() const;
    // Why the other end does not answer; empty while it does.
    const QString& lost() const { return lost_; }
    // Batches of this run as far as they were asked for, oldest first; at most 3,600. While nothing was started,
    // those of the last run that the checkpoint's history holds.
    const Batches& batches() const { return batches_; }
    std::shared_ptr<const BatchProgress> batch(int64_t number) const;
    // Also one that only the history holds: asked for, momentChanged() comes again when it is there.
    std::shared_ptr<const BatchProgress> batchOf(const Moment& moment);
    const std::vector<LogLine>& log() const { return log_; }

    // The moment that all docks show: live, or a batch that somebody clicked.
    Moment moment() const { return moment_; }
    void setMoment(Moment moment);

    // The document whose checkpoint is looked at while nothing runs.
    void browse(StartRequest request);
    void start(StartRequest request);
    void pause();
    void resume();
    void step();
    void stop(StopHow how);

Q_SIGNALS:
    void snapshotChanged();             // at most 10 Hz
    void batchesChanged();              // new ones in batches()
    void logChanged();
    void stateChanged();                // started, paused, ended …
    void momentChanged();
    void started(const streamwright::Started& started);
    void sessionChanged();              // runs elsewhere now
    void failed(const QString& message, const QString& hint);   // a verb was refused, or the run failed

private:
    void poll();
    void forget();
    void lose(const Error& error);
    Answer<void> tellFailure();
    void take(SessionSnapshot snapshot);
    void askForBatches();
    void askForRecorded();
    void askForOne(int64_t number);
    void askForLog();

    std::unique_ptr<Session> session_;
    QTimer timer_;
    SessionSnapshot snapshot_;
    Batches batches_;
    std::vector<LogLine> log_;
    Moment moment_;
    std::shared_ptr<const BatchProgress> earlier_;  // the batch of the moment, when memory holds it no longer
    int64_t askedFor_ = 0;
    QString lost_;
    bool starting_ = false;
    bool asking_ = false;
    bool askingBatches_ = false;
    bool askingLog_ = false;
};

}
