#include "engine/columns/block.h"
#include "engine/dataflow/gathered_rows.h"
#include "engine/nodes/kafka_options.h"
#include "engine/nodes/sinks/shared/kafka_records.h"
#include "engine/pipeline/json.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>

namespace streamwright {

namespace {

using Steady = std::chrono::steady_clock;

struct Options : KafkaOptions, KafkaRecordOptions {
    std::string topic;
    std::string partitioner = "murmur2_random";
    std::string delivery = "exactly_once";
    Duration transactionTimeout = seconds(60);
};

// Brokers forget offsets of groups that nobody uses, after a week if not told otherwise.
constexpr auto kMarkerKept = std::chrono::hours(24);

// What the topic holds of a checkpoint's node.
struct Marker {
    int64_t incarnation = 0;
    Epoch epoch;
    std::string owner;
    std::string since;                  // when that owner began
};

std::string markerText(const Marker& marker)
{
    return printJsonLine(Json::object({{"incarnation", Json::integer(marker.incarnation)}, {"owner", Json::string(marker.owner)}, {"since", Json::string(marker.since)}}));
}

Result<std::optional<Marker>> markerOf(const KafkaCommitted& committed)
{
    if (committed.offset < 0) return std::optional<Marker>();
    const auto read = readJson(committed.metadata);
    const Json* json = std::get_if<Json>(&read);
    const Json* incarnation = json && json->isObject() ? json->find("incarnation") : nullptr;
    const Json* owner = incarnation ? json->find("owner") : nullptr;
    const Json* since = owner ? json->find("since") : nullptr;
    if (!since || !incarnation->isNumber() || !incarnation->asInteger()) return permanent("the marker of this run cannot be read: \"" + committed.metadata.substr(0, 80) + "\"", "somebody else committed offsets for its group");
    return std::optional(Marker{*incarnation->asInteger(), Epoch{committed.offset}, owner->asString(), since->asString()});
}

// Records and the marker of their epoch, an offset of a group that nobody is in, are one transaction, so that the
// topic itself tells what it holds.
class Kafka final : public Sink {
public:
    Kafka(Options options, KafkaSettings settings, KafkaRecords records) : options_(std::move(options)), settings_(std::move(settings)), records_(std::move(records)) {}

    Result<void> open(const SinkContext& context) override
    {
        context_ = context;
        exactly_ = options_.delivery == "exactly_once" && !context.checkpointId.empty();
        const std::string name = context.checkpointId + "." + context.node.name;
        group_ = "streamwright-epoch." + name;
        producing_ = {.topic = options_.topic, .transactionalId = exactly_ ? "streamwright." + name : std::string(), .transactionTimeout = options_.transactionTimeout, .partitioner = options_.partitioner};
        since_ = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
        if (!cluster_) {
            auto cluster = KafkaCluster::open(settings_, KafkaIsolation::ReadCommitted, group_);
            if (!cluster) return cluster.error();
            cluster_ = std::move(*cluster);
        }
        if (exactly_ && !unended_) {
            auto unended = KafkaCluster::open(settings_, KafkaIsolation::ReadUncommitted, group_);
            if (!unended) return unended.error();
            unended_ = std::move(*unended);
        }
        if (auto looked = lookAtTopic(); !looked) return looked;
        const std::lock_guard lock(mutex_);
        if (!exactly_) return {};
        if (auto ready = makeReady(); !ready) return ready;
        return firstMarker();
    }

    std::unique_ptr<SinkWork> begin(const BatchContext& context, uint32_t, size_t workers) override
    {
        recovering_ = false;
        keepMarker();
        return std::make_unique<Work>(*this, context, workers);
    }
    bool usesOutbox() const override { return true; }

    Result<void> publish(const Pending& pending) override
    {
        auto rows = decodeBlock(pending.staged);
        if (!rows) return rows.error();
        const auto fill = [&](const KafkaProducer::Produce& produce) { return records_.produce(**rows, produce); };
        const std::lock_guard lock(mutex_);
        if (!exactly_) {
            if (!producer_) {
                if (auto made = makeProducer(); !made) return made;
            }
            return forgetIfLost(producer_->write(fill));
        }
        auto wanted = markerAllows(pending);
        if (!wanted) return wanted.error();
        if (!*wanted) return {};
        const bool again = recovering_ || tried_ == pending.epoch;
        tried_ = pending.epoch;
        if (again && !swept_) {
            if (auto swept = sweep(*rows); !swept) return swept;
        }
        return write(fill, {pending.incarnation, pending.epoch, context_.owner, since_});
    }

    Result<std::optional<Published>> published() override
    {
        if (!exactly_) return std::optional<Published>();
        auto found = marker(cluster_, KafkaIsolation::ReadCommitted);
        if (!found) return found.error();
        if (!*found) return std::optional<Published>();
        return std::optional(Published{(*found)->incarnation, (*found)->epoch, (*found)->owner});
    }

    void close() override
    {
        const std::lock_guard lock(mutex_);
        forget();
    }
    std::string description() const override { return fmt::format("Kafka topic {} at {}", options_.topic, options_.brokers); }

private:
    class Work final : public SinkWork {
    public:
        Work(const Kafka& sink, const BatchContext& context, size_t workers) : sink_(sink), context_(context), rows_(sink.records_.schema(), workers) {}

        void consume(const Morsel& in, size_t worker, Emitter& rejects) override { rows_.add({sink_.records_.of(*in.batch, context_, sink_.limits_, rejects), in.ordinal, in.partition}, worker); }
        Result<std::optional<std::string>> stage(Epoch) override { return rows_.staged(); }

    private:
        const Kafka& sink_;
        BatchContext context_;
        RowsToStage rows_;
    };

    Result<void> lookAtTopic()
    {
        const auto topics = cluster_->topics({options_.topic}, kKafkaAnswer);
        if (!topics) return topics.error();
        const KafkaTopic& topic = topics->front();
        if (topic.missing) return transient("there is no topic " + options_.topic, "it is written to as soon as it is there");
        if (!topic.problem.empty()) return transient(fmt::format("cannot write to topic {}: {}", options_.topic, topic.problem));
        limits_.partitions = topic.partitions;
        const auto bytes = cluster_->topicSetting(options_.topic, "max.message.bytes", kKafkaAnswer);
        // Who may write may not always read settings.
        if (!bytes && bytes.error().kind != ErrorKind::Permanent) return bytes.error();
        if (bytes) limits_.bytes = std::strtoll(bytes->c_str(), nullptr, 10);
        producing_.maxMessageBytes = std::clamp<int64_t>(limits_.bytes, 1000, 1'000'000'000);
        return {};
    }

    Result<void> makeProducer()
    {
        auto made = KafkaProducer::open(settings_, producing_);
        if (!made) return made.error();
        producer_ = std::move(*made);
        return {};
    }

    void forget()
    {
        producer_.reset();
        ready_ = false;
        swept_ = false;
        known_.reset();
    }

    // A producer that holds the transactional id. Taking it shuts out whoever had it, so it is taken again only while the marker is ours.
    Result<void> makeReady()
    {
        if (ready_) return {};
        if (taken_) {
            // Without what a transaction has not ended: it may be ours, and only taking the id ends it.
            auto found = marker(unended_, KafkaIsolation::ReadUncommitted);
            if (!found) return found.error();
            if (auto ours = isOurs(*found); !ours) return ours;
        }
        if (!producer_) {
            if (auto made = makeProducer(); !made) return made;
        }
        if (auto begun = forgetIfLost(producer_->begin(options_.connectTimeout)); !begun) return begun;
        ready_ = true;
        return {};
    }

    Result<std::optional<Marker>> marker(std::unique_ptr<KafkaCluster>& cluster, KafkaIsolation isolation)
    {
        const KafkaPartition place{options_.topic, 0};
        auto committed = cluster->committed({place}, kKafkaAnswer);
        if (!committed) {
            // A client that has lost its coordinator may look for it in vain for a minute: the next call has a new one.
            if (auto fresh = KafkaCluster::open(settings_, isolation, group_)) cluster = std::move(*fresh);
            return committed.error();
        }
        return markerOf((*committed)[place]);
    }

    // Of who has the transactional id: no transaction of it is open. What still withholds a marker then is one whose end a
    // broker has lost (see `sweep`), and the marker before it counts.
    Result<std::optional<Marker>> settledMarker()
    {
        auto settled = marker(cluster_, KafkaIsolation::ReadCommitted);
        if (settled || settled.error().kind != ErrorKind::Transient) return settled;
        auto before = marker(unended_, KafkaIsolation::ReadUncommitted);
        return before ? before : settled;
    }

    // Kafka 4 takes partitions that have no leader when a transaction ends for deleted ones, so that the end never comes to
    // records there, which wait. The next end of a transaction of the same producer in such a partition is theirs too: they
    // would be there twice. So what is written to these partitions first is aborted.
    Result<void> sweep(const BatchPtr& rows)
    {
        if (rows->rows() == 0) return {};
        KafkaOffsets ends;
        for (int32_t partition = 0; partition < limits_.partitions; ++partition) ends[{options_.topic, partition}] = kKafkaLatest;
        const auto ended = cluster_->offsets(ends, kKafkaAnswer);
        if (!ended) return ended.error();
        const auto all = unended_->offsets(ends, kKafkaAnswer);
        if (!all) return all.error();
        std::vector<int32_t> waiting;
        for (const auto& [partition, end] : *all) {
            if (ended->at(partition) < end) waiting.push_back(partition.number);
        }
        if (!waiting.empty()) {
            const BatchPtr first = slice(rows, 0, 1);
            auto swept = forgetIfLost(producer_->abortedTransaction([&](const KafkaProducer::Produce& produce) {
                return records_.produce(*first, [&](KafkaOutput output) {
                    for (const int32_t partition : waiting) {
                        output.partition = partition;
                        if (auto done = produce(output); !done) return done;
                    }
                    return Result<void>();
                });
            }));
            if (!swept) return swept;
        }
        swept_ = true;
        return {};
    }

    Result<void> isOurs(const std::optional<Marker>& found) const
    {
        if (!found || found->owner == context_.owner) return {};
        return permanent(fmt::format("the run of {}, since {}, writes to topic {} with this checkpoint", found->owner, found->since, options_.topic), "stop one of the two: a copy of a checkpoint cannot write to the same topic");
    }

    // A client that can do no more goes, while the rows are here that its queue may still look at.
    Result<void> forgetIfLost(Result<void> done)
    {
        if (!done && producer_->lost()) forget();
        return done;
    }

    Result<void> write(const KafkaProducer::Fill& fill, const Marker& marker)
    {
        auto written = forgetIfLost(producer_->transaction(fill, {group_, {options_.topic, 0}, marker.epoch.value, markerText(marker)}));
        if (!written) return written;
        // The broker has answered once the end was decided. It writes it into the partitions after that, and may be killed before.
        const auto found = this->marker(cluster_, KafkaIsolation::ReadCommitted);
        if (!found || !*found || (*found)->incarnation != marker.incarnation || (*found)->epoch != marker.epoch || (*found)->owner != marker.owner) {
            forget();
            return found ? transient("the marker that was written is not there yet") : Result<void>(found.error());
        }
        known_ = marker;
        markedAt_ = Steady::now();
        return {};
    }

    Result<void> firstMarker()
    {
        auto found = settledMarker();
        if (!found) return found.error();
        Marker next{context_.incarnation, Epoch{0}, context_.owner, since_};
        if (context_.resolved) {
            next.epoch = *context_.resolved;
        } else if (*found) {
            // What is there stays, now in this run's name.
            next.incarnation = (*found)->incarnation;
            next.epoch = (*found)->epoch;
        } else if (context_.continued) {
            return permanent(fmt::format("topic {} no longer holds the marker of this run: the topic was made anew, or its group {} was deleted", options_.topic, group_),
                             fmt::format("look at the topic, then `streamwright checkpoint resolve {} {} --skip` takes it as it is", context_.checkpoint, context_.node.name));
        }
        auto written = write([](const KafkaProducer::Produce&) { return Result<void>(); }, next);
        if (written) taken_ = true;
        return written;
    }

    // True: write the records; false: they are there already.
    Result<bool> markerAllows(const Pending& pending)
    {
        if (auto ready = makeReady(); !ready) return ready.error();
        if (!known_) {
            auto found = settledMarker();
            if (!found) return found.error();
            if (auto ours = isOurs(*found); !ours) return ours.error();
            known_ = *found;
        }
        if (known_ && known_->incarnation == pending.incarnation && known_->epoch == pending.epoch) return false;
        if (known_ && (known_->epoch == pending.previous || known_->incarnation < pending.incarnation)) return true;
        return permanent(fmt::format("topic {} holds epoch {} of this run, but epoch {} is to follow epoch {}", options_.topic, known_ ? fmt::format("{}", known_->epoch.value) : "none", pending.epoch.value, pending.previous.value),
                         fmt::format("the topic was made anew, or its group was deleted; decide with `streamwright checkpoint resolve {} {} --publish` or `--skip`", context_.checkpoint, context_.node.name));
    }

    // Before the brokers forget it, also when there is nothing to write for days.
    void keepMarker()
    {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        if (!lock || !exactly_ || !ready_ || !known_ || Steady::now() - markedAt_ < kMarkerKept) return;
        (void)write([](const KafkaProducer::Produce&) { return Result<void>(); }, Marker(*known_));
    }

    Options options_;
    KafkaSettings settings_;
    KafkaRecords records_;
    SinkContext context_;
    KafkaLimits limits_;
    std::string group_;
    std::string since_;
    bool exactly_ = false;
    std::unique_ptr<KafkaCluster> cluster_;
    std::unique_ptr<KafkaCluster> unended_;     // sees what transactions that have not ended wrote
    std::atomic<bool> recovering_ = true;       // what is published was decided by a run before this one
    std::mutex mutex_;                  // of what follows
    KafkaProducer::Options producing_;
    std::unique_ptr<KafkaProducer> producer_;
    bool ready_ = false;                // the producer holds the transactional id
    bool taken_ = false;                // this run has had it before
    std::optional<Epoch> tried_;        // the last one whose records were written
    bool swept_ = false;                // since the id was taken
    std::optional<Marker> known_;       // what the topic holds; none: it must be read
    Steady::time_point markedAt_;
};

void verifyKafka(const Options& options, const PlanContext& context, Probe& probe)
{
    const auto cluster = KafkaCluster::open(kafkaSettings(options, context), KafkaIsolation::ReadCommitted);
    if (!cluster) {
        probe.step("make a client", cluster.error());
        return;
    }
    if (!probeKafka(**cluster, options, probe)) return;
    const auto topics = (*cluster)->topics({options.topic}, kKafkaAnswer);
    Result<std::string> found = topics ? Result<std::string>(fmt::format("{} partition{}", topics->front().partitions, topics->front().partitions == 1 ? "" : "s")) : topics.error();
    if (topics && topics->front().missing) found = transient("there is none of this name yet", "the run would wait for it");
    else if (topics && !topics->front().problem.empty()) found = transient(topics->front().problem);
    if (!probe.step("find the topic " + options.topic, found)) return;
    const auto bytes = (*cluster)->topicSetting(options.topic, "max.message.bytes", kKafkaAnswer);
    probe.step("read how large a record may be", bytes ? Result<std::string>(*bytes + " bytes") : bytes.error());
    if (options.delivery != "exactly_once") return;
    // Nothing is written: an aborted record would be seen by those who read uncommitted ones.
    auto producer = KafkaProducer::open(kafkaSettings(options, context), {.topic = options.topic, .transactionalId = "streamwright.verify", .partitioner = options.partitioner});
    const Result<void> begun = producer ? (*producer)->begin(options.connectTimeout) : producer.error();
    probe.step("begin transactions", begun ? Result<std::string>("they can be begun") : begun.error());
}

}

NodeType kafkaSink()
{
    Declare<Options> declare("sink.kafka", Group::Sink);
    declare.summary("Write rows as records into a topic of Kafka.")
        .help("Exactly once with a checkpoint: the records of a batch and a marker are one transaction, which readers see as a whole when they read committed records only. "
              "A row that is larger than the topic takes goes to `rejected`.")
        .input("in")
        .afterRewind("the records stay; they come again behind them")
        .rejects();
    declareKafkaBrokers(declare);
    declare
        .field(&Options::topic, {.name = "topic", .help = "The topic; it must be there.", .kind = FieldKind::Text, .required = true, .example = Json::string("counts")})
        .field(memberOf<Options>(&KafkaRecordOptions::key), {.name = "key", .help = "The record's key; left out: none. BINARY as it is, anything else as text.", .kind = FieldKind::Expression, .example = Json::string("word")})
        .field(memberOf<Options>(&KafkaRecordOptions::value), {.name = "value", .help = "The record's value; left out: the whole row. BINARY as it is, anything else as text; NULL deletes the key in a compacted topic.", .kind = FieldKind::Expression, .example = Json::string("concat(word, ' ', n)")})
        .field(memberOf<Options>(&KafkaRecordOptions::format), {.name = "format", .help = "How a whole row is written: as a JSON object or a CSV line.", .kind = FieldKind::Choice, .fallback = Json::string("json"), .choices = {"json", "csv"}})
        .field(memberOf<Options>(&KafkaRecordOptions::headers), {.name = "headers", .help = "An expression for each header, by its name.", .kind = FieldKind::Map, .example = Json::object({{"source", Json::string("'orders'")}}), .advanced = true})
        .field(memberOf<Options>(&KafkaRecordOptions::partition), {.name = "partition", .help = "The number of the partition; left out or NULL: as the partitioner has it.", .kind = FieldKind::Expression, .example = Json::string("id % 4"), .advanced = true})
        .field(memberOf<Options>(&KafkaRecordOptions::timestamp), {.name = "timestamp", .help = "The record's timestamp; left out or NULL: when it is written.", .kind = FieldKind::Expression, .example = Json::string("ordered_at"), .advanced = true})
        .field(&Options::partitioner, {.name = "partitioner", .help = "Which partition a key belongs to; murmur2 as Kafka's Java clients, consistent (CRC-32) as other librdkafka clients, _random: records without a key go anywhere.", .kind = FieldKind::Choice, .fallback = Json::string("murmur2_random"), .choices = {"murmur2_random", "murmur2", "consistent_random", "consistent", "fnv1a_random", "fnv1a", "random"}, .advanced = true})
        .field(&Options::delivery, {.name = "delivery", .help = "at_least_once writes without transactions: after a crash the records of the last batch may be there twice.", .kind = FieldKind::Choice, .fallback = Json::string("exactly_once"), .choices = {"exactly_once", "at_least_once"}})
        .field(&Options::transactionTimeout, {.name = "transaction_timeout", .help = "After so long brokers abort the transaction of a batch that is written.", .kind = FieldKind::Duration, .fallback = Json::string("60s"), .advanced = true});
    declareKafkaFields(declare);
    declare
        .check([](const Options& options) {
            std::vector<FieldError> errors = checkKafkaOptions(options);
            if (options.topic.empty()) errors.push_back({"topic", "topic must name a topic, but is empty", {}});
            if (options.transactionTimeout.micros < 1'000'000) errors.push_back({"transaction_timeout", "transaction_timeout must be 1s or longer, but is " + printDuration(options.transactionTimeout), {}});
            return errors;
        })
        .schema([](const Options& options, const Inputs& in, const PlanContext&) -> Checked<std::vector<Schema>> {
            if (auto records = KafkaRecords::compile(options, in.only()); !records) return records.error();
            return std::vector<Schema>();
        })
        .make([](const Options& options, const Inputs& in, const PlanContext& context) -> Checked<std::unique_ptr<Sink>> {
            auto records = KafkaRecords::compile(options, in.only());
            if (!records) return records.error();
            return std::unique_ptr<Sink>(std::make_unique<Kafka>(options, kafkaSettings(options, context), std::move(*records)));
        })
        .verify([](const Options& options, const Inputs&, const PlanContext& context, Probe& probe) { verifyKafka(options, context, probe); });
    return declare;
}

}
