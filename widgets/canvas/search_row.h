// A row of the search: icon, title, and what it does in the secondary colour below.
#pragma once
#include <QStyledItemDelegate>

namespace streamwright {

class SearchRow : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    static constexpr int Summary = Qt::UserRole + 1;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override { return {200, 38}; }
};

}
