// The bar above: what one reaches for while a pipeline runs, and its state in one line. UI thread.
#pragma once
#include <QWidget>

class QLabel;
class QPushButton;
class QToolButton;

namespace streamwright {

class Actions;
class PipelineTab;
class StateDot;

class RunBar : public QWidget {
    Q_OBJECT

public:
    RunBar(const Actions& actions, QWidget* parent = nullptr);
    // Shows another tab; null: nothing to run.
    void show(PipelineTab* tab);
    void refresh();

private:
    void buildRun(const Actions& actions);
    void buildWhere(const Actions& actions);
    void buildState();

    QPointer<PipelineTab> tab_;
    QToolButton* run_ = nullptr;
    QToolButton* fresh_ = nullptr;
    QToolButton* stop_ = nullptr;
    QToolButton* pause_ = nullptr;
    QToolButton* step_ = nullptr;
    QToolButton* restart_ = nullptr;
    QToolButton* where_ = nullptr;
    StateDot* dot_ = nullptr;
    QLabel* state_ = nullptr;
};

}
