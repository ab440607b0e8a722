// The limit of a running count: limit_running_count FILE BATCH_ROWS LOG BYTES [checksum]. Lines of at most 16 bytes,
// a key each. Two threads count lines until they know where a batch ends, read half of it each and cut it in two by
// hash; then each counts one half in its table, memory fetched ahead. What a batch changed is written to LOG and
// synced while the next one runs: BYTES of it, as many as ours writes. The checksum is not part of the work and is
// made when it is asked for.
#include "tests/bench/limit.h"

#include <array>
#include <atomic>
#include <bit>
#include <future>
#include <memory>
#include <thread>

namespace {

struct Row {
    limit::Key key;
    uint64_t hash;
};

struct Change {
    limit::Key key;
    uint64_t count;
};

struct Half {
    limit::Table table{1 << 16};
    std::array<std::vector<Row>, 2> read;   // by the half that owns the key
    std::vector<Change> changes;
};

template <class Work>
void onBoth(Work&& work)
{
    std::thread other([&] { work(size_t{1}); });
    work(size_t{0});
    other.join();
}

// A bit per line that ends in the 64 bytes from `at`, before `end`.
uint64_t lineEnds(const char* at, const char* end)
{
    const uint64_t mask = limit::maskOf(at, '\n', '\n');
    return end - at < 64 ? mask & ((uint64_t{1} << (end - at)) - 1) : mask;
}

// Where the `most`-th line from byte `from` on ends, or the file.
int64_t batchEnd(const limit::Input& input, int64_t from, int64_t most)
{
    constexpr int64_t kPiece = 256 << 10;
    std::vector<int64_t> lines(static_cast<size_t>((input.size - from) / kPiece + 1));
    std::atomic<int64_t> next = 0, counted = 0;
    const auto bytesOf = [&](int64_t piece, const limit::Bytes& buffer) {
        const ssize_t got = ::pread(input.file, buffer.data(), kPiece, from + piece * kPiece);
        if (got < 0) limit::fail("pread");
        return got;
    };
    onBoth([&](size_t) {
        const limit::Bytes buffer(kPiece);
        while (counted < most) {
            const int64_t piece = next++;
            if (piece >= static_cast<int64_t>(lines.size())) return;
            const char* const end = buffer.data() + bytesOf(piece, buffer);
            int64_t found = 0;
            for (const char* at = buffer.data(); at < end; at += 64) found += std::popcount(lineEnds(at, end));
            lines[static_cast<size_t>(piece)] = found;
            counted += found;
        }
    });
    int64_t piece = 0;
    for (; piece < static_cast<int64_t>(lines.size()) && lines[static_cast<size_t>(piece)] < most; ++piece) most -= lines[static_cast<size_t>(piece)];
    if (piece == static_cast<int64_t>(lines.size())) return input.size;
    const limit::Bytes buffer(kPiece);
    const char* const end = buffer.data() + bytesOf(piece, buffer);
    for (const char* at = buffer.data(); at < end; at += 64) {
        uint64_t feeds = lineEnds(at, end);
        if (std::popcount(feeds) < most) {
            most -= std::popcount(feeds);
            continue;
        }
        for (; most > 1; --most) feeds &= feeds - 1;
        return from + piece * kPiece + (at - buffer.data()) + std::countr_zero(feeds) + 1;
    }
    return input.size;
}

void readHalf(const limit::Input& input, int64_t from, int64_t to, Half& half)
{
    for (auto& rows : half.read) rows.clear();
    limit::readLines(input, from, to, [&](const char* begin, const char* end) {
        const char* line = begin;
        for (const char* at = begin; at < end; at += 64) {
            for (uint64_t feeds = lineEnds(at, end); feeds != 0; feeds &= feeds - 1) {
                const char* feed = at + std::countr_zero(feeds);
                const limit::Key key = limit::keyOf(line, static_cast<size_t>(feed - line));
                const uint64_t hash = key.hash();
                half.read[hash & 1].push_back({key, hash});
                line = feed + 1;
            }
        }
    });
}

void countHalf(std::array<Half, 2>& halves, size_t which, uint64_t batch)
{
    constexpr size_t kAhead = 32;
    Half& ours = halves[which];
    std::vector<limit::Key> touched;
    for (const Half& from : halves) {
        const std::vector<Row>& rows = from.read[which];
        for (size_t i = 0; i < rows.size(); ++i) {
            if (i + kAhead < rows.size()) ours.table.prefetch(rows[i + kAhead].hash);
            limit::Slot& slot = ours.table.find(rows[i].key, rows[i].hash);
            ++slot.count;
            if (slot.batch == batch) continue;
            slot.batch = batch;
            touched.push_back(rows[i].key);
        }
    }
    ours.changes.clear();
    for (size_t i = 0; i < touched.size(); ++i) {
        if (i + kAhead < touched.size()) ours.table.prefetch(touched[i + kAhead].hash());
        ours.changes.push_back({touched[i], ours.table.find(touched[i], touched[i].hash()).count});
    }
}

// Exactly `bytes`: the changes again and again, or the first of them.
void writeChanges(int file, const std::vector<Change>& changes, size_t bytes)
{
    const size_t all = changes.size() * sizeof(Change);
    for (size_t done = 0; done < bytes && all > 0;) {
        const size_t at = done % all;
        const ssize_t wrote = ::write(file, reinterpret_cast<const char*>(changes.data()) + at, std::min(all - at, bytes - done));
        if (wrote < 0) limit::fail("write");
        done += static_cast<size_t>(wrote);
    }
}

void printChecksum(const std::array<Half, 2>& halves)
{
    uint64_t checksum = 0;
    for (const Half& half : halves) {
        half.table.each([&](const limit::Slot& slot) { checksum += limit::mix(std::strtoull(slot.key.text().c_str() + 1, nullptr, 16) * 31 + slot.count); });
    }
    std::printf("{\"distinct\": %zu, \"checksum\": \"%016llx\"}\n", halves[0].table.size() + halves[1].table.size(), static_cast<unsigned long long>(checksum));
}

}

int main(int arguments, char** argument)
{
    if (arguments < 5) {
        std::fputs("usage: limit_running_count FILE BATCH_ROWS LOG BYTES [checksum]\n", stderr);
        return 2;
    }
    const limit::Input input(argument[1]);
    const int64_t most = std::atoll(argument[2]);
    const int log = ::open(argument[3], O_CREAT | O_TRUNC | O_WRONLY, 0644);
    if (log < 0) limit::fail(argument[3]);
    const size_t bytes = std::strtoull(argument[4], nullptr, 10) / 2;
    std::array<Half, 2> halves;
    std::future<void> written;
    uint64_t batch = 0;
    for (int64_t from = 0, to = 0; from < input.size; from = to) {
        to = batchEnd(input, from, most);
        const int64_t middle = limit::lineStart(input, (from + to) / 2);
        ++batch;
        onBoth([&](size_t i) { readHalf(input, i == 0 ? from : middle, i == 0 ? middle : to, halves[i]); });
        onBoth([&](size_t i) { countHalf(halves, i, batch); });
        if (written.valid()) written.get();
        written = std::async(std::launch::async, [log, bytes, a = std::move(halves[0].changes), b = std::move(halves[1].changes)] {
            writeChanges(log, a, bytes);
            writeChanges(log, b, bytes);
            if (::fdatasync(log) != 0) limit::fail("fdatasync");
        });
    }
    if (written.valid()) written.get();
    if (arguments > 5) printChecksum(halves);
}
