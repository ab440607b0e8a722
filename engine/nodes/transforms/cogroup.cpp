#include "engine/columns/builder.h"
#include "engine/dataflow/declare.h"
#include "engine/nodes/transforms/shared/keyed_side.h"

namespace streamwright {

namespace {

struct Options {
    std::vector<std::string> keys;
    std::string left;
    std::string right;
};

struct Side {
    std::string field;      // the option of the value
    KeyColumns keys;
    Expression value;
};

struct Compiled {
    Side left, right;
    SchemaPtr schema;
};

Checked<Side> compileSide(const Options& options, const char* name, const std::string& value, const Schema& input)
{
    auto keys = KeyColumns::compile(options.keys, input);
    if (!keys) return keys.error();
    auto expression = compileExpression(value, input);
    if (!expression) return inField(name, expression.error());
    return Side{name, std::move(*keys), std::move(*expression)};
}

Checked<Compiled> compile(const Options& options, const Inputs& in)
{
    auto left = compileSide(options, "left", options.left, in.at("left"));
    if (!left) return left.error();
    auto right = compileSide(options, "right", options.right, in.at("right"));
    if (!right) return right.error();
    std::vector<Field> fields = left->keys.fields();
    for (size_t k = 0; k < fields.size(); ++k) {
        const Type& other = right->keys.fields()[k].type;
        if (!(fields[k].type == other)) return FieldError{"keys", fmt::format("the key {} must have one type, but is {} on the left and {} on the right", fields[k].name, fields[k].type.toDdl(), other.toDdl()), "cast one of them in a select before"};
    }
    fields.push_back({"left", Type::array(left->value.type())});
    fields.push_back({"right", Type::array(right->value.type())});
    if (const auto twice = duplicateName(fields)) return FieldError{"keys", "the output has the column " + *twice + " twice", "give the key another name with AS"};
    return Compiled{std::move(*left), std::move(*right), std::make_shared<const Schema>(std::move(fields))};
}

class CogroupWork final : public BatchWork {
public:
    CogroupWork(const Compiled& node, const BatchContext& context, size_t workers)
        : node_(node), context_(context), left_(node.left.keys, {node.left.value.type()}, workers), right_(node.right.keys, {node.right.value.type()}, workers)
    {
    }

    void consume(size_t port, const Morsel& in, size_t worker, Emitter& rejects) override
    {
        const Side& side = port == 0 ? node_.left : node_.right;
        (port == 0 ? left_ : right_).add(in, context_, worker, rejects, [&](KeyedSide::Carried& carried) {
            Evaluated value = side.value.evaluate(*carried.batch, evalContext(context_));
            carried.columns.push_back(std::move(value.column));
            if (value.errors.empty()) return;
            rejectRows(*carried.batch, side.field, value.errors, rejects);
            const std::vector<uint32_t> rows = rowsWithoutErrors(carried.batch->rows(), value.errors);
            carried.batch = gather(*carried.batch, rows);
            for (ColumnPtr& key : carried.keys) key = gather(*key, rows);
            carried.columns.front() = gather(*carried.columns.front(), rows);
        });
    }

    void prepare() override
    {
        left_.close();
        right_.close();
    }
    size_t parts() const override { return kPartitions; }

    // Keys by their first row, those of the left side first.
    void finish(size_t part, Emitter& out) override
    {
        context_.stop->check();
        const KeyedSide::Rows left = left_.rows(static_cast<uint32_t>(part)), right = right_.rows(static_cast<uint32_t>(part));
        RowsByKey leftRows, rightRows;
        std::vector<uint32_t> leftFirst, rightFirst;    // a row of each key, of the side that has it
        const auto number = [&](const KeyedSide::Rows& rows, uint32_t row, bool isLeft) {
            const uint32_t key = leftRows.add(rows.texts[row], rows.hashes[row]);
            rightRows.add(rows.texts[row], rows.hashes[row]);
            if (key == leftFirst.size()) {
                leftFirst.push_back(isLeft ? row : kNoRow);
                rightFirst.push_back(isLeft ? kNoRow : row);
            }
            return key;
        };
        for (uint32_t row = 0; row < left.count; ++row) leftRows.append(number(left, row, true), row);
        for (uint32_t row = 0; row < right.count; ++row) rightRows.append(number(right, row, false), row);
        const size_t keys = leftRows.keys();
        if (keys == 0) return;
        std::vector<ColumnPtr> columns = keyColumns(left, right, leftFirst, rightFirst);
        columns.push_back(arrays(leftRows, keys, left, node_.left.value.type()));
        columns.push_back(arrays(rightRows, keys, right, node_.right.value.type()));
        out.emit(makeBatch(node_.schema, std::move(columns), keys));
    }

private:
    std::vector<ColumnPtr> keyColumns(const KeyedSide::Rows& left, const KeyedSide::Rows& right, std::span<const uint32_t> leftFirst, std::span<const uint32_t> rightFirst) const
    {
        // Left keys come first, so that the columns are one part of each side.
        const size_t ofLeft = static_cast<size_t>(std::ranges::find(leftFirst, kNoRow) - leftFirst.begin());
        std::vector<ColumnPtr> columns;
        for (size_t k = 0; k < node_.left.keys.fields().size(); ++k) {
            std::vector<ColumnPtr> parts;
            if (ofLeft > 0) parts.push_back(gather(*left.keys[k], leftFirst.first(ofLeft)));
            if (ofLeft < rightFirst.size()) parts.push_back(gather(*right.keys[k], rightFirst.subspan(ofLeft)));
            columns.push_back(parts.size() == 1 ? parts.front() : concatenate(parts));
        }
        return columns;
    }

    static ColumnPtr arrays(const RowsByKey& rows, size_t keys, const KeyedSide::Rows& side, const Type& type)
    {
        auto offsets = Buffer::allocate((keys + 1) * sizeof(uint32_t));
        auto* offset = reinterpret_cast<uint32_t*>(offsets->data());
        std::vector<uint32_t> picked;
        for (uint32_t key = 0; key < keys; ++key) {
            offset[key] = static_cast<uint32_t>(picked.size());
            rows.forEach(key, [&](uint32_t row) { picked.push_back(row); });
        }
        offset[keys] = static_cast<uint32_t>(picked.size());
        const ColumnPtr elements = side.count == 0 ? Column::nullsOf(type, 0) : gather(*side.columns.front(), picked);
        const void* data = offsets->data();
        return Column::make(Type::array(type), keys, data, nullptr, {std::move(offsets)}, {elements});
    }

    const Compiled& node_;
    const BatchContext& context_;
    KeyedSide left_, right_;
};

class Cogroup final : public BatchOperator {
public:
    explicit Cogroup(Compiled compiled) : compiled_(std::move(compiled)) {}
    std::unique_ptr<BatchWork> begin(const BatchContext& context, std::span<const std::unique_ptr<State>>, size_t workers) const override { return std::make_unique<CogroupWork>(compiled_, context, workers); }

private:
    Compiled compiled_;
};

}

NodeType cogroupNode()
{
    return Declare<Options>("cogroup", Group::Transform)
        .summary("Gather the values of each key of two streams into two arrays, batch by batch.")
        .help("A key that only one side has gets an empty array for the other. NULL keys are one group, as Spark's cogroup has it.")
        .input("left").input("right").output("out").rejects()
        .field(&Options::keys, {.name = "keys", .help = "Columns or expressions that both sides have.", .kind = FieldKind::Expressions, .required = true, .example = Json::array({Json::string("user")})})
        .field(&Options::left, {.name = "left", .help = "The value of a left row; struct(a, b) gathers several columns.", .kind = FieldKind::Expression, .required = true, .example = Json::string("amount")})
        .field(&Options::right, {.name = "right", .help = "The value of a right row.", .kind = FieldKind::Expression, .required = true, .example = Json::string("price")})
        .check([](const Options& o) {
            std::vector<FieldError> errors;
            if (o.keys.empty()) errors.push_back({"keys", "keys is empty", "name a column that both sides have"});
            return errors;
        })
        .compiled([](const Options& o, const Inputs& in, const PlanContext&) { return compile(o, in); },
                  [](const Compiled& compiled) { return *compiled.schema; },
                  [](Compiled compiled) { return std::make_unique<Cogroup>(std::move(compiled)); });
}

}
