#include "engine/nodes/record_options.h"

#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace streamwright {

namespace {

struct Options : RecordOptions {
};

constexpr size_t kReadBytes = 256 << 10;
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
        std::string bytes;
        bool tooLong = false;
        while (!queue.stopping() && waker->waitForInput()) {
            const size_t used = bytes.size();
            bytes.resize(used + kReadBytes);
            const ssize_t got = ::read(STDIN_FILENO, bytes.data() + used, kReadBytes);
            bytes.resize(used + static_cast<size_t>(std::max<ssize_t>(got, 0)));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return permanent(std::string("standard input cannot be read: ") + std::strerror(errno));
            if (!takeLines(bytes, used, tooLong, queue)) return {};
            if (got > 0) continue;
            if (!bytes.empty() && !tooLong) queue.push(withoutReturn(bytes));
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
    static std::string_view withoutReturn(std::string_view line) { return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line; }

    // Hands over the whole lines of `bytes`, of which those before `seen` are known to hold no line end.
    static bool takeLines(std::string& bytes, size_t seen, bool& tooLong, RecordQueue& queue)
    {
        size_t from = 0;
        for (size_t end = bytes.find('\n', seen); end != std::string::npos; end = bytes.find('\n', from)) {
            if (!tooLong && !queue.push(withoutReturn(std::string_view(bytes).substr(from, end - from)))) return false;
            tooLong = false;
            from = end + 1;
        }
        bytes.erase(0, from);
        if (bytes.size() <= kMaxRecord) return true;
        if (!tooLong && !queue.pushRejected(std::string_view(bytes).substr(0, 256), fmt::format("the record must not be longer than {} bytes", kMaxRecord))) return false;
        tooLong = true;
        bytes.clear();
        return true;
    }

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
