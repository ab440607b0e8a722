// Tries a source or sink out: connects, authenticates, reads or writes a probe, and tells each step's outcome. Can
// be cancelled. UI thread only.
#pragma once
#include "widgets/document/pipeline_document.h"
#include "widgets/session/run_controller.h"

#include <QBoxLayout>
#include <QPointer>
#include <QPushButton>

namespace streamwright {

class VerifySection : public QWidget {
    Q_OBJECT

public:
    VerifySection(PipelineDocument& document, RunController& run, const NodeId& node, QWidget* parent);
    ~VerifySection() override { cancel_.request(); }

private:
    void start();
    void finish(const Result<std::vector<VerifyStep>>& steps);
    void addLine(bool passed, const QString& text);
    void clearLines();

    PipelineDocument& document_;
    QPointer<RunController> run_;
    NodeId node_;
    QPushButton button_;
    QVBoxLayout* lines_;
    Cancel cancel_;
    bool asking_ = false;
};

}
