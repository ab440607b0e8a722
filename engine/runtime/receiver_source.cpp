#include "engine/runtime/receiver_source.h"

#include "engine/runtime/memory_log.h"

#include <algorithm>
#include <chrono>

namespace streamwright {

namespace {

// Marks of what waits in the log: above high the receiver waits (and TCP with it) until low.
constexpr int64_t kHighRecords = 4 << 20, kLowRecords = kHighRecords / 2;
// What has arrived is durable after this time even when no batch asks for it.
constexpr auto kSyncAfter = std::chrono::milliseconds(50);
// Pieces of a range, so that several workers can read it.
constexpr int64_t kPieceBytes = 1 << 20;

LogPosition positionOf(const Offset& offset) { return LogPosition::parse(offset.text).value_or(LogPosition()); }

}

ReceiverSource::ReceiverSource(NodeId node, std::unique_ptr<Receiver> receiver, std::optional<std::filesystem::path> folder, int64_t highBytes, RunControl& control)
    : node_(std::move(node)), receiver_(std::move(receiver)), folder_(std::move(folder)), highBytes_(highBytes), control_(control)
{
}

ReceiverSource::~ReceiverSource() { close(); }

void ReceiverSource::needs(const Offset& offset) { needed_ = std::max(needed_, positionOf(offset)); }

Result<void> ReceiverSource::open(const SourceContext&)
{
    if (log_) return {};
    if (folder_) {
        auto log = ReceiveLog::open(*folder_, needed_);
        if (!log) return log.error();
        log_ = std::move(*log);
        if (log_->tornBytes() > 0) {
            control_.log(LogLevel::Warning, fmt::format("{}: the receive log ends in {} bytes that are no whole record: a crash tore what was being received, and they are cut off", node_.name, log_->tornBytes()));
        }
        syncing_ = std::jthread([this](const std::stop_token& stop) { syncWhatWaits(stop); });
    } else {
        log_ = memoryLog();
    }
    receiving_ = std::thread([this] { receive(); });
    return {};
}

void ReceiverSource::close()
{
    std::function<void()> wake;
    {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        wake = wake_;
    }
    roomMade_.notify_all();
    if (wake) wake();
    if (receiving_.joinable()) receiving_.join();
    if (syncing_.joinable()) {
        syncing_.request_stop();
        syncing_.join();
    }
}

void ReceiverSource::receive()
{
    auto received = receiver_->receive(*this);
    {
        std::lock_guard lock(mutex_);
        done_ = true;
        wake_ = nullptr;
        if (!received) failure_ = Error{ErrorKind::Permanent, received.error().message, received.error().hint};
    }
    control_.clock().wake();
}

void ReceiverSource::syncWhatWaits(const std::stop_token& stop)
{
    std::unique_lock lock(mutex_);
    while (dirtied_.wait(lock, stop, [this] { return dirty_; })) {
        dirtied_.wait_for(lock, stop, kSyncAfter, [] { return false; });
        if (!dirty_) continue;
        lock.unlock();
        auto synced = sync();
        lock.lock();
        if (!synced) {
            failure_ = synced.error();
            return;
        }
    }
}

Result<void> ReceiverSource::sync()
{
    int64_t arrived = 0;
    {
        std::lock_guard lock(mutex_);
        arrived = arrived_;
        dirty_ = false;
    }
    // An fsync may have come between a record's append and its being counted.
    if (log_->durableEnd() < log_->end()) {
        if (auto synced = log_->sync(); !synced) return synced;
    }
    durableRecords_ = std::max(durableRecords_.load(), arrived);
    return {};
}

// Waits for room in the queue; false when the run stops.
bool ReceiverSource::room()
{
    std::unique_lock lock(mutex_);
    roomMade_.wait(lock, [this] { return !full_ || stopping_; });
    return !stopping_;
}

bool ReceiverSource::keep(int64_t records, size_t bytes, const std::function<Result<LogPosition>()>& append)
{
    if (!room()) return false;
    if (auto appended = control_.patiently(node_, append); !appended) {
        std::lock_guard lock(mutex_);
        if (appended.error().kind != ErrorKind::Transient) failure_ = appended.error();
        return false;
    }
    bool wasClean = false;
    {
        std::lock_guard lock(mutex_);
        arrived_ += records;
        waitingRecords_ += records;
        waitingBytes_ += static_cast<int64_t>(bytes);
        full_ = waitingRecords_ > kHighRecords || waitingBytes_ > highBytes_;
        wasClean = !std::exchange(dirty_, true);
    }
    if (wasClean && folder_) dirtied_.notify_one();
    if (!folder_) durableRecords_ += records;
    control_.clock().wake();
    return true;
}

bool ReceiverSource::push(std::string_view record)
{
    return keep(1, record.size(), [&] { return log_->appendRecord(record); });
}

size_t ReceiverSource::pushLines(std::string_view lines)
{
    const size_t end = lines.rfind('\n');
    if (end == std::string_view::npos) return 0;
    const std::string_view whole = lines.substr(0, end + 1);
    const int64_t records = std::count(whole.begin(), whole.end(), '\n');
    return keep(records, whole.size(), [&] { return log_->append(whole); }) ? whole.size() : 0;
}

bool ReceiverSource::pushRejected(std::string_view head, std::string reason)
{
    return keep(1, head.size(), [&] { return log_->appendRejected(head, reason); });
}

void ReceiverSource::onStop(std::function<void()> wake)
{
    {
        std::lock_guard lock(mutex_);
        if (!stopping_) {
            wake_ = std::move(wake);
            return;
        }
    }
    if (wake) wake();
}

void ReceiverSource::setStatus(std::string status)
{
    std::lock_guard lock(mutex_);
    if (status_ != status && !status.empty()) control_.log(LogLevel::Info, fmt::format("{}: {}", node_.name, status));
    status_ = std::move(status);
}

void ReceiverSource::setConnected(bool connected)
{
    if (connected) setStatus({});
}

// Remembers how far there is nothing, so that nobody asks again before more has come.
Range ReceiverSource::nothing(LogPosition end, const Offset& from)
{
    std::lock_guard lock(mutex_);
    nothingAt_ = end;
    return {from, from, {}, 0};
}

Result<Range> ReceiverSource::plan(const Offset& from, const ReadLimit& limit, Timestamp)
{
    {
        std::lock_guard lock(mutex_);
        if (failure_) return *failure_;
    }
    if (auto synced = sync(); !synced) return synced.error();
    const LogPosition start = positionOf(from);
    const LogPosition end = log_->durableEnd();
    if (end <= start) return nothing(end, from);
    auto ahead = log_->ahead(start, limit.rows, end);
    if (!ahead) return ahead.error();
    if (ahead->rows == 0) return nothing(end, from);
    bool roomMade = false;
    {
        std::lock_guard lock(mutex_);
        const int64_t taken = std::min(ahead->rows, waitingRecords_);
        if (waitingRecords_ > 0) waitingBytes_ -= waitingBytes_ / waitingRecords_ * taken;
        waitingRecords_ -= taken;
        if (waitingRecords_ == 0) waitingBytes_ = 0;
        if (full_ && waitingRecords_ <= kLowRecords && waitingBytes_ <= highBytes_ / 2) {
            full_ = false;
            roomMade = true;
        }
    }
    if (roomMade) roomMade_.notify_one();
    return Range{from, Offset{ahead->until.text()}, {}, ahead->rows};
}

Result<std::vector<LogPosition>> ReceiverSource::cutsOf(const Range& range) const
{
    std::lock_guard lock(cutsMutex_);
    if (cutRange_ == range && !cuts_.empty()) return cuts_;
    auto cuts = log_->cut(positionOf(range.from), positionOf(range.until), kPieceBytes);
    if (!cuts) return cuts.error();
    cutRange_ = range;
    cuts_ = *cuts;
    return cuts_;
}

size_t ReceiverSource::pieces(const Range& range) const
{
    const auto cuts = cutsOf(range);
    // The error is met again, and reported, by read.
    return cuts ? cuts->size() - 1 : 1;
}

Result<void> ReceiverSource::read(const Range& range, size_t piece, const BatchContext& context, Emitter& out)
{
    const auto cuts = cutsOf(range);
    if (!cuts) return cuts.error();
    return log_->read((*cuts)[piece], (*cuts)[piece + 1], [&](const LogChunk& chunk) -> Result<void> {
        const std::vector<Owner> owners{chunk.buffer};
        const std::span<const StringRef> all(chunk.records);
        for (size_t from = 0; from < all.size(); from += kVectorRows) receiver_->decode(all.subspan(from, std::min(kVectorRows, all.size() - from)), owners, context, out);
        for (const LogChunk::Rejected& rejected : chunk.rejected) out.reject({.reason = std::string(rejected.reason.view()), .raw = std::string(rejected.head.view())});
        return {};
    });
}

bool ReceiverSource::done() const
{
    std::lock_guard lock(mutex_);
    return done_ || failure_;
}

bool ReceiverSource::ended(const Offset& at) const
{
    std::lock_guard lock(mutex_);
    return done_ && log_->end() <= std::max(positionOf(at), nothingAt_);
}

bool ReceiverSource::hasMore(const Offset& at)
{
    std::lock_guard lock(mutex_);
    return failure_ || log_->end() > std::max(positionOf(at), nothingAt_);
}

void ReceiverSource::committed(const Offset& offset)
{
    // Nothing can ask for what is only in memory once its batch has ended.
    if (!folder_) (void)log_->forgetBefore(positionOf(offset));
}

void ReceiverSource::forgetBefore(const Offset& offset)
{
    if (auto forgotten = log_->forgetBefore(positionOf(offset)); !forgotten) control_.log(LogLevel::Warning, fmt::format("{}: {}", node_.name, forgotten.error().message));
}

std::string ReceiverSource::status() const
{
    std::lock_guard lock(mutex_);
    return status_;
}

int64_t ReceiverSource::queued() const
{
    std::lock_guard lock(mutex_);
    return waitingRecords_;
}

double ReceiverSource::fill() const
{
    std::lock_guard lock(mutex_);
    return std::max(static_cast<double>(waitingRecords_) / kHighRecords, static_cast<double>(waitingBytes_) / static_cast<double>(highBytes_));
}

}
