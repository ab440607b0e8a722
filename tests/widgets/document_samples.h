// Pipelines and folders for the tests of the document.
#pragma once
#include "engine/base/files.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/document_json.h"
#include "widgets/document/pipeline_document.h"
#include "widgets/document/selection.h"

#include <QTemporaryDir>
#include <QTest>

#include <ctime>

namespace streamwright {

inline const Catalog& catalog()
{
    static const Catalog all = builtInNodes();
    return all;
}

constexpr const char* kWords = R"json({
  "nodes": {
    "lines": {"type": "source.stdin"},
    "words": {"type": "flat_map", "options": {"expression": "split(value, ' ')", "as": "word"}},
    "magic": {"type": "transform.magic", "options": {"wand": 1e3}, "shape": "round"},
    "out": {"type": "sink.console"}
  },
  "edges": ["lines -> words", "words -> out", "magic -> nowhere.left", 17],
  "future": {"x": [true]},
  "layout": {"nodes": {"lines": [0, 0], "words": [312, 0], "out": [624, 0]}, "bends": {"words -> out": [[400, 50]]}}
}
)json";

// A chain of `count` filters with a second wire each.
inline Document chain(size_t count)
{
    Document document;
    Json places = Json::object();
    for (size_t i = 0; i < count; ++i) {
        Node node{.id = {"n" + std::to_string(i)}, .type = i == 0 ? "source.stdin" : "filter"};
        node.options.set("condition", Json::string("length(value) > " + std::to_string(i)));
        places.set(node.id.name, Json::array({Json::integer(static_cast<int64_t>(i) * 240), Json::integer(0)}));
        document.nodes.push_back(std::move(node));
        if (i > 0) document.edges.push_back({"n" + std::to_string(i - 1), "", "n" + std::to_string(i), ""});
        if (i > 1) document.edges.push_back({"n" + std::to_string(i - 2), "rejected", "n" + std::to_string(i), ""});
    }
    document.layout.set("nodes", std::move(places));
    return document;
}

// Processor time of this thread: other programs do not count.
inline double threadMillis()
{
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

// A folder of its own, which is the user's state folder meanwhile too.
class Room {
public:
    Room() { qputenv("XDG_STATE_HOME", QByteArray::fromStdString((folder() / "state").string())); }
    std::filesystem::path folder() const { return temporary_.path().toStdString(); }
    std::filesystem::path file(const std::string& name, std::string_view text) const
    {
        const auto path = folder() / name;
        if (!writeDurably(path, text)) qFatal("cannot write %s", path.c_str());
        return path;
    }
    static std::string textOf(const std::filesystem::path& path)
    {
        const auto text = readFile(path);
        return text ? *text : std::string();
    }
    // Journals beside files and in the state folder.
    std::vector<std::filesystem::path> journals() const
    {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder())) {
            if (entry.path().extension() == ".journal") found.push_back(entry.path());
        }
        return found;
    }

private:
    QTemporaryDir temporary_;
};

}
