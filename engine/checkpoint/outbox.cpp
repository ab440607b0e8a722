#include "engine/checkpoint/outbox.h"

#include <charconv>
#include <set>

namespace streamwright {

namespace {

constexpr int64_t kRollBytes = 16 << 20;
constexpr std::string_view kEnding = ".outbox";

// Payload: epoch (8 bytes), length of the sink's name (4), the name, the bytes.
std::string prefixOf(Epoch epoch, const NodeId& sink)
{
    std::string prefix(12, '\0');
    const auto size = static_cast<uint32_t>(sink.name.size());
    std::memcpy(prefix.data(), &epoch.value, 8);
    std::memcpy(prefix.data() + 8, &size, 4);
    return prefix + sink.name;
}

struct Staged {
    Epoch epoch;
    std::string sink;
    std::string_view bytes;
};

std::optional<Staged> parseStaged(std::string_view payload)
{
    if (payload.size() < 12) return std::nullopt;
    Staged staged;
    uint32_t size = 0;
    std::memcpy(&staged.epoch.value, payload.data(), 8);
    std::memcpy(&size, payload.data() + 8, 4);
    if (size > payload.size() - 12) return std::nullopt;
    staged.sink = payload.substr(12, size);
    staged.bytes = payload.substr(12 + size);
    return staged;
}

}

Result<std::unique_ptr<Outbox>> Outbox::open(const std::filesystem::path& folder)
{
    if (auto made = makeFolder(folder); !made) return made.error();
    std::unique_ptr<Outbox> outbox(new Outbox(folder));
    if (auto loaded = outbox->load(); !loaded) return loaded.error();
    return outbox;
}

std::filesystem::path Outbox::fileOf(int64_t number) const { return folder_ / fmt::format("{:08d}{}", number, kEnding); }

Result<void> Outbox::load()
{
    std::set<int64_t> numbers;
    std::error_code failure;
    for (const auto& entry : std::filesystem::directory_iterator(folder_, failure)) {
        const std::string name = entry.path().filename().string();
        int64_t number = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc() && number > 0 && entry.path() == fileOf(number)) numbers.insert(number);
    }
    if (failure) return fileError("list", folder_, failure.value());
    for (const int64_t number : numbers) {
        if (auto loaded = loadSegment(number, number == *numbers.rbegin()); !loaded) return loaded;
    }
    return {};
}

Result<void> Outbox::loadSegment(int64_t number, bool last)
{
    auto file = File::append(fileOf(number));
    if (!file) return file.error();
    auto whole = walkFrames(*file, Walk::Payloads, [&](int64_t byte, const FrameHeader& header, std::string_view payload) {
        if (header.kind != FrameKind::Outbox) return;
        if (const auto staged = parseStaged(payload)) places_[{staged->epoch, staged->sink}] = {number, byte, header.length};
    });
    if (!whole) return whole.error();
    // A torn tail was never sealed; an epoch that needs it is missed when it is read.
    if (last && *whole < file->size()) {
        if (auto cut = file->truncate(*whole); !cut) return cut;
    }
    // A crash may have come before the fsync of what a decided epoch does not need: harmless either way.
    newest_ = number;
    segments_.emplace(number, std::move(*file));
    return {};
}

Result<void> Outbox::roll()
{
    auto file = File::create(fileOf(newest_ + 1));
    if (!file) return file.error();
    // The segment before must be durable when the new one is sealed alone.
    if (!segments_.empty()) {
        if (auto synced = segments_.rbegin()->second.sync(); !synced) {
            (void)removeAll(file->path());
            lost_ = synced.error();
            return synced;
        }
        ++fsyncs_;
    }
    segments_.emplace(++newest_, std::move(*file));
    nameDurable_ = false;
    return {};
}

Result<void> Outbox::stage(Epoch epoch, const NodeId& sink, std::string_view bytes)
{
    const std::scoped_lock lock(mutex_);
    if (lost_) return *lost_;
    const std::string prefix = prefixOf(epoch, sink);
    if (bytes.size() > kLargestPayload - prefix.size()) {
        return permanent(fmt::format("{} stages {} bytes in one batch, the outbox takes {}", sink.name, bytes.size(), kLargestPayload), "lower max_rows_per_batch");
    }
    if (segments_.empty() || segments_.rbegin()->second.size() >= kRollBytes) {
        if (auto rolled = roll(); !rolled) return rolled;
    }
    File& file = segments_.rbegin()->second;
    const Place place{newest_, file.size(), static_cast<uint32_t>(prefix.size() + bytes.size())};
    if (auto done = file.write({frameHeader(FrameKind::Outbox, 1, prefix, bytes), prefix, bytes}); !done) return done;
    places_[{epoch, sink.name}] = place;
    return {};
}

Result<void> Outbox::seal()
{
    const std::scoped_lock lock(mutex_);
    if (lost_) return *lost_;
    if (segments_.empty()) return {};
    if (auto synced = segments_.rbegin()->second.sync(); !synced) {
        lost_ = synced.error();
        return synced;
    }
    ++fsyncs_;
    if (nameDurable_) return {};
    if (auto synced = syncFolder(folder_); !synced) return synced;
    ++fsyncs_;
    nameDurable_ = true;
    return {};
}

Result<std::string> Outbox::read(Epoch epoch, const NodeId& sink)
{
    const std::scoped_lock lock(mutex_);
    const auto found = places_.find({epoch, sink.name});
    if (found == places_.end()) {
        return permanent(fmt::format("the staged output of {} for epoch {} is missing under {}", sink.name, epoch.value, folder_.string()),
                         fmt::format("`streamwright checkpoint resolve {} {} --skip` goes on without it", folder_.parent_path().string(), sink.name));
    }
    const Place& place = found->second;
    const File& file = segments_.at(place.segment);
    std::string frame(static_cast<size_t>(kFrameHeader) + place.length, '\0');
    auto got = file.readAt(place.byte, frame.data(), frame.size());
    if (!got) return got.error();
    const auto header = *got == frame.size() ? parseFrameHeader(frame.data()) : std::nullopt;
    if (!header || header->length != place.length || !frameIsWhole(frame.data(), *header)) return damagedFrame(file.path(), place.byte, "the check sum of staged output differs");
    const auto staged = parseStaged(std::string_view(frame).substr(static_cast<size_t>(kFrameHeader)));
    if (!staged) return damagedFrame(file.path(), place.byte, "it is no staged output");
    return std::string(staged->bytes);
}

Result<void> Outbox::forgetBefore(Epoch epoch)
{
    const std::scoped_lock lock(mutex_);
    std::erase_if(places_, [&](const auto& entry) { return entry.first.first < epoch; });
    std::set<int64_t> needed;
    for (const auto& [what, place] : places_) needed.insert(place.segment);
    for (auto at = segments_.begin(); at != segments_.end();) {
        const bool full = at->second.size() >= kRollBytes;
        if (needed.contains(at->first) || (at->first == newest_ && !full)) {
            ++at;
            continue;
        }
        if (auto gone = removeAll(at->second.path()); !gone) return gone;
        at = segments_.erase(at);
    }
    return {};
}

}
