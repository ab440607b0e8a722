#include "engine/nodes/sources/shared/kafka_topics.h"

#include "engine/columns/calendar.h"
#include "engine/expression/regex.h"
#include "engine/nodes/kafka_options.h"
#include "engine/pipeline/json.h"

#include <fmt/ranges.h>

#include <charconv>

namespace streamwright {

namespace {

// The whole name fits.
bool fits(Regex& regex, const std::string& name) { return regex.find(name, 0) == Regex::Outcome::Found && regex.begin() == 0 && regex.end() == name.size(); }
std::string whole(const std::string& pattern) { return "^(?:" + pattern + ")$"; }

std::optional<int32_t> partitionNumber(std::string_view text)
{
    int32_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number < 0) return std::nullopt;
    return number;
}

// A number, "earliest" or "latest"; times as KafkaCluster::offsets has them.
std::optional<int64_t> startOffset(const Json& value)
{
    if (value.isString() && value.asString() == "earliest") return kKafkaEarliest;
    if (value.isString() && value.asString() == "latest") return kKafkaLatest;
    const auto number = value.isNumber() ? value.asInteger() : std::nullopt;
    return number && *number >= kKafkaEarliest ? number : std::nullopt;
}

}

std::vector<FieldError> checkKafkaSelection(const KafkaSelection& selection)
{
    std::vector<FieldError> errors;
    const int given = !selection.topics.empty() + !selection.pattern.empty() + !selection.partitions.members().empty();
    if (given != 1) {
        errors.push_back({"topics", fmt::format("exactly one of topics, pattern and partitions says what is read, but {}", given == 0 ? "none is given" : "several are"), "write for example \"topics\": [\"orders\"]"});
    }
    if (!selection.pattern.empty()) {
        if (auto regex = Regex::compile(whole(selection.pattern)); !regex) errors.push_back(inField("pattern", regex.error()));
    }
    for (const auto& [topic, numbers] : selection.partitions.members()) {
        bool well = numbers.isArray() && !numbers.items().empty();
        for (const Json& number : numbers.items()) well = well && number.isNumber() && number.asInteger() && *number.asInteger() >= 0 && *number.asInteger() <= INT32_MAX;
        if (!well) errors.push_back({"partitions", fmt::format("partitions of {} must be an array of numbers from 0 on, but is {}", topic, printJsonLine(numbers)), "write for example {\"orders\": [0, 1]}"});
    }
    return errors;
}

std::string describeSelection(const KafkaSelection& selection)
{
    if (!selection.pattern.empty()) return "topics like " + selection.pattern;
    if (!selection.topics.empty()) return fmt::format("{} {}", selection.topics.size() == 1 ? "topic" : "topics", fmt::join(selection.topics, ", "));
    return "partitions " + printJsonLine(selection.partitions);
}

std::vector<FieldError> checkKafkaStart(const KafkaStart& start)
{
    std::vector<FieldError> errors;
    if (start.at == "offsets" && start.offsets.members().empty()) errors.push_back({"start_offsets", "start offsets needs the offsets", "write for example \"start_offsets\": {\"orders\": {\"0\": 42}}"});
    for (const auto& [topic, partitions] : start.offsets.members()) {
        bool well = partitions.isObject();
        for (const auto& [name, value] : partitions.members()) well = well && partitionNumber(name) && startOffset(value);
        if (!well) errors.push_back({"start_offsets", fmt::format("start_offsets of {} must name an offset, \"earliest\" or \"latest\" for numbers of partitions, but is {}", topic, printJsonLine(partitions)), "write for example {\"orders\": {\"0\": 42}}"});
    }
    if (start.at == "time" && !parseTimestamp(start.time, "UTC")) errors.push_back({"start_time", "start_time must be a time, but is " + quoteJson(start.time), "write for example \"2026-01-31T12:00:00Z\""});
    return errors;
}

bool KafkaTopics::selects(const KafkaPartition& partition) const
{
    if (!selection_.topics.empty()) return std::find(selection_.topics.begin(), selection_.topics.end(), partition.topic) != selection_.topics.end();
    if (!selection_.pattern.empty()) {
        const auto regex = Regex::compile(whole(selection_.pattern));
        return regex && fits(**regex, partition.topic);
    }
    const Json* numbers = selection_.partitions.find(partition.topic);
    return numbers && std::any_of(numbers->items().begin(), numbers->items().end(), [&](const Json& number) { return number.asInteger() == partition.number; });
}

Result<KafkaTopics::Found> KafkaTopics::find(KafkaCluster& cluster) const
{
    std::vector<std::string> names = selection_.topics;
    for (const auto& [topic, numbers] : selection_.partitions.members()) names.push_back(topic);
    auto topics = cluster.topics(names, kKafkaAnswer);
    if (!topics) return topics.error();
    Found found;
    std::shared_ptr<Regex> regex;
    if (!selection_.pattern.empty()) {
        auto compiled = Regex::compile(whole(selection_.pattern));
        if (!compiled) return compiled.error();
        regex = *compiled;
    }
    for (const KafkaTopic& topic : *topics) {
        // Kafka's own are named in full by who wants them.
        if (regex && (topic.name.starts_with("__") || !fits(*regex, topic.name))) continue;
        if (topic.missing) {
            found.missing.push_back("topic " + topic.name);
            continue;
        }
        if (!topic.problem.empty()) {
            const bool refused = topic.problem.find("uthorization") != std::string::npos;
            return Error{refused ? ErrorKind::Permanent : ErrorKind::Transient, fmt::format("cannot read topic {}: {}", topic.name, topic.problem), {}};
        }
        const Json* numbers = selection_.partitions.find(topic.name);
        if (!numbers) {
            for (int32_t p = 0; p < topic.partitions; ++p) found.partitions.insert({topic.name, p});
            continue;
        }
        for (const Json& number : numbers->items()) {
            const auto p = static_cast<int32_t>(*number.asInteger());
            if (p < topic.partitions) found.partitions.insert({topic.name, p});
            else found.missing.push_back(fmt::format("partition {} of {}", p, topic.name));
        }
    }
    return found;
}

Result<KafkaOffsets> KafkaTopics::timesOfStart(const std::set<KafkaPartition>& partitions) const
{
    KafkaOffsets times;
    for (const KafkaPartition& partition : partitions) {
        int64_t& time = times[partition];
        if (start_.at == "latest") time = kKafkaLatest;
        else if (start_.at == "time") time = Timestamp{parseTimestamp(start_.time, timeZone_).value_or(0)}.millis();
        else time = kKafkaEarliest;
        const Json* offsets = start_.at == "offsets" ? start_.offsets.find(partition.topic) : nullptr;
        const Json* offset = offsets ? offsets->find(std::to_string(partition.number)) : nullptr;
        if (offset && startOffset(*offset) == kKafkaLatest) time = kKafkaLatest;
    }
    return times;
}

Result<KafkaOffsets> KafkaTopics::begin(KafkaCluster& cluster, const std::set<KafkaPartition>& partitions) const
{
    auto times = timesOfStart(partitions);
    if (!times) return times.error();
    auto offsets = cluster.offsets(*times, kKafkaAnswer);
    if (!offsets) return offsets.error();
    KafkaOffsets latest;
    for (const auto& [partition, offset] : *offsets) {
        // A time after the last record.
        if (offset < 0 || start_.at == "offsets") latest[partition] = kKafkaLatest;
    }
    auto ends = cluster.offsets(latest, kKafkaAnswer);
    if (!ends) return ends.error();
    for (auto& [partition, offset] : *offsets) {
        if (offset < 0) offset = ends->at(partition);
        const Json* given = start_.at == "offsets" ? start_.offsets.find(partition.topic) : nullptr;
        if (given) given = given->find(std::to_string(partition.number));
        const auto wanted = given ? startOffset(*given) : std::nullopt;
        if (!wanted || *wanted < 0) continue;
        if (*wanted < offset || *wanted > ends->at(partition)) {
            return permanent(fmt::format("start_offsets: partition {} of {} holds offsets {} to {}, but {} is to be the first", partition.number, partition.topic, offset, ends->at(partition), *wanted), "choose an offset that is there, or start earliest or latest");
        }
        offset = *wanted;
    }
    return offsets;
}

}
