// Any bytes as a segment of the receive log, and frames whose check sums are right with any payload: the log
// opens or is refused; what it holds is read, and it goes on from there.
#include "engine/checkpoint/frame.h"
#include "engine/checkpoint/log_segment.h"

#include <fmt/format.h>
#include <unistd.h>

using namespace streamwright;

namespace {

std::filesystem::path folder()
{
    static const std::filesystem::path made = [] {
        const auto path = std::filesystem::temp_directory_path() / fmt::format("receive-log-fuzz-{}", ::getpid());
        std::filesystem::create_directories(path);
        std::atexit([] { std::filesystem::remove_all(std::filesystem::temp_directory_path() / fmt::format("receive-log-fuzz-{}", ::getpid())); });
        return path;
    }();
    return made;
}

// A kind, a number of records and a length stand before each payload; the rest is a torn tail.
std::string framed(std::string_view bytes)
{
    static constexpr char kinds[] = {'L', 'R', 'X', 'O', 'K', 'k', 'Z'};
    std::string text;
    while (bytes.size() > 3) {
        const auto kind = static_cast<FrameKind>(kinds[static_cast<uint8_t>(bytes[0]) % sizeof kinds]);
        const uint32_t records = static_cast<uint8_t>(bytes[1]);
        const std::string_view payload = bytes.substr(3, static_cast<uint8_t>(bytes[2]));
        text += frameHeader(kind, records, payload);
        text += payload;
        bytes = bytes.substr(std::min(bytes.size(), 3 + static_cast<size_t>(static_cast<uint8_t>(bytes[2]))));
    }
    return text + std::string(bytes);
}

bool readAll(ReceiveLog& log)
{
    size_t records = 0;
    return log.read(log.begin(), log.end(), [&](const LogChunk& chunk) -> Result<void> {
        for (const StringRef& record : chunk.records) records += record.view().size();
        return {};
    }).has_value();
}

}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (!writeDurably(folder() / LogSegment::nameOf(1), data[0] & 1 ? framed(bytes) : std::string(bytes))) __builtin_trap();
    auto log = ReceiveLog::open(folder());
    if (!log) return 0;
    const bool whole = readAll(**log);
    (*log)->ahead((*log)->begin(), data[0], (*log)->end());
    (void)(*log)->eachKey([](const ReceivedKey& key) {
        if (key.key.size() > 255) __builtin_trap();
    });
    (*log)->cut((*log)->begin(), (*log)->end(), 64);
    if (!(*log)->append("one\ntwo\n") || !(*log)->appendRecord("three") || !(*log)->sync()) __builtin_trap();
    if (whole && !readAll(**log)) __builtin_trap();
    return 0;
}
