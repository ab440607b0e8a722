// Lines for a socket source that nobody answers: listens on this machine in the place of the server, and sends a few
// lines a second to whoever connects. UI thread.
#pragma once
#include "engine/base/result.h"

#include <QObject>
#include <QTcpServer>
#include <QTimer>

namespace streamwright {

class DemoFeed : public QObject {
    Q_OBJECT

public:
    explicit DemoFeed(QObject* parent = nullptr);

    // Whether `host` is this machine, where a listener can stand in.
    static bool canStandInFor(const QString& host);
    // Listens until stop(); says why it cannot.
    Result<void> start(const QString& host, uint16_t port);
    void stop();
    bool isOn() const { return server_.isListening(); }
    int64_t lines() const { return lines_; }    // sent since start()

Q_SIGNALS:
    void changed();     // on, off, or more lines

private:
    void send();

    QTcpServer server_;
    QTimer timer_;
    int64_t lines_ = 0;
};

}
