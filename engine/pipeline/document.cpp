#include "engine/pipeline/document.h"

namespace streamwright {

bool Node::operator==(const Node& o) const
{
    return id == o.id && type == o.type && title == o.title && options == o.options && disabled == o.disabled && bypassed == o.bypassed && was == o.was && extra == o.extra;
}

const Node* Document::find(std::string_view node) const
{
    for (const Node& candidate : nodes) {
        if (candidate.id.name == node) return &candidate;
    }
    return nullptr;
}

}
