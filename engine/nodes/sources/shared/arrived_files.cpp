#include "engine/nodes/sources/shared/arrived_files.h"

#include "engine/columns/row_keys.h"

#include <charconv>
#include <fmt/format.h>

namespace streamwright {

namespace {

// "NEWEST SEEN CURRENT\n": SEEN is 24 hexadecimal digits for each file (identity, modification time in
// seconds); CURRENT is "-" or "FROM SIZE MODIFIED PATH".
constexpr size_t kSeenDigits = 24;

std::optional<uint64_t> hex(std::string_view digits)
{
    uint64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return std::nullopt;
    return value;
}

}

std::optional<int64_t> takeNumber(std::string_view& text)
{
    int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr == text.data() + text.size() || *read.ptr != ' ') return std::nullopt;
    text.remove_prefix(static_cast<size_t>(read.ptr - text.data()) + 1);
    return value;
}

uint64_t ArrivedFiles::identity(const FoundFile& file) const
{
    return mix(mix(hashBytes(file.path.data(), file.path.size()), static_cast<uint64_t>(file.size)), static_cast<uint64_t>(file.modified));
}

Result<void> ArrivedFiles::goTo(const std::string& text)
{
    if (text_ == text) return {};
    const auto damaged = [] { return permanent("the place up to which the folder was read cannot be understood", "`streamwright checkpoint verify` shows what is damaged"); };
    seen_.clear();
    current_.reset();
    newest_ = 0;
    if (!text.empty()) {
        std::string_view rest = text;
        const auto newest = takeNumber(rest);
        const size_t space = rest.find(' ');
        if (!newest || space == std::string_view::npos || space % kSeenDigits != 0) return damaged();
        newest_ = *newest;
        for (size_t at = 0; at < space; at += kSeenDigits) {
            const auto id = hex(rest.substr(at, 16)), time = hex(rest.substr(at + 16, 8));
            if (!id || !time) return damaged();
            seen_.emplace(*id, static_cast<int64_t>(*time));
        }
        rest.remove_prefix(space + 1);
        if (rest != "-") {
            const auto from = takeNumber(rest), size = takeNumber(rest), modified = takeNumber(rest);
            if (!from || !size || !modified) return damaged();
            current_ = WaitingFile{{std::string(rest), *size, *modified}, *from};
        }
    }
    text_ = text;
    found(std::vector<FoundFile>(listed_));
    return {};
}

std::string ArrivedFiles::text()
{
    if (!text_) {
        forgetOld();
        std::string text = fmt::format("{} ", newest_);
        for (const auto& [id, time] : seen_) fmt::format_to(std::back_inserter(text), "{:016x}{:08x}", id, static_cast<uint32_t>(time));
        text += ' ';
        if (current_) fmt::format_to(std::back_inserter(text), "{} {} {} {}", current_->from, current_->file.size, current_->file.modified, current_->file.path);
        else text += '-';
        text_ = std::move(text);
    }
    return *text_;
}

std::string ArrivedFiles::withAll(const std::vector<FoundFile>& files) const
{
    ArrivedFiles all(forgetAfter_);
    for (const FoundFile& file : files) {
        if (file.size > 0) all.remember(file);
    }
    return all.text();
}

void ArrivedFiles::found(const std::vector<FoundFile>& files)
{
    listed_ = files;
    waiting_.clear();
    tooOld_ = 0;
    const int64_t oldest = seen_.empty() ? INT64_MIN : newest_ - forgetAfter_.micros * 1000;
    for (const FoundFile& file : files) {
        if (file.size == 0 || seen_.contains(identity(file))) continue;
        if (current_ && current_->file == file) continue;
        if (file.modified < oldest) ++tooOld_;
        else waiting_.push_back(file);
    }
}

std::optional<WaitingFile> ArrivedFiles::next()
{
    if (!current_ && !waiting_.empty()) {
        current_ = WaitingFile{std::move(waiting_.front()), 0};
        waiting_.pop_front();
    }
    return current_;
}

void ArrivedFiles::took(const WaitingFile& file, int64_t until)
{
    text_.reset();
    current_->from = until;
    if (until < file.file.size) return;
    remember(file.file);
    current_.reset();
}

void ArrivedFiles::drop()
{
    text_.reset();
    current_.reset();
}

void ArrivedFiles::remember(const FoundFile& file)
{
    seen_.emplace(identity(file), file.modified / 1'000'000'000);
    newest_ = std::max(newest_, file.modified);
}

// What is older than the limit is left out by `found` without being remembered.
void ArrivedFiles::forgetOld()
{
    const int64_t oldest = (newest_ - forgetAfter_.micros * 1000) / 1'000'000'000;
    if (seen_.size() > 1) std::erase_if(seen_, [&](const auto& each) { return each.second < oldest; });
}

std::string ArrivedFiles::leftOut() const
{
    return tooOld_ == 0 ? std::string() : fmt::format("{} files are left out: they are more than forget_after older than the newest file read", tooOld_);
}

}
