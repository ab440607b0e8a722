#include "engine/base/printable.h"
#include "engine/nodes/probe_host.h"
#include "engine/nodes/record_options.h"
#include "engine/nodes/sources/shared/line_cutter.h"
#include "engine/transport/listen_address.h"
#include "engine/transport/tcp_client.h"

#include <atomic>

namespace streamwright {

namespace {

struct Options : RecordOptions {
    std::string host = "localhost";
    int64_t port = 0;
    Duration reconnect = seconds(2);
    int64_t maxRecord = 16 << 20;
};

constexpr Duration kConnectTimeout = seconds(10);

class SocketReceiver final : public Receiver {
public:
    SocketReceiver(Options options, std::unique_ptr<RecordDecoder> decoder)
        : options_(std::move(options)), decoder_(std::move(decoder)), place_(hostAndPort(options_.host, options_.port))
    {
    }

    Result<void> receive(RecordQueue& queue) override
    {
        // Shared, because the queue may call back until it is gone.
        auto client = std::make_shared<TcpClient>();
        queue.onStop([client] { client->cancel(); });
        while (!queue.stopping()) {
            queue.setStatus("connecting to " + place_);
            std::string reason;
            if (auto connected = client->connect(options_.host, static_cast<uint16_t>(options_.port), kConnectTimeout); !connected) {
                reason = connected.error().message;
            } else {
                queue.setConnected(true);
                queue.setStatus({});
                reason = readAll(*client, queue);
                queue.setConnected(false);
                client->close();
            }
            if (queue.stopping()) break;
            ++errors_;
            queue.setStatus(fmt::format("waiting for {}: {}", place_, reason));
            if (!client->pause(options_.reconnect)) break;
        }
        return {};
    }

    void decode(std::span<const StringRef> records, const std::vector<Owner>& owners, const BatchContext&, Emitter& out) const override
    {
        decodeRecords(*decoder_, records, owners, out);
    }

    std::string description() const override { return "socket " + place_; }
    int64_t maxRecordBytes() const override { return options_.maxRecord; }
    Readings readings() const override { return {{"errors", static_cast<double>(errors_.load())}}; }

private:
    // Until the connection or the run ends; why.
    std::string readAll(TcpClient& client, RecordQueue& queue) const
    {
        LineCutter lines(queue, static_cast<size_t>(options_.maxRecord), "max_record");
        while (true) {
            const auto got = client.read(lines.room());
            if (queue.stopping()) return "stopped";
            if (!got || *got == 0) {
                lines.finish();
                return got ? "the connection was closed" : got.error().message;
            }
            if (!lines.take(*got)) return "stopped";
        }
    }

    Options options_;
    std::unique_ptr<RecordDecoder> decoder_;
    std::string place_;
    std::atomic<int64_t> errors_{0};    // connections that could not be made or ended
};

constexpr Duration kListen = seconds(1);

Result<std::string> firstBytes(TcpClient& client)
{
    if (!client.waitForBytes(kListen)) return "it sent nothing within a second, and may later";
    std::array<char, 4096> bytes;
    const auto got = client.read(bytes);
    if (!got) return got.error();
    if (*got == 0) return transient("the server closed the connection at once");
    const std::string_view text(bytes.data(), *got);
    return "it sends: " + printable(text.substr(0, text.find('\n')));
}

void verifySocket(const Options& options, Probe& probe)
{
    auto client = std::make_shared<TcpClient>();
    probe.onEnd([client] { client->cancel(); });
    if (probeConnection(*client, options.host, options.port, "connected", probe)) probe.step("read what it sends", firstBytes(*client));
}

}

NodeType socketSource()
{
    Declare<Options> declare("source.socket", Group::Source);
    declare.summary("Read lines of text from a TCP server.")
        .help("Connects as a client and reads UTF-8 lines; a line that the connection's end cuts off is a record too. When the "
              "connection cannot be made or ends, it is tried again for ever. What was received is written to the checkpoint's "
              "log before it is counted, and survives a crash from then on. Try it with: nc -lk 9999")
        .output("out")
        .rejects()
        .endless()
        .field(&Options::host, {.name = "host", .help = "Name or address of the server.", .kind = FieldKind::Text, .fallback = Json::string("localhost"), .example = Json::string("localhost")})
        .field(&Options::port, {.name = "port", .help = "TCP port of the server.", .kind = FieldKind::Integer, .required = true, .least = 1, .most = 65535, .example = Json::integer(9999)})
        .field(&Options::reconnect, {.name = "reconnect", .help = "How long to wait before connecting again.", .kind = FieldKind::Duration, .fallback = Json::string("2s"), .advanced = true})
        .field(&Options::maxRecord, {.name = "max_record", .help = "A longer line goes to the port rejected without being kept in memory.", .kind = FieldKind::Bytes, .fallback = Json::string("16MiB"), .least = 1, .most = 1 << 30, .advanced = true});
    declareRecordFields(declare);
    declare
        .check([](const Options& options) {
            std::vector<FieldError> errors = checkRecordOptions(options);
            if (options.reconnect.micros <= 0) errors.push_back({"reconnect", "reconnect must be longer than nothing, but is " + printDuration(options.reconnect), {}});
            return errors;
        })
        .schema([](const Options& options, const Inputs&, const PlanContext&) { return recordSchema(options); })
        .make([](const Options& options, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<Receiver>> {
            return std::make_unique<SocketReceiver>(options, recordDecoder(options, context));
        })
        .verify([](const Options& options, const Inputs&, const PlanContext&, Probe& probe) { verifySocket(options, probe); });
    return declare;
}

}
