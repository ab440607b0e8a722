#include "app/designer/demo_feed.h"

#include <QTcpSocket>

namespace streamwright {

namespace {

constexpr int kMilliseconds = 200;
// A peer that reads no more is left alone.
constexpr qint64 kMostWaiting = 64 << 10;

// Words that come again, so that there is something to count.
constexpr const char* kLines[] = {
    "the stream goes by in batches",    "a batch is a small table",       "the window slides over the batches", "the state stays while the stream goes by",
    "the checkpoint keeps the state",   "a word is counted once",         "the count of a word is its state",   "the sink writes every batch once",
    "a source brings the next batch",   "the quick brown fox jumps over", "the lazy dog keeps a slow window",
};

QHostAddress addressOf(const QString& host)
{
    if (host == QLatin1String("localhost") || host.endsWith(QLatin1String(".localhost"))) return QHostAddress::LocalHost;
    return QHostAddress(host);
}

}

DemoFeed::DemoFeed(QObject* parent) : QObject(parent)
{
    timer_.setInterval(kMilliseconds);
    connect(&timer_, &QTimer::timeout, this, &DemoFeed::send);
    // Who has gone is asked for nothing more.
    connect(&server_, &QTcpServer::newConnection, this, [this] {
        while (QTcpSocket* peer = server_.nextPendingConnection()) connect(peer, &QTcpSocket::disconnected, peer, &QObject::deleteLater);
        send();
    });
}

bool DemoFeed::canStandInFor(const QString& host) { return addressOf(host).isLoopback(); }

Result<void> DemoFeed::start(const QString& host, uint16_t port)
{
    stop();
    lines_ = 0;
    if (!server_.listen(addressOf(host), port)) return transient(server_.errorString().toStdString());
    timer_.start();
    Q_EMIT changed();
    return {};
}

void DemoFeed::stop()
{
    if (!isOn()) return;
    timer_.stop();
    server_.close();
    for (QTcpSocket* peer : server_.findChildren<QTcpSocket*>()) peer->disconnectFromHost();
    Q_EMIT changed();
}

void DemoFeed::send()
{
    bool sent = false;
    for (QTcpSocket* peer : server_.findChildren<QTcpSocket*>()) {
        if (peer->state() != QAbstractSocket::ConnectedState || peer->bytesToWrite() > kMostWaiting) continue;
        peer->write(QByteArray(kLines[static_cast<size_t>(lines_) % std::size(kLines)]) + '\n');
        sent = true;
    }
    if (!sent) return;
    ++lines_;
    Q_EMIT changed();
}

}
