#include "engine/nodes/record_options.h"
#include "engine/nodes/sources/shared/line_cutter.h"

#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace streamwright {

namespace {

struct Options : RecordOptions {
};

constexpr size_t kMaxRecord = 16 << 20;

// Wakes a thread that waits for standard input.
class Waker {
public:
    Waker() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~Waker() { ::close(event_); }
    Waker(const Waker&) = delete;
    Waker& operator=(const Waker&) = delete;

    void wake() const
    {
        const uint64_t one = 1;
        [[maybe_unused]] const ssize_t written = ::write(event_, &one, sizeof(one));
    }

    // True when standard input has something to read, or has ended.
    bool waitForInput() const
    {
        pollfd both[2] = {{event_, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
        while (::poll(both, 2, -1) < 0 && errno == EINTR) {
        }
        return both[0].revents == 0;
    }

private:
    int event_;
};

class StandardInput final : public Receiver {
public:
    explicit StandardInput(std::unique_ptr<RecordDecoder> decoder) : decoder_(std::move(decoder)) {}

    Result<void> receive(RecordQueue& queue) override
    {
        auto waker = std::make_shared<Waker>();
        queue.onStop([waker] { waker->wake(); });
        queue.setConnected(true);
        LineCutter lines(queue, kMaxRecord);
        while (!queue.stopping() && waker->waitForInput()) {
            const std::span<char> room = lines.room();
            const ssize_t got = ::read(STDIN_FILENO, room.data(), room.size());
            if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
            if (got < 0) return permanent(std::string("standard input cannot be read: ") + std::strerror(errno));
            if (got > 0 && !lines.take(static_cast<size_t>(got))) return {};
            if (got > 0) continue;
            lines.finish();
            queue.setConnected(false);
            queue.setStatus("standard input has ended");
            return {};
        }
        return {};
    }

    void decode(std::span<const StringRef> records, const std::vector<Owner>& owners, const BatchContext&, Emitter& out) const override
    {
        decodeRecords(*decoder_, records, owners, out);
    }

    std::string description() const override { return "standard input"; }
    int64_t maxRecordBytes() const override { return kMaxRecord; }

private:
    std::unique_ptr<RecordDecoder> decoder_;
};

}

NodeType stdinSource()
{
    Declare<Options> declare("source.stdin", Group::Source);
    declare.summary("Read lines from standard input.")
        .help("The stream ends when standard input does; with trigger interval the run goes on without new rows.")
        .output("out")
        .rejects();
    declareRecordFields(declare);
    declare.check([](const Options& options) { return checkRecordOptions(options); })
        .schema([](const Options& options, const Inputs&, const PlanContext&) { return recordSchema(options); })
        .make([](const Options& options, const Inputs&, const PlanContext& context) -> Checked<std::unique_ptr<Receiver>> {
            return std::make_unique<StandardInput>(recordDecoder(options, context));
        });
    return declare;
}

}
