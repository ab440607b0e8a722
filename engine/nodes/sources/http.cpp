#include "engine/nodes/record_options.h"
#include "engine/nodes/sources/shared/receiving_server.h"
#include "engine/transport/http_server.h"

#include <algorithm>
#include <cmath>
#include <mutex>

namespace streamwright {

namespace {

struct Options : ListenOptions, RecordOptions {
    std::string path = "/";
    std::string body = "lines";
    std::string token;
    int64_t maxRequest = 4 << 20;
    int64_t maxRecord = 1 << 20;
    std::optional<double> requestsPerSecond;
    Duration timeout = seconds(60);
    Duration dedupeFor = seconds(24 * 3600);
    int64_t maxKeys = 1'000'000;
};

// Bodies of all requests at once: so many times the largest, at least 64 MiB.
constexpr int64_t kLargestAtOnce = 4;
constexpr int64_t kBodiesAtOnce = int64_t{64} << 20;

HttpReply refusal(int status, std::string_view why) { return {status, fmt::format("{}\n", why), {}}; }

HttpReply later(int status, std::string_view why, int64_t seconds)
{
    HttpReply reply = refusal(status, why);
    reply.headers.emplace_back("Retry-After", fmt::format("{}", seconds));
    return reply;
}

// So many requests a second, and as many at once. One thread uses it.
class Rate {
public:
    explicit Rate(double perSecond) : perSecond_(perSecond), left_(std::max(1.0, perSecond)) {}

    // 0: go on; else in so many seconds.
    double wait()
    {
        const auto now = std::chrono::steady_clock::now();
        left_ = std::min(std::max(1.0, perSecond_), left_ + std::chrono::duration<double>(now - last_).count() * perSecond_);
        last_ = now;
        if (left_ < 1) return (1 - left_) / perSecond_;
        left_ -= 1;
        return 0;
    }

private:
    double perSecond_;
    double left_;
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// What is said to a client whose records are durable, or may not be.
HttpReply answerOf(const Result<void>& durable, size_t records, Taken taken)
{
    if (!durable) return later(503, durable.error().message, 5);
    HttpReply reply{202, fmt::format("{{\"records\": {}, \"repeated\": {}}}\n", records, taken == Taken::Before ? "true" : "false"), {}};
    reply.type = "application/json";
    return reply;
}

// Answers requests. On the server's thread.
class Door {
public:
    Door(const Options& options, RecordQueue& queue) : options_(options), queue_(queue)
    {
        if (options.requestsPerSecond) rate_.emplace(*options.requestsPerSecond);
    }

    std::optional<HttpReply> refuse(const HttpAsked& asked)
    {
        if (!options_.token.empty() && !sameSecret(asked.token(), options_.token)) {
            HttpReply reply = refusal(401, "The token is missing or wrong: send the header `Authorization: Bearer TOKEN`.");
            reply.headers.emplace_back("WWW-Authenticate", "Bearer");
            return reply;
        }
        if (asked.path != options_.path) return refusal(404, fmt::format("Records are taken at {}.", options_.path));
        if (asked.method != "POST") {
            HttpReply reply = refusal(405, "Records come by POST.");
            reply.headers.emplace_back("Allow", "POST");
            return reply;
        }
        if (asked.header("Idempotency-Key").size() > Arrival::kLongestKey) return refusal(400, fmt::format("An Idempotency-Key has at most {} bytes.", Arrival::kLongestKey));
        if (!asked.header("Content-Encoding").empty() && asked.header("Content-Encoding") != "identity") return refusal(415, "Bodies are taken as they are, without Content-Encoding.");
        if (const double wait = rate_ ? rate_->wait() : 0; wait > 0) return later(429, fmt::format("At most {} requests a second are taken.", *options_.requestsPerSecond), static_cast<int64_t>(std::ceil(wait)));
        return std::nullopt;
    }

    void handle(HttpAsked asked, const HttpRespond& answer)
    {
        std::string text;
        auto arrival = arrivalOf(asked, text);
        if (!arrival) return answer(std::move(arrival.error()));
        arrival->key = asked.header("Idempotency-Key");
        const size_t records = arrival->kind == Arrival::Kind::Record ? 1 : static_cast<size_t>(std::count(arrival->bytes.begin(), arrival->bytes.end(), '\n'));
        if (records == 0) return answer(answerOf({}, 0, Taken::Now));
        // What it is told and what comes of it may be known in either order.
        struct Told {
            std::mutex mutex;
            std::optional<Result<void>> durable;
            std::optional<Taken> taken;
        };
        const auto told = std::make_shared<Told>();
        const auto tell = [told, answer, records] {
            if (told->durable && told->taken) answer(answerOf(*told->durable, records, *told->taken));
        };
        auto taken = queue_.offer(*arrival, [told, tell](const Result<void>& durable) {
            std::lock_guard lock(told->mutex);
            told->durable = durable;
            tell();
        });
        if (!taken) return answer(taken.error().kind == ErrorKind::Mistake ? refusal(422, taken.error().message) : later(503, taken.error().message, 1));
        std::lock_guard lock(told->mutex);
        told->taken = *taken;
        tell();
    }

private:
    // The records of a body, in `asked` or in `text`; or why it is refused.
    boost::system::result<Arrival, HttpReply> arrivalOf(HttpAsked& asked, std::string& text) const
    {
        if (options_.body == "whole") {
            if (static_cast<int64_t>(asked.body.size()) > options_.maxRecord) return tooLong(1, asked.body.size());
            return Arrival{Arrival::Kind::Record, asked.body, {}, {}};
        }
        if (options_.body == "json_array") {
            if (auto split = appendArrayAsLines(asked.body, text); !split) return refusal(400, fmt::format("{}; {}.", split.error().message, split.error().hint));
        } else {
            text = std::move(asked.body);
            if (text.find('\r') != std::string::npos) text = plainEnds(text);
            if (!text.empty() && text.back() != '\n') text += '\n';
        }
        int64_t line = 0;
        for (size_t at = 0; at < text.size(); ++line) {
            const size_t end = text.find('\n', at);
            if (static_cast<int64_t>(end - at) > options_.maxRecord) return tooLong(line + 1, end - at);
            at = end + 1;
        }
        return Arrival{Arrival::Kind::Lines, text, {}, {}};
    }

    HttpReply tooLong(int64_t record, size_t size) const { return refusal(413, fmt::format("Record {} must not be longer than {} bytes (max_record), but it has {}; nothing was taken.", record, options_.maxRecord, size)); }

    // `\r\n` and `\r` become `\n`.
    static std::string plainEnds(const std::string& text)
    {
        std::string plain;
        plain.reserve(text.size());
        for (size_t at = 0; at < text.size(); ++at) {
            if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') continue;
            plain += text[at] == '\r' ? '\n' : text[at];
        }
        return plain;
    }

    const Options& options_;
    RecordQueue& queue_;
    std::optional<Rate> rate_;
};

class HttpReceiver final : public Receiver {
public:
    HttpReceiver(Options options, std::unique_ptr<RecordDecoder> decoder) : options_(std::move(options)), decoder_(std::move(decoder)), place_(options_.at().text())
    {
    }

    Result<void> receive(RecordQueue& queue) override
    {
        Door door(options_, queue);
        const HttpHandler handler{[&door](const HttpAsked& asked) { return door.refuse(asked); }, [&door](HttpAsked asked, const HttpRespond& answer) { door.handle(std::move(asked), answer); }};
        return server_.serve(queue, place_, [&] { return listenHttp(serverOptions(), handler); });
    }

    void decode(std::span<const StringRef> records, const std::vector<Owner>& owners, const BatchContext&, Emitter& out) const override
    {
        decodeRecords(*decoder_, records, owners, out);
    }

    std::string description() const override { return fmt::format("requests to http://{}{}", place_, options_.path); }
    int64_t maxRecordBytes() const override { return options_.maxRecord; }
    Keys keys() const override { return {options_.dedupeFor, static_cast<size_t>(options_.maxKeys)}; }
    Readings readings() const override
    {
        const auto server = server_.server();
        if (!server) return {{"connected", 0}};
        return {{"connected", static_cast<double>(server->connections())}, {"errors", static_cast<double>(server->refused())}};
    }

private:
    HttpServerOptions serverOptions() const
    {
        HttpServerOptions options{.at = options_.at()};
        options.connections = static_cast<size_t>(options_.connections);
        options.mostBody = static_cast<size_t>(options_.maxRequest);
        options.mostBodies = static_cast<size_t>(std::max(kBodiesAtOnce, options_.maxRequest * kLargestAtOnce));
        options.body = options_.timeout;
        return options;
    }

    Options options_;
    std::unique_ptr<RecordDecoder> decoder_;
    std::string place_;
    ReceivingServer server_;
};

std::vector<FieldError> checkOptions(const Options& options)
{
    std::vector<FieldError> errors = checkRecordOptions(options);
    if (!options.path.starts_with('/') || options.path.find_first_of("?# \t\r\n") != std::string::npos) errors.push_back({"path", fmt::format("path must begin with / and have no ?, # or space, but is \"{}\"", options.path), {}});
    if (options.timeout.micros <= 0) errors.push_back({"request_timeout", "request_timeout must be longer than nothing, but is " + printDuration(options.timeout), {}});
    if (options.dedupeFor.micros <= 0) errors.push_back({"dedupe_for", "dedupe_for must be longer than nothing, but is " + printDuration(options.dedupeFor), {}});
    return errors;
}

}

NodeType httpSource()
{
    Declare<Options> declare("source.http", Group::Source);
    declare.summary("Take records that programs POST over HTTP.")
        .help("A request is answered with 202 when its records are in the checkpoint's log and survive a crash: many requests share one fsync. With the header Idempotency-Key "
              "a request that comes again, because its answer was lost, is answered and not taken again, also after a restart; without it records are taken at least once. "
              "All records of a request are taken or none: 413 where one is too long or all together are, 422 where its Idempotency-Key came before with other bytes, 429 too often, "
              "503 while the disk is full, batches are behind or more keys than max_keys would be remembered (429 and 503 with Retry-After), 401 without the token, 400 where it cannot be read. Try it with: curl -d hello http://localhost:8080/")
        .output("out")
        .rejects()
        .endless();
    declareListenFields(declare, 8080);
    declare
        .field(&Options::path, {.name = "path", .help = "The path that is posted to; others are answered with 404.", .kind = FieldKind::Text, .fallback = Json::string("/"), .example = Json::string("/events")})
        .field(&Options::body, {.name = "body", .help = "What a body holds: lines, each a record; json_array, each element a record; or whole, one record.", .kind = FieldKind::Choice, .fallback = Json::string("lines"), .choices = {"lines", "json_array", "whole"}})
        .field(&Options::token, {.name = "token", .help = "Who posts must send it as `Authorization: Bearer TOKEN`; without it everybody may.", .kind = FieldKind::Secret, .example = Json::string("${env:INTAKE_TOKEN}")})
        .field(&Options::maxRequest, {.name = "max_request", .help = "A longer body is answered with 413.", .kind = FieldKind::Bytes, .fallback = Json::string("4MiB"), .least = 1, .most = 256 << 20, .advanced = true})
        .field(&Options::maxRecord, {.name = "max_record", .help = "A request with a longer record is answered with 413.", .kind = FieldKind::Bytes, .fallback = Json::string("1MiB"), .least = 1, .most = 256 << 20, .advanced = true})
        .field(&Options::requestsPerSecond, {.name = "max_requests_per_second", .help = "More are answered with 429; without it there is no limit.", .kind = FieldKind::Number, .unit = "requests/s", .least = 0.001, .advanced = true})
        .field(&Options::timeout, {.name = "request_timeout", .help = "How long a client may take to send a body.", .kind = FieldKind::Duration, .fallback = Json::string("60s"), .advanced = true})
        .field(&Options::dedupeFor, {.name = "dedupe_for", .help = "How long an Idempotency-Key is remembered.", .kind = FieldKind::Duration, .fallback = Json::string("24h"), .advanced = true})
        .field(&Options::maxKeys, {.name = "max_keys", .help = "How many keys are remembered at most, about 150 bytes of memory each; requests with more are answered with 503.", .kind = FieldKind::Integer, .fallback = Json::integer(1'000'000), .least = 1, .most = 100'000'000, .advanced = true});
    declareRecordFields(declare);
    declare.check(checkOptions)
        .schema([](const Options& options, const Inputs&, const PlanContext&) { return recordSchema(options); })
        .make([](const Options& options, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<Receiver>> {
            return std::make_unique<HttpReceiver>(options, recordDecoder(options, context));
        })
        .verify([](const Options& options, const Inputs&, const PlanContext&, Probe& probe) {
            ReceivingServer::verify(options, [&] { return listenHttp({.at = options.at()}, {}); }, probe);
        });
    return declare;
}

}
