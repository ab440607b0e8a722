#include "app/designer/single_window.h"

#include "app/designer/main_window.h"

#include <QLocalSocket>
#include <QStandardPaths>

namespace streamwright {

namespace {

constexpr int kAnswerMilliseconds = 1000;

// One for a user and a display: another screen has a window of its own.
QString socketName()
{
    const QString folder = QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation);
    return folder + QStringLiteral("/streamwright-designer-") + qEnvironmentVariable("DISPLAY", qEnvironmentVariable("WAYLAND_DISPLAY")).replace(QLatin1Char('/'), QLatin1Char('_'));
}

}

bool SingleWindow::handOver(const QStringList& files)
{
    QLocalSocket socket;
    socket.connectToServer(socketName());
    if (!socket.waitForConnected(kAnswerMilliseconds)) return false;
    socket.write(files.join(QLatin1Char('\n')).toUtf8() + '\n');
    if (!socket.waitForBytesWritten(kAnswerMilliseconds)) return false;
    return socket.waitForReadyRead(kAnswerMilliseconds);
}

void SingleWindow::listen(MainWindow& window)
{
    server_.setSocketOptions(QLocalServer::UserAccessOption);
    QLocalServer::removeServer(socketName());
    server_.listen(socketName());
    connect(&server_, &QLocalServer::newConnection, this, [this, &window] {
        QLocalSocket* socket = server_.nextPendingConnection();
        connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
        connect(socket, &QLocalSocket::readyRead, socket, [socket, &window] {
            while (socket->canReadLine()) {
                const QString file = QString::fromUtf8(socket->readLine()).trimmed();
                if (!file.isEmpty()) window.openFile(file.toStdString());
            }
            socket->write("opened\n");
            window.raise();
            window.activateWindow();
        });
    });
}

}
