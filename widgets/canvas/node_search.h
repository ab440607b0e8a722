// Type-to-add: a field and what fits below it, at the pointer. Arrows choose, Enter takes, Esc or a click
// elsewhere closes. Lists types, and nodes that are there already where a wire is to be connected.
#pragma once
#ifndef Q_MOC_RUN  // moc of Qt 6.4 stumbles over <concepts>
#include "engine/dataflow/catalog.h"
#include "widgets/canvas/graph.h"
#endif

#include <QFrame>

class QLabel;
class QLineEdit;
class QListWidget;

namespace streamwright {

class NodeSearch : public QFrame {
    Q_OBJECT

public:
    NodeSearch(const Catalog& catalog, QWidget* parent);

    // What can be picked: a type with the port that takes the wire, or a node of the document.
    struct Choice {
        const NodeType* type = nullptr;
        NodeId node;                    // of the document; then type is what it is
        size_t port = 0;
        QString title, summary;
    };
    // Types by the side that they need for the wire; none: all types.
    std::vector<Choice> types(std::optional<Side> needed) const;

    void open(const QPoint& at, const QString& placeholder, std::vector<Choice> choices, std::function<void(const Choice&)> picked);
    QLineEdit* field() const { return field_; }
    QListWidget* list() const { return list_; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter();
    void fitHeight();
    void take();

    const Catalog& catalog_;
    QLineEdit* field_;
    QListWidget* list_;
    QLabel* nothing_;
    std::vector<Choice> choices_;
    std::function<void(const Choice&)> picked_;
};

}
