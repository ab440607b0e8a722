// Pipelines to change.
#pragma once
#include "engine/pipeline/document_json.h"
#include "engine/pipeline/edits.h"

namespace streamwright {

// Unknown members, types and options, edges that lead nowhere or are none, layout of another kind.
inline constexpr const char* kOdd = R"({
  "nodes": {
    "lines": {"type": "source.stdin", "options": {"later": [1, 2.50, {"deep": null}]}, "was": ["input"]},
    "magic": {"type": "transform.magic", "options": {"wand": 1e3}, "shape": "round", "title": 5},
    "text": "not a node",
    "Foreign.name": {"type": "filter", "options": 7},
    "out": {"type": "sink.console", "disabled": true}
  },
  "edges": ["lines -> magic", "magic -> nowhere.left", 17, "a => b", "magic.sparks -> out", "lines -> out", "lines -> magic"],
  "future": {"x": [true, "\u00e9"]},
  "settings": "none",
  "layout": {"nodes": {"lines": [0, 0], "gone": [1, 2], "magic": [10.5, "x"]}, "bends": {"lines -> magic": [[1, 2], [3, 4]]}, "frames": 3}
}
)";

inline constexpr const char* kPlain = R"({"nodes": {"a": {"type": "source.stdin"}, "b": {"type": "filter"}, "c": {"type": "union"}, "d": {"type": "sink.console"}},
    "edges": ["a -> b", "b -> c", "a -> c", "b.rejected -> d", "c -> d"],
    "layout": {"nodes": {"a": [0, 0], "b": [100, 0], "c": [200, 0], "d": [300, 100]}, "bends": {"b -> c": [[150, 50]]}}})";

inline Document read(const char* text)
{
    return *readDocument(text).document;
}

// "a -> b, b -> c"
inline std::string edgesOf(const Document& document)
{
    std::string all;
    for (const Edge& edge : document.edges) all += (all.empty() ? "" : ", ") + printEdge(edge);
    return all;
}

}
