#include "widgets/canvas/arranging.h"

#include <QCoreApplication>
#include <QThreadPool>

namespace streamwright {

void Arranging::start(LayoutTask task, std::function<void(const std::vector<QPointF>&)> done)
{
    current_ = std::make_shared<Waiting>(Waiting{std::move(done)});
    QThreadPool::globalInstance()->start([this, waiting = std::weak_ptr(current_), task = std::move(task)] {
        if (waiting.expired()) return;
        std::vector<QPointF> corners = layeredLayout(task);
        // `this` lives if somebody still waits, which only its own thread changes.
        QMetaObject::invokeMethod(QCoreApplication::instance(), [this, waiting, corners = std::move(corners)] {
            const auto here = waiting.lock();
            if (!here) return;
            current_.reset();
            here->done(corners);
        }, Qt::QueuedConnection);
    });
}

void Arranging::cancel() { current_.reset(); }

}
