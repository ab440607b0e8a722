#include "engine/nodes/sources/shared/line_cutter.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace streamwright {

namespace {

constexpr size_t kRejectedHead = 256;

}

LineCutter::LineCutter(RecordQueue& queue, size_t maxRecord, std::string_view option, size_t readBytes)
    : queue_(queue), maxRecord_(maxRecord), option_(option.empty() ? "" : fmt::format(" ({})", option)), readBytes_(readBytes)
{
    bytes_.resize(readBytes_);
}

std::span<char> LineCutter::room()
{
    if (bytes_.size() - used_ < readBytes_ / 4) bytes_.resize(bytes_.size() * 2);
    return {bytes_.data() + used_, bytes_.size() - used_};
}

bool LineCutter::take(size_t size)
{
    const size_t from = used_;
    used_ += plainEnds(bytes_.data() + from, size);
    const char* last = static_cast<const char*>(::memrchr(bytes_.data() + from, '\n', used_ - from));
    const size_t whole = last ? static_cast<size_t>(last - bytes_.data()) + 1 : 0;
    if (whole > 0 && !pushWhole({bytes_.data(), whole})) return false;
    std::memmove(bytes_.data(), bytes_.data() + whole, used_ - whole);
    used_ -= whole;
    if (used_ > maxRecord_) startSkipping();
    // One long line must not keep its room for good.
    if (bytes_.size() > readBytes_ && used_ <= readBytes_ / 2) {
        bytes_.resize(readBytes_);
        bytes_.shrink_to_fit();
    }
    return true;
}

std::string_view LineCutter::begun() const { return skipping_ ? std::string_view(head_) : std::string_view(bytes_.data(), std::min(used_, kRejectedHead)); }

bool LineCutter::finish()
{
    const std::string_view line(bytes_.data(), used_);
    skipped_ += used_;
    const bool going = skipping_ ? rejectSkipped() : line.empty() || queue_.push(line);
    used_ = 0;
    skipping_ = returned_ = false;
    return going;
}

// `\r\n` and `\r` become `\n`, in place; returns the new size.
size_t LineCutter::plainEnds(char* data, size_t size)
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

bool LineCutter::pushWhole(std::string_view lines)
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

bool LineCutter::pushAll(std::string_view lines)
{
    while (!lines.empty()) {
        const size_t taken = queue_.pushLines(lines);
        if (taken == 0) return false;
        lines.remove_prefix(taken);
    }
    return true;
}

bool LineCutter::pushChecked(std::string_view lines)
{
    size_t good = 0;
    for (size_t at = 0; at < lines.size();) {
        const size_t end = lines.find('\n', at);
        if (end - at > maxRecord_) {
            if (!pushAll(lines.substr(good, at - good)) || !reject(lines.substr(at, std::min(end - at, kRejectedHead)), end - at)) return false;
            good = end + 1;
        }
        at = end + 1;
    }
    return pushAll(lines.substr(good));
}

void LineCutter::startSkipping()
{
    if (!skipping_) head_.assign(bytes_.data(), std::min(used_, kRejectedHead));
    if (!skipping_) skipped_ = 0;
    skipping_ = true;
    skipped_ += used_;
    used_ = 0;
    bytes_.resize(readBytes_);
    bytes_.shrink_to_fit();
}

bool LineCutter::rejectSkipped()
{
    skipping_ = false;
    return reject(head_, skipped_);
}

bool LineCutter::reject(std::string_view head, size_t size)
{
    return queue_.pushRejected(head, fmt::format("the record must not be longer than {} bytes{}, but it has {}", maxRecord_, option_, size));
}

}
