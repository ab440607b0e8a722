// The steps of check(), one file each; private to this room.
#pragma once
#include "engine/dataflow/check.h"
#include "engine/pipeline/parameters.h"

#include <unordered_map>

namespace streamwright {

// What is known about a node of the document while it is checked.
struct CheckedNode {
    const Node* node = nullptr;
    const NodeType* type = nullptr;   // null if unknown
    Json options;                     // parameters inserted
    Json printable;                   // the same without secrets
    bool optionsGood = false;
    bool runs = true;                 // neither disabled, nor bypassed, nor fed by disabled nodes alone
};

// An edge with both ends found. Ports are indices into the spec; fromPort == outputs.size() is `rejected`.
struct CheckedEdge {
    size_t from = 0;
    size_t fromPort = 0;
    size_t to = 0;
    size_t toPort = 0;
    const Edge* edge = nullptr;
};

// Of secrets.
inline constexpr const char* kIsWrittenDown = " is written down in the pipeline";
inline constexpr const char* kReferToIt = "refer to it: \"${env:NAME}\" or \"${file:path}\"";

struct Checking {
    const Document& document;
    const Catalog& catalog;
    const CheckOptions& options;
    Parameters parameters;
    CheckedPipeline result;
    std::vector<CheckedNode> nodes;                       // in document order
    std::unordered_map<std::string, size_t> byName;
    std::vector<CheckedEdge> edges;                       // of the document, then only those that run

    // Tells a mistake; of a node that does not run it is a warning. Secrets are taken out of the text.
    void tell(const Node& node, std::string field, std::string message, std::string hint, int line = 0, Severity severity = Severity::Error);
    void tellDocument(std::string field, std::string message, std::string hint, int line, Severity severity = Severity::Error);
    // Of a secret among printable options: a text that was not inserted.
    static bool isWrittenDown(const FieldSpec& field, const Json& printable);
    std::string nameOf(size_t node) const { return document.nodes[node].id.name; }
};

void checkStructure(Checking& checking);   // members, names, unreadable edges
void checkTypes(Checking& checking);
void checkEdges(Checking& checking);       // ends and ports
void leaveOutWhatDoesNotRun(Checking& checking);
void checkNodeOptions(Checking& checking);
void checkInputs(Checking& checking);      // missing, too many
void planNodes(Checking& checking);        // order, cycles, schemas
void checkRules(Checking& checking);       // sinks, windows, checkpoint, targets
std::string documentHashOf(const Checking& checking);

}
