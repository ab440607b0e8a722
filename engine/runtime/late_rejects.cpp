#include "engine/runtime/late_rejects.h"

#include "engine/runtime/memory_log.h"

#include <algorithm>

namespace streamwright {

namespace {

LogPosition positionOf(const Offset& offset) { return LogPosition::parse(offset.text).value_or(LogPosition()); }

// A row as a line: field, reason and row with NUL bytes between them. A row is JSON text and has neither.
void appendLine(const Rejected& row, std::string& out)
{
    std::string reason = row.reason;
    std::replace_if(reason.begin(), reason.end(), [](char c) { return c == '\n' || c == '\0'; }, ' ');
    out += row.field;
    out += '\0';
    out += reason;
    out += '\0';
    out += row.row;
    out += '\n';
}

Rejected rowOf(std::string_view line)
{
    const size_t field = std::min(line.find('\0'), line.size());
    const std::string_view rest = line.substr(std::min(field + 1, line.size()));
    const size_t reason = std::min(rest.find('\0'), rest.size());
    return {std::string(line.substr(0, field)), std::string(rest.substr(0, reason)), std::string(rest.substr(std::min(reason + 1, rest.size()))), std::nullopt};
}

}

void LateRejectsSource::needs(const Offset& offset) { needed_ = std::max(needed_, positionOf(offset)); }

Result<void> LateRejectsSource::open(const SourceContext&)
{
    if (!folder_) {
        log_ = memoryLog();
        return {};
    }
    auto log = ReceiveLog::open(*folder_, needed_);
    if (!log) return log.error();
    log_ = std::move(*log);
    return log_->eachKey([this](const ReceivedKey& key) { known_.emplace(key.key); });
}

Result<void> LateRejectsSource::reject(const std::string& key, std::span<const Rejected> rows)
{
    if (rows.empty() || known_.contains(key)) return {};
    std::string lines;
    for (const Rejected& row : rows) appendLine(row, lines);
    if (auto appended = log_->appendKeyed(key, control_.clock().now(), ReceiveLog::Keyed::Lines, lines); !appended) return appended.error();
    if (auto synced = log_->sync(); !synced) return synced;
    control_.clock().wake();
    return {};
}

Result<Range> LateRejectsSource::plan(const Offset& from, const ReadLimit& limit, Timestamp)
{
    auto ahead = log_->ahead(positionOf(from), limit.rows, log_->durableEnd());
    if (!ahead) return ahead.error();
    if (ahead->rows == 0) return Range{from, from, {}, 0};
    return Range{from, Offset{ahead->until.text()}, {}, ahead->rows};
}

Result<void> LateRejectsSource::read(const Range& range, size_t, const BatchContext&, Emitter& out)
{
    return log_->read(positionOf(range.from), positionOf(range.until), [&](const LogChunk& chunk) -> Result<void> {
        for (const StringRef& record : chunk.records) out.reject(rowOf(record.view()));
        return {};
    });
}

bool LateRejectsSource::ended(const Offset& at) const { return log_->durableEnd() <= std::max(positionOf(at), log_->begin()); }

void LateRejectsSource::committed(const Offset& offset)
{
    if (!folder_) (void)log_->forgetBefore(positionOf(offset));
}

void LateRejectsSource::forgetBefore(const Offset& offset)
{
    if (auto forgotten = log_->forgetBefore(positionOf(offset)); !forgotten) control_.log(LogLevel::Warning, forgotten.error().message);
}

}
