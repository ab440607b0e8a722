// The entries of a state at the epoch: searched, sorted, exported. UI thread.
#pragma once
#include "widgets/checkpoints/epoch_tab.h"
#include "widgets/checkpoints/state_choice.h"
#include "widgets/checkpoints/state_model.h"

class QLabel;
class QLineEdit;

namespace streamwright {

class StateTab : public EpochTab {
    Q_OBJECT

public:
    StateTab(RunController& run, const EpochModel& epochs, QWidget* parent);

    // Writes what the search leaves of the state, or every state, to a file.
    void exportTo(const QString& path, ExportQuery::Format format, bool everyState);

protected:
    void refresh() override;

private:
    QWidget* buildBar();
    void buildTable();
    void showState();
    void showColumns();
    void showMenu(const QPoint& at);
    void askWhereTo(ExportQuery::Format format, bool everyState);
    void askForHistory(int row);

    StateModel* entries_;
    StateChoice* state_ = nullptr;
    QLineEdit* search_ = nullptr;
    QLabel* count_ = nullptr;
    QTableView* table_ = nullptr;
    QTimer* typed_ = nullptr;
    QString sizedFor_;                  // the state that the columns have their widths for
};

}
