// What the run says, newest last: time, level, text. Filters by text; follows the end unless scrolled away. UI
// thread.
#pragma once
#include <QWidget>

class QLineEdit;
class QSortFilterProxyModel;
class QTableView;

namespace streamwright {

class LogModel;
class RunController;

class LogView : public QWidget {
    Q_OBJECT

public:
    explicit LogView(RunController& run, QWidget* parent = nullptr);

    QString asText() const;             // of the lines that the filter leaves

private:
    QWidget* buildBar();
    void refresh();

    RunController& run_;
    LogModel* model_;
    QSortFilterProxyModel* filtered_;
    QTableView* table_ = nullptr;
    QLineEdit* filter_ = nullptr;
};

}
