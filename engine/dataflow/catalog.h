// All node types that a program knows. Mains and the test runner fill it; engine rooms are handed one.
#pragma once
#include "engine/dataflow/node_type.h"

#include <deque>

namespace streamwright {

class Catalog {
public:
    void add(NodeType type);
    const NodeType* find(std::string_view type) const;  // also by an old name (NodeSpec::replaces)
    const std::deque<NodeType>& types() const { return types_; }  // sorted by group, then name
    std::vector<std::string> names() const;

private:
    std::deque<NodeType> types_;
};

}
