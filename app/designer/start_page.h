// What the window shows without a pipeline: recent files, examples, and how to begin. UI thread.
#pragma once
#include <QWidget>

#include <filesystem>

class QListWidget;

namespace streamwright {

class MainWindow;

// Where the examples are: beside the program, in its source tree, or installed.
std::filesystem::path examplesFolder();

class StartPage : public QWidget {
    Q_OBJECT

public:
    explicit StartPage(MainWindow& window);

private:
    void refresh();
    QWidget* buildRecent();
    QWidget* buildExamples();
    void addExamples();

    MainWindow& window_;
    QListWidget* recent_ = nullptr;
    QListWidget* examples_ = nullptr;
};

}
