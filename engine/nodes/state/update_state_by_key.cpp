#include "engine/dataflow/declare.h"
#include "engine/dataflow/entry_groups.h"
#include "engine/dataflow/key_columns.h"
#include "engine/dataflow/key_exchange.h"
#include "engine/expression/idle_state.h"
#include "engine/nodes/state/shared/initial_state.h"
#include "engine/nodes/state/shared/state_type.h"

#include <fmt/format.h>

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> keys;
    std::string values;
    std::string update;
    std::string as = "state";
    std::string emit = "all";
    std::string call = "every_key";
    Json initial;
    std::optional<Type> stateType;
};

struct Compiled {
    KeyColumns keys;
    Expression values;
    Expression update;              // over the keys, `values` and `state`
    Type stateType;
    bool idleKeysKeep = false;      // `update` with empty `values` gives `state`
    BatchPtr initial;
    SchemaPtr updateInput;
    SchemaPtr output;
};

Checked<Compiled> compile(const Options& options, const Schema& input, const PlanContext& context)
{
    auto keys = KeyColumns::compile(options.keys, input);
    if (!keys) return keys.error();
    auto values = compileExpression(options.values, input);
    if (!values) return inField("values", values.error());
    std::vector<Field> fields = keys->fields();
    for (const Field& key : fields) {
        if (sameName(key.name, "state") || sameName(key.name, "values")) {
            return FieldError{"keys", fmt::format("update calls the old state and the new values `state` and `values`, but a key is called {}", key.name), "name the key with AS"};
        }
    }
    std::vector<Field> outputFields = fields;
    fields.push_back({"values", Type::array(values->type())});
    auto update = compileStateExpression("update", options.update, fields, options.stateType);
    if (!update) return update.error();
    auto initial = readInitialState(options.initial, keys->fields(), update->type, context.timeZone);
    if (!initial) return initial.error();
    fields.push_back({"state", update->type});
    outputFields.push_back({options.as, update->type});
    if (const auto twice = duplicateName(outputFields)) return FieldError{"as", fmt::format("the output has the column {} twice", *twice), "give `as` another name"};
    const bool idle = isIntegral(update->type.kind()) ? keepsIdleIntegers(options.update) : keepsIdleState(options.update);
    return Compiled{std::move(*keys), std::move(*values), std::move(update->expression), update->type, idle, std::move(*initial),
                    std::make_shared<const Schema>(std::move(fields)), std::make_shared<const Schema>(std::move(outputFields))};
}

std::vector<Type> exchangedTypes(const Compiled& node)
{
    std::vector<Type> types;
    for (const Field& key : node.keys.fields()) types.push_back(key.type);
    types.push_back(node.values.type());
    return types;
}

class UpdateWork final : public BatchWork {
public:
    UpdateWork(const Compiled& node, bool emitAll, bool callIdle, const BatchContext& context, KeyedTable& table, size_t workers)
        : node_(node), emitAll_(emitAll), callIdle_(callIdle), context_(context), table_(table), exchange_(exchangedTypes(node), workers)
    {
    }

    void consume(size_t, const Morsel& in, size_t worker, Emitter& rejects) override
    {
        KeyColumns::Evaluation keys = node_.keys.evaluate(in.batch, context_, rejects);
        Evaluated values = node_.values.evaluate(*keys.batch, evalContext(context_));
        if (!values.errors.empty()) {
            rejectRows(*keys.batch, "values", values.errors, rejects);
            const std::vector<uint32_t> good = rowsWithoutErrors(keys.batch->rows(), values.errors);
            keys.batch = gather(*keys.batch, good);
            for (ColumnPtr& column : keys.columns) column = gather(*column, good);
            values.column = gather(*values.column, good);
        }
        std::vector<ColumnPtr> columns = keys.columns;
        columns.push_back(std::move(values.column));
        exchange_.add({keys.batch, in.ordinal, in.partition}, keys.columns, std::move(columns), worker);
    }

    void prepare() override { exchange_.close(); }
    size_t parts() const override { return kPartitions; }

    void finish(size_t part, Emitter& out) override
    {
        const auto partition = static_cast<uint32_t>(part);
        Calls calls = callsOf(partition);
        if (!calls.entries.empty()) update(partition, calls, out);
        if (emitAll_) emitAll(partition, out);
        table_.seal(partition);
    }

private:
    // The keys that `update` is called for, by insertion, with their old state and new values.
    struct Calls {
        std::vector<KeyedTable::Entry> entries;
        std::vector<uint32_t> offsets;          // into the values
        std::vector<uint32_t> rows;             // of the exchange, in the order of the values
        std::vector<ColumnPtr> keys;
        ColumnPtr values;
        ColumnPtr state;
    };

    Calls callsOf(uint32_t partition)
    {
        KeyExchange::Rows rows = exchange_.take(partition);
        std::vector<KeyedTable::Entry> entries(rows.count);
        table_.findOrInsert(partition, rows.keys, rows.hashes, entries);
        EntryGroups groups = groupByEntry(entries);
        Calls calls;
        ColumnPtr elements = inGroupOrder(rows.columns.back(), groups);
        if (callIdle_ && table_.size(partition) > groups.size()) {
            calls.entries = table_.entries(partition);
            calls.offsets.reserve(calls.entries.size() + 1);
            size_t g = 0;
            for (const KeyedTable::Entry entry : calls.entries) {
                calls.offsets.push_back(groups.offsets[g]);
                if (g < groups.size() && groups.entries[g] == entry) ++g;
            }
            calls.offsets.push_back(groups.offsets.back());
            calls.keys = table_.keys(partition, calls.entries);
        } else {
            std::vector<uint32_t> first(groups.size());
            for (size_t g = 0; g < first.size(); ++g) first[g] = groups.order[groups.offsets[g]];
            for (size_t k = 0; k < node_.keys.fields().size(); ++k) calls.keys.push_back(gather(*rows.columns[k], first));
            calls.entries = std::move(groups.entries);
            calls.offsets = std::move(groups.offsets);
        }
        calls.rows = std::move(groups.order);
        calls.values = arraysOf(calls.offsets, std::move(elements));
        calls.state = table_.values(partition, 0, calls.entries);
        return calls;
    }

    // The new states; keys whose update failed are told in `failed`, ascending, their rows rejected.
    ColumnPtr evaluate(uint32_t partition, const Calls& calls, std::vector<uint32_t>& failed, Emitter& out)
    {
        constexpr size_t kKeysAtOnce = 4 * kVectorRows;
        std::vector<ColumnPtr> columns = calls.keys;
        columns.push_back(calls.values);
        columns.push_back(calls.state);
        const BatchPtr all = makeBatch(node_.updateInput, std::move(columns), calls.entries.size());
        std::vector<ColumnPtr> states;
        for (size_t from = 0; from < all->rows(); from += kKeysAtOnce) {
            if (context_.stop) context_.stop->check();
            const BatchPtr piece = slice(all, from, std::min(kKeysAtOnce, all->rows() - from));
            Evaluated evaluated = node_.update.evaluate(*piece, evalContext(context_));
            states.push_back(std::move(evaluated.column));
            for (const RowError& error : evaluated.errors) {
                const auto key = static_cast<uint32_t>(from + error.row);
                failed.push_back(key);
                reject(partition, calls, key, *all, error.reason, out);
            }
        }
        return concatenate(states);
    }

    void reject(uint32_t partition, const Calls& calls, uint32_t key, const Batch& input, const std::string& reason, Emitter& out)
    {
        for (uint32_t i = calls.offsets[key]; i < calls.offsets[key + 1]; ++i) {
            const auto [batch, row] = exchange_.origin(partition, calls.rows[i]);
            const RowError error{row, reason};
            rejectRows(*batch, "update", {&error, 1}, out);
        }
        // A key without new values has no rows: its key and state tell what failed.
        const RowError error{key, reason};
        if (calls.offsets[key] == calls.offsets[key + 1]) rejectRows(input, "update", {&error, 1}, out);
    }

    void update(uint32_t partition, const Calls& calls, Emitter& out)
    {
        std::vector<uint32_t> failed;
        ColumnPtr next = evaluate(partition, calls, failed, out);
        std::vector<uint32_t> changed;
        if (!emitAll_) changed = differingRows(*calls.state, *next);
        if (failed.empty() && !next->nulls()) {
            table_.set(partition, calls.entries, 0, *next);
        } else {
            store(partition, calls, *next, failed);
            std::erase_if(changed, [&](uint32_t key) { return next->isNull(key) || std::binary_search(failed.begin(), failed.end(), key); });
        }
        if (changed.empty()) return;
        std::vector<ColumnPtr> columns;
        for (const ColumnPtr& key : calls.keys) columns.push_back(gather(*key, changed));
        columns.push_back(gather(*next, changed));
        emitInVectors(makeBatch(node_.output, std::move(columns), changed.size()), out);
    }

    // NULL forgets the key; what failed stays as it was, which for a new key means that it is not there.
    void store(uint32_t partition, const Calls& calls, const Column& next, const std::vector<uint32_t>& failed)
    {
        std::vector<KeyedTable::Entry> kept, gone;
        std::vector<uint32_t> keptRows;
        auto failure = failed.begin();
        for (uint32_t key = 0; key < calls.entries.size(); ++key) {
            const KeyedTable::Entry entry = calls.entries[key];
            const bool hasFailed = failure != failed.end() && *failure == key;
            if (hasFailed) ++failure;
            if (hasFailed && !table_.isNew(partition, entry)) continue;
            if (hasFailed || next.isNull(key)) {
                gone.push_back(entry);
            } else {
                kept.push_back(entry);
                keptRows.push_back(key);
            }
        }
        table_.set(partition, kept, 0, *gather(next, keptRows));
        table_.erase(partition, gone);
    }

    void emitAll(uint32_t partition, Emitter& out)
    {
        const std::vector<KeyedTable::Entry> entries = table_.entries(partition);
        for (size_t from = 0; from < entries.size(); from += kVectorRows) {
            if (context_.stop) context_.stop->check();
            const auto piece = std::span(entries).subspan(from, std::min(kVectorRows, entries.size() - from));
            std::vector<ColumnPtr> columns = table_.keys(partition, piece);
            columns.push_back(table_.values(partition, 0, piece));
            out.emit(makeBatch(node_.output, std::move(columns), piece.size()));
        }
    }

    static void emitInVectors(const BatchPtr& batch, Emitter& out)
    {
        for (size_t from = 0; from < batch->rows(); from += kVectorRows) out.emit(slice(batch, from, std::min(kVectorRows, batch->rows() - from)));
    }

    const Compiled& node_;
    bool emitAll_;
    bool callIdle_;
    BatchContext context_;
    KeyedTable& table_;
    KeyExchange exchange_;
};

class UpdateStateByKey final : public BatchOperator {
public:
    UpdateStateByKey(Compiled node, const Options& options) : node_(std::move(node)), emitAll_(options.emit == "all"), callIdle_(options.call == "every_key" && !node_.idleKeysKeep) {}

    std::vector<std::unique_ptr<State>> makeStates() const override
    {
        std::vector<std::unique_ptr<State>> states;
        states.push_back(std::make_unique<KeyedTable>(KeyedTable::Shape{"state", node_.keys.fields(), {{"state", node_.stateType}}, false}));
        return states;
    }

    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>> states, size_t workers) const override
    {
        auto& table = static_cast<KeyedTable&>(*states.front());
        if (node_.initial && table.untouched()) addInitialState(table, *node_.initial, context.batchTime);
        return std::make_unique<UpdateWork>(node_, emitAll_, callIdle_, context, table, workers);
    }

private:
    Compiled node_;
    bool emitAll_;
    bool callIdle_;
};

}

NodeType updateStateByKeyNode()
{
    return Declare<Options>("update_state_by_key", Group::State)
        .summary("Keep a value per key and renew it in every batch.")
        .help("As Spark's updateStateByKey: `update` gives the new state from `state` (NULL for a new key), `values` (an array, in input order; empty for keys without rows) and the keys. "
              "NULL forgets the key. Rows come by partition, then in the order in which the keys first came.")
        .input("in").output("out", "The keys and their state.").rejects().stateful()
        .field(&Options::keys, {.name = "keys", .help = "What a state belongs to: columns, or expressions with AS.", .kind = FieldKind::Expressions, .required = true, .example = Json::array({Json::string("word")}), .effect = StateEffect::Resets})
        .field(&Options::values, {.name = "values", .help = "The value that each row adds to `values`.", .kind = FieldKind::Expression, .required = true, .example = Json::string("n"), .effect = StateEffect::Keeps})
        .field(&Options::update, {.name = "update", .help = "The new state, over `state`, `values` and the keys; NULL forgets the key.", .kind = FieldKind::Expression, .required = true,
                                  .example = Json::string("coalesce(state, 0L) + aggregate(values, 0L, (a, x) -> a + x)"), .effect = StateEffect::Keeps, .names = {"state", "values"}})
        .field(&Options::as, {.name = "as", .help = "Name of the column of states.", .kind = FieldKind::Text, .fallback = Json::string("state"), .example = Json::string("total")})
        .field(&Options::emit, {.name = "emit", .help = "Which keys are put out in a batch: all, or those whose state changed or is new.", .kind = FieldKind::Choice, .fallback = Json::string("all"), .choices = {"all", "changed"}})
        .field(&Options::call, {.name = "call", .help = "For which keys update is called: every key, or only those with rows in the batch.", .kind = FieldKind::Choice, .fallback = Json::string("every_key"),
                                .choices = {"every_key", "keys_with_values"}, .effect = StateEffect::Keeps})
        .field(&Options::initial, {.name = "initial", .help = "States to begin with: rows of the keys and `state`.", .kind = FieldKind::Table, .effect = StateEffect::Keeps, .advanced = true})
        .field(&Options::stateType, {.name = "state_type", .help = "Type of the state; told from `update` if left out.", .kind = FieldKind::Type, .example = Json::string("BIGINT"), .effect = StateEffect::Keeps, .advanced = true})
        .compiled([](const Options& o, const Inputs& in, const PlanContext& context) { return compile(o, in.only(), context); },
                  [](const Compiled& compiled) { return *compiled.output; },
                  [](Compiled compiled, const Options& o) { return std::make_unique<UpdateStateByKey>(std::move(compiled), o); });
}

}
