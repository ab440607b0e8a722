#include "engine/dataflow/standing_source.h"
#include "engine/nodes/sources/shared/first_rows.h"
#include "engine/nodes/sources/shared/table_reader.h"
#include "engine/nodes/sources/shared/table_versions.h"

#include <condition_variable>
#include <thread>

namespace streamwright {

namespace {

struct Options : PostgresOptions, RecordOptions {
    std::string file;
    std::string table;
    std::string query;
    bool header = true;
    std::optional<Duration> refresh;
};

// So many vectors of rows are one piece of the reading.
constexpr size_t kPieceVectors = 64;

// What reading it anew gave.
class Gathered final : public Emitter {
public:
    void emit(BatchPtr batch, size_t, std::optional<uint32_t>) override { rows.push_back(std::move(batch)); }
    void reject(Rejected row) override { rejected.push_back(std::move(row)); }

    std::vector<BatchPtr> rows;
    std::vector<Rejected> rejected;
};

// The rows of every batch are those of one version. The table is read when the run begins and then every `refresh`, beside
// the batches; a batch sees new rows when they are there before it begins.
class Table final : public StandingSource {
public:
    Table(std::shared_ptr<TableReader> reader, SchemaPtr schema, std::optional<Duration> refresh) : reader_(std::move(reader)), schema_(std::move(schema)), refresh_(refresh) {}
    ~Table() override
    {
        reader_->cancel();
        if (reading_.joinable()) reading_.join();
    }

    void keepIn(std::filesystem::path folder) override { folder_ = std::move(folder); }
    Result<void> open(const SourceContext& context) override
    {
        virtualClock_ = context.virtualClock;
        versions_.open(schema_, folder_);
        return {};
    }

    Result<Range> plan(const Offset& from, const ReadLimit&, Timestamp batchTime) override
    {
        Offset until = from;
        if (!begun_) {
            auto kept = versions_.find(from);
            if (!kept) return kept.error();
            // A run goes on with the rows that it had, also while the table cannot be reached.
            if (*kept) begin(batchTime);
            else if (auto first = readNow(from); !first) return first.error();
            else until = *first;
            begun_ = true;
            asked_ = batchTime;
        } else if (refresh_ && batchTime - asked_ >= *refresh_) {
            begin(batchTime);
        }
        auto fresh = takeFresh(until);
        if (!fresh) return fresh.error();
        if (from == *fresh) return Range{from, from};
        auto version = versions_.find(*fresh);
        if (!version) return version.error();
        int64_t rows = 0;
        for (const BatchPtr& part : (*version)->rows) rows += static_cast<int64_t>(part->rows());
        return Range{from, *fresh, {}, rows};
    }

    size_t pieces(const Range& range) const override
    {
        const auto version = versionOf(range);
        // One that cannot be read is told by reading it.
        return version ? std::max<size_t>(1, ((*version)->rows.size() + kPieceVectors - 1) / kPieceVectors) : 1;
    }

    Result<void> read(const Range& range, size_t piece, const BatchContext& context, Emitter& out) override
    {
        const auto version = versionOf(range);
        if (!version) return version.error();
        const auto& rows = (*version)->rows;
        for (size_t part = piece * kPieceVectors; part < std::min(rows.size(), (piece + 1) * kPieceVectors); ++part) {
            context.stop->check();
            out.emit(rows[part]);
        }
        if (piece > 0 || range.empty()) return {};
        for (const Rejected& row : (*version)->rejected) out.reject(row);
        return {};
    }

    bool ended(const Offset& at) const override { return !at.text.empty(); }
    void forgetBefore(const Offset& offset) override { versions_.forgetBefore(offset); }
    std::string status() const override
    {
        const std::lock_guard lock(mutex_);
        return failure_.empty() ? std::string() : "the rows of before are used on: " + failure_;
    }
    std::string description() const override { return reader_->description(); }

private:
    Result<TableVersionPtr> versionOf(const Range& range) const
    {
        if (range.until.text.empty()) return std::make_shared<const TableVersion>();
        auto version = versions_.find(range.until);
        if (version && !*version) return permanent(fmt::format("version {} of {} is not kept any more, or has other columns than the schema", range.until.text, reader_->description()), "a batch that was logged needs it: put the schema back for one run, or go back by `streamwright checkpoint rewind`");
        return version;
    }

    Result<Offset> readNow(const Offset& from)
    {
        Gathered gathered;
        if (auto read = reader_->read(gathered); !read) return read.error();
        auto version = versions_.add(from, gathered.rows, std::move(gathered.rejected));
        if (!version) return version.error();
        return (*version)->offset();
    }

    // Reads anew beside the batches; under a virtual clock at once, so that the same input gives the same output.
    void begin(Timestamp batchTime)
    {
        {
            const std::lock_guard lock(mutex_);
            if (busy_) return;
            busy_ = true;
        }
        asked_ = batchTime;
        if (reading_.joinable()) reading_.join();
        const auto work = [this] {
            auto gathered = std::make_unique<Gathered>();
            auto read = readSafely(*gathered);
            const std::lock_guard lock(mutex_);
            busy_ = false;
            failure_ = read ? std::string() : read.error().message;
            if (read) fresh_ = std::move(gathered);
        };
        if (virtualClock_) work();
        else reading_ = std::thread(work);
    }

    // On a thread where nobody catches.
    Result<void> readSafely(Gathered& gathered)
    {
        try {
            return reader_->read(gathered);
        } catch (const std::exception& exception) {
            return broken(exception.what());
        }
    }

    // Where the range ends: at new rows if there are some.
    Result<Offset> takeFresh(const Offset& from)
    {
        std::unique_ptr<Gathered> fresh;
        {
            const std::lock_guard lock(mutex_);
            fresh = std::move(fresh_);
        }
        if (!fresh) return from;
        auto version = versions_.add(from, fresh->rows, std::move(fresh->rejected));
        if (!version) return version.error();
        return (*version)->offset();
    }

    std::shared_ptr<TableReader> reader_;
    SchemaPtr schema_;
    std::optional<Duration> refresh_;
    std::filesystem::path folder_;
    bool virtualClock_ = false;
    bool begun_ = false;
    Timestamp asked_;
    mutable TableVersions versions_;
    mutable std::mutex mutex_;
    bool busy_ = false;
    std::unique_ptr<Gathered> fresh_;
    std::string failure_;
    std::thread reading_;
};

std::shared_ptr<TableReader> makeReader(const Options& o, const PlanContext& context)
{
    const auto schema = std::make_shared<const Schema>(*o.schema);
    const auto file = context.folder / o.file;
    if (o.format == "csv") return csvTable(file, schema, csvFormat(o, context), o.header);
    if (o.format == "json") return jsonTable(file, schema, {context.timeZone, Blank::Skipped});
    const TableOfDatabase what{o.table, o.query, schema};
    if (o.format == "sqlite") return sqliteTable(file, what);
    return postgresTable(postgresServer(o, context, "streamwright"), what);
}

std::unique_ptr<Table> makeTable(const Options& o, std::shared_ptr<TableReader> reader)
{
    return std::make_unique<Table>(std::move(reader), std::make_shared<const Schema>(*o.schema), o.refresh);
}

std::vector<FieldError> checkOptions(const Options& o)
{
    std::vector<FieldError> errors;
    const bool database = o.format == "sqlite" || o.format == "postgres";
    if (o.format == "postgres") errors = checkPostgresOptions(o);
    else if (o.file.empty()) errors.push_back({"file", fmt::format("format {} needs the file", o.format), "write for example \"file\": \"products.csv\""});
    if (database && o.table.empty() == o.query.empty()) errors.push_back({"table", o.table.empty() ? "neither table nor query says what to read" : "both table and query say what to read", "give one of the two"});
    if (!database && !(o.table.empty() && o.query.empty())) errors.push_back({o.table.empty() ? "query" : "table", fmt::format("{} belongs to the formats sqlite and postgres, but format is {}", o.table.empty() ? "query" : "table", o.format), {}});
    if (!o.schema || o.schema->size() == 0) errors.push_back({"schema", "schema has no columns", "write for example \"id BIGINT, name STRING\""});
    if (o.refresh && *o.refresh < milliseconds(1)) errors.push_back({"refresh", "refresh must be at least 1ms, but is " + printDuration(*o.refresh), {}});
    for (const auto& [name, text] : {std::pair<const char*, const std::string&>{"separator", o.separator}, {"quote", o.quote}, {"escape", o.escape}}) {
        if (text.size() != 1) errors.push_back({name, fmt::format("{} must be one character, but is \"{}\"", name, text), {}});
    }
    return errors;
}

FieldSpec::Visible with(std::initializer_list<const char*> formats)
{
    FieldSpec::Visible visible{"format", {}};
    for (const char* format : formats) visible.values.push_back(Json::string(format));
    return visible;
}

}

NodeType tableSource()
{
    const auto member = [](auto RecordOptions::*of) { return static_cast<std::remove_reference_t<decltype(std::declval<Options>().*of)> Options::*>(of); };
    Declare<Options> declare("source.table", Group::Source);
    declare.summary("Read a table as a whole in every batch, as the static side of a join.")
        .help("The rows come from a file or a database, are read when the run begins and then every `refresh`, and take effect from the next batch on; which rows "
              "a batch saw is in the checkpoint, so that a batch that is run again sees the same. While the table cannot be read, the rows of before are used on. "
              "Only new rows make a batch by themselves.")
        .output("out")
        .rejects()
        .field(member(&RecordOptions::format), {.name = "format", .help = "What the table is: a file of csv or json (an object a line, or an array of them), or a table of a database.", .kind = FieldKind::Choice, .required = true, .choices = {"csv", "json", "sqlite", "postgres"}, .example = Json::string("csv")})
        .field(&Options::file, {.name = "file", .help = "The file.", .kind = FieldKind::Path, .example = Json::string("products.csv"), .visibleWhen = with({"csv", "json", "sqlite"})});
    declarePostgresFields(declare, with({"postgres"}));
    declare.field(&Options::table, {.name = "table", .help = "Name of the table; of PostgreSQL also SCHEMA.TABLE.", .example = Json::string("products"), .visibleWhen = with({"sqlite", "postgres"})})
        .field(&Options::query, {.name = "query", .help = "A SELECT instead of a table. With ORDER BY equal rows count as unchanged.", .example = Json::string("SELECT id, name FROM products WHERE active ORDER BY id"), .advanced = true, .visibleWhen = with({"sqlite", "postgres"})})
        .field(member(&RecordOptions::schema), {.name = "schema", .help = "The columns, as DDL. A row that does not fit goes to the port rejected, once.", .kind = FieldKind::Schema, .required = true, .example = Json::string("id BIGINT, name STRING")})
        .field(&Options::refresh, {.name = "refresh", .help = "How often the table is read again; if not given, once when the run begins.", .kind = FieldKind::Duration, .example = Json::string("1m")})
        .field(&Options::header, {.name = "header", .help = "The first line of a CSV file names its columns.", .kind = FieldKind::Boolean, .fallback = Json::boolean(true), .visibleWhen = with({"csv"})})
        .field(member(&RecordOptions::separator), {.name = "separator", .help = "The character between CSV fields.", .kind = FieldKind::Text, .fallback = Json::string(","), .advanced = true, .visibleWhen = with({"csv"})})
        .field(member(&RecordOptions::quote), {.name = "quote", .help = "The character around CSV fields that hold separators, quotes or line ends.", .kind = FieldKind::Text, .fallback = Json::string("\""), .advanced = true, .visibleWhen = with({"csv"})})
        .field(member(&RecordOptions::escape), {.name = "escape", .help = "The character before a quote inside of a quoted CSV field; a doubled quote is understood too.", .kind = FieldKind::Text, .fallback = Json::string("\\"), .advanced = true, .visibleWhen = with({"csv"})})
        .field(member(&RecordOptions::nullValue), {.name = "null_value", .help = "The text of a CSV field that is NULL.", .kind = FieldKind::Text, .fallback = Json::string(""), .example = Json::string("NA"), .advanced = true, .visibleWhen = with({"csv"})})
        .check(checkOptions)
        .schema([](const Options& o, const Inputs&, const PlanContext&) -> Checked<Schema> { return *o.schema; })
        .make([](const Options& o, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<ReplayableSource>> {
            return std::unique_ptr<ReplayableSource>(makeTable(o, makeReader(o, context)));
        })
        .verify([](const Options& o, const Inputs&, const PlanContext& context, Probe& probe) {
            const std::shared_ptr<TableReader> reader = makeReader(o, context);
            probe.onEnd([reader] { reader->cancel(); });
            probeFirstRows(*makeTable(o, reader), probe);
        });
    return declare;
}

}
