#include "engine/checkpoint/shipped_copy.h"

#include "engine/base/clock.h"
#include "engine/base/files.h"
#include "engine/checkpoint/schema.h"
#include "engine/checkpoint/shipped_rows.h"
#include "engine/storage/transaction.h"

#include <sstream>

namespace streamwright {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNoteName = "shipped";
constexpr const char* kDatabaseEndings[] = {"", "-wal", "-shm"};

// What the local database says of itself; none if there is none.
struct LocalState {
    std::string checkpoint;         // empty: it cannot be read
    int64_t incarnation = 0;
    Epoch epoch;
};

Result<std::optional<LocalState>> localState(const fs::path& directory)
{
    std::error_code failure;
    const fs::path database = directory / kDatabaseName;
    if (!fs::exists(database, failure) || (fs::file_size(database, failure) == 0 && !fs::exists(database.string() + "-wal", failure))) return std::optional<LocalState>();
    LocalState state;
    auto connection = Connection::open(database, OpenMode::ReadWrite);
    Result<void> read = connection ? Result<void>() : connection.error();
    if (read) {
        read = (*connection)->eachRow("SELECT id, incarnation, coalesce((SELECT max(epoch) FROM epochs), 0) FROM identity", [&](const Statement& at) {
            state = {std::string(at.text(0)), at.integer(1), {at.integer(2)}};
        });
    }
    if (!read && read.error().kind == ErrorKind::Transient) return read.error();
    return std::optional(std::move(state));
}

// `name` for the copy that is kept; empty: nothing is.
Result<void> clearDatabase(const fs::path& directory, const std::string& name)
{
    std::error_code failure;
    for (const char* ending : kDatabaseEndings) {
        const fs::path file = directory / (std::string(kDatabaseName) + ending);
        if (!fs::exists(file, failure)) continue;
        auto done = name.empty() ? removeAll(file) : replaceFile(file, directory / (name + ending));
        if (!done) return done;
    }
    return syncFolder(directory);
}

std::string asideName() { return fmt::format("{}.diverged-{}", kDatabaseName, wallClock()->now().millis()); }

}

Result<std::optional<ShippedNote>> readNote(const fs::path& directory)
{
    std::error_code failure;
    if (!fs::exists(directory / kNoteName, failure)) return std::optional<ShippedNote>();
    auto text = readFile(directory / kNoteName);
    if (!text) return text.error();
    std::istringstream in(*text);
    ShippedNote note;
    std::string end;
    in >> note.shipped.place.number >> note.shipped.place.hash >> note.shipped.epoch.value >> note.shipping.place.number >> note.shipping.place.hash >> note.shipping.epoch.value;
    in.ignore(1);
    std::getline(in, note.where);
    std::getline(in, end);
    if (end != "end") return std::optional<ShippedNote>();
    return std::optional(std::move(note));
}

Result<void> writeNote(const fs::path& directory, const ShippedNote& note)
{
    const auto text = [](const ShippedLink& link) { return fmt::format("{} {} {}\n", link.place.number, link.place.hash.empty() ? "-" : link.place.hash, link.epoch.value); };
    const fs::path fresh = directory / "shipped.tmp";
    if (auto gone = removeAll(fresh); !gone) return gone;
    auto file = File::create(fresh);
    if (!file) return file.error();
    if (auto written = file->write(text(note.shipped) + text(note.shipping) + note.where + "\nend\n"); !written) return written;
    std::error_code failure;
    fs::rename(fresh, directory / kNoteName, failure);
    return failure ? fileError("rename to", directory / kNoteName, failure.value()) : Result<void>();
}

Result<Synced> rebuildFromChain(const fs::path& directory, ShipChain& chain)
{
    const fs::path fresh = directory / "rebuilt.sqlite";
    for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
        if (auto gone = removeAll(fresh.string() + ending); !gone) return gone.error();
    }
    Synced synced{.rebuilt = true};
    {
        auto target = Connection::open(fresh, OpenMode::Create);
        if (!target) return target.error();
        auto done = (*target)->script("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL");
        if (done) done = migrate(**target, checkpointMigrations());
        if (!done) return done.error();
        auto transaction = Transaction::begin(**target);
        if (!transaction) return transaction.error();
        auto last = chain.replay([&](std::string_view rows) { return takeRows(**target, rows); });
        if (!last) return last.error();
        if (done = transaction->commit(); !done) return done.error();
        synced.at = {last->place, last->epoch};
        synced.outbox = std::move(last->outbox);
    }
    if (auto cleared = clearDatabase(directory, {}); !cleared) return cleared.error();
    if (auto synced_ = syncFile(fresh); !synced_) return synced_.error();
    if (auto placed = replaceFile(fresh, directory / kDatabaseName); !placed) return placed.error();
    return synced;
}

Result<Synced> syncWithChain(const fs::path& directory, ShipChain& chain)
{
    auto local = localState(directory);
    if (!local) return local.error();
    auto known = readNote(directory);
    if (!known) return known.error();
    const bool sameFolder = *known && (*known)->where == chain.text();
    auto head = chain.head();
    if (!head) return head.error();
    if (!*head) {
        if (sameFolder && (*known)->shipped.place.number > 0) {
            return permanent(fmt::format("{} is empty, but this checkpoint has shipped {} links to it", chain.text(), (*known)->shipped.place.number), "restore it from a backup, or name another folder to ship to");
        }
        return Synced{.whole = *local && (*local)->epoch.value > 0};
    }
    if (*local && !(*local)->checkpoint.empty() && (*local)->checkpoint != (*head)->checkpoint) {
        return mistake(fmt::format("{} holds the checkpoint {}, but the local folder {} belongs to {}", chain.text(), (*head)->checkpoint, directory.string(), (*local)->checkpoint), "give each pipeline folders of its own");
    }
    if (*local && sameFolder) {
        const bool rewound = (*local)->incarnation > (*head)->incarnation && (*local)->epoch <= (*known)->shipped.epoch;
        if (rewound && (*known)->shipped.place == (*head)->place) return Synced{.at = (*known)->shipped, .whole = true};
        if (rewound) return permanent(fmt::format("{} was rewound, but another run has gone on in {} since", directory.string(), chain.text()), "remove the local folder to go on from there");
        // The last answer may have been lost: then the link is there all the same.
        for (const ShippedLink* link : {&(*known)->shipped, &(*known)->shipping}) {
            if (link->place == (*head)->place && link->epoch == (*local)->epoch) return Synced{.at = *link};
        }
    }
    const bool behind = *local && sameFolder && !(*local)->checkpoint.empty() && (*local)->epoch <= (*known)->shipped.epoch;
    if (*local && !behind) {
        if (auto aside = clearDatabase(directory, asideName()); !aside) return aside.error();
    }
    return rebuildFromChain(directory, chain);
}

}
