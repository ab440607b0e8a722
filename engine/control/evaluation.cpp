#include "engine/control/grid.h"
#include "engine/control/local_run.h"
#include "engine/control/rows_of_run.h"
#include "engine/expression/expression.h"
#include "engine/expression/lexer.h"
#include "engine/formats/json.h"

#include <fmt/format.h>
#include <numeric>

namespace streamwright {

namespace {

constexpr auto kMostTime = std::chrono::milliseconds(50);
constexpr int64_t kMostMemory = int64_t{16} << 20;

// Asks kernels to stop when the time is used up.
class TimeLimit {
public:
    TimeLimit() : thread_([this](const std::stop_token& ended) { wait(ended); }) {}
    const StopToken& token() const { return token_; }

private:
    void wait(const std::stop_token& ended)
    {
        std::unique_lock lock(mutex_);
        if (!over_.wait_for(lock, ended, kMostTime, [&] { return ended.stop_requested(); })) token_.request();
    }
    StopToken token_;
    std::mutex mutex_;
    std::condition_variable_any over_;
    std::jthread thread_;
};

struct Rows {
    BatchPtr batch;
    Timestamp batchTime;
    CellStyle style;
    std::vector<std::shared_ptr<const std::string>> texts;  // what `batch` has views of
};

Result<Rows> rowsOfTap(const LocalRun* run, const EvaluateQuery& query)
{
    const auto taps = run ? run->taps() : nullptr;
    const auto port = taps ? taps->find(query.node, query.port) : std::nullopt;
    if (!port) return mistake(fmt::format("no rows of {} are kept", query.node.name), "run the pipeline, paused or in preview");
    const auto page = taps->page(*port, query.moment.batch);
    if (!page) return mistake(query.moment.batch ? fmt::format("batch {} is not among those kept", *query.moment.batch) : fmt::format("{} has put out no rows yet", query.node.name));
    return Rows{page->rows->rows, page->batchTime, {run->settings().timeZone, [run](std::string text) { return run->redact(std::move(text)); }}, {}};
}

Result<Rows> rowsGiven(const EvaluateQuery& query)
{
    Rows rows;
    std::vector<StringRef> records;
    std::vector<Owner> owners;
    for (const std::string& row : query.rows) {
        owners.push_back(rows.texts.emplace_back(std::make_shared<const std::string>(row)));
        records.emplace_back(std::string_view(*rows.texts.back()));
    }
    const DecodedRows decoded = jsonDecoder(std::make_shared<const Schema>(query.schema), {.blank = Blank::NullRow})->decode(records, nullptr, owners);
    if (!decoded.bad.empty()) return mistake(fmt::format("row {}: {}", decoded.bad.front().record + 1, decoded.bad.front().reason));
    rows.batch = decoded.batch;
    if (query.schema.size() == 0) rows.batch = makeBatch(std::make_shared<const Schema>(), {}, std::max<size_t>(1, query.rows.size()));
    return rows;
}

// The columns that the expression names, in the order of the schema.
std::vector<size_t> namedColumns(const std::string& expression, const Schema& schema)
{
    std::vector<char> named(schema.size(), 0);
    syntax::Lexer lexer(expression);
    for (syntax::Token token = lexer.next(); token.kind != syntax::TokenKind::End && token.kind != syntax::TokenKind::Error; token = lexer.next()) {
        if (token.kind != syntax::TokenKind::Word && token.kind != syntax::TokenKind::Quoted) continue;
        const std::string_view name = token.kind == syntax::TokenKind::Quoted ? std::string_view(token.text) : token.source;
        if (const auto column = schema.indexOf(name)) named[*column] = 1;
    }
    std::vector<size_t> columns;
    for (size_t i = 0; i < named.size(); ++i) {
        if (named[i]) columns.push_back(i);
    }
    return columns;
}

// The value of one row; a row that needs too much is told as one that failed.
std::pair<Cell, std::string> valueOf(const Expression& expression, const Rows& rows, size_t row, const StopToken& stop)
{
    try {
        stop.check();
        const BatchPtr one = slice(rows.batch, row, 1);
        const Evaluated evaluated = expression.evaluate(*one, {rows.batchTime, rows.style.timeZone, &stop, static_cast<int64_t>(row), 0});
        if (!evaluated.errors.empty()) return {{.null = true}, rows.style.redact ? rows.style.redact(evaluated.errors.front().reason) : evaluated.errors.front().reason};
        return {cellOf(*evaluated.column, 0, rows.style), {}};
    } catch (const Stopped&) {
        return {{.null = true}, "takes longer than the 50 ms that a look at sample rows may take"};
    } catch (const MemoryExceeded&) {
        return {{.null = true}, "needs more than the 16 MiB that a look at sample rows may take"};
    }
}

}

Result<Evaluation> evaluation(const LocalRun* run, const EvaluateQuery& query, const StopToken& stop)
{
    auto rows = query.node.name.empty() ? rowsGiven(query) : rowsOfTap(run, query);
    if (!rows) return rows.error();
    const TimeLimit limit;
    MemoryScope scope(std::make_shared<MemoryAccount>(kMostMemory), nullptr);
    auto expression = compileExpression(query.expression, rows->batch->schema(), RowNumbers::Known);
    if (!expression) return expression.error();
    Evaluation answer;
    answer.type = expression->type().toDdl();
    const std::vector<size_t> columns = namedColumns(query.expression, rows->batch->schema());
    std::vector<Field> fields;
    for (const size_t column : columns) fields.push_back(rows->batch->schema()[column]);
    answer.inputs.schema = Schema(std::move(fields));
    for (size_t row = 0; row < std::min(query.most, rows->batch->rows()); ++row) {
        stop.check();
        std::vector<Cell>& inputs = answer.inputs.rows.emplace_back();
        for (const size_t column : columns) inputs.push_back(cellOf(*rows->batch->column(column), row, rows->style));
        auto [value, error] = valueOf(*expression, *rows, row, limit.token());
        answer.values.push_back(std::move(value));
        answer.errors.push_back(std::move(error));
    }
    return answer;
}

}
