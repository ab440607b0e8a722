#include "engine/dataflow/declare.h"
#include "engine/dataflow/gathered_rows.h"
#include "engine/dataflow/rejecting.h"
#include "engine/nodes/probe_host.h"
#include "engine/nodes/sinks/shared/row_lines.h"
#include "engine/transport/listen_address.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <fmt/format.h>

namespace streamwright {

namespace {

struct Options {
    std::string host = "localhost";
    int64_t port = 0;
    std::string format = "json";
    std::string ack = "none";
    Duration timeout = seconds(30);
};

constexpr Duration kConnectTimeout = seconds(10);
constexpr size_t kSendBytes = 256 << 10;

// The connection, and how many of the lines that were sent over it the peer has acknowledged.
class Line {
public:
    Line(const Options& options, std::shared_ptr<TcpClient> client) : options_(options), client_(std::move(client)) {}

    bool open() const { return open_; }
    Result<void> connect()
    {
        close();
        if (auto connected = client_->connect(options_.host, static_cast<uint16_t>(options_.port), kConnectTimeout); !connected) return connected;
        open_ = true;
        sent_ = acknowledged_ = 0;
        begun_.clear();
        return {};
    }
    void close()
    {
        client_->close();
        open_ = false;
    }
    // What the peer did while nothing was sent: Transient when it has closed the connection, Permanent when it speaks
    // another language.
    Result<void> look()
    {
        while (client_->waitForBytes({})) {
            if (options_.ack == "line") {
                if (auto read = readAcknowledgements(); !read) return read;
                continue;
            }
            std::array<char, 4096> bytes;
            const auto got = client_->read(bytes);
            if (!got) return got.error();
            if (*got == 0) return transient("the peer closed the connection");
        }
        return {};
    }
    Result<void> send(std::string_view lines, int64_t count)
    {
        sent_ += count;
        return client_->write({lines.data(), lines.size()}, options_.timeout);
    }
    // Waits until the peer has all that was sent: its machine, or with ack line the peer itself.
    Result<void> settle()
    {
        if (options_.ack == "none") return client_->flush(options_.timeout);
        while (acknowledged_ < sent_) {
            if (!client_->waitForBytes(options_.timeout)) return transient(fmt::format("the peer has acknowledged {} lines of {}, and nothing more for {}", acknowledged_, sent_, printDuration(options_.timeout)));
            if (auto read = readAcknowledgements(); !read) return read;
        }
        return {};
    }
    // Of the lines of this connection.
    int64_t acknowledged() const { return acknowledged_; }
    int64_t sent() const { return sent_; }

private:
    Result<void> readAcknowledgements()
    {
        std::array<char, 4096> bytes;
        const auto got = client_->read(bytes);
        if (!got) return got.error();
        if (*got == 0) return transient(fmt::format("the peer closed the connection when it had acknowledged {} lines of {}", acknowledged_, sent_));
        begun_.append(bytes.data(), *got);
        for (size_t end = begun_.find('\n'); end != std::string::npos; end = begun_.find('\n')) {
            int64_t number = -1;
            const auto read = std::from_chars(begun_.data(), begun_.data() + end, number);
            if (read.ec != std::errc() || number < acknowledged_ || number > sent_) {
                return permanent(fmt::format("with ack line the peer tells how many of the {} lines it has, but it sent \"{}\"", sent_, begun_.substr(0, std::min<size_t>(end, 80))), "choose \"ack\": \"none\" for a peer that does not acknowledge");
            }
            acknowledged_ = number;
            begun_.erase(0, end + 1);
        }
        if (begun_.size() > 80) return permanent("with ack line the peer tells how many lines it has, but it sent something else", "choose \"ack\": \"none\" for a peer that does not acknowledge");
        return {};
    }

    const Options& options_;
    std::shared_ptr<TcpClient> client_;
    bool open_ = false;
    int64_t sent_ = 0;
    int64_t acknowledged_ = 0;
    std::string begun_;         // of an acknowledgement
};

// Publishes an epoch line by line; what was acknowledged of it is not sent again.
class Socket final : public Sink {
public:
    Socket(Options options, Schema schema, std::string timeZone)
        : options_(std::move(options)), schema_(std::make_shared<const Schema>(std::move(schema))), lines_(options_.format, std::move(timeZone)), place_(hostAndPort(options_.host, options_.port)), line_(options_, client_)
    {
    }

    Result<void> open(const SinkContext& context) override
    {
        client_->heed(context.stop);
        return ready();
    }
    std::unique_ptr<SinkWork> begin(const BatchContext&, uint32_t, size_t workers) override { return std::make_unique<Work>(*this, workers); }
    bool usesOutbox() const override { return true; }

    Result<void> publish(const Pending& pending) override
    {
        auto rows = decodeBlock(pending.staged);
        if (!rows) return rows.error();
        int64_t done = 0;
        if (!pending.delivered.empty()) std::from_chars(pending.delivered.data(), pending.delivered.data() + pending.delivered.size(), done);
        if (auto open = ready(); !open) return open;
        const int64_t before = line_.acknowledged();
        auto sent = send(**rows, static_cast<size_t>(done));
        if (sent) {
            if (options_.ack == "none") return sent;
            return pending.deliver ? pending.deliver(fmt::format("{}", (*rows)->rows())) : sent;
        }
        ++errors_;
        connected_ = false;
        const int64_t more = line_.acknowledged() - before;
        line_.close();
        if (more > 0 && pending.deliver) {
            if (auto noted = pending.deliver(fmt::format("{}", done + more)); !noted) return noted;
        }
        return ofPlace(sent.error());
    }

    void close() override
    {
        line_.close();
        connected_ = false;
    }
    Readings readings() const override { return {{"connected", connected_ ? 1.0 : 0.0}, {"bytes", static_cast<double>(bytes_.load())}, {"errors", static_cast<double>(errors_.load())}}; }
    std::string description() const override { return "socket " + place_; }

private:
    class Work final : public SinkWork {
    public:
        Work(const Socket& sink, size_t workers) : sink_(sink), rows_(sink.schema_, workers) {}

        // A text with a line end in it would be read as two lines.
        void consume(const Morsel& in, size_t worker, Emitter& rejects) override
        {
            if (sink_.options_.format == "json") return rows_.add(in, worker);
            std::string line;
            const auto taken = takenRows(in, rejects, [&](uint32_t row) -> std::optional<Rejected> {
                line.clear();
                sink_.lines_.append(*in.batch, row, line);
                if (line.find_first_of("\r\n") == line.size() - 1) return std::nullopt;
                return Rejected{"format", "the row has a line end in it, so it is no line", {}, std::nullopt};
            });
            rows_.add(taken, worker);
        }
        Result<std::optional<std::string>> stage(Epoch) override { return rows_.staged(); }

    private:
        const Socket& sink_;
        RowsToStage rows_;
    };

    Result<void> ready()
    {
        if (line_.open()) {
            auto still = line_.look();
            if (still) return {};
            if (still.error().kind != ErrorKind::Transient) return ofPlace(still.error());
        }
        connected_ = false;
        if (auto connected = line_.connect(); !connected) {
            ++errors_;
            return ofPlace(connected.error());
        }
        connected_ = true;
        return {};
    }
    Error ofPlace(const Error& error) const { return {error.kind, fmt::format("{}: {}", place_, error.message), error.hint}; }

    Result<void> send(const Batch& rows, size_t from)
    {
        std::string lines;
        int64_t count = 0;
        for (size_t row = from; row < rows.rows(); ++row) {
            lines_.append(rows, row, lines);
            ++count;
            if (lines.size() < kSendBytes && row + 1 < rows.rows()) continue;
            if (auto sent = line_.send(lines, count); !sent) return sent;
            bytes_ += static_cast<int64_t>(lines.size());
            lines.clear();
            count = 0;
        }
        return line_.settle();
    }

    Options options_;
    SchemaPtr schema_;
    RowLines lines_;
    std::string place_;
    std::shared_ptr<TcpClient> client_ = std::make_shared<TcpClient>();
    Line line_;
    std::atomic<bool> connected_{false};
    std::atomic<int64_t> bytes_{0};
    std::atomic<int64_t> errors_{0};
};

void verifySocket(const Options& options, Probe& probe)
{
    auto client = std::make_shared<TcpClient>();
    probe.onEnd([client] { client->cancel(); });
    probeConnection(*client, options.host, options.port, "connected; a line would be taken for a row, so none was sent", probe);
}

}

NodeType socketSink()
{
    return Declare<Options>("sink.socket", Group::Sink)
        .summary("Send rows as lines to a TCP server.")
        .help("Connects as a client and sends the rows of every batch once the batch is decided; a connection that breaks is made again, and the rows of the batch are sent once more: at least "
              "once. With ack none a row counts as written when the peer's machine has its bytes: a peer that dies before it reads them loses them. With ack line the peer "
              "answers with lines that hold the number of lines it has, as source.tcp_server does, and only those count. Try it with: nc -lk 9999")
        .input("in")
        .rejects()
        .guarantee(Guarantee::AtLeastOnce)
        .afterRewind("what was sent cannot be taken back; the rows are sent again")
        .field(&Options::host, {.name = "host", .help = "Name or address of the server.", .kind = FieldKind::Text, .fallback = Json::string("localhost"), .example = Json::string("localhost")})
        .field(&Options::port, {.name = "port", .help = "TCP port of the server.", .kind = FieldKind::Integer, .required = true, .least = 1, .most = 65535, .example = Json::integer(9999)})
        .field(&Options::format, {.name = "format", .help = "How a row is written: json (an object a line), csv, or text as Spark prints it.", .kind = FieldKind::Choice, .fallback = Json::string("json"), .choices = {"json", "csv", "text"}})
        .field(&Options::ack, {.name = "ack", .help = "Whether the peer answers with the number of lines it has.", .kind = FieldKind::Choice, .fallback = Json::string("none"), .choices = {"none", "line"}})
        .field(&Options::timeout, {.name = "timeout", .help = "How long the peer may take nothing, or acknowledge nothing, before the connection is made again.", .kind = FieldKind::Duration, .fallback = Json::string("30s"), .advanced = true})
        .check([](const Options& options) -> std::vector<FieldError> {
            if (options.timeout.micros < 1000) return {{"timeout", "timeout must be at least 1ms, but is " + printDuration(options.timeout), {}}};
            return {};
        })
        .make([](const Options& options, const Inputs& in, const PlanContext& context) -> Checked<std::unique_ptr<Sink>> {
            return std::unique_ptr<Sink>(std::make_unique<Socket>(options, in.only(), context.timeZone));
        })
        .verify([](const Options& options, const Inputs&, const PlanContext&, Probe& probe) { verifySocket(options, probe); });
}

}
