#include "engine/columns/print.h"
#include "engine/dataflow/declare.h"
#include "engine/dataflow/gathered_rows.h"
#include "engine/nodes/sinks/shared/http_delivery.h"
#include "engine/nodes/sinks/shared/row_lines.h"

#include <charconv>
#include <fmt/ranges.h>
#include <random>

namespace streamwright {

namespace {

struct Options {
    std::string url;
    std::string method = "POST";
    std::string body = "json_lines";
    bool header = true;
    Json headers = Json::object();
    std::string token;
    int64_t rows = 500;
    int64_t maxRequest = 1 << 20;
    std::string certificates;
    Duration timeout = seconds(60);
};

// Rows of a request: as many as are wanted, fewer if they are long.
struct Chunks {
    std::vector<uint32_t> rows;

    std::string text() const { return fmt::format("{}\n", fmt::join(rows, " ")); }
    // Takes the line off the front of what was staged.
    static std::optional<Chunks> take(std::string_view& staged)
    {
        Chunks chunks;
        const char* at = staged.data();
        const char* end = staged.data() + std::min(staged.find('\n'), staged.size());
        while (at < end) {
            uint32_t rows = 0;
            const auto read = std::from_chars(at, end, rows);
            if (read.ec != std::errc() || rows == 0) return std::nullopt;
            chunks.rows.push_back(rows);
            at = read.ptr + 1;
        }
        staged.remove_prefix(std::min(staged.size(), static_cast<size_t>(end - staged.data()) + 1));
        return chunks;
    }
};

// Rows as the body of a request.
class Bodies {
public:
    Bodies(const Options& options, std::string timeZone) : body_(options.body), header_(options.header), lines_(body_ == "csv" ? "csv" : "json", std::move(timeZone)) {}

    std::string of(const Batch& rows, size_t from, size_t until) const
    {
        std::string text;
        if (body_ == "json_array") text += '[';
        if (header_) lines_.appendHeader(rows.schema(), text);
        for (size_t row = from; row < until; ++row) {
            if (body_ == "json_array" && row > from) text += ',';
            append(rows, row, text);
        }
        if (body_ == "json_array") text += ']';
        return text;
    }
    std::string_view type() const { return body_ == "csv" ? "text/csv; charset=utf-8" : body_ == "json_array" ? "application/json" : "application/x-ndjson"; }
    // Cuts the rows of an epoch into requests.
    Chunks cut(const Batch& rows, size_t most, size_t mostBytes) const
    {
        Chunks chunks;
        std::string text;
        size_t bytes = 0;
        for (size_t row = 0; row < rows.rows(); ++row) {
            text.clear();
            append(rows, row, text);
            const bool fits = !chunks.rows.empty() && chunks.rows.back() < most && bytes + text.size() + 1 <= mostBytes;
            if (!fits) chunks.rows.push_back(0);
            bytes = fits ? bytes + text.size() + 1 : text.size() + 1;
            ++chunks.rows.back();
        }
        return chunks;
    }

private:
    void append(const Batch& rows, size_t row, std::string& out) const
    {
        if (body_ == "json_array") appendJsonRow(rows, row, out);
        else lines_.append(rows, row, out);
    }

    std::string body_;
    bool header_;
    RowLines lines_;
};

// An epoch goes out request by request, once it is decided; each that was answered well is noted in the checkpoint.
class Http final : public Sink {
public:
    Http(const Options& options, HttpTarget target, Schema schema, std::string timeZone)
        : options_(options), target_(std::move(target)), schema_(std::make_shared<const Schema>(std::move(schema))), bodies_(options, std::move(timeZone)), delivery_(target_)
    {
    }

    Result<void> open(const SinkContext& context) override
    {
        context_ = context;
        delivery_.heed(context.stop);
        // Without a checkpoint the keys must not be those of another run.
        std::random_device random;
        if (context_.checkpointId.empty()) context_.checkpointId = fmt::format("run_{:08x}{:08x}", random(), random());
        return {};
    }
    std::unique_ptr<SinkWork> begin(const BatchContext&, uint32_t, size_t workers) override { return std::make_unique<Work>(*this, workers); }
    bool usesOutbox() const override { return true; }
    bool rejectsLate() const override { return true; }

    Result<void> publish(const Pending& pending) override
    {
        std::string_view staged = pending.staged;
        const auto chunks = Chunks::take(staged);
        if (!chunks) return permanent(fmt::format("what was staged for epoch {} is damaged", pending.epoch.value));
        auto rows = decodeBlock(staged);
        if (!rows) return rows.error();
        size_t done = 0;
        if (!pending.delivered.empty()) std::from_chars(pending.delivered.data(), pending.delivered.data() + pending.delivered.size(), done);
        size_t from = 0;
        for (size_t chunk = 0; chunk < chunks->rows.size(); from += chunks->rows[chunk++]) {
            if (chunk < done) continue;
            if (auto sent = publishChunk(pending, **rows, from, chunk, chunks->rows[chunk]); !sent) return sent;
        }
        return {};
    }

    void close() override { delivery_.close(); }
    Readings readings() const override { return delivery_.readings(); }
    std::string description() const override { return fmt::format("{} {}", options_.method, options_.url); }

private:
    class Work final : public SinkWork {
    public:
        Work(const Http& sink, size_t workers) : sink_(sink), rows_(sink.schema_, workers) {}

        void consume(const Morsel& in, size_t worker, Emitter&) override { rows_.add(in, worker); }
        Result<std::optional<std::string>> stage(Epoch) override
        {
            auto block = rows_.staged();
            if (block) block->insert(0, sink_.bodies_.cut(*rows_.rows(), static_cast<size_t>(sink_.options_.rows), static_cast<size_t>(sink_.options_.maxRequest)).text());
            return block;
        }

    private:
        const Http& sink_;
        RowsToStage rows_;
    };

    // 1. the request, in parts where the server refuses rows. 2. what it refuses leaves by `rejected`. 3. noted.
    Result<void> publishChunk(const Pending& pending, const Batch& rows, size_t from, size_t chunk, size_t count)
    {
        const std::string key = fmt::format("{}-{}-{}-{}-{}", context_.checkpointId, context_.node.name, pending.incarnation, pending.epoch.value, chunk);
        const auto body = [&](size_t first, size_t last) { return bodies_.of(rows, from + first, from + last); };
        auto refused = delivery_.send(key, count, body, bodies_.type());
        if (!refused) return refused.error();
        std::vector<Rejected> rejected;
        for (const RefusedRow& row : *refused) {
            std::string json;
            appendJsonRow(rows, from + row.row, json);
            rejected.push_back({{}, row.reason, std::move(json), std::nullopt});
        }
        if (context_.late) {
            if (auto kept = context_.late->reject(key, rejected); !kept) return kept;
        }
        return pending.deliver ? pending.deliver(fmt::format("{}", chunk + 1)) : Result<void>();
    }

    Options options_;
    HttpTarget target_;
    SchemaPtr schema_;
    Bodies bodies_;
    SinkContext context_;
    HttpDelivery delivery_;
};

Checked<HttpTarget> targetOf(const Options& options, const PlanContext& context)
{
    auto url = parseHttpUrl(options.url);
    if (!url) return inField("url", url.error());
    HttpTarget target{.url = std::move(*url), .method = options.method};
    for (const auto& [name, value] : options.headers.members()) target.headers.emplace_back(name, value.asString());
    if (!options.token.empty()) target.headers.emplace_back("Authorization", "Bearer " + options.token);
    if (!options.certificates.empty()) target.trust.file = (context.folder / options.certificates).string();
    target.times.answer = options.timeout;
    return target;
}

std::vector<FieldError> checkOptions(const Options& options)
{
    std::vector<FieldError> errors;
    if (auto url = parseHttpUrl(options.url); !url) errors.push_back(inField("url", url.error()));
    if (options.timeout.micros < 1000) errors.push_back({"timeout", "timeout must be at least 1ms, but is " + printDuration(options.timeout), {}});
    for (const auto& [name, value] : options.headers.members()) {
        if (auto wrong = checkHttpHeader(name, value.isString() ? std::optional<std::string_view>(value.asString()) : std::nullopt)) errors.push_back({"headers", std::move(*wrong), {}});
        else if (!options.token.empty() && sameName(name, "Authorization")) errors.push_back({"headers", "the header Authorization is made of the option token", "leave one of the two out"});
    }
    return errors;
}

}

NodeType httpSink()
{
    return Declare<Options>("sink.http", Group::Sink)
        .summary("Send rows to a web service by POST or PUT.")
        .help("The rows of a batch are sent once the batch is decided, in requests of so many rows. Each request has an Idempotency-Key of its own, <checkpoint>-<node>-<incarnation>-<epoch>-<request>, "
              "which stays the same when it is sent again, and each that was answered with 2xx is noted: at least once, and exactly once with a service that heeds the key, as source.http does. 408, 425, "
              "429 and 5xx are tried again with growing pauses, at the time that Retry-After tells; while that lasts the stream waits. Other 4xx are about the rows: the request is halved until the "
              "rows that are refused are found, and they leave by the port rejected in a later batch. 401, 403, 404, 405, 407, 410, 415, 426, 451 and redirects are about the service, whatever the rows are: they stop the run.")
        .input("in")
        .rejects()
        .guarantee(Guarantee::AtLeastOnce)
        .afterRewind("what was sent cannot be taken back; the rows are sent again, with other keys")
        .field(&Options::url, {.name = "url", .help = "Where to, http:// or https://; the server's certificate is checked.", .kind = FieldKind::Text, .required = true, .example = Json::string("https://intake.example.com/v1/counts")})
        .field(&Options::method, {.name = "method", .help = "The method of the requests.", .kind = FieldKind::Choice, .fallback = Json::string("POST"), .choices = {"POST", "PUT"}})
        .field(&Options::body, {.name = "body", .help = "How the rows of a request are written: json_lines (an object a line), json_array or csv.", .kind = FieldKind::Choice, .fallback = Json::string("json_lines"), .choices = {"json_lines", "json_array", "csv"}})
        .field(&Options::header, {.name = "header", .help = "Begin each CSV body with the column names.", .kind = FieldKind::Boolean, .fallback = Json::boolean(true), .visibleWhen = FieldSpec::Visible{"body", {Json::string("csv")}}})
        .field(&Options::headers, {.name = "headers", .help = "More headers; a value may be a secret, ${env:NAME} or ${file:path}.", .kind = FieldKind::Map, .example = Json::object({{"X-Tenant", Json::string("shop")}})})
        .field(&Options::token, {.name = "token", .help = "Sent as `Authorization: Bearer TOKEN`.", .kind = FieldKind::Secret, .example = Json::string("${env:INTAKE_TOKEN}")})
        .field(&Options::rows, {.name = "rows_per_request", .help = "A request has at most so many rows.", .kind = FieldKind::Integer, .fallback = Json::integer(500), .unit = "rows", .least = 1, .most = 1'000'000})
        .field(&Options::maxRequest, {.name = "max_request", .help = "A request has at most so many bytes, unless a single row has more.", .kind = FieldKind::Bytes, .fallback = Json::string("1MiB"), .least = 1, .most = 256 << 20, .advanced = true})
        .field(&Options::certificates, {.name = "ca_file", .help = "A file with the certificates to trust, in PEM form; without it those of the system.", .kind = FieldKind::Path, .example = Json::string("ca.pem"), .advanced = true})
        .field(&Options::timeout, {.name = "timeout", .help = "How long an answer may take before the request is sent again.", .kind = FieldKind::Duration, .fallback = Json::string("60s"), .advanced = true})
        .check(checkOptions)
        .make([](const Options& options, const Inputs& in, const PlanContext& context) -> Checked<std::unique_ptr<Sink>> {
            auto target = targetOf(options, context);
            if (!target) return target.error();
            return std::unique_ptr<Sink>(std::make_unique<Http>(options, std::move(*target), in.only(), context.timeZone));
        })
        .verify([](const Options& options, const Inputs&, const PlanContext& context, Probe& probe) {
            if (const auto target = targetOf(options, context)) HttpDelivery(*target).verify(probe);
        });
}

}
