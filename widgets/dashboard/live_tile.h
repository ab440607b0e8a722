// One live sink on the dashboard: its title, and its rows as lines, bars or a table. UI thread.
#pragma once
#include "widgets/dashboard/live_curve.h"

#include <QFrame>

class QLabel;
class QPlainTextEdit;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace streamwright {

class LiveModel;

class LiveTile : public QFrame {
    Q_OBJECT

public:
    LiveTile(const NodeId& node, QWidget* parent);

    const NodeId& node() const { return node_; }
    void setTitle(const QString& title);
    void show(LivePage page);
    // Instead of rows: nothing runs, or the sink is new.
    void showNote(const QString& note);

private:
    QWidget* buildHead();
    void showLines(const LivePage& page);
    void showText(const LivePage& page);
    void showAsTable(bool asTable);
    void saveCsv();

    const NodeId node_;
    QLabel* title_ = nullptr;
    QLabel* note_ = nullptr;
    QToolButton* menu_ = nullptr;
    QAction* asTable_ = nullptr;
    QStackedWidget* body_ = nullptr;
    QWidget* lines_ = nullptr;          // holds the board, which is made for its series
    ChartBoard* board_ = nullptr;
    std::vector<QString> series_;
    BarList* bars_ = nullptr;
    QWidget* barsPage_ = nullptr;
    QTableView* table_ = nullptr;
    QPlainTextEdit* text_ = nullptr;
    LiveModel* rows_ = nullptr;
    LiveLayout::Kind kind_ = LiveLayout::Kind::Table;
};

}
