// The sentence under the canvas: what sets the pace of the run, what it waits for or failed of, or the next thing to mend.
// Grey until something is worth a look; a link shows the batch, or the problem. UI thread.
#pragma once
#include "widgets/monitor/batch_parts.h"
#include "widgets/session/run_controller.h"

#include <QWidget>

class QLabel;

namespace streamwright {

class VerdictBar : public QWidget {
    Q_OBJECT

public:
    VerdictBar(PipelineDocument& document, RunController& run, QWidget* parent = nullptr);

Q_SIGNALS:
    void batchRequested(int64_t number);
    void problemRequested(const QString& node, const QString& field);

private:
    void refresh();
    void sayProblem();
    void sayRun();
    QString reasonText() const;
    void say(const QString& text, Verdict::Level level, const QString& link);
    void follow();

    PipelineDocument& document_;
    RunController& run_;
    QLabel* mark_;
    QLabel* text_;
    QLabel* link_;
    Verdict verdict_;
    std::optional<Diagnostic> problem_;
    QString reason_;
};

}
