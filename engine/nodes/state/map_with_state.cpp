#include "engine/dataflow/change_set.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/entry_groups.h"
#include "engine/dataflow/key_exchange.h"
#include "engine/dataflow/named_columns.h"
#include "engine/dataflow/rejecting.h"
#include "engine/nodes/state/shared/initial_state.h"
#include "engine/nodes/state/shared/record_rounds.h"
#include "engine/nodes/state/shared/state_type.h"

#include <fmt/format.h>

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> keys;
    std::string state;
    std::vector<std::string> columns;
    std::optional<std::string> emitWhen;
    std::optional<Duration> timeout;
    Json initial;
    std::optional<Type> stateType;
};

struct Compiled {
    std::vector<size_t> keys;               // input columns
    std::vector<Field> keyFields;
    Expression state;                       // over the input and `state`
    Type stateType;
    std::vector<Expression> columns;        // over the input, `old_state`, `state` and `timing_out`
    std::optional<Expression> emitWhen;
    std::optional<Duration> timeout;
    BatchPtr initial;
    Schema input;
    SchemaPtr stateInput;
    SchemaPtr columnsInput;
    SchemaPtr output;
    SchemaPtr snapshots;
};

Checked<Compiled> compile(const Options& options, const Schema& input, const PlanContext& context)
{
    auto keys = columnsNamed(options.keys, input, "keys");
    if (!keys) return keys.error();
    for (const Field& field : input.fields()) {
        for (const char* taken : {"state", "old_state", "timing_out"}) {
            if (sameName(field.name, taken)) return FieldError{"state", fmt::format("{} means the state here, but the input has a column {}", taken, field.name), "rename the column with a select before this node"};
        }
    }
    auto state = compileStateExpression("state", options.state, input.fields(), options.stateType);
    if (!state) return state.error();
    std::vector<Field> keyFields, stateInput = input.fields(), columnsInput = input.fields(), outputs, snapshots;
    for (const size_t key : *keys) keyFields.push_back(input[key]);
    auto initial = readInitialState(options.initial, keyFields, state->type, context.timeZone);
    if (!initial) return initial.error();
    stateInput.push_back({"state", state->type});
    columnsInput.push_back({"old_state", state->type});
    columnsInput.push_back({"state", state->type});
    columnsInput.push_back({"timing_out", TypeKind::Boolean});
    snapshots = keyFields;
    snapshots.push_back({"state", state->type});

    std::vector<std::string> texts = options.columns;
    if (texts.empty()) {
        for (const Field& field : snapshots) texts.push_back('`' + field.name + '`');
    }
    std::vector<Expression> columns;
    for (size_t item = 0; item < texts.size(); ++item) {
        auto column = compileExpression(texts[item], Schema(columnsInput));
        if (!column) return inItem("columns", item, column.error());
        outputs.push_back({column->name(), column->type()});
        columns.push_back(std::move(*column));
    }
    if (const auto twice = duplicateName(outputs)) return FieldError{"columns", fmt::format("two columns are called {}", *twice), "name one of them with AS"};
    std::optional<Expression> emitWhen;
    if (options.emitWhen) {
        auto condition = compileCondition(*options.emitWhen, Schema(columnsInput));
        if (!condition) return inField("emit_when", condition.error());
        emitWhen = std::move(*condition);
    }
    const auto shared = [](std::vector<Field> fields) { return std::make_shared<const Schema>(std::move(fields)); };
    return Compiled{std::move(*keys), std::move(keyFields), std::move(state->expression), state->type, std::move(columns), std::move(emitWhen), options.timeout, std::move(*initial), input,
                    shared(std::move(stateInput)), shared(std::move(columnsInput)), shared(std::move(outputs)), shared(std::move(snapshots))};
}

std::vector<Type> typesOf(const Schema& schema)
{
    std::vector<Type> types;
    for (const Field& field : schema.fields()) types.push_back(field.type);
    return types;
}

class MapWork final : public BatchWork {
public:
    MapWork(const Compiled& node, const BatchContext& context, KeyedTable& table, size_t workers) : node_(node), context_(context), table_(table), exchange_(typesOf(node.input), workers) {}

    void consume(size_t, const Morsel& in, size_t worker, Emitter&) override
    {
        std::vector<ColumnPtr> keys;
        for (const size_t key : node_.keys) keys.push_back(in.batch->column(key));
        exchange_.add(in, keys, in.batch->columns(), worker);
    }

    void prepare() override { exchange_.close(); }
    size_t parts() const override { return kPartitions; }

    void finish(size_t part, Emitter& out) override
    {
        const auto partition = static_cast<uint32_t>(part);
        const KeyExchange::Rows rows = exchange_.take(partition);
        if (rows.count > 0) applyRows(partition, rows, out);
        if (node_.timeout) timeOut(partition, out);
        if (out.wants(1)) snapshot(partition, out);
        table_.seal(partition);
    }

private:
    void applyRows(uint32_t partition, const KeyExchange::Rows& rows, Emitter& out)
    {
        std::vector<KeyedTable::Entry> entries(rows.count);
        table_.findOrInsert(partition, rows.keys, rows.hashes, entries);
        const EntryGroups groups = groupByEntry(entries);
        std::vector<ColumnPtr> columns;
        for (const ColumnPtr& column : rows.columns) columns.push_back(inGroupOrder(column, groups));
        RecordStates states = applyRecords(node_.state, node_.stateInput, columns, groups, table_.values(partition, 0, groups.entries), evalContext(context_));

        std::vector<uint32_t> groupOf(rows.count), reached;
        for (uint32_t g = 0; g < groups.size(); ++g) std::fill(groupOf.begin() + groups.offsets[g], groupOf.begin() + groups.offsets[g + 1], g);
        for (uint32_t row = 0; row < rows.count; ++row) {
            if (states.failures[groupOf[row]].empty()) reached.push_back(row);
        }
        columns.push_back(states.before);
        columns.push_back(states.after);
        columns.push_back(repeated(false, rows.count));
        BatchPtr all = makeBatch(node_.columnsInput, std::move(columns), rows.count);
        if (reached.size() < rows.count) all = gather(*all, reached);
        const auto fail = [&](uint32_t row, const char* field, const std::string& reason) {
            const uint32_t group = groupOf[reached[row]];
            if (!states.failures[group].empty()) return;
            states.failures[group] = reason;
            states.fields[group] = field;
        };
        const Output output = outputOf(all, fail);
        store(partition, groups, states);
        reject(partition, groups, states, out);
        std::vector<uint32_t> good;
        for (uint32_t i = 0; i < output.rows.size(); ++i) {
            if (states.failures[groupOf[reached[output.rows[i]]]].empty()) good.push_back(i);
        }
        emitInVectors(good.size() == output.rows.size() ? output.batch : gather(*output.batch, good), 0, out);
    }

    struct Output {
        BatchPtr batch;
        std::vector<uint32_t> rows;     // of the input that it was made of
    };

    // The rows that emit_when takes, as output; fail(row, field, reason) is told of those that fail.
    template <class Fail>
    Output outputOf(const BatchPtr& all, Fail&& fail) const
    {
        Output output;
        BatchPtr input = all;
        if (node_.emitWhen) {
            const Evaluated condition = node_.emitWhen->evaluate(*all, evalContext(context_));
            for (const RowError& error : condition.errors) fail(error.row, "emit_when", error.reason);
            output.rows = rowsThatAreTrue(*condition.column);
            if (output.rows.size() < all->rows()) input = gather(*all, output.rows);
        } else {
            output.rows.resize(all->rows());
            for (uint32_t row = 0; row < output.rows.size(); ++row) output.rows[row] = row;
        }
        std::vector<ColumnPtr> columns;
        for (const Expression& expression : node_.columns) {
            Evaluated evaluated = expression.evaluate(*input, evalContext(context_));
            for (const RowError& error : evaluated.errors) fail(output.rows[error.row], "columns", error.reason);
            columns.push_back(std::move(evaluated.column));
        }
        output.batch = makeBatch(node_.output, std::move(columns), input->rows());
        return output;
    }

    // NULL forgets the key; what failed stays as it was, which for a new key means that it is not there.
    void store(uint32_t partition, const EntryGroups& groups, const RecordStates& states)
    {
        std::vector<KeyedTable::Entry> kept, gone;
        std::vector<uint32_t> keptGroups;
        for (uint32_t g = 0; g < groups.size(); ++g) {
            const bool failed = !states.failures[g].empty();
            if (failed && !table_.isNew(partition, groups.entries[g])) continue;
            if (failed || states.last->isNull(g)) {
                gone.push_back(groups.entries[g]);
            } else {
                kept.push_back(groups.entries[g]);
                keptGroups.push_back(g);
            }
        }
        table_.set(partition, kept, 0, kept.size() == groups.size() ? *states.last : *gather(*states.last, keptGroups));
        table_.touch(partition, kept, context_.batchTime);
        table_.erase(partition, gone);
    }

    void reject(uint32_t partition, const EntryGroups& groups, const RecordStates& states, Emitter& out)
    {
        for (uint32_t g = 0; g < groups.size(); ++g) {
            if (states.failures[g].empty()) continue;
            for (uint32_t i = groups.offsets[g]; i < groups.offsets[g + 1]; ++i) {
                const auto [batch, row] = exchange_.origin(partition, groups.order[i]);
                const RowError error{row, states.failures[g]};
                rejectRows(*batch, states.fields[g], {&error, 1}, out);
            }
        }
    }

    // Keys that no row has touched for longer than the timeout go; the row columns are NULL but the keys.
    void timeOut(uint32_t partition, Emitter& out)
    {
        const std::vector<KeyedTable::Entry> entries = table_.touchedBefore(partition, context_.batchTime - *node_.timeout);
        if (entries.empty()) return;
        std::vector<ColumnPtr> columns;
        for (const Field& field : node_.input.fields()) columns.push_back(Column::nullsOf(field.type, entries.size()));
        const std::vector<ColumnPtr> keys = table_.keys(partition, entries);
        for (size_t k = 0; k < keys.size(); ++k) columns[node_.keys[k]] = keys[k];
        const ColumnPtr state = table_.values(partition, 0, entries);
        columns.push_back(state);
        columns.push_back(state);
        columns.push_back(repeated(true, entries.size()));
        const BatchPtr all = makeBatch(node_.columnsInput, std::move(columns), entries.size());
        std::vector<uint8_t> failed(entries.size());
        const Output output = outputOf(all, [&](uint32_t row, const char* field, const std::string& reason) {
            const RowError error{row, reason};
            if (!failed[row]) rejectRows(*all, field, {&error, 1}, out);
            failed[row] = 1;
        });
        std::vector<uint32_t> good;
        for (uint32_t i = 0; i < output.rows.size(); ++i) {
            if (!failed[output.rows[i]]) good.push_back(i);
        }
        table_.erase(partition, entries);
        emitInVectors(good.size() == output.rows.size() ? output.batch : gather(*output.batch, good), 0, out);
    }

    void snapshot(uint32_t partition, Emitter& out)
    {
        const std::vector<KeyedTable::Entry> entries = table_.entries(partition);
        if (entries.empty()) return;
        std::vector<ColumnPtr> columns = table_.keys(partition, entries);
        columns.push_back(table_.values(partition, 0, entries));
        emitInVectors(makeBatch(node_.snapshots, std::move(columns), entries.size()), 1, out);
    }

    static void emitInVectors(const BatchPtr& batch, size_t port, Emitter& out)
    {
        for (size_t from = 0; from < batch->rows(); from += kVectorRows) out.emit(slice(batch, from, std::min(kVectorRows, batch->rows() - from)), port);
    }

    const Compiled& node_;
    BatchContext context_;
    KeyedTable& table_;
    KeyExchange exchange_;
};

class MapWithState final : public BatchOperator {
public:
    explicit MapWithState(Compiled node) : node_(std::move(node)) {}

    std::vector<std::unique_ptr<State>> makeStates() const override
    {
        std::vector<std::unique_ptr<State>> states;
        states.push_back(std::make_unique<KeyedTable>(KeyedTable::Shape{"state", node_.keyFields, {{"state", node_.stateType}}, true}));
        return states;
    }

    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>> states, size_t workers) const override
    {
        auto& table = static_cast<KeyedTable&>(*states.front());
        if (node_.initial && table.untouched()) addInitialState(table, *node_.initial, context.batchTime);
        return std::make_unique<MapWork>(node_, context, table, workers);
    }

    // The first batch in which last touch < batch time - timeout.
    std::optional<Timestamp> nextWake(std::span<const std::unique_ptr<State>> states) const override
    {
        if (!node_.timeout) return std::nullopt;
        const auto first = static_cast<const KeyedTable&>(*states.front()).firstTouch();
        if (!first) return std::nullopt;
        return *first + *node_.timeout + Duration{1};
    }

private:
    Compiled node_;
};

}

NodeType mapWithStateNode()
{
    return Declare<Options>("map_with_state", Group::State)
        .summary("Keep a value per key and renew it with every row.")
        .help("As Spark's mapWithState: `state` is worked out once per row, in order; `columns` make the output of that row over its columns, `old_state`, `state` and `timing_out`. "
              "A key without rows for longer than `timeout` comes once more with timing_out = true, its other columns NULL, and is forgotten. Rows come by partition, then in the order in which the keys first came.")
        .input("in").output("out", "One row per input row that emit_when takes.").output("snapshots", "All keys and their state in every batch.").rejects().stateful()
        .field(&Options::keys, {.name = "keys", .help = "Columns that a state belongs to.", .kind = FieldKind::Columns, .required = true, .example = Json::array({Json::string("user")}), .effect = StateEffect::Resets})
        .field(&Options::state, {.name = "state", .help = "The new state after a row, over `state` (NULL for a new key) and the row; NULL forgets the key.", .kind = FieldKind::Expression, .required = true,
                                 .example = Json::string("coalesce(state, 0L) + 1"), .effect = StateEffect::Keeps, .names = {"state"}})
        .field(&Options::columns, {.name = "columns", .help = "What is put out for a row; the keys and `state` if left out.", .kind = FieldKind::Expressions, .example = Json::array({Json::string("user"), Json::string("state AS visits")}), .names = {"old_state", "state", "timing_out"}})
        .field(&Options::emitWhen, {.name = "emit_when", .help = "Which rows are put out; all if left out.", .kind = FieldKind::Expression, .example = Json::string("timing_out"), .names = {"old_state", "state", "timing_out"}})
        .field(&Options::timeout, {.name = "timeout", .help = "How long a key is kept without rows; for ever if left out.", .kind = FieldKind::Duration, .example = Json::string("30m"), .effect = StateEffect::Keeps})
        .field(&Options::initial, {.name = "initial", .help = "States to begin with: rows of the keys and `state`.", .kind = FieldKind::Table, .effect = StateEffect::Keeps, .advanced = true})
        .field(&Options::stateType, {.name = "state_type", .help = "Type of the state; told from `state` if left out.", .kind = FieldKind::Type, .example = Json::string("BIGINT"), .effect = StateEffect::Keeps, .advanced = true})
        .check([](const Options& o) -> std::vector<FieldError> {
            if (!o.timeout || o.timeout->micros > 0) return {};
            return {{"timeout", fmt::format("timeout must be longer than 0, but is {}", printDuration(*o.timeout)), {}}};
        })
        .compiled([](const Options& o, const Inputs& in, const PlanContext& context) { return compile(o, in.only(), context); },
                  [](const Compiled& compiled) { return std::vector<Schema>{*compiled.output, *compiled.snapshots}; },
                  [](Compiled compiled) { return std::make_unique<MapWithState>(std::move(compiled)); });
}

}
