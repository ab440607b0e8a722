// Pipelines and runs for the tests, shots and benchmarks of the canvas.
#pragma once
#include "tests/widgets/fake_session.h"
#include "engine/control/session.h"
#include "engine/pipeline/json.h"
#include "widgets/canvas/canvas_view.h"
#include "widgets/session/run_controller.h"

#include <fmt/format.h>
#include <algorithm>
#include <string>

namespace streamwright {

// A session whose run is what a test says; all else is never answered.
class ShownSession : public FakeSession {
public:
    SessionSnapshot shown;
    Document running;

    void snapshot(Moment, CallOptions call, Answer<SessionSnapshot> answer) override
    {
        call.answerOn([answer, value = shown] { answer(value); });
    }
    void document(CallOptions call, Answer<Document> answer) override
    {
        call.answerOn([answer, value = running] { answer(value); });
    }
    void start(StartRequest, CallOptions call, Answer<Started> answer) override
    {
        call.answerOn([answer] { answer(Started{}); });
    }
};

inline constexpr const char* kWordCount = R"json({
  "format": "streamwright/1",
  "name": "Running word count",
  "settings": {
    "batch_interval": "1s",
    "checkpoint": "running.checkpoint"
  },
  "nodes": {
    "lines": {
      "type": "source.socket",
      "options": {
        "host": "localhost",
        "port": 9999
      }
    },
    "words": {
      "type": "flat_map",
      "options": {
        "expression": "split(value, ' ')",
        "as": "word"
      }
    },
    "counts": {
      "type": "reduce_by_key",
      "options": {
        "keys": ["word"],
        "aggregates": ["count(*) AS n"]
      }
    },
    "running": {
      "type": "update_state_by_key",
      "options": {
        "keys": ["word"],
        "values": "n",
        "update": "coalesce(state, 0) + aggregate(values, 0L, (a, x) -> a + x)",
        "as": "total"
      }
    },
    "console": {
      "type": "sink.console"
    },
    "top": {
      "type": "sink.files",
      "title": "top words",
      "options": {
        "path": "top",
        "format": "csv"
      }
    },
    "rejected": {
      "type": "sink.files",
      "options": {
        "path": "rejected",
        "format": "json"
      }
    }
  },
  "edges": [
    "lines -> words",
    "words -> counts",
    "counts -> running",
    "running -> console",
    "running -> top",
    "words.rejected -> rejected"
  ],
  "layout": {
    "nodes": {
      "lines": [0, 0],
      "words": [312, 0],
      "counts": [624, 0],
      "running": [312, 180],
      "console": [624, 180],
      "top": [624, 312],
      "rejected": [0, 312]
    },
    "frames": {
      "keeps": {
        "title": "Keeps state",
        "rect": [288, 142, 560, 278],
        "color": "state"
      }
    }
  }
})json";

// `nodes` nodes in columns of 20 with two wires into each: from the same row or one near by in the column before,
// but one wire in ten from up to six columns before and any row. Far wires come from anywhere before.
enum class Wires : unsigned char { Near, Far };
inline std::string largePipeline(int nodes, Wires wires = Wires::Near)
{
    constexpr int kRows = 20;
    std::string list, edges, places;
    const auto name = [](int i) { return fmt::format("n{}", i); };
    for (int i = 0; i < nodes; ++i) {
        const int column = i / kRows;
        const bool source = column == 0;
        list += fmt::format("{}\"{}\": {{\"type\": \"{}\", \"options\": {{{}}}}}", i ? ",\n" : "", name(i), source ? "source.rate" : "union", source ? "\"rows_per_second\": 10" : "");
        places += fmt::format("{}\"{}\": [{}, {}]", i ? ",\n" : "", name(i), column * 312, (i % kRows) * 132);
        if (source) continue;
        for (int k = 0; k < 2; ++k) {
            const bool isFar = wires == Wires::Far || (i * 7 + k * 3) % 10 == 0;
            const int before = isFar ? 1 + (i * 5 + k * 11) % std::min(column, wires == Wires::Far ? nodes : 6) : 1;
            const int row = isFar ? (i * 13 + k * 7) % kRows : std::clamp(i % kRows + (k == 0 ? 0 : i % 5 - 2), 0, kRows - 1);
            const int from = (column - before) * kRows + (k == 1 && !isFar && row == i % kRows ? (row + 1) % kRows : row);
            edges += fmt::format("{}\"{} -> {}\"", edges.empty() ? "" : ",\n", name(from), name(i));
        }
    }
    return fmt::format("{{\"format\": \"streamwright/1\", \"nodes\": {{{}}}, \"edges\": [{}], \"layout\": {{\"nodes\": {{{}}}}}}}", list, edges, places);
}

// A batch in which every node of the document does something; `step` makes the figures differ.
inline SessionSnapshot runOf(const PipelineDocument& document, int step = 0)
{
    auto batch = std::make_shared<BatchProgress>();
    batch->number = 1283 + step;
    batch->rowsIn = 1200 + step;
    batch->inputRowsPerSecond = static_cast<double>(batch->rowsIn);
    batch->time.total = 41'000'000;
    int i = step;
    for (const Node& node : document.document().nodes) {
        ++i;
        NodeProgress progress{.node = node.id};
        progress.rowsIn = 860 + i % 7;
        progress.rowsOut = node.id.name == "words" ? 12'400 : 860 + i % 11;
        progress.busyNanos = node.id.name == "running" || node.id.name == "busy" ? 720'000'000 : (1 + i % 9) * 1'000'000;
        progress.stateRows = 71'332;
        progress.stateBytes = 4'100'000;
        progress.rejected = node.id.name == "words" ? 3 : 0;
        batch->nodes.push_back(progress);
        if (node.type.starts_with("source.")) batch->sources.push_back({.node = node.id, .rows = batch->rowsIn, .queueFill = 0.12, .status = node.id.name == "waiting" ? "waiting for localhost:9999" : ""});
    }
    auto run = std::make_shared<Snapshot>();
    run->state = RunState::Running;
    run->last = batch;
    SessionSnapshot snapshot;
    snapshot.run = run;
    return snapshot;
}

// A view of a document, as the designer has it.
struct ShownCanvas {
    PipelineDocument document;
    ShownSession* session = new ShownSession;
    RunController runs;
    CanvasView view;

    ShownCanvas(const Catalog& catalog, const std::string& text, const QSize& size = {1100, 700}) : document(catalog), runs(std::unique_ptr<Session>(session)), view((document.openText(text), document), runs)
    {
        view.resize(size);
        view.show();
        view.fitAll();
    }
    void run(int step = 0)
    {
        session->running = document.document();
        session->shown = runOf(document, step);
        if (!runs.isRunning()) runs.start({});
    }
};

}
