#include "engine/nodes/transforms/shared/row_ordering.h"

#include "engine/columns/compare.h"
#include "engine/dataflow/gathered_rows.h"
#include "engine/dataflow/rejecting.h"

#include <bit>
#include <numeric>

namespace streamwright {

namespace {

// Rows between two looks at the stop token.
constexpr size_t kComparisonsAtOnce = 4096;

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
    return text;
}

// Takes the last word off if it is `word` and something stands before it.
bool takeWord(std::string_view& text, std::string_view word)
{
    const std::string_view all = trimmed(text);
    if (all.size() <= word.size() || !sameName(all.substr(all.size() - word.size()), word)) return false;
    const std::string_view rest = all.substr(0, all.size() - word.size());
    if (!std::isspace(static_cast<unsigned char>(rest.back())) && rest.back() != ')' && rest.back() != '`') return false;
    text = trimmed(rest);
    return true;
}

// Text and numbers as unsigned numbers of the same order; equal for values whose difference lies deeper.
uint64_t leadingBits(const Column& column, size_t row)
{
    constexpr uint64_t kSign = uint64_t{1} << 63;
    switch (column.type().kind()) {
    case TypeKind::Boolean: return column.value<uint8_t>(row);
    case TypeKind::Int:
    case TypeKind::Date: return static_cast<uint64_t>(int64_t{column.value<int32_t>(row)}) ^ kSign;
    case TypeKind::BigInt:
    case TypeKind::Timestamp: return static_cast<uint64_t>(column.value<int64_t>(row)) ^ kSign;
    case TypeKind::Float:
    case TypeKind::Double: {
        double value = column.type().is(TypeKind::Float) ? column.value<float>(row) : column.value<double>(row);
        if (value != value) return ~uint64_t{0};
        const auto bits = std::bit_cast<uint64_t>(value + 0.0);
        return bits & kSign ? ~bits : bits | kSign;
    }
    case TypeKind::String:
    case TypeKind::Binary: {
        uint64_t bits = 0;
        const StringRef text = column.value<StringRef>(row);
        std::memcpy(&bits, column.value<StringRef>(row).view().data(), std::min<size_t>(8, text.size()));
        return __builtin_bswap64(bits);
    }
    default: return 0;
    }
}

}

FieldSpec RowOrdering::field() { return {.name = "by", .help = "Columns or expressions, each with ASC or DESC.", .kind = FieldKind::Ordering, .required = true, .example = Json::array({Json::string("n DESC"), Json::string("word")})}; }

std::vector<FieldError> RowOrdering::check(const std::vector<std::string>& by)
{
    if (by.empty()) return {{"by", "by is empty", "name a column, for example \"n DESC\""}};
    return {};
}

Checked<RowOrdering> RowOrdering::compile(const std::vector<std::string>& by, const Schema& input)
{
    RowOrdering order;
    order.schema_ = std::make_shared<const Schema>(input);
    for (size_t item = 0; item < by.size(); ++item) {
        std::string_view rest = by[item];
        std::optional<bool> nullsFirst;
        for (const bool first : {true, false}) {
            std::string_view shorter = rest;
            if (takeWord(shorter, first ? "FIRST" : "LAST") && takeWord(shorter, "NULLS")) {
                nullsFirst = first;
                rest = shorter;
            }
        }
        const bool descending = takeWord(rest, "DESC");
        if (!descending) takeWord(rest, "ASC");
        auto expression = compileExpression(rest, input);
        if (!expression) return inItem("by", item, expression.error());
        order.keys_.push_back({std::move(*expression), descending, nullsFirst.value_or(!descending)});
    }
    return order;
}

// The rows of one batch.
class OrderedRows final : public BatchWork {
public:
    OrderedRows(const RowOrdering& order, size_t most, const BatchContext& context, size_t workers) : order_(order), most_(most), context_(context), perWorker_(workers) {}

    // Rows for which a key fails are rejected.
    void consume(size_t port, const Morsel& in, size_t worker, Emitter& rejects) override;
    // Equal rows stay in input order.
    void finish(size_t port, Emitter& out) override;

private:
    struct Piece {
        Morsel morsel;
        std::vector<ColumnPtr> keys;
    };
    void concatenateAll();
    std::vector<uint64_t> firstKeys() const;
    bool before(uint32_t a, uint32_t b) const;

    const RowOrdering& order_;
    size_t most_;
    const BatchContext& context_;
    std::vector<std::vector<Piece>> perWorker_;
    BatchPtr all_;
    std::vector<ColumnPtr> keys_;
};

void OrderedRows::consume(size_t, const Morsel& in, size_t worker, Emitter& rejects)
{
    Piece piece{in, {}};
    std::vector<RowError> errors;
    for (const RowOrdering::Key& key : order_.keys_) {
        Evaluated evaluated = key.expression.evaluate(*in.batch, evalContext(context_));
        piece.keys.push_back(std::move(evaluated.column));
        errors.insert(errors.end(), std::make_move_iterator(evaluated.errors.begin()), std::make_move_iterator(evaluated.errors.end()));
    }
    if (!errors.empty()) {
        std::ranges::stable_sort(errors, {}, &RowError::row);
        const auto twice = std::unique(errors.begin(), errors.end(), [](const RowError& a, const RowError& b) { return a.row == b.row; });
        errors.erase(twice, errors.end());
        rejectRows(*in.batch, "by", errors, rejects);
        const std::vector<uint32_t> rows = rowsWithoutErrors(in.batch->rows(), errors);
        piece.morsel.batch = gather(*in.batch, rows);
        for (ColumnPtr& key : piece.keys) key = gather(*key, rows);
    }
    if (piece.morsel.batch->rows() > 0) perWorker_[worker].push_back(std::move(piece));
}

void OrderedRows::concatenateAll()
{
    std::vector<Piece> pieces;
    for (std::vector<Piece>& each : perWorker_) std::ranges::move(each, std::back_inserter(pieces));
    std::ranges::stable_sort(pieces, [](const Piece& a, const Piece& b) { return std::pair(a.morsel.partition, a.morsel.ordinal) < std::pair(b.morsel.partition, b.morsel.ordinal); });
    std::vector<BatchPtr> batches;
    for (const Piece& piece : pieces) batches.push_back(piece.morsel.batch);
    all_ = concatenate(order_.schema(), batches);
    for (size_t k = 0; !pieces.empty() && k < order_.keys_.size(); ++k) {
        std::vector<ColumnPtr> columns;
        for (const Piece& piece : pieces) columns.push_back(piece.keys[k]);
        keys_.push_back(concatenate(columns));
    }
}

// The first key of each row as a number that rises in the wanted order; ties are decided by `before`.
std::vector<uint64_t> OrderedRows::firstKeys() const
{
    std::vector<uint64_t> result(all_->rows(), 0);
    if (keys_.empty()) return result;
    const RowOrdering::Key& key = order_.keys_.front();
    const Column& column = *keys_.front();
    for (size_t row = 0; row < result.size(); ++row) {
        if (column.isNull(row)) result[row] = key.nullsFirst ? 0 : ~uint64_t{0};
        else result[row] = key.descending ? ~leadingBits(column, row) : leadingBits(column, row);
    }
    return result;
}

bool OrderedRows::before(uint32_t a, uint32_t b) const
{
    for (size_t k = 0; k < keys_.size(); ++k) {
        const RowOrdering::Key& key = order_.keys_[k];
        const bool nullA = keys_[k]->isNull(a), nullB = keys_[k]->isNull(b);
        if (nullA && nullB) continue;
        if (nullA || nullB) return nullA == key.nullsFirst;
        const int order = compareValues(*keys_[k], a, *keys_[k], b);
        if (order != 0) return key.descending ? order > 0 : order < 0;
    }
    return a < b;
}

void OrderedRows::finish(size_t, Emitter& out)
{
    concatenateAll();
    const std::vector<uint64_t> first = firstKeys();
    std::vector<uint32_t> rows(all_->rows());
    std::iota(rows.begin(), rows.end(), 0u);
    size_t asked = 0;
    const auto compare = [&](uint32_t a, uint32_t b) {
        if (++asked % kComparisonsAtOnce == 0) context_.stop->check();
        return first[a] != first[b] ? first[a] < first[b] : before(a, b);
    };
    if (most_ < rows.size()) {
        std::partial_sort(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(most_), rows.end(), compare);
        rows.resize(most_);
    } else {
        std::sort(rows.begin(), rows.end(), compare);
    }
    for (size_t from = 0; from < rows.size(); from += kVectorRows) {
        out.emit(gather(*all_, std::span(rows).subspan(from, std::min(kVectorRows, rows.size() - from))));
    }
}

std::unique_ptr<BatchWork> FirstRows::begin(const BatchContext& context, std::span<const std::unique_ptr<State>>, size_t workers) const { return std::make_unique<OrderedRows>(order_, most_, context, workers); }

}
