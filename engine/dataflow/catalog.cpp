#include "engine/dataflow/catalog.h"

namespace streamwright {

void Catalog::add(NodeType type)
{
    const auto before = [](const NodeType& a, const NodeType& b) {
        return std::pair(a.spec.group, std::string_view(a.spec.type)) < std::pair(b.spec.group, std::string_view(b.spec.type));
    };
    const auto at = std::upper_bound(types_.begin(), types_.end(), type, before);
    types_.insert(at, std::move(type));
}

const NodeType* Catalog::find(std::string_view type) const
{
    for (const NodeType& candidate : types_) {
        if (candidate.spec.type == type) return &candidate;
    }
    for (const NodeType& candidate : types_) {
        const auto& old = candidate.spec.replaces;
        if (std::find(old.begin(), old.end(), type) != old.end()) return &candidate;
    }
    return nullptr;
}

std::vector<std::string> Catalog::names() const
{
    std::vector<std::string> names;
    for (const NodeType& type : types_) names.push_back(type.spec.type);
    return names;
}

}
