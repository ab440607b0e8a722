// Makes tests of what a run does: gathers whole batches of some ports, from the ring where they are whole there, else
// from the next batches, of which the engine is asked to keep more; and writes them into the flow beside the
// pipeline's file. One wish at a time. UI thread.
#pragma once
#include "engine/control/session.h"
#include "widgets/data/kept_case.h"

#include <QObject>
#include <QTimer>

namespace streamwright {

class PipelineDocument;
class RunController;

class RowKeeper : public QObject {
    Q_OBJECT

public:
    struct Port {
        NodeId node;
        std::string port;               // empty: the first output, or what reaches a sink
        std::string name() const { return port.empty() ? node.name : node.name + "." + port; }
    };
    RowKeeper(PipelineDocument& document, RunController& run, QObject* parent = nullptr);

    // What the sources gave in a batch, as input of a case.
    void keepInput(int64_t batch);
    // The same, and what left the port is expected of it. Behind a node that keeps state all batches since the
    // first belong to it.
    void expect(const Port& port, int64_t batch);
    bool isBusy() const { return wish_.has_value(); }
    void cancel();

Q_SIGNALS:
    void busyChanged();
    void told(const QString& sentence);                             // on the way
    void kept(const QString& flow, const QString& title);           // written
    void failed(const QString& message, const QString& hint);

private:
    struct Wish {
        KeptCase result;
        std::vector<Port> inputs;
        std::optional<Port> expected;
        int64_t first = 0, last = 0;
        bool recording = false;
        std::set<int64_t> asked;        // batches whose rows were asked for
        size_t open = 0;                // answers that are missing
    };
    void begin(std::optional<Port> expected, int64_t batch);
    bool mayBegin();
    std::vector<Port> sources() const;
    bool dependsOnAllBatches(const NodeId& node) const;
    void gather();
    void gatherBatch(const BatchProgress& batch);
    void take(const Port& port, bool input, int64_t batch, const Result<TapPage>& page);
    void record();
    void wishForMore();
    void finish();
    void giveUp(const QString& message, const QString& hint = {});

    PipelineDocument& document_;
    RunController& run_;
    std::optional<Wish> wish_;
    int round_ = 0;                     // answers to an earlier wish are none of this one's
    KeptCase last_;                     // more of the same batches joins it
    std::string lastRun_;
    QTimer wishing_;
};

}
