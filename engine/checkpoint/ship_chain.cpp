#include "engine/checkpoint/ship_chain.h"

#include "engine/checkpoint/directory_lock.h"
#include "engine/checkpoint/shipped_rows.h"
#include "engine/columns/block.h"
#include "engine/columns/row_keys.h"

#include <algorithm>
#include <charconv>

namespace streamwright {

namespace {

constexpr std::string_view kMagic = "streamwright link 1\n";
constexpr std::string_view kPartMagic = "streamwright part 1\n";
// Of the tables that the rows belong to: a newer program's rows are refused.
constexpr int64_t kSchemaVersion = 1;
constexpr size_t kSnapshotsKept = 2;
constexpr std::string_view kKinds = "oew";      // by ChainLink::Kind

std::string fileOf(int64_t number) { return fmt::format("epochs/{:020}", number); }
std::string snapshotOf(const ChainPlace& at) { return fmt::format("snapshots/{:020}-{}", at.number, at.hash); }

std::optional<ChainPlace> placeOfSnapshot(std::string_view name)
{
    ChainPlace place;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), place.number);
    if (read.ec != std::errc() || read.ptr != name.data() + 20 || name.size() < 22 || *read.ptr != '-') return std::nullopt;
    place.hash = name.substr(21);
    return place;
}

// Two check sums of different kinds; that nobody else made the link is told by the owner in it.
std::string hashOf(std::string_view bytes) { return fmt::format("{:016x}{:08x}", hashBytes(bytes.data(), bytes.size()), crc32c(bytes)); }

// Magic, length and CRC of what follows, what follows.
std::string sealed(std::string_view magic, const std::string& content)
{
    BytesWriter out;
    out.number(static_cast<int64_t>(content.size()));
    out.number(crc32c(content));
    return std::string(magic) + out.take() + content;
}

std::optional<std::string_view> unsealed(std::string_view magic, std::string_view bytes)
{
    constexpr size_t kHead = 16;
    if (!bytes.starts_with(magic) || bytes.size() < magic.size() + kHead) return std::nullopt;
    BytesReader head(bytes.substr(magic.size(), kHead));
    const int64_t length = head.number();
    const int64_t crc = head.number();
    const std::string_view content = bytes.substr(magic.size() + kHead);
    if (length != static_cast<int64_t>(content.size()) || crc != static_cast<int64_t>(crc32c(content))) return std::nullopt;
    return content;
}

Result<ChainLink> parseLink(std::string_view bytes, const std::string& where)
{
    const auto damaged = [&] { return permanent(fmt::format("{} is damaged", where), "the links after the newest snapshot before it cannot be used: restore the folder from a backup"); };
    const auto content = unsealed(kMagic, bytes);
    if (!content) return damaged();
    BytesReader in(*content);
    const int64_t version = in.number();
    if (version > kSchemaVersion) return permanent(fmt::format("{} has version {}, this program knows up to {}: it was made by a newer Streamwright", where, version, kSchemaVersion), "use the newer program");
    ChainLink link;
    const size_t kind = kKinds.find(in.byte());
    if (kind == std::string_view::npos) return damaged();
    link.kind = static_cast<ChainLink::Kind>(kind);
    link.place = {in.number(), hashOf(bytes)};
    link.previous = in.text();
    link.checkpoint = in.text();
    link.incarnation = in.number();
    link.owner = in.text();
    link.epoch = {in.number()};
    link.rows = in.text();
    for (int64_t left = in.number(); left > 0 && in.good(); --left) {
        const std::string sink(in.text());
        link.outbox[sink] = in.text();
    }
    if (!in.good()) return damaged();
    return link;
}

}

std::string linkBytes(ChainLink& link)
{
    BytesWriter out;
    out.number(kSchemaVersion);
    out.byte(kKinds[static_cast<size_t>(link.kind)]);
    out.number(link.place.number);
    out.text(link.previous);
    out.text(link.checkpoint);
    out.number(link.incarnation);
    out.text(link.owner);
    out.number(link.epoch.value);
    out.text(link.rows);
    out.number(static_cast<int64_t>(link.outbox.size()));
    for (const auto& [sink, bytes] : link.outbox) {
        out.text(sink);
        out.text(bytes);
    }
    std::string bytes = sealed(kMagic, out.take());
    link.place.hash = hashOf(bytes);
    return bytes;
}

Result<void> ShipChain::makeFolders()
{
    for (const char* name : {"epochs", "snapshots", ".tmp"}) {
        if (auto made = folder_->makeFolder(name); !made) return made;
    }
    return {};
}

Result<std::vector<int64_t>> ShipChain::numbers()
{
    auto names = folder_->list("epochs");
    if (!names) return names.error();
    std::vector<int64_t> numbers;
    for (const std::string& name : *names) {
        int64_t number = 0;
        const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
        if (read.ec == std::errc() && read.ptr == name.data() + name.size() && name.size() == 20 && number > 0) numbers.push_back(number);
    }
    std::ranges::sort(numbers);
    return numbers;
}

Result<std::optional<ChainLink>> ShipChain::readLink(int64_t number)
{
    auto bytes = folder_->read(fileOf(number));
    if (!bytes) return bytes.error();
    if (!*bytes) return std::optional<ChainLink>();
    auto link = parseLink(**bytes, folder_->text() + "/" + fileOf(number));
    if (!link) return link.error();
    return std::optional(std::move(*link));
}

Result<std::optional<ChainLink>> ShipChain::head()
{
    auto all = numbers();
    if (!all) return all.error();
    if (all->empty()) return std::optional<ChainLink>();
    return readLink(all->back());
}

Result<bool> ShipChain::append(const ChainLink& link, const std::string& bytes, std::string& other)
{
    // Whose link stands there now, also after an answer that was lost.
    const auto whose = [&]() -> Result<std::optional<bool>> {
        auto there = readLink(link.place.number);
        if (!there) return there.error();
        if (!*there) return std::optional<bool>();
        other = (*there)->owner;
        return std::optional((*there)->place == link.place);
    };
    auto before = whose();
    if (!before) return before.error();
    if (*before) return **before;
    const std::string attempt = ".tmp/" + randomUuid();
    if (auto written = folder_->write(attempt, bytes); !written) return written.error();
    auto renamed = folder_->rename(attempt, fileOf(link.place.number));
    if (!renamed) return renamed.error();
    if (*renamed == SharedFolder::Renamed::Done) return true;
    if (*renamed == SharedFolder::Renamed::Taken) (void)folder_->remove(attempt);
    auto after = whose();
    if (!after) return after.error();
    if (!*after) return transient(fmt::format("{} cannot be renamed: it has vanished", attempt));
    return **after;
}

Result<bool> ShipChain::replaySnapshot(const std::string& name, ChainPlace& at, const std::function<Result<void>(std::string_view)>& take)
{
    for (int64_t part = 0;; ++part) {
        auto bytes = folder_->read(fmt::format("snapshots/{}/part-{:05}", name, part));
        if (!bytes) return bytes.error();
        const auto content = *bytes ? unsealed(kPartMagic, **bytes) : std::nullopt;
        if (!content) return false;
        BytesReader in(*content);
        const bool last = in.byte() == 'l';
        const ChainPlace said{in.number(), std::string(in.text())};
        const std::string_view rows = in.text();
        if (!in.good() || said != at) return false;
        if (auto taken = take(rows); !taken) return taken.error();
        if (last) return true;
    }
}

Result<ChainLink> ShipChain::replay(const std::function<Result<void>(std::string_view)>& take)
{
    auto all = numbers();
    if (!all) return all.error();
    auto snapshots = folder_->list("snapshots");
    if (!snapshots) return snapshots.error();
    if (all->empty()) return permanent(fmt::format("{} holds no links of a checkpoint", text()));
    // 1. The newest snapshot that is whole and belongs to the chain. 2. The links after it, each the next of the one before.
    ChainPlace at;
    for (auto name = snapshots->rbegin(); name != snapshots->rend(); ++name) {
        const auto place = placeOfSnapshot(*name);
        if (!place || place->number > all->back()) continue;
        // One that is not there any more is vouched for by the next one, which names its hash.
        if (std::ranges::binary_search(*all, place->number)) {
            auto link = readLink(place->number);
            if (!link) return link.error();
            if (!*link || (*link)->place != *place) continue;
        }
        at = *place;
        auto replayed = replaySnapshot(*name, at, take);
        if (!replayed) return replayed.error();
        if (*replayed) break;
        at = {};
    }
    std::optional<ChainLink> last;
    if (at.number == all->back()) {
        auto link = readLink(at.number);
        if (!link) return link.error();
        last = std::move(*link);
    }
    for (int64_t number = at.number + 1; number <= all->back(); ++number) {
        auto link = readLink(number);
        if (!link) return link.error();
        if (!*link) return permanent(fmt::format("{}/{} is missing, but later ones are there", text(), fileOf(number)), "restore it from a backup; what was published after it is not to be computed again");
        if ((*link)->place.number != number || (*link)->previous != at.hash) {
            return permanent(fmt::format("{}/{} does not follow the link before it: it names {}, that one is {}", text(), fileOf(number), (*link)->previous, at.hash), "files of two checkpoints are mixed in this folder");
        }
        if ((*link)->kind == ChainLink::Kind::Whole) return permanent(fmt::format("{}/{} is missing or damaged", text(), snapshotOf((*link)->place)), "restore it from a backup: without it the checkpoint was another one");
        if (auto taken = take((*link)->rows); !taken) return taken.error();
        at = (*link)->place;
        last = std::move(*link);
    }
    if (!last) return permanent(fmt::format("the last link of {} cannot be read", text()));
    return std::move(*last);
}

Result<std::string> ShipChain::beginSnapshot()
{
    const std::string folder = ".tmp/" + randomUuid();
    if (auto made = folder_->makeFolder(folder); !made) return made.error();
    return folder;
}

Result<void> ShipChain::writeSnapshot(const std::string& snapshot, int64_t part, bool last, const ChainPlace& at, std::string_view rows)
{
    BytesWriter out;
    out.byte(last ? 'l' : 'p');
    out.number(at.number);
    out.text(at.hash);
    out.text(rows);
    return folder_->write(fmt::format("{}/part-{:05}", snapshot, part), sealed(kPartMagic, out.take()));
}

Result<void> ShipChain::finishSnapshot(const std::string& snapshot, const ChainPlace& at)
{
    auto renamed = folder_->rename(snapshot, snapshotOf(at));
    if (!renamed) return renamed.error();
    // The same snapshot by another way: one is enough.
    if (*renamed == SharedFolder::Renamed::Taken) return folder_->remove(snapshot);
    return {};
}

Result<int64_t> ShipChain::newestSnapshot()
{
    auto names = folder_->list("snapshots");
    if (!names) return names.error();
    const auto place = names->empty() ? std::nullopt : placeOfSnapshot(names->back());
    return place ? place->number : 0;
}

Result<void> ShipChain::removeUnfinished()
{
    auto names = folder_->list(".tmp");
    if (!names) return names.error();
    for (const std::string& name : *names) {
        if (auto gone = folder_->remove(".tmp/" + name); !gone) return gone;
    }
    return {};
}

Result<void> ShipChain::tidy()
{
    auto names = folder_->list("snapshots");
    if (!names) return names.error();
    if (names->size() < kSnapshotsKept) return {};
    const auto oldest = placeOfSnapshot((*names)[names->size() - kSnapshotsKept]);
    if (!oldest) return {};
    auto all = numbers();
    if (!all) return all.error();
    // Oldest first: what is left is a chain at any time.
    for (const int64_t number : *all) {
        if (number >= oldest->number || number == all->back()) break;
        if (auto gone = folder_->remove(fileOf(number)); !gone) return gone;
    }
    for (size_t i = 0; i + kSnapshotsKept < names->size(); ++i) {
        if (auto gone = folder_->remove("snapshots/" + (*names)[i]); !gone) return gone;
    }
    return {};
}

}
