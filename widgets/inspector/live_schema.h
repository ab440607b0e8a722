// The columns on the wires around a node, as far as check() could tell them. UI thread only.
#pragma once
#include "widgets/document/pipeline_document.h"

namespace streamwright {

// One edge into a node.
struct IncomingRows {
    std::string port;               // of the node
    NodeId from;
    std::string fromPort;
    std::optional<Schema> schema;   // none: not known, or what the port rejected gives
};
std::vector<IncomingRows> incomingRows(const PipelineDocument& document, const NodeId& node);
// Of all edges into it, each name once.
Schema incomingColumns(const PipelineDocument& document, const NodeId& node);

struct OutgoingRows {
    std::string port;
    std::optional<Schema> schema;
};
// Of every declared output port.
std::vector<OutgoingRows> outgoingRows(const PipelineDocument& document, const NodeId& node);

// Rows to try expressions on while there are no live ones: JSON objects.
std::vector<std::string> sampleRows(const Schema& schema);

}
