#include "engine/dataflow/group_by.h"

#include "engine/columns/print.h"
#include "engine/dataflow/group_failures.h"
#include "engine/dataflow/group_table.h"
#include "engine/dataflow/key_exchange.h"

#include <array>
#include <mutex>

namespace streamwright {

namespace {

// A worker folds rows by itself while that makes them fewer: past this many groups it looks whether each
// took at least kFewestRows rows; if not, rows go to the owner of their key as they are, which costs less
// than a table that no cache holds.
constexpr size_t kManyGroups = 32 * 1024;
constexpr size_t kFewestRows = 2;

// How a row takes part in an aggregate whose arguments travel through the exchange. No column of these: all
// are taken.
enum RowStatus : uint8_t { kTaken = 0, kLeftOut = 1, kFailed = 2 };
// Of the rows that are sent, so many are expected to have keys of their own.
constexpr size_t kRowsPerGroup = 4;

using Folds = std::vector<std::unique_ptr<Accumulators>>;

Folds makeFolds(const AggregateCalls& aggregates)
{
    Folds folds;
    for (const auto& aggregate : aggregates) folds.push_back(aggregate->makeAccumulators());
    return folds;
}

// Where a morsel stands among all of the input.
struct Standing {
    uint32_t logical = 0;
    Ordinal ordinal;
    auto operator<=>(const Standing&) const = default;
};

// A row by its morsel: a worker's own number of it, or its rank among all.
constexpr uint64_t placeOf(size_t morsel, uint32_t row) { return (static_cast<uint64_t>(morsel) << 32) | row; }

void fetch(const void* from, size_t bytes)
{
    for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(static_cast<const char*>(from) + at);
}

void fetchKeys(const KeyExchange::Run& run)
{
    fetch(run.hashes.data(), run.hashes.size_bytes());
    fetch(run.keys.data(), run.keys.size_bytes());
}

// The text of a run's keys lies together (KeyExchange).
void fetchText(const KeyExchange::Run& run)
{
    if (run.text) return fetch(run.text, std::min<size_t>(size_t{run.count} * run.length, 4096));
    const StringRef &first = run.keys.front(), &last = run.keys.back();
    if (first.isInline() || last.isInline() || isNullKey(first) || isNullKey(last) || last.data() < first.data()) return;
    fetch(first.data(), std::min<size_t>(static_cast<size_t>(last.data() - first.data()) + last.size(), 4096));
}

std::vector<uint32_t> picked(std::span<const uint32_t> groups, std::span<const uint32_t> rows)
{
    std::vector<uint32_t> result(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) result[i] = groups[rows[i]];
    return result;
}

ColumnPtr statusColumn(const AggregateCall::Input& input, size_t rows)
{
    if (input.all && input.errors.empty()) return nullptr;
    FixedBuilder<uint8_t> status;
    uint8_t* out = status.extend(rows);
    std::memset(out, input.all ? kTaken : kLeftOut, rows);
    for (const uint32_t row : input.rows) out[row] = kTaken;
    for (const RowError& error : input.errors) out[error.row] = kFailed;
    return columnFrom(TypeKind::Boolean, status);
}

// The argument columns for all rows, NULL where a row takes no part.
ColumnPtr spread(const Column& column, std::span<const uint32_t> rows, size_t all)
{
    std::vector<uint32_t> from(all, kNoRow);
    for (size_t i = 0; i < rows.size(); ++i) from[rows[i]] = static_cast<uint32_t>(i);
    return gatherOrNull(column, from);
}

}

Checked<AggregateCalls> compileAggregates(const std::vector<std::string>& texts, const Schema& input, std::string field)
{
    AggregateCalls calls;
    for (size_t item = 0; item < texts.size(); ++item) {
        auto call = compileAggregate(texts[item], input);
        if (!call) return inItem(field, item, call.error());
        calls.push_back(std::move(*call));
    }
    return calls;
}

Checked<Grouping> Grouping::of(KeyColumns keys, AggregateCalls aggregates, std::string failing, std::string_view naming)
{
    std::vector<Field> fields = keys.fields();
    for (const auto& aggregate : aggregates) fields.push_back({aggregate->name(), aggregate->type()});
    if (const auto twice = duplicateName(fields)) return FieldError{std::string(naming), "the output has the column " + *twice + " twice", "name one of them otherwise with AS"};
    return Grouping{std::move(keys), std::move(aggregates), Schema(std::move(fields)), std::move(failing)};
}

class GroupByWork final : public BatchWork {
public:
    GroupByWork(const GroupBy& node, const BatchContext& context, size_t workers) : node_(node), context_(context), exchange_(exchangeTypes(node), workers, KeyExchange::Input::Dropped)
    {
        for (size_t i = 0; i < workers; ++i) workers_.push_back(std::make_unique<Worker>(node.aggregates_, node.exact_));
    }

    void consume(size_t, const Morsel& in, size_t worker, Emitter& rejects) override
    {
        if (context_.stop) context_.stop->check();
        const KeyColumns::Evaluation keys = node_.keys_.evaluate(in.batch, context_, rejects);
        if (keys.batch->rows() == 0) return;
        std::vector<AggregateCall::Input> inputs;
        for (const auto& aggregate : node_.aggregates_) inputs.push_back(aggregate->evaluate(*keys.batch, evalContext(context_)));
        Worker& ours = *workers_[worker];
        ours.morsels.push_back({in.partition, in.ordinal});
        if (ours.folds) fold(ours, keys, inputs);
        else send(ours, in, keys, inputs, worker);
    }

    void prepare() override
    {
        for (const auto& worker : workers_) standings_.insert(standings_.end(), worker->morsels.begin(), worker->morsels.end());
        std::sort(standings_.begin(), standings_.end());
        exchange_.close();
        for (const KeyExchange::Run& piece : exchange_.pieces()) sentRanks_.push_back(rankOf({piece.logical, piece.ordinal}));
        for (const auto& worker : workers_) {
            worker->byPartition();
            for (const Standing& standing : worker->morsels) worker->ranks.push_back(rankOf(standing));
            for (const Failure& failure : worker->sentFailures) sentFailures_.push_back(&failure);
        }
        std::sort(sentFailures_.begin(), sentFailures_.end(), [](const Failure* a, const Failure* b) { return a->key() < b->key(); });
    }

    size_t parts() const override { return kPartitions; }

    void finish(size_t part, Emitter& out) override
    {
        if (context_.stop) context_.stop->check();
        std::unique_ptr<Owner> owner = idleOwner();
        owner->accumulators = makeFolds(node_.aggregates_);
        for (const auto& worker : workers_) mergeFolds(*worker, static_cast<uint32_t>(part), *owner);
        owner->folded = owner->table.size();
        foldSent(static_cast<uint32_t>(part), *owner);
        if (owner->table.size() > 0) emit(*owner, out);
        owner->clear();
        const std::lock_guard lock(idleMutex_);
        idle_.push_back(std::move(owner));
    }

private:
    // Of an aggregate over a row.
    struct Failure {
        Standing standing;
        uint32_t row = 0;
        size_t aggregate = 0;
        std::string reason;
        uint32_t group = 0;         // the worker's, where it folded the row itself
        std::tuple<Standing, uint32_t, size_t> key() const { return {standing, row, aggregate}; }
    };

    struct alignas(64) Worker {
        Worker(const AggregateCalls& aggregates, bool fold) : accumulators(makeFolds(aggregates)), folds(fold) {}

        // Numbers of the groups, those of one virtual partition together.
        void byPartition()
        {
            for (const uint64_t hash : table.hashes()) ++from[partitionOf(hash) + 1];
            for (size_t p = 0; p < kPartitions; ++p) from[p + 1] += from[p];
            order.resize(table.size());
            auto next = from;
            for (uint32_t group = 0; group < table.size(); ++group) order[next[partitionOf(table.hash(group))]++] = group;
        }

        GroupTable table;
        Folds accumulators;
        bool folds;
        size_t rows = 0;
        std::vector<Standing> morsels;
        std::vector<uint64_t> ranks;        // of the morsels among all
        Standing last;                      // the morsel that stands last
        FixedBuilder<uint64_t> firsts;      // by group: placeOf(own number of the morsel, row)
        std::vector<Failure> foldFailures;
        std::vector<Failure> sentFailures;
        std::vector<uint32_t> groups;       // scratch
        std::vector<uint64_t> hashes;       // scratch
        std::vector<uint32_t> order;
        std::array<uint32_t, kPartitions + 1> from{};
    };

    // What becomes of one virtual partition. Its memory serves the next one.
    struct Owner {
        void clear()
        {
            table.clear();
            accumulators.clear();
            firsts.shrinkTo(0);
            failures = {};
        }

        GroupTable table;
        Folds accumulators;
        FixedBuilder<uint64_t> firsts;      // by group: placeOf(rank of the morsel, row); the how manieth of the partition instead if it was sent
        size_t folded = 0;                  // groups that workers had folded: the first ones
        GroupFailures failures;
        std::vector<uint32_t> groups;       // scratch
    };

    static std::vector<Type> exchangeTypes(const GroupBy& node);
    std::unique_ptr<Owner> idleOwner();
    void fold(Worker& ours, const KeyColumns::Evaluation& keys, const std::vector<AggregateCall::Input>& inputs);
    void findGroups(Worker& ours, const KeyColumns::Evaluation& keys);
    void send(Worker& ours, const Morsel& in, const KeyColumns::Evaluation& keys, std::vector<AggregateCall::Input>& inputs, size_t worker);
    void mergeFolds(const Worker& worker, uint32_t partition, Owner& owner) const;
    void foldSent(uint32_t partition, Owner& owner) const;
    void foldArguments(uint32_t partition, const std::vector<KeyExchange::Run>& runs, Owner& owner) const;
    void addSentFailure(const std::vector<KeyExchange::Run>& runs, size_t row, size_t aggregate, Owner& owner) const;
    void emit(Owner& owner, Emitter& out) const;
    void reject(const std::vector<ColumnPtr>& keys, size_t row, const std::string& reason, Emitter& out) const;

    uint64_t rankOf(const Standing& standing) const { return static_cast<uint64_t>(std::lower_bound(standings_.begin(), standings_.end(), standing) - standings_.begin()); }

    const GroupBy& node_;
    BatchContext context_;
    KeyExchange exchange_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<Standing> standings_;               // of all morsels, in input order
    std::vector<uint64_t> sentRanks_;               // among all morsels, by KeyExchange::Run::piece
    std::vector<const Failure*> sentFailures_;  // in input order
    std::mutex idleMutex_;
    std::vector<std::unique_ptr<Owner>> idle_;
};

std::unique_ptr<GroupByWork::Owner> GroupByWork::idleOwner()
{
    const std::lock_guard lock(idleMutex_);
    if (idle_.empty()) return std::make_unique<Owner>();
    std::unique_ptr<Owner> owner = std::move(idle_.back());
    idle_.pop_back();
    return owner;
}

// Per aggregate its status and its arguments.
std::vector<Type> GroupByWork::exchangeTypes(const GroupBy& node)
{
    std::vector<Type> types;
    for (const auto& aggregate : node.aggregates_) {
        types.push_back(TypeKind::Boolean);
        for (const Type& type : aggregate->argumentTypes()) types.push_back(type);
    }
    return types;
}

void GroupByWork::findGroups(Worker& ours, const KeyColumns::Evaluation& keys)
{
    const size_t rows = keys.batch->rows();
    ours.groups.resize(rows);
    if (keys.columns.empty()) {
        const StringRef everything;
        const uint64_t hash = hashKey(everything);
        ours.table.add({&everything, 1}, {&hash, 1}, ours.groups.data());
        std::fill(ours.groups.begin(), ours.groups.end(), 0);
        return;
    }
    const Column& first = *keys.columns[0];
    if (keys.columns.size() > 1 || !isText(first.type().kind()) || first.nulls()) {
        const RowKeys made = rowKeys(keys.columns, rows);
        ours.table.add(made.keys, made.hashes, ours.groups.data());
        return;
    }
    // The keys of a text column are its values.
    ours.hashes.resize(rows);
    const auto* text = first.values<StringRef>();
    for (size_t i = 0; i < rows; ++i) ours.hashes[i] = hashKey(text[i]);
    ours.table.add({text, rows}, ours.hashes, ours.groups.data());
}

void GroupByWork::fold(Worker& ours, const KeyColumns::Evaluation& keys, const std::vector<AggregateCall::Input>& inputs)
{
    const size_t rows = keys.batch->rows();
    findGroups(ours, keys);
    const size_t morsel = ours.morsels.size() - 1;
    for (const uint32_t row : ours.table.added()) ours.firsts.push(placeOf(morsel, row));
    // A morsel that stands before one seen already may hold the first row of a group that is known.
    const bool late = morsel > 0 && ours.morsels[morsel] < ours.last;
    if (!late) ours.last = ours.morsels[morsel];
    if (late) {
        for (uint32_t row = static_cast<uint32_t>(rows); row-- > 0;) {
            uint64_t& first = ours.firsts.data()[ours.groups[row]];
            if (ours.morsels[morsel] < ours.morsels[first >> 32] || first >> 32 == morsel) first = placeOf(morsel, row);
        }
    }
    for (size_t a = 0; a < inputs.size(); ++a) {
        const AggregateCall::Input& input = inputs[a];
        ours.accumulators[a]->resize(ours.table.size());
        if (input.all) ours.accumulators[a]->update(ours.groups, input.columns);
        else ours.accumulators[a]->update(picked(ours.groups, input.rows), input.columns);
        for (const RowError& error : input.errors) ours.foldFailures.push_back({ours.morsels[morsel], error.row, a, error.reason, ours.groups[error.row]});
    }
    ours.rows += rows;
    if (ours.table.size() >= kManyGroups && ours.rows < kFewestRows * ours.table.size()) ours.folds = false;
}

void GroupByWork::send(Worker& ours, const Morsel& in, const KeyColumns::Evaluation& keys, std::vector<AggregateCall::Input>& inputs, size_t worker)
{
    const size_t rows = keys.batch->rows();
    std::vector<ColumnPtr> columns;
    for (size_t a = 0; a < inputs.size(); ++a) {
        AggregateCall::Input& input = inputs[a];
        columns.push_back(statusColumn(input, rows));
        for (ColumnPtr& column : input.columns) columns.push_back(input.all ? std::move(column) : spread(*column, input.rows, rows));
        for (RowError& error : input.errors) ours.sentFailures.push_back({{in.partition, in.ordinal}, error.row, a, std::move(error.reason)});
    }
    Morsel sent = in;
    sent.batch = keys.batch;
    exchange_.add(sent, keys.columns, std::move(columns), worker);
}

void GroupByWork::mergeFolds(const Worker& worker, uint32_t partition, Owner& owner) const
{
    const std::span<const uint32_t> theirs(worker.order.data() + worker.from[partition], worker.from[partition + 1] - worker.from[partition]);
    if (theirs.empty()) return;
    std::vector<StringRef> keys(theirs.size());
    std::vector<uint64_t> hashes(theirs.size());
    for (size_t i = 0; i < theirs.size(); ++i) {
        keys[i] = worker.table.key(theirs[i]);
        hashes[i] = worker.table.hash(theirs[i]);
    }
    owner.groups.resize(theirs.size());
    const size_t known = owner.table.size();
    owner.table.add(keys, hashes, owner.groups.data());
    owner.firsts.extend(owner.table.size() - known);
    for (size_t i = 0; i < theirs.size(); ++i) {
        const uint64_t first = worker.firsts.data()[theirs[i]];
        const uint64_t place = placeOf(worker.ranks[first >> 32], static_cast<uint32_t>(first));
        uint64_t& best = owner.firsts.data()[owner.groups[i]];
        best = owner.groups[i] >= known ? place : std::min(best, place);
    }
    for (size_t a = 0; a < owner.accumulators.size(); ++a) {
        owner.accumulators[a]->resize(owner.table.size());
        owner.accumulators[a]->merge(owner.groups, worker.accumulators[a]->partials(theirs));
    }
    for (const Failure& failure : worker.foldFailures) {
        if (partitionOf(worker.table.hash(failure.group)) != partition) continue;
        const auto at = std::lower_bound(theirs.begin(), theirs.end(), failure.group) - theirs.begin();
        owner.failures.add(owner.groups[static_cast<size_t>(at)], placeOf(rankOf(failure.standing), failure.row), failure.reason);
    }
}

void GroupByWork::foldSent(uint32_t partition, Owner& owner) const
{
    const std::vector<KeyExchange::Run> runs = exchange_.runs(partition);
    size_t rows = 0;
    for (const KeyExchange::Run& run : runs) rows += run.count;
    if (rows == 0) return;
    owner.groups.resize(rows);
    const size_t known = owner.table.size();
    owner.table.reserve(rows / kRowsPerGroup);
    owner.firsts.reserve(known + rows / kRowsPerGroup);
    // Groups that a worker has folded may stand here with an earlier row: in a morsel before the latest of theirs.
    const uint64_t latest = known == 0 ? 0 : *std::max_element(owner.firsts.data(), owner.firsts.data() + known);
    uint32_t* groups = owner.groups.data();
    std::vector<StringRef> made;
    for (size_t r = 0; r < runs.size(); ++r) {
        const KeyExchange::Run& run = runs[r];
        // Runs are too short for the processor to see by itself what comes next.
        if (r + 2 < runs.size()) fetchKeys(runs[r + 2]);
        if (r + 1 < runs.size()) fetchText(runs[r + 1]);
        owner.table.add(run.keysIn(made), run.hashes, groups);
        const uint64_t first = placeOf(sentRanks_[run.piece], 0);
        for (const uint32_t row : owner.table.added()) owner.firsts.push(first | row);
        for (uint32_t i = 0; first < latest && i < run.count; ++i) {
            if (groups[i] < known) owner.firsts.data()[groups[i]] = std::min(owner.firsts.data()[groups[i]], first | i);
        }
        groups += run.count;
    }
    foldArguments(partition, runs, owner);
}

void GroupByWork::foldArguments(uint32_t partition, const std::vector<KeyExchange::Run>& runs, Owner& owner) const
{
    const size_t rows = owner.groups.size();
    size_t column = 0;
    for (size_t a = 0; a < owner.accumulators.size(); ++a) {
        const ColumnPtr states = exchange_.column(column++, partition, rows);
        std::vector<ColumnPtr> inputs;
        for (size_t i = 0; i < node_.aggregates_[a]->argumentTypes().size(); ++i) inputs.push_back(exchange_.column(column++, partition, rows));
        owner.accumulators[a]->resize(owner.table.size());
        if (!states) {
            owner.accumulators[a]->update(owner.groups, inputs);
            continue;
        }
        const auto* status = states->values<uint8_t>();
        std::vector<uint32_t> taken;
        for (size_t row = 0; row < rows; ++row) {
            if (status[row] == kTaken) taken.push_back(static_cast<uint32_t>(row));
            if (status[row] == kFailed) addSentFailure(runs, row, a, owner);
        }
        for (ColumnPtr& input : inputs) input = gather(*input, taken);
        owner.accumulators[a]->update(picked(owner.groups, taken), inputs);
    }
}

void GroupByWork::addSentFailure(const std::vector<KeyExchange::Run>& runs, size_t row, size_t aggregate, Owner& owner) const
{
    size_t at = row;
    auto run = runs.begin();
    for (; at >= run->count; ++run) at -= run->count;
    const std::tuple key(Standing{run->logical, run->ordinal}, run->row(at), aggregate);
    const auto failure = std::lower_bound(sentFailures_.begin(), sentFailures_.end(), key, [](const Failure* f, const auto& wanted) { return f->key() < wanted; });
    owner.failures.add(owner.groups[row], placeOf(sentRanks_[run->piece], run->row(at)), (*failure)->reason);
}

void GroupByWork::emit(Owner& owner, Emitter& out) const
{
    std::vector<uint32_t> groups(owner.table.size());
    for (uint32_t i = 0; i < groups.size(); ++i) groups[i] = i;
    const uint64_t* firsts = owner.firsts.data();
    const auto earlier = [&](uint32_t a, uint32_t b) { return firsts[a] < firsts[b]; };
    // Groups of rows that were sent stand in order already.
    const auto sent = groups.begin() + static_cast<ptrdiff_t>(owner.folded);
    std::sort(groups.begin(), sent, earlier);
    std::inplace_merge(groups.begin(), sent, groups.end(), earlier);

    std::vector<ColumnPtr> columns = owner.table.takeKeys(groups, node_.keyTypes_);
    const std::vector<ColumnPtr> keys = columns;
    std::vector<std::string> reasons;       // by place in `groups`, empty where all is well; made when the first fails
    const auto fail = [&](size_t at, const std::string& reason) {
        reasons.resize(groups.size());
        if (reasons[at].empty()) reasons[at] = reason;
    };
    if (!owner.failures.empty()) {
        for (size_t i = 0; i < groups.size(); ++i) {
            if (const auto* failure = owner.failures.find(groups[i])) fail(i, failure->reason);
        }
    }
    for (size_t a = 0; a < owner.accumulators.size(); ++a) {
        std::vector<RowError> errors;
        columns.push_back(owner.accumulators[a]->results(groups, errors));
        for (const RowError& error : errors) fail(error.row, node_.aggregates_[a]->name() + ": " + error.reason);
    }
    BatchPtr batch = makeBatch(node_.output_, std::move(columns), groups.size());
    if (!reasons.empty()) {
        std::vector<uint32_t> good;
        for (uint32_t i = 0; i < groups.size(); ++i) {
            if (reasons[i].empty()) good.push_back(i);
            else reject(keys, i, reasons[i], out);
        }
        batch = gather(*batch, good);
    }
    for (size_t from = 0; from < batch->rows(); from += kVectorRows) out.emit(slice(batch, from, std::min(kVectorRows, batch->rows() - from)));
}

void GroupByWork::reject(const std::vector<ColumnPtr>& keys, size_t row, const std::string& reason, Emitter& out) const
{
    const Batch batch(std::make_shared<const Schema>(node_.keys_.fields()), keys, keys.empty() ? row + 1 : keys[0]->size());
    Rejected rejected{node_.field_, reason, {}, std::nullopt};
    appendJsonRow(batch, row, rejected.row);
    out.reject(std::move(rejected));
}

GroupBy::GroupBy(Grouping grouping)
    : keys_(std::move(grouping.keys)), aggregates_(std::move(grouping.aggregates)), output_(std::make_shared<const Schema>(std::move(grouping.output))), field_(std::move(grouping.failing))
{
    for (const Field& key : keys_.fields()) keyTypes_.push_back(key.type);
    for (const auto& aggregate : aggregates_) exact_ = exact_ && aggregate->exactMerge();
}

std::unique_ptr<BatchWork> GroupBy::begin(const BatchContext& context, std::span<const std::unique_ptr<State>>, size_t workers) const
{
    return std::make_unique<GroupByWork>(*this, context, workers);
}

}
