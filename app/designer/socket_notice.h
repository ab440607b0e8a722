// Above the canvas, while a run waits for a socket that nobody answers: which node, for what, why; and the offer to
// feed it demo lines where the server would be this machine. UI thread.
#pragma once
#include "app/designer/demo_feed.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/session/run_controller.h"

#include <QWidget>

class QLabel;
class QPushButton;

namespace streamwright {

class SocketNotice : public QWidget {
    Q_OBJECT

public:
    SocketNotice(PipelineDocument& document, RunController& run, QWidget* parent = nullptr);

    DemoFeed& feed() { return feed_; }

private:
    struct Unanswered {
        NodeId node;
        QString status;         // "waiting for localhost:9999: connection refused"
        QString host;
        uint16_t port = 0;
    };
    std::optional<Unanswered> unanswered() const;
    void refresh();
    void press();

    PipelineDocument& document_;
    RunController& run_;
    DemoFeed feed_;
    std::optional<Unanswered> fed_;     // whose place the feed takes
    std::optional<Unanswered> shown_;
    QLabel* text_;
    QPushButton* button_;
};

}
