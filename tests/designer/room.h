// A window of the designer with settings and folders of its own, and answers to the questions that it asks.
#pragma once
#include "app/designer/main_window.h"
#include "engine/nodes/catalog.h"

#include <QAbstractButton>
#include <QDir>
#include <QMessageBox>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

namespace streamwright {

inline const Catalog& catalog()
{
    static const Catalog made = builtInNodes();
    return made;
}

class Room {
public:
    Room()
    {
        for (const char* name : {"config", "state", "data"}) QDir(folder_.path()).mkdir(QString::fromLatin1(name));
        QSettings::setPath(QSettings::NativeFormat, QSettings::UserScope, folder_.filePath("config"));
        qputenv("XDG_STATE_HOME", folder_.filePath("state").toUtf8());
        qputenv("XDG_DATA_HOME", folder_.filePath("data").toUtf8());
        QCoreApplication::setOrganizationName("streamwright");
        QCoreApplication::setApplicationName("designer-test");
        QSettings().clear();
        window = std::make_unique<MainWindow>(catalog());
        window->resize(1280, 720);
        window->show();
        QApplication::setActiveWindow(window.get());
    }
    ~Room()
    {
        // Nothing is asked any more: what is not saved goes with the folder.
        window.reset();
        QSettings().clear();
    }

    QString path(const QString& name) const { return folder_.filePath(name); }
    QString write(const QString& name, const QByteArray& text) const
    {
        QFile file(path(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size()) qFatal("cannot write %s", qPrintable(name));
        return path(name);
    }
    QByteArray read(const QString& name) const
    {
        QFile file(path(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    PipelineTab& open(const QString& name, const QByteArray& text)
    {
        window->openFile(write(name, text).toStdString());
        if (!window->tab()) qFatal("%s did not open", qPrintable(name));
        return *window->tab();
    }
    // The newest of this name that can be seen.
    template <class Widget>
    Widget* find(const QString& text) const
    {
        Widget* found = nullptr;
        for (Widget* one : window->findChildren<Widget*>()) {
            if (one->isVisible() && plainText(one->text()) == text) found = one;
        }
        return found;
    }

    std::unique_ptr<MainWindow> window;

private:
    QTemporaryDir folder_;
};

// Clicks the button of the next question, once it is there; `asked` becomes its texts.
class NextQuestion : public QObject {
public:
    explicit NextQuestion(const QString& button) : button_(button)
    {
        timer_.setInterval(5);
        connect(&timer_, &QTimer::timeout, this, &NextQuestion::look);
        timer_.start();
    }
    bool wasAsked() const { return !text.isEmpty(); }
    QString text;

private:
    void look()
    {
        auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        if (!box) return;
        timer_.stop();
        text = box->text() + "\n" + box->informativeText();
        for (QAbstractButton* one : box->buttons()) {
            if (plainText(one->text()) == button_) return one->click();
        }
        qFatal("no button %s in: %s", qPrintable(button_), qPrintable(text));
    }

    QString button_;
    QTimer timer_;
};

// Rows that come by themselves, counted by word into the console; with a state where there is a checkpoint.
inline QByteArray demoPipeline(const QByteArray& settings = R"("batch_interval": "50ms")")
{
    return R"js({
  "format": "streamwright/1",
  "name": "demo",
  "settings": {)js" + settings + R"js(},
  "nodes": {
    "rows": {
      "type": "source.generate",
      "options": {
        "rows_per_second": 1000,
        "columns": ["row AS id", "concat('word', row % 7) AS word"]
      }
    },
    "totals": {
      "type": "update_state_by_key",
      "options": {
        "keys": ["word"],
        "values": "id",
        "update": "coalesce(state, 0L) + size(values)",
        "as": "total"
      }
    },
    "out": {
      "type": "sink.discard"
    }
  },
  "edges": [
    "rows -> totals",
    "totals -> out"
  ]
}
)js";
}

}
