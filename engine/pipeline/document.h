// The one document that editor, command line and engine share: a value. Reading and writing: json.h.
// Unknown node types, options, members and dangling edges are kept and saved unchanged.
#pragma once
#include "engine/base/ids.h"
#include "engine/pipeline/json_value.h"

#include <string>
#include <vector>

namespace streamwright {

// "from.port -> to.port"; a port left out is empty here and means the node's only (first) one.
struct Edge {
    std::string from;
    std::string fromPort;
    std::string to;
    std::string toPort;
    int line = 0;
    bool operator==(const Edge& o) const { return from == o.from && fromPort == o.fromPort && to == o.to && toPort == o.toPort; }
};

struct Node {
    NodeId id;
    std::string type;
    std::string title;                 // for people; empty if none
    Json options = Json::object();     // as written, parameters not inserted
    bool disabled = false;             // taken out of the plan with what only it feeds; keeps its state
    bool bypassed = false;             // one input handed on to one output
    std::vector<std::string> was;      // old names, carry the state over a rename
    Json extra = Json::object();       // members we do not know
    int line = 0;
    bool operator==(const Node& o) const;
};

struct Document {
    Json format = Json::string("streamwright/1");
    std::string name;
    Json settings = Json::object();
    Json parameters = Json::object();
    std::vector<Node> nodes;           // in file order
    std::vector<Edge> edges;
    Json layout = Json::object();
    Json extra = Json::object();
    // Edges that could not be read ("a ->"), kept as they were.
    std::vector<Json> unreadableEdges;

    const Node* find(std::string_view node) const;
    bool operator==(const Document&) const = default;
};

}
