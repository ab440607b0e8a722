#include "widgets/data/kept_case.h"

#include <QDateTime>

#include <algorithm>
#include <fmt/format.h>

namespace streamwright {

namespace {

constexpr std::string_view kBegin = "== ";

QDateTime utc(Timestamp time) { return QDateTime::fromMSecsSinceEpoch(time.millis(), Qt::UTC); }

void appendRows(std::string& text, const KeptCase::Port& port, int64_t batch)
{
    const auto found = port.rows.find(batch);
    text += fmt::format("  {}: [", port.name);
    if (found != port.rows.end()) {
        for (size_t i = 0; i < found->second.size(); ++i) text += fmt::format("{}\n    {}", i > 0 ? "," : "", found->second[i]);
        if (!found->second.empty()) text += "\n  ";
    }
    text += "]\n";
}

// Where the next case begins, from `from` on.
size_t nextCase(const std::string& flow, size_t from)
{
    const size_t at = flow.find("\n" + std::string(kBegin), from);
    return at == std::string::npos ? flow.size() : at + 1;
}

}

void KeptCase::put(std::vector<Port>& ports, Port port)
{
    const auto known = std::ranges::find(ports, port.name, &Port::name);
    if (known == ports.end()) ports.push_back(std::move(port));
    else *known = std::move(port);
}

std::string KeptCase::title() const
{
    if (empty()) return {};
    const std::string when = utc(batches.begin()->second).toString(QStringLiteral("yyyy-MM-dd HH:mm:ss")).toStdString();
    const int64_t first = batches.begin()->first, last = batches.rbegin()->first;
    return first == last ? fmt::format("batch {} of {}", first, when) : fmt::format("batches {} to {} of {}", first, last, when);
}

std::string KeptCase::text() const
{
    std::string text = fmt::format("{}{}\npipeline {}\n", kBegin, title(), pipeline);
    const Timestamp first = batches.begin()->second;
    // The first batch of a flow comes one interval after its start: expressions over the time see what they saw.
    if (interval.micros > 0) text += fmt::format("start {}\n", utc({first.micros - interval.micros}).toString(Qt::ISODateWithMs).toStdString());
    int64_t before = 0, place = 0;
    for (const auto& [number, time] : batches) {
        // Ticks that the run left out are batches without rows.
        before = place;
        place = interval.micros > 0 ? (time.micros - first.micros) / interval.micros + 1 : place + 1;
        text += place == before + 1 ? std::string("batch\n") : fmt::format("batch {}\n", place);
        for (const Port& port : inputs) appendRows(text, port, number);
        for (const Port& port : expected) appendRows(text, port, number);
    }
    return text;
}

std::string withCase(const std::string& flow, const KeptCase& kept)
{
    const std::string head = std::string(kBegin) + kept.title() + "\n";
    const size_t at = flow.starts_with(head) ? 0 : flow.find("\n" + head);
    if (at == std::string::npos) return flow + (flow.empty() || flow.ends_with("\n\n") ? "" : flow.ends_with('\n') ? "\n" : "\n\n") + kept.text();
    const size_t begin = flow.starts_with(head) ? 0 : at + 1;
    const size_t end = nextCase(flow, begin);
    return flow.substr(0, begin) + kept.text() + (end < flow.size() ? "\n" : "") + flow.substr(end);
}

}
