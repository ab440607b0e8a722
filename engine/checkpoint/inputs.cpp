#include "engine/checkpoint/browsing.h"
#include "engine/checkpoint/log_segment.h"
#include "engine/checkpoint/schema.h"
#include "engine/storage/transaction.h"

// What the sources gave to the batches of an epoch, from their offsets and the receive log.
namespace streamwright {

namespace {

constexpr size_t kFirstRecords = 100, kMostRecordBytes = 400;

// Said by the walk through a segment when it has seen enough.
const std::string kEnough = "enough";

void readFirst(LogSegment& segment, int64_t from, int64_t until, EpochInput& input)
{
    (void)segment.read(from, until, [&](const LogChunk& chunk) -> Result<void> {
        for (const StringRef& record : chunk.records) {
            if (input.first.size() >= kFirstRecords) return broken(kEnough);
            const std::string_view text = record.view();
            input.first.push_back(text.size() <= kMostRecordBytes ? std::string(text) : std::string(text.substr(0, kMostRecordBytes)) + "…");
        }
        return {};
    });
}

// The log as far as it is still there: what lies before the oldest epoch is deleted.
void readLog(const std::filesystem::path& folder, LogPosition from, LogPosition until, EpochInput& input)
{
    for (int64_t number = std::max<int64_t>(1, from.segment); number <= until.segment; ++number) {
        auto segment = LogSegment::openToRead(folder, number);
        if (!segment) {
            input.problem = segment.error().message;
            continue;
        }
        const int64_t begin = number == from.segment ? from.byte : 0;
        const int64_t end = number == until.segment ? until.byte : (*segment)->end().byte;
        auto ahead = (*segment)->ahead(begin, std::nullopt, end);
        if (!ahead) {
            input.problem = ahead.error().message;
            continue;
        }
        if (end <= begin) continue;
        input.segments.push_back({(*segment)->path().filename().string(), begin, end, ahead->rows});
        input.records += ahead->rows;
        if (input.first.size() < kFirstRecords) readFirst(**segment, begin, end, input);
    }
}

}

Result<std::vector<EpochInput>> Browser::inputs(Epoch epoch)
{
    auto transaction = Transaction::begin(*connection_, TransactionKind::Read);
    if (!transaction) return transaction.error();
    if (auto there = isRetained(*connection_, epoch); !there) return there.error();
    std::vector<EpochInput> inputs;
    auto done = connection_->eachRow(fmt::format("SELECT node, offset, (SELECT b.offset FROM offsets b WHERE b.node = a.node AND b.epoch = (SELECT max(epoch) FROM epochs WHERE epoch < {0})) FROM offsets a WHERE epoch = {0} ORDER BY node", epoch.value),
                        [&](const Statement& at) {
                            EpochInput& input = inputs.emplace_back(EpochInput{.source = NodeId{std::string(at.text(0))}, .until = std::string(at.text(1))});
                            if (!at.isNull(2)) input.from = at.text(2);
                            // The first epoch of all began at the very start.
                            else if (epoch.value == 1) input.from = "";
                        });
    if (!done) return done.error();
    for (EpochInput& input : inputs) {
        const std::filesystem::path folder = directory_ / kReceivedName / input.source.name;
        std::error_code failure;
        const auto until = LogPosition::parse(input.until);
        const auto from = input.from ? LogPosition::parse(*input.from) : std::nullopt;
        if (until && from && std::filesystem::is_directory(folder, failure)) readLog(folder, *from, *until, input);
    }
    return inputs;
}

}
