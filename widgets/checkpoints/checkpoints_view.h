// The checkpoint of the tab: its epochs, the state of any of them, what differs between two, where the sources
// stood; and going back. Asks the Session alone, also when nothing runs. UI thread.
#pragma once
#include "widgets/document/pipeline_document.h"
#include "widgets/session/run_controller.h"

#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableView;
class QTableWidget;
class QTabWidget;
class QTextBrowser;
class QTimer;

namespace streamwright {

class EpochModel;
class StateModel;

class CheckpointsView : public QWidget {
    Q_OBJECT

public:
    CheckpointsView(PipelineDocument& document, RunController& run, QWidget* parent = nullptr);

    void refresh();

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildEpochs();
    QWidget* buildState();
    QWidget* buildChanges();
    void takeEpochs(Result<std::vector<EpochInfo>> answer);
    void askStates();
    void showState();
    void showChanges();
    void takeChanges(const std::vector<StateDifference>& differences);
    void showSources();
    void showKeyHistory(const QString& key);
    void askToRewind();
    void exportState();
    Moment moment() const;
    const EpochInfo* chosen() const;

    PipelineDocument& document_;
    RunController& run_;
    EpochModel* epochs_;
    StateModel* entries_;
    QTableView* epochTable_ = nullptr;
    QLabel* empty_ = nullptr;
    QTabWidget* tabs_ = nullptr;
    QComboBox* state_ = nullptr;
    QLineEdit* search_ = nullptr;
    QLabel* count_ = nullptr;
    QTableView* entryTable_ = nullptr;
    QComboBox* against_ = nullptr;
    QTableWidget* changes_ = nullptr;
    QTextBrowser* sources_ = nullptr;
    QPushButton* rewind_ = nullptr;
    QTimer* typed_ = nullptr;
    QTimer* follow_ = nullptr;
    bool asking_ = false;
};

}
