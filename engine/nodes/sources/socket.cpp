#include "engine/nodes/record_options.h"
#include "engine/transport/tcp_client.h"

namespace streamwright {

namespace {

struct Options : RecordOptions {
    std::string host = "localhost";
    int64_t port = 0;
    Duration reconnect = seconds(2);
    std::string maxRecord = "16MiB";
};

constexpr size_t kReadBytes = 1 << 20;
constexpr Duration kConnectTimeout = seconds(10);
constexpr size_t kRejectedHead = 256;

// Cuts what a connection sends into records for the queue.
class ConnectionLines {
public:
    ConnectionLines(RecordQueue& queue, size_t maxRecord) : queue_(queue), maxRecord_(maxRecord) { bytes_.resize(kReadBytes); }

    // Where the next bytes go; there is always room.
    std::span<char> room()
    {
        if (used_ == bytes_.size()) bytes_.resize(bytes_.size() * 2);
        return {bytes_.data() + used_, bytes_.size() - used_};
    }

    // `size` bytes were put into `room`. False when the run stops.
    bool take(size_t size)
    {
        const size_t from = used_;
        used_ += plainEnds(bytes_.data() + from, size);
        const char* last = static_cast<const char*>(::memrchr(bytes_.data() + from, '\n', used_ - from));
        const size_t whole = last ? static_cast<size_t>(last - bytes_.data()) + 1 : 0;
        if (whole > 0 && !pushWhole({bytes_.data(), whole})) return false;
        std::memmove(bytes_.data(), bytes_.data() + whole, used_ - whole);
        used_ -= whole;
        if (used_ > maxRecord_) startSkipping();
        return true;
    }

    // The connection has ended: a line without an end is a record.
    bool finish()
    {
        const std::string_view line(bytes_.data(), used_);
        const bool going = skipping_ ? rejectSkipped() : line.empty() || queue_.push(line);
        used_ = 0;
        skipping_ = returned_ = false;
        return going;
    }

private:
    // `\r\n` and `\r` become `\n`, in place; returns the new size.
    size_t plainEnds(char* data, size_t size)
    {
        if (!returned_ && !std::memchr(data, '\r', size)) return size;
        size_t to = 0;
        for (size_t at = 0; at < size; ++at) {
            const char c = data[at];
            if (c == '\n' && returned_) {
                returned_ = false;
                continue;
            }
            returned_ = c == '\r';
            data[to++] = returned_ ? '\n' : c;
        }
        return to;
    }

    bool pushWhole(std::string_view lines)
    {
        if (skipping_) {
            const size_t end = lines.find('\n');
            skipped_ += end;
            lines.remove_prefix(end + 1);
            if (!rejectSkipped()) return false;
        }
        // Only a line that began in an earlier read can be too long unnoticed, or one longer than a read.
        if (lines.size() > maxRecord_) return pushChecked(lines);
        return pushAll(lines);
    }

    bool pushAll(std::string_view lines)
    {
        while (!lines.empty()) {
            const size_t taken = queue_.pushLines(lines);
            if (taken == 0) return false;
            lines.remove_prefix(taken);
        }
        return true;
    }

    bool pushChecked(std::string_view lines)
    {
        size_t good = 0;
        for (size_t at = 0; at < lines.size();) {
            const size_t end = lines.find('\n', at);
            if (end - at > maxRecord_) {
                if (!pushAll(lines.substr(good, at - good)) || !reject(lines.substr(at, kRejectedHead), end - at)) return false;
                good = end + 1;
            }
            at = end + 1;
        }
        return pushAll(lines.substr(good));
    }

    void startSkipping()
    {
        if (!skipping_) head_.assign(bytes_.data(), std::min(used_, kRejectedHead));
        if (!skipping_) skipped_ = 0;
        skipping_ = true;
        skipped_ += used_;
        used_ = 0;
        bytes_.resize(kReadBytes);
        bytes_.shrink_to_fit();
    }

    bool rejectSkipped()
    {
        skipping_ = false;
        return reject(head_, skipped_);
    }

    bool reject(std::string_view head, size_t size)
    {
        return queue_.pushRejected(head, fmt::format("the record must not be longer than {} bytes (max_record), but it has {}", maxRecord_, size));
    }

    RecordQueue& queue_;
    size_t maxRecord_;
    std::vector<char> bytes_;
    size_t used_ = 0;
    bool returned_ = false;     // the last byte was `\r`
    bool skipping_ = false;     // inside of a line that is too long
    size_t skipped_ = 0;
    std::string head_;
};

class SocketReceiver final : public Receiver {
public:
    SocketReceiver(Options options, int64_t maxRecord, std::unique_ptr<RecordDecoder> decoder)
        : options_(std::move(options)), maxRecord_(maxRecord), decoder_(std::move(decoder)), place_(fmt::format("{}:{}", options_.host, options_.port))
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
    int64_t maxRecordBytes() const override { return maxRecord_; }

private:
    // Until the connection or the run ends; why.
    std::string readAll(TcpClient& client, RecordQueue& queue) const
    {
        ConnectionLines lines(queue, static_cast<size_t>(maxRecord_));
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
    int64_t maxRecord_;
    std::unique_ptr<RecordDecoder> decoder_;
    std::string place_;
};

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
        .field(&Options::host, {.name = "host", .help = "Name or address of the server.", .kind = FieldKind::Text, .fallback = Json::string("localhost"), .example = Json::string("localhost")})
        .field(&Options::port, {.name = "port", .help = "TCP port of the server.", .kind = FieldKind::Integer, .required = true, .example = Json::integer(9999)})
        .field(&Options::reconnect, {.name = "reconnect", .help = "How long to wait before connecting again.", .kind = FieldKind::Duration, .fallback = Json::string("2s"), .advanced = true})
        .field(&Options::maxRecord, {.name = "max_record", .help = "A longer line goes to the port rejected without being kept in memory.", .kind = FieldKind::Bytes, .fallback = Json::string("16MiB"), .advanced = true});
    declareRecordFields(declare);
    declare
        .check([](const Options& options) {
            std::vector<FieldError> errors = checkRecordOptions(options);
            if (options.port < 1 || options.port > 65535) errors.push_back({"port", fmt::format("port must be between 1 and 65535, but is {}", options.port), {}});
            if (options.reconnect.micros <= 0) errors.push_back({"reconnect", "reconnect must be longer than nothing, but is " + printDuration(options.reconnect), {}});
            const auto bytes = parseBytes(options.maxRecord);
            if (!bytes) errors.push_back(inField("max_record", bytes.error()));
            else if (*bytes < 1 || *bytes > (int64_t{1} << 30)) errors.push_back({"max_record", "max_record must be between 1 byte and 1GiB, but is " + options.maxRecord, {}});
            return errors;
        })
        .schema([](const Options& options, const Inputs&, const PlanContext&) { return recordSchema(options); })
        .make([](const Options& options, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<Receiver>> {
            const auto bytes = parseBytes(options.maxRecord);
            if (!bytes) return inField("max_record", bytes.error());
            return std::make_unique<SocketReceiver>(options, *bytes, recordDecoder(options, context));
        });
    return declare;
}

}
