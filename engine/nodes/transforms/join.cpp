#include "engine/columns/ddl.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/gathered_rows.h"
#include "engine/nodes/transforms/shared/standing_side.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> keys;
    std::string type = "inner";
};

// Pairs are handed on in batches of about this many.
constexpr size_t kPairsAtOnce = 8 * kVectorRows;

struct Compiled {
    KeyColumns leftKeys, rightKeys;
    std::vector<size_t> leftColumns, rightColumns;  // that are no keys
    std::vector<Type> leftTypes, rightTypes;
    SchemaPtr schema;
    bool keepLeft = false, keepRight = false;       // rows without a partner
    bool plainKeys = true;                          // columns of the right side, which say the same in every batch
};

bool hasName(const std::vector<Field>& fields, const std::string& name)
{
    return std::ranges::any_of(fields, [&](const Field& field) { return sameName(field.name, name); });
}

Checked<Compiled> compile(const Options& options, const Inputs& in)
{
    const Schema& left = in.at("left");
    const Schema& right = in.at("right");
    auto leftKeys = KeyColumns::compile(options.keys, left);
    if (!leftKeys) return leftKeys.error();
    auto rightKeys = KeyColumns::compile(options.keys, right);
    if (!rightKeys) return rightKeys.error();
    Compiled result{std::move(*leftKeys), std::move(*rightKeys)};
    std::vector<Field> fields = result.leftKeys.fields();
    for (size_t k = 0; k < fields.size(); ++k) {
        const Type& other = result.rightKeys.fields()[k].type;
        if (!(fields[k].type == other)) return FieldError{"keys", fmt::format("the key {} must have one type, but is {} on the left and {} on the right", fields[k].name, fields[k].type.toDdl(), other.toDdl()), "cast one of them in a select before the join"};
    }
    const std::vector<Field> keys = fields;
    const auto addColumns = [&](const Schema& side, const Schema& other, const char* prefix, std::vector<size_t>& columns, std::vector<Type>& types) {
        for (size_t c = 0; c < side.size(); ++c) {
            if (hasName(keys, side[c].name)) continue;
            columns.push_back(c);
            types.push_back(side[c].type);
            fields.push_back({hasName(other.fields(), side[c].name) ? prefix + side[c].name : side[c].name, side[c].type});
        }
    };
    addColumns(left, right, "left_", result.leftColumns, result.leftTypes);
    addColumns(right, left, "right_", result.rightColumns, result.rightTypes);
    if (const auto twice = duplicateName(fields)) return FieldError{"keys", "the output has the column " + *twice + " twice", "rename it in a select before the join"};
    result.schema = std::make_shared<const Schema>(std::move(fields));
    result.keepLeft = options.type == "left" || options.type == "full";
    result.keepRight = options.type == "right" || options.type == "full";
    result.plainKeys = std::ranges::all_of(options.keys, [&](const std::string& key) { return right.indexOf(key).has_value(); });
    return result;
}

class JoinWork final : public BatchWork {
public:
    JoinWork(const Compiled& node, StandingSide& standing, const BatchContext& context, size_t workers)
        : node_(node), standing_(standing), context_(context), left_(node.leftKeys, node.leftTypes, workers), right_(std::make_unique<KeyedSide>(node.rightKeys, node.rightTypes, workers)), seen_(workers), kept_(standing.kept())
    {
    }

    void consume(size_t port, const Morsel& in, size_t worker, Emitter& rejects) override
    {
        if (port == 0) return add(left_, node_.leftColumns, in, worker, rejects);
        if (node_.plainKeys) seen_.add(in, worker);
        // What is remembered need not be looked at again.
        if (!kept_ || !kept_->known.contains(in.batch.get())) add(*right_, node_.rightColumns, in, worker, rejects);
    }

    void prepare() override
    {
        std::vector<Morsel> seen;
        if (node_.plainKeys) seen = seen_.take();
        std::vector<BatchPtr> batches;
        for (const Morsel& morsel : seen) batches.push_back(morsel.batch);
        const bool again = node_.plainKeys && standing_.sameAgain(batches);
        if (kept_ && !(again && batches == kept_->batches)) addWhatWasPassedOver(seen);
        left_.close();
        right_->close();
        if (!again || kept_) return;
        fresh_ = std::make_shared<StandingSide::Kept>();
        fresh_->batches = std::move(batches);
        for (const BatchPtr& batch : fresh_->batches) fresh_->known.insert(batch.get());
    }
    size_t parts() const override { return kPartitions; }

    // Left rows in order, each with its partners in order; then right rows without a partner.
    void finish(size_t part, Emitter& out) override
    {
        const KeyedSide::Rows left = left_.rows(static_cast<uint32_t>(part));
        StandingSide::Part made;
        if (!kept_) made = rightPart(part);
        const KeyedSide::Rows& right = kept_ ? kept_->parts[part].rows : made.rows;
        const RowsByKey& byKey = kept_ ? kept_->parts[part].byKey : made.byKey;
        std::vector<uint8_t> matched(right.count, 0);
        std::vector<uint32_t> leftRows, rightRows;
        for (uint32_t row = 0; row < left.count; ++row) {
            const uint32_t key = byKey.keys() == 0 || anyNull(left.keys, row) ? KeyIndex::kNone : byKey.find(left.texts[row], left.hashes[row]);
            if (key == KeyIndex::kNone) {
                if (node_.keepLeft) leftRows.push_back(row), rightRows.push_back(kNoRow);
            } else {
                byKey.forEach(key, [&](uint32_t partner) {
                    matched[partner] = 1;
                    leftRows.push_back(row);
                    rightRows.push_back(partner);
                    if (leftRows.size() >= kPairsAtOnce) emitPairs(left, right, leftRows, rightRows, out);
                });
            }
            if (leftRows.size() >= kPairsAtOnce) emitPairs(left, right, leftRows, rightRows, out);
        }
        emitPairs(left, right, leftRows, rightRows, out);
        if (node_.keepRight) emitAlone(right, matched, out);
        if (fresh_) remember(part, std::move(made));
    }

private:
    void add(KeyedSide& side, const std::vector<size_t>& columns, const Morsel& in, size_t worker, Emitter& rejects)
    {
        side.add(in, context_, worker, rejects, [&](KeyedSide::Carried& carried) {
            for (const size_t column : columns) carried.columns.push_back(carried.batch->column(column));
        });
    }

    // There are others too, or some of them have gone: what is remembered is of no use. Plain keys reject nothing.
    void addWhatWasPassedOver(const std::vector<Morsel>& seen)
    {
        class Nowhere final : public Emitter {
        public:
            void emit(BatchPtr, size_t, std::optional<uint32_t>) override {}
            void reject(Rejected) override {}
        } nowhere;
        for (const Morsel& morsel : seen) {
            if (kept_->known.contains(morsel.batch.get())) add(*right_, node_.rightColumns, morsel, 0, nowhere);
        }
        kept_.reset();
    }

    StandingSide::Part rightPart(size_t part) const
    {
        StandingSide::Part made{right_->rows(static_cast<uint32_t>(part)), {}};
        for (uint32_t row = 0; row < made.rows.count; ++row) {
            if (!anyNull(made.rows.keys, row)) made.byKey.append(made.byKey.add(made.rows.texts[row], made.rows.hashes[row]), row);
        }
        return made;
    }

    // The last part makes it whole.
    void remember(size_t part, StandingSide::Part made)
    {
        fresh_->parts[part] = std::move(made);
        if (++remembered_ < kPartitions) return;
        fresh_->side = std::move(right_);
        standing_.keep(std::move(fresh_));
    }

    void emitPairs(const KeyedSide::Rows& left, const KeyedSide::Rows& right, std::vector<uint32_t>& leftRows, std::vector<uint32_t>& rightRows, Emitter& out) const
    {
        context_.stop->check();
        if (leftRows.empty()) return;
        std::vector<ColumnPtr> columns;
        for (const ColumnPtr& key : left.keys) columns.push_back(gather(*key, leftRows));
        for (const ColumnPtr& column : left.columns) columns.push_back(gather(*column, leftRows));
        for (size_t c = 0; c < node_.rightTypes.size(); ++c) columns.push_back(right.count == 0 ? Column::nullsOf(node_.rightTypes[c], rightRows.size()) : gatherOrNull(*right.columns[c], rightRows));
        out.emit(makeBatch(node_.schema, std::move(columns), leftRows.size()));
        leftRows.clear();
        rightRows.clear();
    }

    void emitAlone(const KeyedSide::Rows& right, const std::vector<uint8_t>& matched, Emitter& out) const
    {
        std::vector<uint32_t> rows;
        for (uint32_t row = 0; row < right.count; ++row) {
            if (!matched[row]) rows.push_back(row);
        }
        if (rows.empty()) return;
        std::vector<ColumnPtr> columns;
        for (const ColumnPtr& key : right.keys) columns.push_back(gather(*key, rows));
        for (const Type& type : node_.leftTypes) columns.push_back(Column::nullsOf(type, rows.size()));
        for (const ColumnPtr& column : right.columns) columns.push_back(gather(*column, rows));
        out.emit(makeBatch(node_.schema, std::move(columns), rows.size()));
    }

    const Compiled& node_;
    StandingSide& standing_;
    const BatchContext& context_;
    KeyedSide left_;
    std::unique_ptr<KeyedSide> right_;
    GatheredRows seen_;                                 // of the right side
    std::shared_ptr<const StandingSide::Kept> kept_;    // the right side, if it is the one of before
    std::shared_ptr<StandingSide::Kept> fresh_;         // what will be remembered
    std::atomic<size_t> remembered_{0};
};

class Join final : public BatchOperator {
public:
    explicit Join(Compiled compiled) : compiled_(std::move(compiled)) {}
    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>>, size_t workers) const override { return std::make_unique<JoinWork>(compiled_, standing_, context, workers); }

private:
    Compiled compiled_;
    mutable StandingSide standing_;
};

}

NodeType joinNode()
{
    return Declare<Options>("join", Group::Transform)
        .summary("Put rows of two streams together that have the same key, batch by batch.")
        .help("Rows meet within one batch; put a window before the join to reach further back. The key columns stand once; other "
              "columns of equal names become left_x and right_x. A NULL key meets nothing. A table that stands beside the stream "
              "(source.table) belongs on the right: it is put in order once, not in every batch.")
        .input("left").input("right").output("out").rejects()
        .field(&Options::keys, {.name = "keys", .help = "Columns or expressions that both sides have.", .kind = FieldKind::Expressions, .required = true, .example = Json::array({Json::string("user")})})
        .field(&Options::type, {.name = "type", .help = "Which rows without a partner are kept: none (inner), those of the left, the right or both sides (full).", .kind = FieldKind::Choice, .fallback = Json::string("inner"), .choices = {"inner", "left", "right", "full"}})
        .check([](const Options& o) {
            std::vector<FieldError> errors;
            if (o.keys.empty()) errors.push_back({"keys", "keys is empty", "name a column that both sides have"});
            return errors;
        })
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in); },
                  [](const Compiled& compiled) { return *compiled.schema; },
                  [](Compiled compiled) { return std::make_unique<Join>(std::move(compiled)); });
}

}
