#include "engine/columns/block.h"
#include "engine/columns/key_index.h"
#include "engine/columns/row_keys.h"
#include "engine/dataflow/gathered_rows.h"
#include "engine/dataflow/marker.h"
#include "engine/dataflow/rejecting.h"
#include "engine/nodes/postgres_options.h"
#include "engine/nodes/sinks/shared/postgres_table.h"
#include "engine/nodes/sinks/shared/table_mode.h"
#include "engine/pipeline/json.h"

namespace streamwright {

namespace {

struct Options : PostgresOptions, TableMode {
    std::string table;
};

// How long a transaction of ours waits for another one at most, before it says so and tries again.
constexpr int64_t kLockMillis = 5000;

// Rows and the marker of their epoch are one transaction of the target, so that the target itself tells what it holds.
// Locked first, the marker also keeps a transaction that was not heard of again (a lost connection, a process that was
// stopped) from being decided while the next one looks.
class Postgres final : public Sink {
public:
    Postgres(PostgresServer server, std::string table, SchemaPtr schema, std::vector<size_t> keys)
        : connection_(std::move(server)), table_(std::move(table), schema, keys), schema_(std::move(schema)), keys_(std::move(keys))
    {
    }

    Result<void> open(const SinkContext& context) override
    {
        context_ = context;
        if (auto connected = connection_.connect(); !connected) return connected;
        auto opened = openTarget();
        if (!opened) afterFailure();
        if (opened) fit_ = std::make_shared<const PostgresRows>(table_.rows());
        return opened;
    }

    // Verify: what `open` would do to the table, and takes it back.
    void verify(Probe& probe)
    {
        const auto connected = connection_.connect();
        if (!probe.step("connect to " + connection_.server().description(), connected ? Result<std::string>(connection_.greeting()) : connected.error())) return;
        probe.step("write the columns into the table " + table_.name(), tryTable());
        connection_.close();
    }
    void cancel() { connection_.cancel(); }

    std::unique_ptr<SinkWork> begin(const BatchContext&, uint32_t, size_t workers) override { return std::make_unique<Work>(*this, workers); }
    bool usesOutbox() const override { return true; }

    Result<void> publish(const Pending& pending) override
    {
        auto rows = decodeBlock(pending.staged);
        if (!rows) return rows.error();
        if (auto ready = connectAgain(); !ready) return ready;
        auto done = inTransaction(pending, **rows);
        if (!done) afterFailure();
        return done;
    }

    Result<std::optional<Published>> published() override
    {
        if (context_.checkpointId.empty()) return std::optional<Published>();
        if (auto ready = connectAgain(); !ready) return ready.error();
        // A run that was killed may have left a commit on its way: what it becomes is waited for.
        auto begun = begin(table_.markerQuery(context_, PostgresTable::Lock::ForUpdate));
        if (!begun) {
            afterFailure();
            return begun.error();
        }
        endTransaction();
        return found_;
    }

    void close() override { connection_.close(); }
    std::string description() const override { return table_.described(connection_.server()); }

private:
    class Work final : public SinkWork {
    public:
        Work(const Postgres& sink, size_t workers) : sink_(sink), shape_(sink.fit_), rows_(sink.schema_, workers) {}

        void consume(const Morsel& in, size_t worker, Emitter& rejects) override
        {
            rows_.add(takenRows(in, rejects, [&](uint32_t row) { return whyNot(*in.batch, row); }), worker);
        }
        Result<std::optional<std::string>> stage(Epoch) override { return RowsToStage::staged(*sink_.lastOfEachKey(rows_.rows())); }

    private:
        std::optional<Rejected> whyNot(const Batch& rows, uint32_t row) const
        {
            if (auto null = nullKey(rows, sink_.keys_, row)) return null;
            auto misfit = shape_->misfit(rows, row);
            if (!misfit) return std::nullopt;
            return Rejected{rows.schema()[misfit->field].name, std::move(misfit->reason), {}, std::nullopt};
        }

        const Postgres& sink_;
        std::shared_ptr<const PostgresRows> shape_;
        RowsToStage rows_;
    };

    // Of each key the last row, in the order of these: a statement may touch a row of the table only once.
    BatchPtr lastOfEachKey(BatchPtr rows) const
    {
        if (keys_.empty() || rows->rows() < 2) return rows;
        std::vector<ColumnPtr> columns;
        for (const size_t key : keys_) columns.push_back(rows->column(key));
        const RowKeys keys = rowKeys(columns, rows->rows());
        KeyIndex index;
        std::vector<uint32_t> last;
        for (uint32_t row = 0; row < rows->rows(); ++row) {
            const uint32_t number = index.findOrAdd(keys.hashes[row], [&](uint32_t known) { return keys.keys[last[known]] == keys.keys[row]; }, [&] {
                last.push_back(row);
                return static_cast<uint32_t>(last.size() - 1);
            });
            last[number] = row;
        }
        if (last.size() == rows->rows()) return rows;
        std::ranges::sort(last);
        return gather(*rows, last);
    }

    // Whose connection it is: the same for all runs of a checkpoint's node, and for no others.
    std::string application() const
    {
        const std::string whose = context_.checkpointId + " " + context_.node.name;
        return fmt::format("streamwright {} {:016x}", context_.node.name.substr(0, 32), hashBytes(whose.data(), whose.size()));
    }

    int64_t lockMillis() const { return std::clamp<int64_t>(connection_.server().requestTimeout.micros / 2000, 1, kLockMillis); }

    Result<void> begin(const std::string& more = {})
    {
        // The server gives up before we do, and then says why.
        const int64_t limit = std::max<int64_t>(1, connection_.server().requestTimeout.micros / 1000 * 9 / 10);
        auto begun = connection_.script(fmt::format("BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL synchronous_commit = on; SET LOCAL client_min_messages = error; SET LOCAL lock_timeout = {};"
                                                    " SET LOCAL statement_timeout = {}; SET LOCAL idle_in_transaction_session_timeout = {}; SET LOCAL application_name = {};{}",
                                                    lockMillis(), limit, limit, quoteSqlText(application()), more));
        if (!begun) return begun.error();
        found_ = PostgresTable::readMarker(*begun);
        return {};
    }

    // Takes back what the transaction has done.
    void endTransaction()
    {
        if (connection_.usable() && !connection_.script("ROLLBACK")) connection_.close();
    }

    // What the transaction waited for in vain may be one of this checkpoint's node that neither goes on nor ends: its process
    // was stopped, or the line to it is dead and the server does not know. That one is undone; should its process live, it
    // finds that out by the marker.
    void afterFailure()
    {
        const bool waited = connection_.failedFor("55P03") || connection_.failedFor("57014");
        endTransaction();
        if (!waited || !connection_.usable() || context_.checkpointId.empty()) return;
        (void)connection_.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND usename = current_user AND pid <> pg_backend_pid() AND xact_start < now() - $2::interval",
                                {application(), fmt::format("{} milliseconds", lockMillis())});
    }

    Result<void> openTarget()
    {
        if (auto begun = begin(); !begun) return begun;
        auto made = table_.prepare(connection_);
        if (!made) return made.error();
        if (*made && context_.continued && !context_.resolved) return tableMissing(context_, description());
        if (auto marked = firstMarker(); !marked) return marked;
        auto done = connection_.script("COMMIT");
        if (!done) return done.error();
        return {};
    }

    Result<std::string> tryTable()
    {
        auto begun = begin();
        auto made = begun ? table_.prepare(connection_) : begun.error();
        endTransaction();
        if (!made) return made.error();
        return *made ? "it is made when the run starts" : "they fit";
    }

    Result<void> firstMarker()
    {
        if (context_.checkpointId.empty()) return {};
        if (auto made = table_.makeMarkers(connection_); !made) return made;
        const auto set = [&](Epoch epoch) -> Result<void> {
            auto done = connection_.script(table_.markerUpdate(context_, context_.incarnation, epoch));
            if (!done) return done.error();
            return {};
        };
        if (context_.resolved) return set(*context_.resolved);
        auto rows = connection_.script(table_.markerQuery(context_, PostgresTable::Lock::None));
        if (!rows) return rows.error();
        if (!rows->empty()) return {};
        if (context_.continued) return markerMissing(context_, description());
        return set(Epoch{0});
    }

    // The table may have been changed while there was no connection.
    Result<void> connectAgain()
    {
        if (connection_.alive()) return {};
        if (auto connected = connection_.connect(); !connected) return connected;
        auto begun = begin();
        auto made = begun ? table_.prepare(connection_) : begun.error();
        if (made && connection_.script("COMMIT")) return {};
        afterFailure();
        connection_.close();
        return made ? transient(description() + ": the connection was lost") : made.error();
    }

    Result<void> inTransaction(const Pending& pending, const Batch& rows)
    {
        const bool marks = !context_.checkpointId.empty();
        // A transaction of this node that was not heard of again is waited for here.
        if (auto begun = begin(marks ? table_.markerQuery(context_, PostgresTable::Lock::ForUpdate) : std::string()); !begun) return begun;
        if (marks) {
            const auto says = askMarker(found_, pending, context_, ours_, description());
            if (!says) return says.error();
            if (*says == MarkerSays::AlreadyThere) return connection_.script("COMMIT") ? Result<void>() : transient(description() + ": the connection was lost");
        }
        if (auto written = table_.write(connection_, rows); !written) return written;
        auto done = connection_.script(marks ? table_.markerUpdate(context_, pending.incarnation, pending.epoch) + "; COMMIT" : std::string("COMMIT"));
        if (!done) return done.error();
        ours_ = true;
        return {};
    }

    PostgresConnection connection_;
    PostgresTable table_;
    SchemaPtr schema_;
    std::vector<size_t> keys_;
    SinkContext context_;
    std::shared_ptr<const PostgresRows> fit_;   // as the table was when the run began: which rows it takes
    std::optional<Published> found_;            // the marker, when the transaction began
    bool ours_ = false;                         // the marker was set by this process
};

std::vector<FieldError> checkOptions(const Options& o)
{
    std::vector<FieldError> errors = checkPostgresOptions(o);
    const bool named = !o.table.empty() && o.table.find('\0') == std::string::npos && o.table.front() != '.' && o.table.back() != '.';
    const std::string name = o.table.substr(o.table.find('.') + 1);
    if (!named) errors.push_back({"table", "table must be the name of a table, or SCHEMA.TABLE, but is " + quoteJson(o.table), "write for example \"counts\""});
    else if (name == "streamwright_epochs") errors.push_back({"table", "the table streamwright_epochs tells what was written and cannot hold rows", "choose another table"});
    std::ranges::move(checkTableMode(o), std::back_inserter(errors));
    return errors;
}

std::unique_ptr<Postgres> makePostgres(const Options& o, const Schema& schema, std::vector<size_t> keys, const PlanContext& context)
{
    return std::make_unique<Postgres>(postgresServer(o, context, "streamwright"), o.table, std::make_shared<const Schema>(schema), std::move(keys));
}

}

NodeType postgresSink()
{
    Declare<Options> declare("sink.postgres", Group::Sink);
    declare.summary("Write rows into a table of a PostgreSQL database, appended or updated by key.")
        .help("The table is made if it is not there. Rows and the epoch's marker (table streamwright_epochs beside it) are one transaction: exactly once. "
              "Timestamps are timestamp with time zone, arrays and structs jsonb. Rows that the table cannot hold go to the port rejected: NUL characters, values out of a column's range, NULL in a NOT NULL column. "
              "Needs PostgreSQL 12 or newer.")
        .input("in")
        .rejects();
    declarePostgresFields(declare);
    declare.field(&Options::table, {.name = "table", .help = "Name of the table, or SCHEMA.TABLE, in the case that it has.", .kind = FieldKind::Text, .required = true, .example = Json::string("counts")});
    declareTableMode(declare);
    declare.check(checkOptions)
        .make([](const Options& o, const Inputs& in, const PlanContext& context) -> Checked<std::unique_ptr<Sink>> {
            auto keys = keysOf(o, in.only());
            if (!keys) return keys.error();
            return std::unique_ptr<Sink>(makePostgres(o, in.only(), std::move(*keys), context));
        })
        .verify([](const Options& o, const Inputs& in, const PlanContext& context, Probe& probe) {
            auto keys = keysOf(o, in.only());
            if (!keys) return;
            const std::shared_ptr<Postgres> sink = makePostgres(o, in.only(), std::move(*keys), context);
            probe.onEnd([sink] { sink->cancel(); });
            sink->verify(probe);
        });
    return declare;
}

}
