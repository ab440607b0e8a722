// The document as JSON text and back. Reading fails on broken JSON alone: whatever else is wrong is kept
// in the document, told by `check` and saved unchanged.
#pragma once
#include "engine/base/diagnostic.h"
#include "engine/pipeline/document.h"

#include <optional>

namespace streamwright {

// "lines -> words", "parse.rejected -> dead_letters"; none if it cannot be read as an edge.
std::optional<Edge> parseEdge(std::string_view text);
std::string printEdge(const Edge& edge);

bool isNodeName(std::string_view name);  // [a-z][a-z0-9_]*

Node nodeFromJson(const std::string& name, const Json& json);
Json toJson(const Node& node);  // without its name

Document documentFromJson(const Json& json);
// Members in the order format, name, settings, parameters, nodes, edges, layout, unknown ones.
Json toJson(const Document& document);

struct DocumentRead {
    std::optional<Document> document;  // none if the text is not JSON
    Diagnostics diagnostics;
};
DocumentRead readDocument(std::string_view text);
std::string printDocument(const Document& document);

}
