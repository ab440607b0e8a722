#include "engine/nodes/sources/shared/kafka_reader.h"

#include "engine/columns/row_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace streamwright {

namespace {

using Clock = std::chrono::steady_clock;

constexpr Duration kLook = milliseconds(100);
constexpr auto kLongestLook = std::chrono::seconds(10);
// Of a long record, what tells it from another.
constexpr size_t kHashed = 4096;

KafkaLast lastFrom(const KafkaRecord& record)
{
    const std::string_view key = record.key.value_or(std::string_view()), value = record.value.value_or(std::string_view());
    const uint64_t ofKey = hashBytes(key.data() ? key.data() : "", std::min(key.size(), kHashed)), ofValue = hashBytes(value.data() ? value.data() : "", std::min(value.size(), kHashed));
    const uint64_t both = ofKey * 0x9E3779B97F4A7C15u + ofValue + value.size() * 31 + key.size();
    return {record.offset, KafkaMessages::timestamp(record).value_or(-1), static_cast<int64_t>(both >> 1)};
}

}

Error kafkaDataLoss(const KafkaPartition& partition, const std::string& what)
{
    return permanent(fmt::format("{}: {}", describePartition(partition), what), "set on_data_loss to skip to go on with what is there, or start anew with another checkpoint");
}

void KafkaReader::expect(KafkaOffsets next)
{
    const std::lock_guard lock(mutex_);
    expected_ = std::move(next);
}

Result<void> KafkaReader::fetchAhead()
{
    const std::lock_guard lock(mutex_);
    const bool fits = consumer_ && std::all_of(expected_.begin(), expected_.end(), [&](const auto& entry) { return consumer_->position(entry.first) == entry.second; });
    if (fits || expected_.empty()) return {};
    auto made = KafkaConsumer::open(settings_, options_.consumer, expected_);
    if (!made) return made.error();
    consumer_ = std::move(*made);
    pass_.clear();
    return {};
}

// One consumer reads all partitions. It can go on when each slice begins where it stands; after a rollback, an error or a new
// partition it is made anew.
Result<std::shared_ptr<KafkaConsumer>> KafkaReader::consumerFor(const std::string& text, const std::vector<KafkaSlice>& slices, size_t index)
{
    const std::lock_guard lock(mutex_);
    if (!consumer_ || pass_ != text || begun_.at(index)) {
        const bool fits = consumer_ && std::all_of(slices.begin(), slices.end(), [&](const KafkaSlice& slice) { return consumer_->position(slice.partition) == slice.from; });
        if (!fits) {
            KafkaOffsets from = expected_;
            for (const KafkaSlice& slice : slices) from[slice.partition] = slice.from;
            auto made = KafkaConsumer::open(settings_, options_.consumer, from);
            if (!made) return made.error();
            consumer_ = std::move(*made);
        }
        pass_ = text;
        begun_.assign(slices.size(), 0);
    }
    begun_[index] = 1;
    return consumer_;
}

void KafkaReader::spoil(const std::shared_ptr<KafkaConsumer>& consumer)
{
    const std::lock_guard lock(mutex_);
    if (consumer_ == consumer) consumer_.reset();
}

Result<void> KafkaReader::read(const std::string& text, const std::vector<KafkaSlice>& slices, size_t index, const KafkaRows& rows, const StopToken& stop, Emitter& out)
{
    const KafkaSlice& slice = slices[index];
    auto consumer = consumerFor(text, slices, index);
    if (!consumer) return consumer.error();
    std::shared_ptr<KafkaConsumer> reading = *consumer;
    KafkaMessages messages;
    std::optional<KafkaLast> last;
    const auto emit = [&] {
        if (messages.size() == 0) return;
        rows.emit(slice.partition, messages.records(), out);
        last = lastFrom(messages.records().back());
        messages.clear();
    };
    auto since = Clock::now();
    for (;;) {
        stop.check();
        const size_t before = messages.size();
        const auto came = reading->take(slice.partition, slice.until, kSourceRows, kLook, messages);
        if (!came) {
            spoil(*consumer);
            return came.error();
        }
        if (*came == KafkaConsumer::Came::OutOfRange || *came == KafkaConsumer::Came::Missing) {
            emit();
            spoil(*consumer);
            auto next = afterLoss(slice, reading->position(slice.partition).value_or(slice.from), *came);
            if (!next) return next.error();
            if (!*next) break;
            reading = std::move(*next);
            continue;
        }
        if (messages.size() >= kSourceRows || *came == KafkaConsumer::Came::All) emit();
        if (*came == KafkaConsumer::Came::All) break;
        if (messages.size() != before) {
            since = Clock::now();
        } else if (auto refused = reading->refused()) {
            spoil(*consumer);
            return *refused;
        } else if (Clock::now() - since > std::chrono::microseconds(options_.readTimeout.micros)) {
            spoil(*consumer);
            return transient(fmt::format("{}: nothing came for {} at offset {}, up to {} was to be read", describePartition(slice.partition), printDuration(options_.readTimeout), reading->position(slice.partition).value_or(slice.from), slice.until));
        }
    }
    messages.clear();
    const std::lock_guard lock(mutex_);
    lasts_[slice.partition] = {slice.until, last};
    return {};
}

// Null: nothing of the slice is left.
Result<std::shared_ptr<KafkaConsumer>> KafkaReader::afterLoss(const KafkaSlice& slice, int64_t position, KafkaConsumer::Came came)
{
    auto cluster = KafkaCluster::open(settings_, options_.consumer.isolation);
    if (!cluster) return cluster.error();
    const bool missing = came == KafkaConsumer::Came::Missing;
    if (missing) {
        // A partition that was made a moment ago is not known everywhere at once.
        const auto topics = (*cluster)->topics({slice.partition.topic}, seconds(5));
        if (!topics) return topics.error();
        if (!topics->front().missing && topics->front().partitions > slice.partition.number) return transient(describePartition(slice.partition) + ": it is there, but not known to the broker that was asked");
    }
    const std::string what = missing ? std::string("it is no longer there") : fmt::format("offset {} is no longer there, up to {} was to be read", position, slice.until);
    if (options_.onDataLoss == OnDataLoss::Fail) return kafkaDataLoss(slice.partition, what);
    int64_t low = slice.until;
    if (!missing) {
        auto lows = (*cluster)->offsets({{slice.partition, kKafkaEarliest}}, seconds(5));
        if (!lows) return lows.error();
        low = lows->at(slice.partition);
        // Something else is wrong: the batch is tried again.
        if (low <= position) return transient(fmt::format("{}: offset {} is out of range although the broker holds {} and later", describePartition(slice.partition), position, low));
    }
    const int64_t lost = std::min(low, slice.until) - position;
    {
        const std::lock_guard lock(mutex_);
        losses_ += fmt::format("{}{}: {} offsets from {} on are lost", losses_.empty() ? "" : "; ", describePartition(slice.partition), lost, position);
    }
    if (low >= slice.until) return std::shared_ptr<KafkaConsumer>();
    auto made = KafkaConsumer::open(settings_, options_.consumer, {{slice.partition, low}});
    if (!made) return made.error();
    return std::shared_ptr<KafkaConsumer>(std::move(*made));
}

std::optional<KafkaLast> KafkaReader::lastOf(const KafkaSlice& slice) const
{
    const std::lock_guard lock(mutex_);
    const auto found = lasts_.find(slice.partition);
    return found != lasts_.end() && found->second.first == slice.until ? found->second.second : std::nullopt;
}

bool KafkaReader::waiting()
{
    const std::lock_guard lock(mutex_);
    if (!consumer_) return true;
    return std::any_of(expected_.begin(), expected_.end(), [&](const auto& entry) { return !consumer_->position(entry.first) || consumer_->waiting(entry.first); });
}

std::string KafkaReader::takeLosses()
{
    const std::lock_guard lock(mutex_);
    return std::exchange(losses_, {});
}

Result<std::map<KafkaPartition, KafkaLast>> KafkaReader::look(const KafkaOffsets& offsets) const
{
    std::map<KafkaPartition, KafkaLast> found;
    auto consumer = KafkaConsumer::open(settings_, options_.consumer, offsets);
    if (!consumer) return consumer.error();
    const auto since = Clock::now();
    for (const auto& [partition, offset] : offsets) {
        KafkaMessages messages;
        for (bool more = true; more;) {
            const auto came = (*consumer)->take(partition, offset + 1, 1, kLook, messages);
            if (!came) return came.error();
            if (messages.size() > 0) found[partition] = lastFrom(messages.records().front());
            more = messages.size() == 0 && *came == KafkaConsumer::Came::More;
            if (!more || Clock::now() - since < kLongestLook) continue;
            if (auto refused = (*consumer)->refused()) return *refused;
            return transient(fmt::format("{}: the record at offset {} cannot be read", describePartition(partition), offset));
        }
    }
    return found;
}

}
