// The layout that is being computed, if one is: on a thread of its own, one at a time. A new one, or cancel(),
// lets the old one's answer go.
#pragma once
#include "widgets/canvas/layered_layout.h"

#include <QObject>
#include <functional>
#include <memory>

namespace streamwright {

class Arranging : public QObject {
    Q_OBJECT

public:
    ~Arranging() override { cancel(); }
    // `done` is called on this thread, unless it was cancelled.
    void start(LayoutTask task, std::function<void(const std::vector<QPointF>&)> done);
    void cancel();
    bool isRunning() const { return current_ != nullptr; }

private:
    // Who holds it waits for the answer; the thread only knows it weakly.
    struct Waiting {
        std::function<void(const std::vector<QPointF>&)> done;
    };
    std::shared_ptr<Waiting> current_;
};

}
