#include "engine/remote/metrics_text.h"

#include "engine/pipeline/json.h"
#include "engine/runtime/progress.h"

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

namespace {

// Of a value between quotes: the format knows these three escapes.
std::string escaped(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\n') out += "\\n";
        else if (c == '"' || c == '\\') out += std::string{'\\', c};
        else out += c;
    }
    return out;
}

class Text {
public:
    explicit Text(const std::string& pipeline) : pipeline_(fmt::format("pipeline=\"{}\"", escaped(pipeline))) {}

    // A family, then its samples.
    void family(std::string_view name, std::string_view type, std::string_view help)
    {
        name_ = fmt::format("streamwright_{}", name);
        out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name_, help, name_, type);
    }
    void sample(double value, std::string_view label = {}, std::string_view of = {})
    {
        out_ += fmt::format("{}{{{}{}}} {}\n", name_, pipeline_, label.empty() ? std::string() : fmt::format(",{}=\"{}\"", label, escaped(of)), value);
    }
    void sample(double value, std::string_view node, const Reading& reading)
    {
        out_ += fmt::format("{}{{{},node=\"{}\",name=\"{}\"}} {}\n", name_, pipeline_, escaped(node), escaped(reading.name), value);
    }
    void one(std::string_view name, std::string_view type, std::string_view help, double value)
    {
        family(name, type, help);
        sample(value);
    }
    std::string take() { return std::move(out_); }

private:
    std::string pipeline_, name_, out_;
};

double number(int64_t value) { return static_cast<double>(value); }
double secondsOf(int64_t nanos) { return static_cast<double>(nanos) / 1e9; }

void addRun(Text& text, const Snapshot& run)
{
    text.family("run_state", "gauge", "1 for the state that the run is in.");
    for (auto state = RunState::Starting; state <= RunState::Failed; state = static_cast<RunState>(static_cast<int>(state) + 1)) {
        text.sample(state == run.state ? 1 : 0, "state", runStateName(state));
    }
    text.one("batches_total", "counter", "Batches that ended in this run.", number(run.batches));
    text.one("rows_total", "counter", "Rows that the sources read in this run.", number(run.rows));
    text.one("rejected_rows_total", "counter", "Rows that could not be read or evaluated.", number(run.rejected));
    text.one("skipped_ticks_total", "counter", "Batches that were left out because the run was late.", number(run.skippedTicks));
    text.one("fsyncs_total", "counter", "Times that the run waited for the disk.", number(run.fsyncs));
    text.one("batches_behind", "gauge", "Batches that are due and wait.", number(run.behind));
    text.one("decided_epoch", "gauge", "The last epoch that is safe in the checkpoint.", number(run.decided.value));
    text.one("state_rows", "gauge", "Entries of all states.", number(run.stateRows));
    text.one("state_bytes", "gauge", "Memory of all states.", number(run.stateBytes));
    text.one("memory_bytes", "gauge", "Memory in use, of the run's budget.", number(run.memoryUsed));
    text.one("memory_limit_bytes", "gauge", "The run's budget of memory.", number(run.memoryLimit));
}

void addBatch(Text& text, const BatchProgress& batch)
{
    text.one("batch", "gauge", "Number of the last batch.", number(batch.number));
    text.one("batch_time_seconds", "gauge", "Time of the last batch, since 1970.", static_cast<double>(batch.batchTime.micros) / 1e6);
    text.one("batch_scheduling_delay_seconds", "gauge", "From when the last batch was due to its start.", secondsOf(batch.time.wait));
    text.one("batch_processing_seconds", "gauge", "From the start of the last batch to its end.", secondsOf(batch.time.total));
    text.one("batch_rows", "gauge", "Rows that the last batch read.", number(batch.rowsIn));
    text.one("input_rows_per_second", "gauge", "Rows of the last batch by the time between batches.", batch.inputRowsPerSecond);
    text.one("processed_rows_per_second", "gauge", "Rows of the last batch by the time that it took.", batch.processedRowsPerSecond);
}

template <class T, class F>
void addEach(Text& text, const std::vector<T>& all, std::string_view name, std::string_view type, std::string_view help, const F& value)
{
    if (all.empty()) return;
    text.family(name, type, help);
    for (const T& one : all) text.sample(value(one), "node", one.node.name);
}

// What sources and sinks count of their connections.
template <class T>
void addReadings(Text& text, const std::vector<T>& all, std::string_view name, std::string_view help)
{
    if (std::ranges::all_of(all, [](const T& one) { return one.readings.empty(); })) return;
    text.family(name, "gauge", help);
    for (const T& one : all) {
        for (const Reading& reading : one.readings) text.sample(reading.value, one.node.name, reading);
    }
}

void addNodes(Text& text, const BatchProgress& batch)
{
    addEach(text, batch.nodes, "node_rows_in", "gauge", "Rows that reached the node in the last batch.", [](const NodeProgress& node) { return number(node.rowsIn); });
    addEach(text, batch.nodes, "node_rows_out", "gauge", "Rows that left the node in the last batch.", [](const NodeProgress& node) { return number(node.rowsOut); });
    addEach(text, batch.nodes, "node_busy_seconds", "gauge", "Time that workers spent in the node in the last batch.", [](const NodeProgress& node) { return secondsOf(node.busyNanos); });
    addEach(text, batch.nodes, "node_state_rows", "gauge", "Entries of the node's states.", [](const NodeProgress& node) { return number(node.stateRows); });
    addEach(text, batch.sources, "source_received_total", "counter", "Records that are safe in the receive log.", [](const SourceProgress& source) { return number(source.received); });
    addEach(text, batch.sources, "source_queued", "gauge", "Records that were received and are in no batch yet.", [](const SourceProgress& source) { return number(source.queued); });
    addEach(text, batch.sources, "source_queue_fill", "gauge", "Fill of the source's queue, 0 to 1.", [](const SourceProgress& source) { return source.queueFill; });
    addReadings(text, batch.sources, "source_reading", "What a source counts of its connection: connected, bytes, errors, lag.");
    addReadings(text, batch.sinks, "sink_reading", "What a sink counts of its connection: connected, bytes, errors.");
}

}

std::string metricsText(const SessionSnapshot& now)
{
    Text text(now.run ? now.run->run.name : std::string());
    text.one("started", "gauge", "1 when a pipeline was started in this process.", now.run ? 1 : 0);
    if (now.run) addRun(text, *now.run);
    if (now.run && now.run->last) {
        addBatch(text, *now.run->last);
        addNodes(text, *now.run->last);
    }
    return text.take();
}

std::string progressText(const SessionSnapshot& now)
{
    const std::string state(now.run ? runStateName(now.run->state) : "nothing started");
    const std::string progress = now.run && now.run->last ? progressJson(*now.run->last, now.run->run) : "null";
    return fmt::format("{{\"state\": {}, \"message\": {}, \"progress\": {}}}\n", quoteJson(state), quoteJson(now.run ? now.run->message : std::string()), progress);
}

}
