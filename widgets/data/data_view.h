// The rows on a wire: what left an output port in a batch, from the ring that the run always records. Follows
// the run, or stands still (Freeze); nothing is lost meanwhile. UI thread.
#pragma once
#include "engine/control/session.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QTableView;
class QTimer;
class QToolButton;

namespace streamwright {

class PipelineDocument;
class RowKeeper;
class RunController;
class TapModel;

class DataView : public QWidget {
    Q_OBJECT

public:
    DataView(PipelineDocument& document, RunController& run, QWidget* parent = nullptr);

    // Opens the tap of an output port; an empty port is the first.
    void open(const NodeId& node, const std::string& port);

    QString asCsv() const;
    QString asJson() const;             // an array of objects

    RowKeeper& keeper() { return *keeper_; }

Q_SIGNALS:
    void announced(const QString& sentence);    // for the status line and screen readers

protected:
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildBar();
    QWidget* buildFoot();
    void buildKeeping(QLayout& row);
    void refreshKeeping();
    void fillPorts();
    void fillBatches();
    void ask();
    void take(const QString& port, Result<TapPage> answer);
    void showFoot(const TapPage& page);
    void copy(const QString& text);
    TapQuery query() const;

    PipelineDocument& document_;
    RunController& run_;
    TapModel* model_;
    QComboBox* port_ = nullptr;
    QComboBox* batch_ = nullptr;
    QComboBox* sample_ = nullptr;
    QLineEdit* filter_ = nullptr;
    QToolButton* freeze_ = nullptr;
    QToolButton* profile_ = nullptr;
    QTableView* table_ = nullptr;
    QTableView* profileTable_ = nullptr;
    class ProfileModel* profileModel_ = nullptr;
    QToolButton* input_ = nullptr;
    QToolButton* expect_ = nullptr;
    QLabel* foot_ = nullptr;
    RowKeeper* keeper_;
    QTimer* typed_ = nullptr;
    QString shownPort_;                 // of the rows in the table
    std::optional<int64_t> frozenAt_;
    bool filtered_ = false;             // what is shown was asked for with a filter
    bool asking_ = false;
    bool askAgain_ = false;
};

}
