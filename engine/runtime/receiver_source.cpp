#include "engine/runtime/receiver_source.h"

#include "engine/checkpoint/frame.h"
#include "engine/runtime/memory_log.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace streamwright {

namespace {

// Marks of what waits in the log: above high the receiver waits (and TCP with it) until low.
constexpr int64_t kHighRecords = 4 << 20, kLowRecords = kHighRecords / 2;
// What has arrived is durable after this time even when no batch asks for it.
constexpr auto kSyncAfter = std::chrono::milliseconds(50);
// Where somebody waits for it: so soon after the fsync before, or when so much has come.
constexpr auto kSyncWaited = std::chrono::milliseconds(5);
constexpr int64_t kSyncBytes = 1 << 20;
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
        if (auto loaded = loadKeys(); !loaded) return loaded;
        syncing_ = std::jthread([this](const std::stop_token& stop) { syncWhatWaits(stop); });
    } else {
        log_ = memoryLog();
        if (receiver_->keys().most > 0) keys_.emplace(receiver_->keys().time, receiver_->keys().most);
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
        (void)sync();
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

// A lone waiter is answered at once; many share the fsync that comes 5 ms after the one before, or when a lot has come.
void ReceiverSource::syncWhatWaits(const std::stop_token& stop)
{
    using Steady = std::chrono::steady_clock;
    auto last = Steady::time_point::min();
    std::unique_lock lock(mutex_);
    while (dirtied_.wait(lock, stop, [this] { return dirty_ || !waiters_.empty(); })) {
        const auto latest = Steady::now() + kSyncAfter;
        for (;;) {
            const bool awaited = !waiters_.empty();
            const auto due = awaited ? std::min(latest, last + kSyncWaited) : latest;
            if (stop.stop_requested() || Steady::now() >= due || (awaited && unsyncedBytes_ >= kSyncBytes)) break;
            dirtied_.wait_until(lock, stop, due, [&] { return awaited == waiters_.empty() || (awaited && unsyncedBytes_ >= kSyncBytes); });
        }
        if (!dirty_ && waiters_.empty()) continue;
        last = std::chrono::steady_clock::now();
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
        unsyncedBytes_ = 0;
    }
    // An fsync may have come between a record's append and its being counted.
    Result<void> synced;
    if (log_->durableEnd() < log_->end()) synced = log_->sync();
    if (synced) durableRecords_ = std::max(durableRecords_.load(), arrived);
    answerWaiters(synced);
    return synced;
}

// Those whose records are durable, or all of them when nothing will be any more.
void ReceiverSource::answerWaiters(const Result<void>& synced)
{
    const LogPosition durable = log_->durableEnd();
    std::vector<Waiter> answered;
    {
        std::lock_guard lock(mutex_);
        const auto stays = std::partition(waiters_.begin(), waiters_.end(), [&](const Waiter& waiter) { return synced && waiter.until > durable; });
        std::move(stays, waiters_.end(), std::back_inserter(answered));
        waiters_.erase(stays, waiters_.end());
    }
    for (const Waiter& waiter : answered) waiter.durable(synced);
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
    count(records, bytes);
    return true;
}

// What was appended to the log.
void ReceiverSource::count(int64_t records, size_t bytes)
{
    bool wakes = false;
    {
        std::lock_guard lock(mutex_);
        const bool had = unsyncedBytes_ >= kSyncBytes;
        arrived_ += records;
        waitingRecords_ += records;
        waitingBytes_ += static_cast<int64_t>(bytes);
        arrivedBytes_ += static_cast<int64_t>(bytes);
        unsyncedBytes_ += static_cast<int64_t>(bytes);
        full_ = waitingRecords_ > kHighRecords || waitingBytes_ > highBytes_;
        wakes = !std::exchange(dirty_, true) || (!had && unsyncedBytes_ >= kSyncBytes);
    }
    if (wakes && folder_) dirtied_.notify_one();
    if (!folder_) durableRecords_ += records;
    control_.clock().wake();
}

Result<void> ReceiverSource::loadKeys()
{
    const Receiver::Keys wanted = receiver_->keys();
    if (wanted.most == 0) return {};
    keys_.emplace(wanted.time, wanted.most);
    const Timestamp since = keys_->since(control_.clock().now());
    auto loaded = log_->eachKey([&](const ReceivedKey& key) {
        if (key.at >= since) keys_->add(std::string(key.key), key.at, {key.until, key.check});
    });
    if (!loaded) return loaded;
    log_->keepKeys();
    return log_->forgetKeysBefore(since);
}

Result<LogPosition> ReceiverSource::append(const Arrival& arrival, Timestamp now)
{
    if (!arrival.key.empty()) return log_->appendKeyed(arrival.key, now, arrival.kind == Arrival::Kind::Lines ? ReceiveLog::Keyed::Lines : ReceiveLog::Keyed::Record, arrival.bytes);
    switch (arrival.kind) {
    case Arrival::Kind::Lines: return log_->append(arrival.bytes);
    case Arrival::Kind::Record: return log_->appendRecord(arrival.bytes);
    case Arrival::Kind::Rejected: break;
    }
    return log_->appendRejected(arrival.bytes, arrival.reason);
}

// 1. a key that is known is answered when its records are durable. 2. no room: nothing is taken. 3. into the log.
Result<Taken> ReceiverSource::offer(const Arrival& arrival, Durable durable)
{
    std::lock_guard offers(offers_);
    const std::string key(arrival.key);
    const Timestamp now = control_.clock().now();
    if (!key.empty()) {
        if (const ReceivedKeys::Known* known = keys_->find(key, now)) {
            if (known->check != checkSum(arrival.bytes)) return mistake(fmt::format("the key {} was used before, for other records", key));
            tell(known->until, std::move(durable));
            return Taken::Before;
        }
        if (!keys_->hasRoom()) return transient(fmt::format("{} keys are remembered, more may not be; the oldest is forgotten in {} s", keys_->count(), std::max<int64_t>(1, (keys_->roomAt() - now).micros / 1'000'000)));
    }
    {
        std::lock_guard lock(mutex_);
        if (failure_) return *failure_;
        // What a receiver still holds when the run stops has no other place to go.
        if (full_ && !stopping_) return transient("batches are behind: no more may wait for them");
    }
    auto until = append(arrival, now);
    tellWhyNot(until ? std::string() : until.error().message);
    if (!until) return until.error();
    if (!key.empty()) keys_->add(key, now, {*until, checkSum(arrival.bytes)});
    count(arrival.kind == Arrival::Kind::Lines ? std::count(arrival.bytes.begin(), arrival.bytes.end(), '\n') : 1, arrival.bytes.size());
    tell(*until, std::move(durable));
    return Taken::Now;
}

// Why nothing can be taken, when that is news.
void ReceiverSource::tellWhyNot(const std::string& reason)
{
    std::lock_guard lock(mutex_);
    if (whyNot_ == reason) return;
    control_.log(reason.empty() ? LogLevel::Info : LogLevel::Warning, fmt::format("{}: {}", node_.name, reason.empty() ? "what comes is taken again" : "nothing can be taken: " + reason));
    whyNot_ = reason;
}

// Calls `durable` when the log is durable up to `until`; now, where it already is.
void ReceiverSource::tell(LogPosition until, Durable durable)
{
    Result<void> known;
    {
        std::lock_guard lock(mutex_);
        if (failure_) {
            known = *failure_;
        } else if (folder_ && until > log_->durableEnd()) {
            waiters_.push_back({until, std::move(durable)});
            if (waiters_.size() == 1) dirtied_.notify_one();
            return;
        }
    }
    durable(known);
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
    {
        std::lock_guard lock(mutex_);
        connected_ = connected;
    }
    if (connected) setStatus({});
}

Readings ReceiverSource::readings() const
{
    Readings readings;
    {
        std::lock_guard lock(mutex_);
        if (connected_) readings.push_back({"connected", *connected_ ? 1.0 : 0.0});
        readings.push_back({"bytes", static_cast<double>(arrivedBytes_)});
    }
    std::ranges::move(receiver_->readings(), std::back_inserter(readings));
    return readings;
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
    if (keys_) {
        if (auto forgotten = log_->forgetKeysBefore(keys_->since(control_.clock().now())); !forgotten) control_.log(LogLevel::Warning, fmt::format("{}: {}", node_.name, forgotten.error().message));
    }
    if (auto forgotten = log_->forgetBefore(positionOf(offset)); !forgotten) control_.log(LogLevel::Warning, fmt::format("{}: {}", node_.name, forgotten.error().message));
}

std::string ReceiverSource::status() const
{
    std::lock_guard lock(mutex_);
    return whyNot_.empty() ? status_ : "nothing can be taken: " + whyNot_;
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
