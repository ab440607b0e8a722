#include "engine/dataflow/gathered_rows.h"
#include "engine/dataflow/marker.h"
#include "engine/dataflow/rejecting.h"
#include "engine/nodes/sinks/shared/table_mode.h"
#include "engine/pipeline/json.h"
#include "engine/storage/sql_value.h"
#include "engine/storage/transaction.h"

#include <fmt/ranges.h>

namespace streamwright {

namespace {

namespace fs = std::filesystem;

struct Options : TableMode {
    std::string file;
    std::string table;
};

constexpr std::string_view kMarkers =
    "CREATE TABLE IF NOT EXISTS streamwright_epochs ("
    "checkpoint TEXT NOT NULL, node TEXT NOT NULL, incarnation INTEGER NOT NULL, epoch INTEGER NOT NULL, owner TEXT NOT NULL, at TEXT NOT NULL,"
    "PRIMARY KEY (checkpoint, node)) STRICT";

// How long Verify waits for another program's lock.
constexpr int kVerifyBusyMillis = 1000;

// Rows and the marker of their epoch are one transaction of the target, so that the target itself tells
// what it holds.
class Sqlite final : public Sink {
public:
    Sqlite(fs::path file, Options options, Schema schema, std::vector<size_t> keys)
        : file_(std::move(file)), options_(std::move(options)), schema_(std::make_shared<const Schema>(std::move(schema))), keys_(std::move(keys))
    {
    }

    Result<void> open(const SinkContext& context) override
    {
        context_ = context;
        std::error_code ignored;
        if (file_.has_parent_path()) fs::create_directories(file_.parent_path(), ignored);
        if (auto ordinary = refuseWhatIsNoFile(); !ordinary) return ordinary;
        auto connection = Connection::open(file_, OpenMode::Create);
        if (!connection) return connection.error();
        connection_ = std::move(*connection);
        // Extra: where the target keeps a rollback journal, its removal is what commits, and must be durable.
        if (auto set = connection_->script("PRAGMA synchronous=EXTRA"); !set) return set;
        auto transaction = Transaction::begin(*connection_);
        if (!transaction) return transaction.error();
        const auto there = hasTable();
        if (!there) return there.error();
        if (!*there && context_.continued && !context_.resolved) return tableMissing(context_, description());
        if (auto made = makeTable(); !made) return made;
        if (auto marked = firstMarker(); !marked) return marked;
        return transaction->commit();
    }

    // Verify: what `open` would do to the table, and takes it back.
    void verify(Probe& probe)
    {
        std::error_code ignored;
        if (!probeFolder(file_.parent_path(), probe)) return;
        if (!fs::exists(file_, ignored)) {
            probe.step("open the database " + file_.string(), std::string("it is made when the run starts"));
            return;
        }
        const auto ordinary = refuseWhatIsNoFile();
        auto connection = ordinary ? Connection::open(file_, OpenMode::ReadWrite, kVerifyBusyMillis) : ordinary.error();
        if (!probe.step("open the database " + file_.string(), connection ? Result<std::string>("it is one") : connection.error())) return;
        connection_ = std::move(*connection);
        probe.step("write the columns into its table " + options_.table, tryTable());
        connection_.reset();
    }

    std::unique_ptr<SinkWork> begin(const BatchContext&, uint32_t, size_t workers) override { return std::make_unique<Work>(*this, workers); }
    bool usesOutbox() const override { return true; }

    Result<void> publish(const Pending& pending) override
    {
        auto rows = decodeBlock(pending.staged);
        if (!rows) return rows.error();
        auto transaction = Transaction::begin(*connection_);
        if (!transaction) return transaction.error();
        if (!context_.checkpointId.empty()) {
            const auto found = marker();
            if (!found) return found.error();
            const auto says = askMarker(*found, pending, context_, ours_, description());
            if (!says) return says.error();
            if (*says == MarkerSays::AlreadyThere) return {};
        }
        if (auto written = insert(**rows); !written) return written;
        if (!context_.checkpointId.empty()) {
            if (auto marked = setMarker(pending.incarnation, pending.epoch); !marked) return marked;
        }
        auto done = transaction->commit();
        if (done) ours_ = true;
        return done;
    }

    Result<std::optional<Published>> published() override
    {
        if (context_.checkpointId.empty()) return std::optional<Published>();
        return marker();
    }

    void close() override { connection_.reset(); }
    std::string description() const override { return fmt::format("table {} in {}", options_.table, file_.string()); }

private:
    class Work final : public SinkWork {
    public:
        Work(const Sqlite& sink, size_t workers) : sink_(sink), rows_(sink.schema_, workers) {}

        void consume(const Morsel& in, size_t worker, Emitter& rejects) override
        {
            rows_.add(takenRows(in, rejects, [&](uint32_t row) { return nullKey(*in.batch, sink_.keys_, row); }), worker);
        }
        Result<std::optional<std::string>> stage(Epoch) override { return rows_.staged(); }

    private:
        const Sqlite& sink_;
        RowsToStage rows_;
    };

    // Opening a pipe would wait for ever.
    Result<void> refuseWhatIsNoFile() const
    {
        std::error_code ignored;
        const fs::file_status found = fs::status(file_, ignored);
        if (!fs::exists(found) || fs::is_regular_file(found)) return {};
        return mistake(fmt::format("{} is {} and cannot be a SQLite database", file_.string(), fs::is_directory(found) ? "a folder" : "no ordinary file"), "name a file");
    }

    Result<std::string> tryTable()
    {
        // Rolled back at the end.
        auto transaction = Transaction::begin(*connection_);
        if (!transaction) return transaction.error();
        const auto there = hasTable();
        if (!there) return there.error();
        if (auto made = makeTable(); !made) return made.error();
        return *there ? "they fit" : "it is made when the run starts";
    }

    Result<bool> hasTable()
    {
        auto known = connection_->prepare("SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE");
        if (!known) return known.error();
        known->bindAll(std::string_view(options_.table));
        return known->step();
    }

    Result<void> makeTable()
    {
        const std::string table = quoteSqlName(options_.table);
        std::vector<std::string> columns;
        for (const Field& field : schema_->fields()) columns.push_back(quoteSqlName(field.name) + " " + std::string(sqlType(field.type)));
        if (!keys_.empty()) columns.push_back(fmt::format("PRIMARY KEY ({})", fmt::join(keyNames(), ", ")));
        if (auto made = connection_->script(fmt::format("CREATE TABLE IF NOT EXISTS {} ({})", table, fmt::join(columns, ", "))); !made) return made;
        std::vector<std::string> there;
        auto info = connection_->prepare(fmt::format("PRAGMA table_info({})", table));
        if (!info) return info.error();
        for (auto row = info->step(); row && *row; row = info->step()) there.emplace_back(info->text(1));
        for (const Field& field : schema_->fields()) {
            if (std::any_of(there.begin(), there.end(), [&](const std::string& name) { return sameName(name, field.name); })) continue;
            return permanent(fmt::format("table {} in {} has no column {}; it has {}", options_.table, file_.string(), field.name, fmt::join(there, ", ")), "choose another table, or rename the column with a select before the sink");
        }
        // Telling now that the keys are no key of an older table beats failing at the first row.
        auto statement = connection_->prepare(insertSql());
        if (!statement) return permanent(fmt::format("table {} in {} does not fit: {}", options_.table, file_.string(), statement.error().message), "an upsert needs a primary key or unique index over exactly the option `keys`");
        return {};
    }

    std::vector<std::string> keyNames() const
    {
        std::vector<std::string> names;
        for (const size_t key : keys_) names.push_back(quoteSqlName((*schema_)[key].name));
        return names;
    }

    std::string insertSql() const
    {
        std::vector<std::string> names, places, updates;
        for (size_t c = 0; c < schema_->size(); ++c) {
            names.push_back(quoteSqlName((*schema_)[c].name));
            places.push_back("?");
            if (std::find(keys_.begin(), keys_.end(), c) == keys_.end()) updates.push_back(fmt::format("{0} = excluded.{0}", names.back()));
        }
        std::string sql = fmt::format("INSERT INTO {} ({}) VALUES ({})", quoteSqlName(options_.table), fmt::join(names, ", "), fmt::join(places, ", "));
        if (keys_.empty()) return sql;
        return sql + fmt::format(" ON CONFLICT ({}) DO {}", fmt::join(keyNames(), ", "), updates.empty() ? "NOTHING" : fmt::format("UPDATE SET {}", fmt::join(updates, ", ")));
    }

    Result<void> insert(const Batch& rows)
    {
        auto statement = connection_->cached(insertSql());
        if (!statement) return statement.error();
        std::vector<std::string> scratch(rows.columns().size());
        for (size_t row = 0; row < rows.rows(); ++row) {
            for (size_t c = 0; c < rows.columns().size(); ++c) {
                bindValue(**statement, static_cast<int>(c) + 1, *rows.column(c), row, scratch[c]);
            }
            auto done = (*statement)->step();
            (*statement)->reset();
            if (!done) return done.error();
        }
        return {};
    }

    Result<void> firstMarker()
    {
        if (context_.checkpointId.empty()) return {};
        if (auto made = connection_->script(kMarkers); !made) return made;
        if (context_.resolved) return setMarker(context_.incarnation, *context_.resolved);
        auto there = marker();
        if (!there) return there.error();
        if (*there) return {};
        if (context_.continued) return markerMissing(context_, description());
        return setMarker(context_.incarnation, Epoch{0});
    }

    Result<std::optional<Published>> marker()
    {
        auto statement = connection_->cached("SELECT incarnation, epoch, owner FROM streamwright_epochs WHERE checkpoint = ? AND node = ?");
        if (!statement) return statement.error();
        (*statement)->bindAll(context_.checkpointId, context_.node.name);
        auto row = (*statement)->step();
        std::optional<Published> found;
        if (row && *row) found = Published{(*statement)->integer(0), Epoch{(*statement)->integer(1)}, std::string((*statement)->text(2))};
        (*statement)->reset();
        if (!row) return row.error();
        return found;
    }

    Result<void> setMarker(int64_t incarnation, Epoch epoch)
    {
        return connection_->run("INSERT INTO streamwright_epochs VALUES (?, ?, ?, ?, ?, datetime('now')) ON CONFLICT (checkpoint, node) DO UPDATE SET incarnation = excluded.incarnation, epoch = excluded.epoch, owner = excluded.owner, at = excluded.at",
                                context_.checkpointId, context_.node.name, incarnation, epoch.value, context_.owner);
    }

    fs::path file_;
    Options options_;
    SchemaPtr schema_;
    std::vector<size_t> keys_;
    SinkContext context_;
    std::unique_ptr<Connection> connection_;
    bool ours_ = false;     // the marker was set by this process
};

std::vector<FieldError> checkOptions(const Options& o)
{
    if (fs::path(o.file).filename() == "checkpoint.sqlite") return {{"file", "the checkpoint's own file cannot be the target", "choose another file"}};
    if (sameName(o.table, "streamwright_epochs")) return {{"table", "the table streamwright_epochs tells what was written and cannot hold rows", "choose another table"}};
    if (o.table.empty() || o.table.find('\0') != std::string::npos || o.table.starts_with("sqlite_")) return {{"table", "table must be the name of a table of its own, but is " + quoteJson(o.table), "write for example \"counts\""}};
    return checkTableMode(o);
}

}

NodeType sqliteSink()
{
    Declare<Options> declare("sink.sqlite", Group::Sink);
    declare.summary("Write rows into a table of an SQLite file, appended or updated by key.")
        .help("The table is made if it is not there. Rows and the epoch's marker (table streamwright_epochs) are one transaction: exactly once. Dates and timestamps are text, arrays and structs JSON text; NaN is stored as NULL.")
        .input("in")
        .rejects()
        .field(&Options::file, {.name = "file", .help = "The SQLite file; made if it is not there.", .kind = FieldKind::Path, .required = true, .example = Json::string("counts.sqlite")})
        .field(&Options::table, {.name = "table", .help = "Name of the table.", .kind = FieldKind::Text, .required = true, .example = Json::string("counts")});
    declareTableMode(declare);
    declare.check(checkOptions)
        .make([](const Options& o, const Inputs& in, const PlanContext& context) -> Checked<std::unique_ptr<Sink>> {
            auto keys = keysOf(o, in.only());
            if (!keys) return keys.error();
            return std::unique_ptr<Sink>(std::make_unique<Sqlite>(context.folder / o.file, o, in.only(), std::move(*keys)));
        })
        .verify([](const Options& o, const Inputs& in, const PlanContext& context, Probe& probe) {
            if (auto keys = keysOf(o, in.only())) Sqlite(context.folder / o.file, o, in.only(), std::move(*keys)).verify(probe);
        });
    return declare;
}

}
