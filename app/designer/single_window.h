// A second start opens its files in the window that runs already. UI thread.
#pragma once
#include <QLocalServer>

namespace streamwright {

class MainWindow;

class SingleWindow : public QObject {
    Q_OBJECT

public:
    // True: a window of this user has taken the files.
    bool handOver(const QStringList& files);
    void listen(MainWindow& window);

private:
    QLocalServer server_;
};

}
