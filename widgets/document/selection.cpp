#include "widgets/document/selection.h"

namespace streamwright {

std::optional<NodeId> Selection::only() const
{
    const bool one = items_.nodes.size() == 1 && items_.edges.empty() && items_.frames.empty() && items_.notes.empty();
    return one ? std::optional(*items_.nodes.begin()) : std::nullopt;
}

void Selection::set(Items items)
{
    if (items == items_) return;
    items_ = std::move(items);
    Q_EMIT changed();
}

void Selection::reveal(const NodeId& node, const QString& field)
{
    setNodes({node});
    Q_EMIT revealed(QString::fromStdString(node.name), field);
}

}
