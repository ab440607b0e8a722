#include "engine/dataflow/partitioned_source.h"
#include "engine/nodes/kafka_options.h"
#include "engine/nodes/sources/shared/first_rows.h"
#include "engine/nodes/sources/shared/kafka_reader.h"
#include "engine/nodes/sources/shared/kafka_topics.h"

#include <fmt/chrono.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

namespace streamwright {

namespace {

using Steady = std::chrono::steady_clock;

struct Options : KafkaOptions, KafkaRowOptions {
    std::vector<std::string> topics;
    std::string pattern;
    Json partitions;
    std::string start = "latest";
    Json startOffsets;
    std::string startTime;
    std::string isolation = "read_committed";
    std::string onDataLoss = "fail";
    std::string group;
    Duration refresh = seconds(10);
    Duration readTimeout = seconds(120);
};

// The beginnings of partitions and what is blocked are looked at this often.
constexpr auto kLookEvery = std::chrono::seconds(1);
// Group offsets are committed this often, and in the end.
constexpr auto kCommitEvery = std::chrono::milliseconds(500);
// A transaction is mentioned when it has held records back for so long.
constexpr auto kBlockedLong = std::chrono::seconds(10);

KafkaIsolation isolationOf(const Options& options) { return options.isolation == "read_committed" ? KafkaIsolation::ReadCommitted : KafkaIsolation::ReadUncommitted; }
KafkaSelection selectionOf(const Options& options) { return {options.topics, options.pattern, options.partitions}; }
KafkaStart startOf(const Options& options) { return {options.start, options.startOffsets, options.startTime}; }

class Kafka final : public PartitionedSource {
public:
    Kafka(Options options, KafkaSettings settings, const PlanContext& context)
        : options_(std::move(options)), settings_(std::move(settings)), topics_(selectionOf(options_), startOf(options_), context.timeZone), rows_(options_, context)
    {
    }
    ~Kafka() override
    {
        // The last batch counts for the lag tools as well; a broker that is away is not waited for long.
        if (uncommitted_ && !uncommitted_->empty()) (void)cluster_->commit(*uncommitted_, seconds(3));
    }

    void belongsTo(const Run& run) override { run_ = run; }

    Result<void> open(const SourceContext& context) override
    {
        if (!cluster_) {
            group_ = !options_.group.empty() ? options_.group : run_.checkpointId.empty() ? "streamwright" : "streamwright-" + run_.checkpointId;
            commits_ = !options_.group.empty() || !run_.checkpointId.empty();
            auto cluster = KafkaCluster::open(settings_, isolationOf(options_), group_);
            if (!cluster) return cluster.error();
            cluster_ = std::move(*cluster);
            KafkaReader::Options reading{{isolationOf(options_), group_}, options_.readTimeout, options_.onDataLoss == "skip" ? OnDataLoss::Skip : OnDataLoss::Fail};
            reader_ = std::make_unique<KafkaReader>(settings_, std::move(reading));
        }
        if (auto found = find(); !found) return found;
        // Whoever is in the group commits for it.
        if (!options_.group.empty()) {
            const auto members = cluster_->members(group_, kKafkaAnswer);
            if (!members) return members.error();
            if (*members > 0) return permanent(fmt::format("the group {} has {} members, which commit offsets of their own", group_, *members), "choose another group");
        }
        if (!context.continued) {
            if (!missing_.empty()) return transient(fmt::format("there is no {}", fmt::join(missing_, ", no ")), "it is read as soon as it is there");
            if (auto begun = begin(); !begun) return begun;
        }
        if (!run_.bounded) return {};
        auto ends = this->ends();
        if (!ends) return ends.error();
        target_ = std::move(*ends);
        return {};
    }

    Result<Range> plan(const Offset& from, const ReadLimit& limit, Timestamp) override
    {
        note_.clear();
        planned_ = true;
        // 1. What there is.
        if (!run_.bounded && Steady::now() - found_ > std::chrono::microseconds(options_.refresh.micros)) {
            if (auto found = find(); !found) return found.error();
        }
        // 2. Where it was read up to.
        auto positions = positionsAt(from);
        if (!positions) return positions.error();
        if (auto known = addNew(*positions); !known) return known.error();
        // 3. How far it goes now, and whether what comes next is there.
        auto ends = this->ends();
        if (!ends) return ends.error();
        if (auto there = findLosses(*positions, *ends); !there) return there.error();
        for (auto& [partition, end] : *ends) {
            if (const auto target = target_.find(partition); target != target_.end()) end = std::min(end, target->second);
        }
        // 4. What the batch reads of it.
        const std::vector<KafkaSlice> slices = cut(*positions, *ends, limit);
        if (auto looked = lookAtBlocked(*positions, *ends); !looked) return looked.error();
        count(*positions, *ends);
        KafkaOffsets next;
        for (const auto& [partition, position] : *positions) {
            if (partitions_.contains(partition)) next[partition] = position.next;
        }
        reader_->expect(std::move(next));
        const std::string losses = reader_->takeLosses();
        if (!losses.empty()) note_ = losses;
        Range range{from, Offset{positionsText(*positions)}, slices.empty() ? std::string() : slicesText(slices)};
        if (!slices.empty()) return range;
        if (auto ahead = reader_->fetchAhead(); !ahead) return ahead.error();
        return range;
    }

    size_t pieces(const Range& range) const override
    {
        const auto slices = slicesOf(range.detail);
        // The error is met again, and reported, by read.
        return slices ? std::max<size_t>(1, slices->size()) : 1;
    }

    Result<void> read(const Range& range, size_t piece, const BatchContext& context, Emitter& out) override
    {
        const auto slices = slicesOf(range.detail);
        if (!slices) return slices.error();
        if (slices->empty()) return {};
        return reader_->read(range.detail, *slices, piece, rows_, *context.stop, out);
    }

    // With the last record of each partition.
    Offset reached(const Range& range) override
    {
        auto positions = positionsOf(range.until.text);
        const auto slices = slicesOf(range.detail);
        if (!positions || !slices) return range.until;
        for (const KafkaSlice& slice : *slices) {
            if (auto last = reader_->lastOf(slice)) (*positions)[slice.partition].last = last;
        }
        return Offset{positionsText(*positions)};
    }

    bool ended(const Offset& at) const override
    {
        // What was read may be gone: that is seen by planning.
        if (!run_.bounded || !planned_ || at.text.empty()) return false;
        const auto positions = positionsOf(at.text);
        return positions && std::all_of(target_.begin(), target_.end(), [&](const auto& target) {
            const auto position = positions->find(target.first);
            return position != positions->end() && position->second.next >= target.second;
        });
    }

    void committed(const Offset& offset) override
    {
        const auto positions = positionsOf(offset.text);
        if (!commits_ || !positions || positions->empty()) return;
        uncommitted_.emplace();
        for (const auto& [partition, position] : *positions) (*uncommitted_)[partition] = position.next;
        if (Steady::now() - groupTold_ < kCommitEvery) return;
        groupTold_ = Steady::now();
        // What matters is in the checkpoint: this only lets others see the lag.
        if (cluster_->commit(*uncommitted_, Duration{})) uncommitted_.reset();
    }

    bool hasMore(const Offset& at) override
    {
        if (run_.bounded) return !ended(at);
        return reader_->waiting() || Steady::now() - found_ > std::chrono::microseconds(options_.refresh.micros);
    }

    std::string status() const override { return note_; }
    Readings readings() const override { return readings_; }
    std::string description() const override { return fmt::format("Kafka {} at {}", describeSelection(selectionOf(options_)), options_.brokers); }

private:
    Result<void> find()
    {
        auto found = topics_.find(*cluster_);
        if (!found) return found.error();
        partitions_ = std::move(found->partitions);
        missing_ = std::move(found->missing);
        found_ = Steady::now();
        return {};
    }

    Result<void> begin()
    {
        auto begin = topics_.begin(*cluster_, partitions_);
        if (!begin) return begin.error();
        begin_.emplace();
        for (const auto& [partition, offset] : *begin) (*begin_)[partition].next = offset;
        return {};
    }

    Result<KafkaOffsets> offsetsOf(const std::set<KafkaPartition>& partitions, int64_t time) const
    {
        KafkaOffsets times;
        for (const KafkaPartition& partition : partitions) times[partition] = time;
        return cluster_->offsets(times, kKafkaAnswer);
    }
    Result<KafkaOffsets> ends() const { return offsetsOf(partitions_, kKafkaLatest); }

    Result<KafkaPositions> positionsAt(const Offset& from)
    {
        if (!from.text.empty()) return positionsOf(from.text);
        // The source is new in a pipeline that went on.
        if (!begin_) {
            if (auto begun = begin(); !begun) return begun.error();
        }
        return *begin_;
    }

    // Partitions that appeared since begin at their start.
    Result<void> addNew(KafkaPositions& positions)
    {
        std::set<KafkaPartition> fresh;
        for (const KafkaPartition& partition : partitions_) {
            if (!positions.contains(partition)) fresh.insert(partition);
        }
        if (fresh.empty()) return {};
        const auto lows = offsetsOf(fresh, kKafkaEarliest);
        if (!lows) return lows.error();
        for (const auto& [partition, offset] : *lows) positions[partition].next = offset;
        return {};
    }

    // What was there and is not any more stops the run, or is skipped.
    Result<void> findLosses(KafkaPositions& positions, const KafkaOffsets& ends)
    {
        const bool first = lows_.empty();
        if (first || Steady::now() - looked_ > kLookEvery) {
            auto lows = offsetsOf(partitions_, kKafkaEarliest);
            if (!lows) return lows.error();
            lows_ = std::move(*lows);
        }
        KafkaOffsets doubtful;
        for (auto at = positions.begin(); at != positions.end();) {
            const auto& [partition, position] = *at;
            const auto end = ends.find(partition);
            if (end == ends.end()) {
                if (!topics_.selects(partition)) { ++at; continue; }
                if (auto lost = lose(partition, "it was read, and is no longer there"); !lost) return lost;
                at = positions.erase(at);
                continue;
            }
            // A position is doubted when a run begins, and when the partition has become shorter.
            const auto known = ends_.find(partition);
            if (position.last && position.last->offset >= lows_[partition] && (known == ends_.end() || end->second < known->second)) doubtful[partition] = position.last->offset;
            ++at;
        }
        if (auto same = findMadeAnew(positions, doubtful); !same) return same;
        for (auto& [partition, position] : positions) {
            const auto end = ends.find(partition);
            if (end == ends.end()) continue;
            const int64_t low = lows_[partition];
            if (end->second < position.next) {
                if (auto lost = lose(partition, fmt::format("it ends at offset {}, but was read up to {}: the topic was made anew", end->second, position.next)); !lost) return lost;
                position = {low, std::nullopt};
            } else if (low > position.next) {
                if (auto lost = lose(partition, fmt::format("offsets {} to {} are no longer there: they were deleted before they were read", position.next, low - 1)); !lost) return lost;
                position = {low, std::nullopt};
            }
        }
        ends_ = ends;
        return {};
    }

    Result<void> findMadeAnew(KafkaPositions& positions, const KafkaOffsets& doubtful)
    {
        if (doubtful.empty()) return {};
        const auto found = reader_->look(doubtful);
        if (!found) return found.error();
        for (const auto& [partition, record] : *found) {
            KafkaPosition& position = positions[partition];
            if (record.offset != position.last->offset || record == *position.last) continue;
            if (auto lost = lose(partition, fmt::format("another record stands at offset {}, which was read last: the topic was made anew", record.offset)); !lost) return lost;
            position = {lows_[partition], std::nullopt};
        }
        return {};
    }

    Result<void> lose(const KafkaPartition& partition, const std::string& what)
    {
        if (options_.onDataLoss == "fail") return kafkaDataLoss(partition, what);
        note_ += fmt::format("{}skipped: {}: {}", note_.empty() ? "" : "; ", describePartition(partition), what);
        return {};
    }

    std::vector<KafkaSlice> cut(KafkaPositions& positions, const KafkaOffsets& ends, const ReadLimit& limit) const
    {
        std::vector<KafkaSlice> slices;
        std::vector<int64_t> lags;
        for (const auto& [partition, position] : positions) {
            const auto end = ends.find(partition);
            if (end == ends.end() || end->second <= position.next) continue;
            slices.push_back({partition, position.next, end->second});
            lags.push_back(end->second - position.next);
        }
        if (limit.rows) lags = shareByLag(lags, *limit.rows);
        for (size_t i = 0; i < slices.size(); ++i) {
            slices[i].until = slices[i].from + lags[i];
            positions[slices[i].partition].next = slices[i].until;
        }
        std::erase_if(slices, [](const KafkaSlice& slice) { return slice.from == slice.until; });
        return slices;
    }

    // What others' open transactions hold back; told when it takes long.
    Result<void> lookAtBlocked(const KafkaPositions& positions, const KafkaOffsets& ends)
    {
        const bool committedOnly = isolationOf(options_) == KafkaIsolation::ReadCommitted;
        if (committedOnly && !run_.bounded && Steady::now() - looked_ > kLookEvery) {
            if (!all_) {
                auto all = KafkaCluster::open(settings_, KafkaIsolation::ReadUncommitted);
                if (!all) return all.error();
                all_ = std::move(*all);
            }
            KafkaOffsets times;
            for (const auto& [partition, end] : ends) times[partition] = kKafkaLatest;
            auto highs = all_->offsets(times, kKafkaAnswer);
            if (!highs) return highs.error();
            highs_ = std::move(*highs);
        }
        if (Steady::now() - looked_ > kLookEvery) looked_ = Steady::now();
        std::string waiting;
        for (const auto& [partition, end] : ends) {
            const auto high = highs_.find(partition);
            const int64_t blocked = high == highs_.end() ? 0 : std::max<int64_t>(0, high->second - end);
            const auto position = positions.find(partition);
            const int64_t next = position == positions.end() ? end : position->second.next;
            auto& since = blocked_[partition];
            if (blocked == 0 || since.end != end) since = {end, Steady::now(), std::chrono::system_clock::now()};
            else if (waiting.empty() && next == end && Steady::now() - since.steady > kBlockedLong) {
                waiting = fmt::format("{} waits for an open transaction since {:%Y-%m-%dT%H:%M:%SZ}", describePartition(partition), fmt::gmtime(std::chrono::system_clock::to_time_t(since.wall)));
            }
        }
        if (!missing_.empty()) waiting = fmt::format("waiting: there is no {}", fmt::join(missing_, ", no "));
        if (note_.empty()) note_ = waiting;
        return {};
    }

    // How far each partition is behind, and how much of it an open transaction holds back.
    void count(const KafkaPositions& positions, const KafkaOffsets& ends)
    {
        Readings each;
        double lag = 0, blocked = 0;
        for (const auto& [partition, end] : ends) {
            const auto position = positions.find(partition);
            if (position == positions.end()) continue;
            const auto high = highs_.find(partition);
            const auto held = static_cast<double>(high == highs_.end() ? 0 : std::max<int64_t>(0, high->second - end));
            const double behind = static_cast<double>(end - position->second.next) + held;
            lag += behind;
            blocked += held;
            const std::string name = fmt::format("{}-{}", partition.topic, partition.number);
            each.push_back({name + ".lag_rows", behind});
            each.push_back({name + ".blocked_rows", held});
        }
        readings_ = {{"connected", 1}, {"lag_rows", lag}, {"blocked_rows", blocked}};
        readings_.insert(readings_.end(), each.begin(), each.end());
    }

    struct Since {
        int64_t end = -1;
        Steady::time_point steady;
        std::chrono::system_clock::time_point wall;
    };

    Options options_;
    KafkaSettings settings_;
    KafkaTopics topics_;
    KafkaRows rows_;
    Run run_;
    std::string group_;
    bool commits_ = false;
    std::unique_ptr<KafkaCluster> cluster_;
    std::unique_ptr<KafkaCluster> all_;         // sees what is not committed
    std::unique_ptr<KafkaReader> reader_;
    std::set<KafkaPartition> partitions_;
    std::vector<std::string> missing_;
    Steady::time_point found_;
    std::optional<KafkaPositions> begin_;       // of a stream that has no position yet
    KafkaOffsets target_;                       // of a bounded run
    bool planned_ = false;
    KafkaOffsets lows_, ends_, highs_;
    Steady::time_point looked_;
    std::map<KafkaPartition, Since> blocked_;
    std::string note_;
    Readings readings_;                         // of the last plan
    // Of the thread that commits.
    std::optional<KafkaOffsets> uncommitted_;
    Steady::time_point groupTold_;
};

std::unique_ptr<Kafka> makeKafka(const Options& options, const PlanContext& context) { return std::make_unique<Kafka>(options, kafkaSettings(options, context), context); }

void verifyKafka(Options options, const PlanContext& context, Probe& probe)
{
    const auto cluster = KafkaCluster::open(kafkaSettings(options, context), isolationOf(options), options.group);
    if (!cluster) {
        probe.step("make a client", cluster.error());
        return;
    }
    if (!probeKafka(**cluster, options, probe)) return;
    const KafkaTopics topics(selectionOf(options), startOf(options), context.timeZone);
    const auto found = topics.find(**cluster);
    Result<std::string> seen = found ? Result<std::string>(fmt::format("{} partition{}", found->partitions.size(), found->partitions.size() == 1 ? "" : "s")) : found.error();
    if (found && !found->missing.empty()) seen = transient(fmt::format("there is no {}", fmt::join(found->missing, ", no ")), "the run would wait for it");
    if (!probe.step("find " + describeSelection(selectionOf(options)), seen)) return;
    if (!options.group.empty()) {
        const auto members = (*cluster)->members(options.group, kKafkaAnswer);
        Result<std::string> alone = members ? Result<std::string>("nobody is in it") : members.error();
        if (members && *members > 0) alone = permanent(fmt::format("it has {} members, which commit offsets of their own", *members), "choose another group");
        if (!probe.step("look at the group " + options.group, alone)) return;
    }
    // What is there is looked at, also when the run would leave it aside.
    options.start = "earliest";
    probeFirstRows(*makeKafka(options, context), probe);
}

}

NodeType kafkaSource()
{
    Declare<Options> declare("source.kafka", Group::Source);
    declare.summary("Read the records of Kafka's topics.")
        .help("Each batch reads from where the last one ended up to the end of each partition, in the order of each partition, once: the offsets are in the checkpoint. New topics "
              "and partitions are read from their start. For other tools the offsets are committed to a group that nobody is in.")
        .output("out")
        .rejects();
    declareKafkaBrokers(declare);
    declare
        .field(&Options::topics, {.name = "topics", .help = "The topics that are read.", .kind = FieldKind::Texts, .example = Json::array({Json::string("orders")})})
        .field(&Options::pattern, {.name = "pattern", .help = "A regular expression (Java's): topics whose whole name fits are read, also those that are made later.", .kind = FieldKind::Text, .fallback = Json::string(""), .example = Json::string("orders-.*")})
        .field(&Options::partitions, {.name = "partitions", .help = "Single partitions, by topic.", .kind = FieldKind::Map, .example = Json::object({{"orders", Json::array({Json::integer(0), Json::integer(1)})}}), .advanced = true})
        .field(&Options::start, {.name = "start", .help = "Where a stream begins that has no position yet.", .kind = FieldKind::Choice, .fallback = Json::string("latest"), .choices = {"earliest", "latest", "offsets", "time"}})
        .field(&Options::startOffsets, {.name = "start_offsets", .help = "The first offset of each partition, by topic; also \"earliest\" or \"latest\". Partitions that are left out begin at their earliest.", .kind = FieldKind::Map, .example = Json::object({{"orders", Json::object({{"0", Json::integer(42)}})}}), .visibleWhen = FieldSpec::Visible{"start", {Json::string("offsets")}}})
        .field(&Options::startTime, {.name = "start_time", .help = "Records from this time on are read.", .kind = FieldKind::Text, .fallback = Json::string(""), .example = Json::string("2026-01-31T12:00:00Z"), .visibleWhen = FieldSpec::Visible{"start", {Json::string("time")}}});
    declareRecordFields(declare, {"text", "csv", "json", "bytes"}, "How a record's value is read: text or bytes (a column value), csv or json (an object).");
    declare
        .field(memberOf<Options>(&KafkaRowOptions::columns), {.name = "columns", .help = "More columns, behind those of the value: key, headers, timestamp, partition, offset, topic.", .kind = FieldKind::Texts, .example = Json::array({Json::string("key"), Json::string("timestamp")})})
        .field(memberOf<Options>(&KafkaRowOptions::keys), {.name = "keys", .help = "Whether the column key is text or bytes.", .kind = FieldKind::Choice, .fallback = Json::string("text"), .choices = {"text", "bytes"}, .advanced = true})
        .field(&Options::isolation, {.name = "isolation", .help = "Whether records of transactions that are not committed are read.", .kind = FieldKind::Choice, .fallback = Json::string("read_committed"), .choices = {"read_committed", "read_uncommitted"}, .advanced = true})
        .field(&Options::onDataLoss, {.name = "on_data_loss", .help = "What to do when records were deleted before they were read, or a topic was made anew.", .kind = FieldKind::Choice, .fallback = Json::string("fail"), .choices = {"fail", "skip"}, .advanced = true})
        .field(&Options::group, {.name = "group", .help = "The group whose offsets tell other tools how far the stream is; left out: streamwright- and the checkpoint's id.", .kind = FieldKind::Text, .fallback = Json::string(""), .example = Json::string("orders-counter"), .advanced = true})
        .field(&Options::refresh, {.name = "refresh", .help = "How often new topics and partitions are looked for.", .kind = FieldKind::Duration, .fallback = Json::string("10s"), .advanced = true})
        .field(&Options::readTimeout, {.name = "read_timeout", .help = "When nothing has come for so long although there is more to read, the batch is tried again over new connections.", .kind = FieldKind::Duration, .fallback = Json::string("120s"), .advanced = true});
    declareKafkaFields(declare);
    declare
        .check([](const Options& options) {
            std::vector<FieldError> errors = checkKafkaRowOptions(options);
            for (auto&& more : {checkKafkaOptions(options), checkKafkaSelection(selectionOf(options)), checkKafkaStart(startOf(options))}) errors.insert(errors.end(), more.begin(), more.end());
            if (options.refresh.micros <= 0) errors.push_back({"refresh", "refresh must be longer than nothing, but is " + printDuration(options.refresh), {}});
            if (options.readTimeout.micros < 1'000'000) errors.push_back({"read_timeout", "read_timeout must be 1s or longer, but is " + printDuration(options.readTimeout), {}});
            return errors;
        })
        .schema([](const Options& options, const Inputs&, const PlanContext&) { return kafkaRowSchema(options); })
        .make([](const Options& options, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<ReplayableSource>> { return makeKafka(options, context); })
        .verify([](const Options& options, const Inputs&, const PlanContext& context, Probe& probe) { verifyKafka(options, context, probe); });
    return declare;
}

}
