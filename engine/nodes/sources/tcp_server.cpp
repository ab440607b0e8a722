#include "engine/nodes/record_options.h"
#include "engine/nodes/sources/shared/line_cutter.h"
#include "engine/nodes/sources/shared/receiving_server.h"
#include "engine/transport/tcp_server.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>

namespace streamwright {

namespace {

struct Options : ListenOptions, RecordOptions {
    std::string ack = "none";
    Duration idle;
    int64_t maxRecord = 1 << 20;
};

// Bytes of lines that have not ended yet, of all connections together.
constexpr int64_t kMostUnfinished = int64_t{64} << 20;
constexpr size_t kReadBytes = 16 << 10;

// What all connections share.
struct Shared {
    RecordQueue& queue;
    size_t maxRecord;
    bool acknowledges;
    std::shared_ptr<std::atomic<int64_t>> errors;   // connections that broke or were ended
    int64_t unfinished = 0;
};

// Lines of a connection that are durable, told to its peer: a number stands for all acknowledgements before it.
class Acknowledgement : public std::enable_shared_from_this<Acknowledgement> {
public:
    explicit Acknowledgement(std::shared_ptr<TcpPeer> peer) : peer_(std::move(peer)) {}

    // To be called when so many more lines are durable.
    Durable of(int64_t lines)
    {
        return [self = shared_from_this(), lines](const Result<void>& durable) {
            if (!durable) return;
            // Under the lock: a smaller number must not follow a greater one.
            std::lock_guard lock(self->mutex_);
            self->peer_->send(fmt::format("{}\n", self->durable_ += lines));
        };
    }
    // So many more lines were taken.
    void owe(int64_t lines) { owed_ += lines; }
    bool owes() const
    {
        std::lock_guard lock(mutex_);
        return durable_ < owed_;
    }

private:
    std::shared_ptr<TcpPeer> peer_;
    int64_t owed_ = 0;              // on the server's thread alone
    mutable std::mutex mutex_;
    int64_t durable_ = 0;
};

// Takes what a line cutter cuts and keeps it until the queue has room.
class Cut final : public RecordQueue {
public:
    struct Piece {
        Arrival::Kind kind;
        std::string bytes;
        std::string reason;
        bool whole = true;      // its lines had their ends
    };
    std::deque<Piece> pieces;

    bool push(std::string_view record) override { return pieces.push_back({Arrival::Kind::Record, std::string(record), {}, true}), true; }
    size_t pushLines(std::string_view lines) override
    {
        const size_t size = lines.rfind('\n') + 1;
        pieces.push_back({Arrival::Kind::Lines, std::string(lines.substr(0, size)), {}, true});
        return size;
    }
    bool pushRejected(std::string_view head, std::string reason) override { return pieces.push_back({Arrival::Kind::Rejected, std::string(head), std::move(reason), true}), true; }
    Result<Taken> offer(const Arrival&, Durable) override { return Taken::Now; }
    bool stopping() const override { return false; }
    void onStop(std::function<void()>) override {}
    void setStatus(std::string) override {}
    void setConnected(bool) override {}
};

class Lines final : public TcpListener {
public:
    Lines(std::shared_ptr<Shared> shared, std::shared_ptr<TcpPeer> peer)
        : shared_(std::move(shared)), peer_(std::move(peer)), acknowledgement_(std::make_shared<Acknowledgement>(peer_)), cutter_(cut_, shared_->maxRecord, "max_record", kReadBytes)
    {
    }
    ~Lines() override { shared_->unfinished -= unfinished_; }

    std::span<char> room() override { return cutter_.room(); }

    Result<void> take(size_t size) override
    {
        if (size > 0) {
            cutter_.take(size);
            shared_->unfinished += static_cast<int64_t>(cutter_.kept()) - unfinished_;
            unfinished_ = static_cast<int64_t>(cutter_.kept());
        }
        if (auto handed = handOver(); !handed) return handed;
        if (shared_->unfinished > kMostUnfinished && unfinished_ > static_cast<int64_t>(kReadBytes)) {
            return permanent(fmt::format("all connections together hold more than {} MiB of lines that have not ended", kMostUnfinished >> 20));
        }
        return {};
    }

    // A line without an end may be half a line.
    void end(const std::string& why) override
    {
        if (!cutter_.begun().empty()) cut_.pieces.push_back({Arrival::Kind::Rejected, std::string(cutter_.begun()), fmt::format("the line has no end: {} ({})", why, peer_->address()), false});
        if (why != TcpListener::kPeerClosed && why != TcpListener::kStopped) ++*shared_->errors;
        shared_->unfinished -= std::exchange(unfinished_, 0);
    }

    bool owes() const override { return acknowledgement_->owes(); }

private:
    Result<void> handOver()
    {
        for (; !cut_.pieces.empty(); cut_.pieces.pop_front()) {
            const Cut::Piece& piece = cut_.pieces.front();
            const int64_t lines = piece.kind == Arrival::Kind::Lines ? std::count(piece.bytes.begin(), piece.bytes.end(), '\n') : 1;
            const bool acknowledged = shared_->acknowledges && piece.whole;
            const auto taken = shared_->queue.offer({piece.kind, piece.bytes, piece.reason, {}}, acknowledged ? acknowledgement_->of(lines) : [](const Result<void>&) {});
            if (!taken) return taken.error();
            if (acknowledged) acknowledgement_->owe(lines);
        }
        return {};
    }

    std::shared_ptr<Shared> shared_;
    std::shared_ptr<TcpPeer> peer_;
    std::shared_ptr<Acknowledgement> acknowledgement_;
    Cut cut_;
    LineCutter cutter_;
    int64_t unfinished_ = 0;
};

class TcpServerReceiver final : public Receiver {
public:
    TcpServerReceiver(Options options, std::unique_ptr<RecordDecoder> decoder) : options_(std::move(options)), decoder_(std::move(decoder)), place_(options_.at().text()) {}

    Result<void> receive(RecordQueue& queue) override
    {
        const auto shared = std::make_shared<Shared>(Shared{queue, static_cast<size_t>(options_.maxRecord), options_.ack == "line", errors_});
        const TcpServerOptions wanted{options_.at(), static_cast<size_t>(options_.connections), options_.idle};
        return server_.serve(queue, place_, [&] { return listenTcp(wanted, [shared](std::shared_ptr<TcpPeer> peer) { return std::make_unique<Lines>(shared, std::move(peer)); }); });
    }

    void decode(std::span<const StringRef> records, const std::vector<Owner>& owners, const BatchContext&, Emitter& out) const override
    {
        decodeRecords(*decoder_, records, owners, out);
    }

    std::string description() const override { return "connections to " + place_; }
    int64_t maxRecordBytes() const override { return options_.maxRecord; }
    Readings readings() const override
    {
        const auto server = server_.server();
        if (!server) return {{"connected", 0}};
        return {{"connected", static_cast<double>(server->connections())}, {"errors", static_cast<double>(*errors_ + server->refused())}};
    }

private:
    Options options_;
    std::unique_ptr<RecordDecoder> decoder_;
    std::string place_;
    std::shared_ptr<std::atomic<int64_t>> errors_ = std::make_shared<std::atomic<int64_t>>(0);
    ReceivingServer server_;
};

}

NodeType tcpServerSource()
{
    Declare<Options> declare("source.tcp_server", Group::Source);
    declare.summary("Take lines of text from programs that connect over TCP.")
        .help("Any number of programs connect and send UTF-8 lines. What was received is written to the checkpoint's log before it is counted, and survives a crash from then "
              "on. With ack line each program is told how many of its lines are that safe: a line with their number, every few milliseconds while there is news. A line that "
              "a connection's end cuts off goes to the port rejected. While the disk is full or batches are behind nothing is read, and TCP holds up the senders. Try it "
              "with: nc localhost 9999")
        .output("out")
        .rejects()
        .endless();
    declareListenFields(declare, 9999);
    declare
        .field(&Options::ack, {.name = "ack", .help = "Whether senders are told how many of their lines are safe.", .kind = FieldKind::Choice, .fallback = Json::string("none"), .choices = {"none", "line"}})
        .field(&Options::idle, {.name = "idle_timeout", .help = "A connection on which nothing came for so long is closed; 0s for never.", .kind = FieldKind::Duration, .fallback = Json::string("0s"), .advanced = true})
        .field(&Options::maxRecord, {.name = "max_record", .help = "A longer line goes to the port rejected without being kept in memory.", .kind = FieldKind::Bytes, .fallback = Json::string("1MiB"), .least = 1, .most = kMostUnfinished, .advanced = true});
    declareRecordFields(declare);
    declare
        .check([](const Options& options) { return checkRecordOptions(options); })
        .schema([](const Options& options, const Inputs&, const PlanContext&) { return recordSchema(options); })
        .make([](const Options& options, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<Receiver>> {
            return std::make_unique<TcpServerReceiver>(options, recordDecoder(options, context));
        })
        .verify([](const Options& options, const Inputs&, const PlanContext&, Probe& probe) { ReceivingServer::verify(options, [&] { return listenTcp({options.at()}, {}); }, probe); });
    return declare;
}

}
