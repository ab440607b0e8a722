// Where the time of a batch went: the one source of figures for the waterfall, the sentence under the canvas and
// the busy bars. Parts sum to the latency that was measured. UI thread.
#pragma once
#include "engine/telemetry/snapshot.h"
#include "widgets/document/pipeline_document.h"

#include <QColor>
#include <QString>

namespace streamwright {

struct Theme;

struct BatchPart {
    QString name;                       // a node's name, or "wait", "read", …
    NodeId node;                        // empty if it is no node's
    QString help;
    QColor (*color)(const Theme& theme);
    int64_t nanos = 0;
};

// In the order of a batch's life; parts of zero are left out. What no clock saw is "unattributed".
std::vector<BatchPart> partsOf(const BatchProgress& batch, const PipelineDocument& document);
// From the tick until the batch had ended: scheduling delay and processing.
int64_t latencyOf(const BatchProgress& batch);

struct Verdict {
    enum class Level : unsigned char { Quiet, Warning };
    Level level = Level::Quiet;
    QString text;                       // one sentence or two; the node's name first
    NodeId node;
    int64_t batch = 0;                  // the newest that it speaks of
};
// Names the bottleneck of the last batches, from means over them. `interval` 0: batches as data arrives.
Verdict verdictOf(const std::vector<std::shared_ptr<const BatchProgress>>& batches, Duration interval, int64_t behind, const PipelineDocument& document);

}
