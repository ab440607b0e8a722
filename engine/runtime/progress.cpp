#include "engine/runtime/progress.h"

#include "engine/columns/calendar.h"
#include "engine/columns/print.h"

#include <cmath>
#include <cstdio>
#include <fmt/format.h>

namespace streamwright {

namespace {

std::string quoted(std::string_view text)
{
    std::string out;
    appendJsonString(text, out);
    return out;
}

// 2024-01-31T10:00:00.500Z
std::string isoMillis(Timestamp time)
{
    const int64_t days = floorDiv(time.micros, kMicrosPerDay);
    const int64_t millis = floorMod(time.micros, kMicrosPerDay) / 1000;
    const CivilDate day = civilFromDays(days);
    return fmt::format("{:04d}-{:02d}-{:02d}T{:02d}:{:02d}:{:02d}.{:03d}Z", day.year, day.month, day.day, millis / 3'600'000, millis / 60'000 % 60, millis / 1000 % 60, millis % 1000);
}

int64_t millisOf(int64_t nanos) { return nanos / 1'000'000; }

// Infinite and unknown rates are left out, as Spark does.
void appendRate(std::string& out, std::string_view name, double rate)
{
    if (std::isfinite(rate)) out += fmt::format("\"{}\":{:.1f},", name, rate);
}

void appendTimes(std::string& out, const Waterfall& time)
{
    out += fmt::format("\"durationMs\":{{\"triggerExecution\":{},\"latestOffset\":{},\"walCommit\":{},\"addBatch\":{},\"commitOffsets\":{}}},", millisOf(time.total), millisOf(time.plan),
                       millisOf(time.logRanges), millisOf(time.compute + time.stage + time.publish), millisOf(time.freeze + time.handOver));
    out += fmt::format("\"waterfall\":{{\"waitNanos\":{},\"planNanos\":{},\"logRangesNanos\":{},\"computeNanos\":{},\"stageNanos\":{},\"freezeNanos\":{},\"publishNanos\":{},\"handOverNanos\":{}}},",
                       time.wait, time.plan, time.logRanges, time.compute, time.stage, time.freeze, time.publish, time.handOver);
}

void appendStates(std::string& out, const BatchProgress& batch)
{
    out += "\"stateOperators\":[";
    bool first = true;
    for (const NodeProgress& node : batch.nodes) {
        if (node.stateRows == 0 && node.stateBytes == 0 && node.stateUpdated == 0) continue;
        out += fmt::format("{}{{\"operatorName\":{},\"numRowsTotal\":{},\"numRowsUpdated\":{},\"memoryUsedBytes\":{}}}", first ? "" : ",", quoted(node.node.name), node.stateRows, node.stateUpdated,
                           node.stateBytes);
        first = false;
    }
    out += "],";
}

// The offset of a folder names every file that was read: its end is what changes.
std::string shortOffset(const std::string& offset)
{
    constexpr size_t kMost = 200;
    return offset.size() <= kMost ? offset : "…" + offset.substr(offset.size() - kMost);
}

void appendReadings(std::string& out, const Readings& readings)
{
    if (readings.empty()) return;
    out += ",\"readings\":{";
    for (size_t i = 0; i < readings.size(); ++i) out += fmt::format("{}{}:{}", i > 0 ? "," : "", quoted(readings[i].name), readings[i].value);
    out += "}";
}

void appendSources(std::string& out, const BatchProgress& batch)
{
    out += "\"sources\":[";
    for (size_t i = 0; i < batch.sources.size(); ++i) {
        const SourceProgress& source = batch.sources[i];
        const double share = source.rows > 0 ? static_cast<double>(source.rows) / static_cast<double>(batch.rowsIn) : 0;
        out += fmt::format("{}{{\"name\":{},\"description\":{},\"startOffset\":{},\"endOffset\":{},\"numInputRows\":{},",
                           i > 0 ? "," : "", quoted(source.node.name), quoted(source.description), quoted(shortOffset(source.startOffset)), quoted(shortOffset(source.endOffset)), source.rows);
        appendRate(out, "inputRowsPerSecond", share * batch.inputRowsPerSecond);
        appendRate(out, "processedRowsPerSecond", share * batch.processedRowsPerSecond);
        out += fmt::format("\"received\":{},\"queued\":{},\"queueFill\":{:.3f},\"rateLimit\":{:.1f},\"status\":{}",
                           source.received, source.queued, source.queueFill, source.rateLimit, quoted(source.status));
        appendReadings(out, source.readings);
        out += "}";
    }
    out += "],\"sinks\":[";
    for (size_t i = 0; i < batch.sinks.size(); ++i) {
        const SinkProgress& sink = batch.sinks[i];
        out += fmt::format("{}{{\"name\":{},\"description\":{},\"numOutputRows\":{}", i > 0 ? "," : "", quoted(sink.node.name), quoted(sink.description), sink.rows);
        appendReadings(out, sink.readings);
        out += "}";
    }
    out += "],";
}

}

std::string progressJson(const BatchProgress& batch, const RunIdentity& run)
{
    std::string out = fmt::format("{{\"id\":{},\"runId\":{},\"name\":{},\"timestamp\":\"{}\",\"batchId\":{},\"batchTime\":{},\"batchDuration\":{},\"numInputRows\":{},", quoted(run.id), quoted(run.runId), quoted(run.name),
                                  isoMillis(batch.started), batch.number, batch.batchTime.millis(), millisOf(batch.time.total), batch.rowsIn);
    appendRate(out, "inputRowsPerSecond", batch.inputRowsPerSecond);
    appendRate(out, "processedRowsPerSecond", batch.processedRowsPerSecond);
    out += fmt::format("\"numOutputRows\":{},\"rejected\":{},\"attempts\":{},", batch.rowsOut, batch.rejected, batch.attempts);
    appendTimes(out, batch.time);
    appendStates(out, batch);
    appendSources(out, batch);
    out += "\"nodes\":[";
    for (size_t i = 0; i < batch.nodes.size(); ++i) {
        const NodeProgress& node = batch.nodes[i];
        out += fmt::format("{}{{\"name\":{},\"rowsIn\":{},\"rowsOut\":{},\"rejected\":{},\"busyNanos\":{}}}", i > 0 ? "," : "", quoted(node.node.name), node.rowsIn, node.rowsOut, node.rejected, node.busyNanos);
    }
    out += "]}";
    return out;
}

}
