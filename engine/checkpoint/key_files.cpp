#include "engine/checkpoint/key_files.h"

#include <charconv>

namespace streamwright {

namespace {

std::string nameOf(int64_t number) { return fmt::format("{:08d}.keys", number); }

std::optional<int64_t> numberOf(const std::filesystem::path& path)
{
    const std::string name = path.filename().string();
    int64_t number = 0;
    const auto part = std::from_chars(name.data(), name.data() + name.size(), number);
    if (part.ec != std::errc() || number < 1 || nameOf(number) != name) return std::nullopt;
    return number;
}

}

std::filesystem::path KeyFiles::fileOf(int64_t number) const { return folder_ / nameOf(number); }

Result<void> KeyFiles::load(const std::function<void(const ReceivedKey&)>& take)
{
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, failure)) {
        if (const auto number = numberOf(entry.path())) newest_[*number] = {};
    }
    if (failure) return fileError("list", folder_, failure.value());
    for (auto& [number, newest] : newest_) {
        auto file = File::read(fileOf(number));
        if (!file) return file.error();
        auto whole = walkFrames(*file, Walk::Payloads, [&](int64_t, const FrameHeader& header, std::string_view payload) {
            const auto key = isKeyed(header.kind) ? parseFrameKey(payload) : std::nullopt;
            if (!key) return;
            newest = std::max(newest, key->at);
            take({key->key, key->at, key->check, {number, 0}});
        });
        if (!whole) return whole.error();
        if (*whole < file->size()) return damagedFrame(file->path(), *whole, "no whole key begins there");
    }
    return {};
}

Result<void> KeyFiles::keep(LogSegment& segment)
{
    std::string bytes;
    Timestamp newest;
    auto walked = segment.eachKey([&](const FrameKey& key, LogPosition) {
        const std::string payload = frameKey(key.key, key.at, key.check);
        bytes += frameHeader(FrameKind::KeyedLines, 0, payload) + payload;
        newest = std::max(newest, key.at);
    });
    if (!walked || bytes.empty()) return walked;
    if (auto written = writeDurably(fileOf(segment.number()), bytes); !written) return written;
    newest_[segment.number()] = newest;
    return {};
}

Result<void> KeyFiles::forgetBefore(Timestamp since)
{
    for (auto file = newest_.begin(); file != newest_.end();) {
        if (file->second >= since) {
            ++file;
            continue;
        }
        if (auto removed = removeAll(fileOf(file->first)); !removed) return removed;
        file = newest_.erase(file);
    }
    return {};
}

}
