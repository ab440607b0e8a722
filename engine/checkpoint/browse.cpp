#include "engine/checkpoint/browse.h"

#include "engine/base/files.h"
#include "engine/checkpoint/browsing.h"
#include "engine/checkpoint/frame.h"
#include "engine/checkpoint/schema.h"
#include "engine/columns/print.h"
#include "engine/storage/migrations.h"
#include "engine/storage/transaction.h"

namespace streamwright {

Browser::Browser(std::filesystem::path directory, std::unique_ptr<Connection> connection) : directory_(std::move(directory)), connection_(std::move(connection)) {}
Browser::~Browser() = default;

Result<std::unique_ptr<Browser>> Browser::open(const std::filesystem::path& directory)
{
    std::error_code failure;
    if (!std::filesystem::exists(directory / kDatabaseName, failure)) return mistake(fmt::format("there is no checkpoint at {}", directory.string()), "a pipeline's setting `checkpoint` names its directory");
    auto connection = Connection::open(directory / kDatabaseName, OpenMode::ReadOnly);
    if (!connection) return connection.error();
    if (auto fine = checkVersion(**connection, checkpointMigrations()); !fine) return fine.error();
    return std::unique_ptr<Browser>(new Browser(directory, std::move(*connection)));
}

Result<CheckpointIdentity> Browser::identity()
{
    CheckpointIdentity found;
    auto done = connection_->eachRow("SELECT id, incarnation, zero_time, batch_interval, time_zone, key_hash_version, document_hash, seed FROM identity", [&](const Statement& at) {
        found = {std::string(at.text(0)), at.integer(1), {at.integer(2)}, {at.integer(3)}, std::string(at.text(4)), static_cast<int>(at.integer(5)), std::string(at.text(6)), at.integer(7)};
    });
    if (!done) return done.error();
    return found;
}

Result<std::vector<EpochInfo>> Browser::epochs()
{
    auto transaction = Transaction::begin(*connection_, TransactionKind::Read);
    if (!transaction) return transaction.error();
    std::map<int64_t, EpochInfo> found;
    auto done = connection_->eachRow("SELECT epoch, incarnation, batch_time, decided_at, rows_in, bytes, watermarks FROM epochs", [&](const Statement& at) {
        found[at.integer(0)] = {{at.integer(0)}, at.integer(1), {at.integer(2)}, {at.integer(3)}, at.integer(4), at.integer(5), {}, std::string(at.text(6)), {}, {}};
    });
    if (done) {
        done = connection_->eachRow("SELECT epoch, node, offset FROM offsets", [&](const Statement& at) {
            const auto epoch = found.find(at.integer(0));
            if (epoch != found.end()) epoch->second.offsets[NodeId{std::string(at.text(1))}] = at.text(2);
        });
    }
    if (done) {
        done = connection_->eachRow("SELECT sink, epoch, previous, batch_time, staged, outbox, incarnation FROM pending", [&](const Statement& at) {
            const auto epoch = found.find(at.integer(1));
            if (epoch != found.end()) {
                epoch->second.pending.push_back({NodeId{std::string(at.text(0))}, {at.integer(1)}, {at.integer(2)}, {at.integer(3)}, std::string(at.text(4)), at.integer(5) != 0, at.integer(6)});
            }
        });
    }
    if (done) {
        done = connection_->eachRow("SELECT c.epoch, s.node, sum(c.rows) FROM changes c JOIN states s ON s.id = c.state GROUP BY c.epoch, s.node", [&](const Statement& at) {
            const auto epoch = found.find(at.integer(0));
            if (epoch != found.end()) epoch->second.changed[NodeId{std::string(at.text(1))}] = at.integer(2);
        });
    }
    if (!done) return done.error();
    std::vector<EpochInfo> epochs;
    for (auto& [number, info] : found) epochs.push_back(std::move(info));
    return epochs;
}

Result<Epoch> Browser::newest()
{
    auto last = connection_->integer("SELECT max(epoch) FROM epochs");
    if (!last) return last.error();
    if (!last->has_value()) return mistake(fmt::format("{} holds no epoch yet", directory_.string()), "run its pipeline");
    return Epoch{**last};
}

Result<std::vector<LoggedBatch>> Browser::undecided()
{
    std::vector<LoggedBatch> batches;
    auto done = connection_->eachRow("SELECT batch, batch_time, document_hash FROM logged ORDER BY batch", [&](const Statement& at) { batches.push_back({at.integer(0), {at.integer(1)}, std::string(at.text(2)), {}}); });
    if (!done) return done.error();
    return batches;
}

Result<std::vector<StateInfo>> Browser::states(Epoch epoch)
{
    auto transaction = Transaction::begin(*connection_, TransactionKind::Read);
    if (!transaction) return transaction.error();
    if (auto there = isRetained(*connection_, epoch); !there) return there.error();
    auto rows = statesAt(*connection_, epoch);
    if (!rows) return rows.error();
    std::vector<StateInfo> infos;
    for (const auto& [key, row] : *rows) {
        auto info = infoOf(*connection_, row, epoch);
        if (!info) return info.error();
        infos.push_back(std::move(*info));
    }
    return infos;
}

Result<StateEntries> Browser::entries(const NodeId& node, const std::string& name, Epoch epoch, const EntrySearch& search)
{
    auto transaction = Transaction::begin(*connection_, TransactionKind::Read);
    if (!transaction) return transaction.error();
    if (auto there = isRetained(*connection_, epoch); !there) return there.error();
    auto found = stateAt(*connection_, node, name, epoch);
    if (!found) return found.error();
    auto info = infoOf(*connection_, *found, epoch);
    if (!info) return info.error();
    auto table = rebuild(*connection_, *found, epoch);
    if (!table) return table.error();
    StateEntries result;
    result.info = std::move(*info);
    result.schema = (*table)->schema();
    result.identity = (*table)->identity();
    result.keys = keyColumns(result.info.identity, *result.schema, result.identity);
    const std::vector<size_t> inBlock = columnsInBlock(result.keys, result.identity);
    std::vector<EntryTable::Entry> page;
    for (const EntryTable::Entry& entry : (*table)->entries()) {
        if (!search.key.empty()) {
            const std::string text = rowKeyText(*entry.block, inBlock, entry.row);
            if (search.match == EntrySearch::Match::Exact ? text != search.key : text.find(search.key) == std::string::npos) continue;
        }
        const int64_t place = result.matching++;
        if (place >= search.from && place - search.from < search.limit) page.push_back(entry);
    }
    result.rows = (*table)->rows(page);
    return result;
}

namespace {

std::string jsonRow(const EntryTable& table, const EntryTable::Entry& entry)
{
    std::string json;
    appendJsonRow(*table.rows({&entry, 1}), 0, json);
    return json;
}

void note(StateDifference& difference, int64_t limit, EntryDifference entry)
{
    switch (entry.kind) {
        case Difference::Added: ++difference.added; break;
        case Difference::Removed: ++difference.removed; break;
        case Difference::Changed: ++difference.changed; break;
    }
    if (static_cast<int64_t>(difference.entries.size()) < limit) difference.entries.push_back(std::move(entry));
}

// What the later table has that the earlier one has not, and the other way round.
void compare(const EntryTable* before, const EntryTable* after, const StateIdentity& identity, int64_t limit, StateDifference& difference)
{
    const auto keyOf = [&](const EntryTable& table, const EntryTable::Entry& entry) {
        const BatchPtr row = table.rows({&entry, 1});
        return rowKeyText(*row, keyColumns(identity, *table.schema(), table.identity()), 0);
    };
    if (after) {
        for (const EntryTable::Entry& entry : after->entries()) {
            const EntryTable::Entry* old = before ? before->find(*entry.block, entry.row) : nullptr;
            const std::string now = jsonRow(*after, entry);
            if (!old) {
                note(difference, limit, {Difference::Added, keyOf(*after, entry), {}, now});
                continue;
            }
            const std::string was = jsonRow(*before, *old);
            if (was != now) note(difference, limit, {Difference::Changed, keyOf(*after, entry), was, now});
        }
    }
    if (!before) return;
    for (const EntryTable::Entry& entry : before->entries()) {
        if (!after || !after->find(*entry.block, entry.row)) note(difference, limit, {Difference::Removed, keyOf(*before, entry), jsonRow(*before, entry), {}});
    }
}

}

Result<std::vector<StateDifference>> Browser::diff(const NodeId& node, Epoch from, Epoch to, int64_t limit)
{
    auto transaction = Transaction::begin(*connection_, TransactionKind::Read);
    if (!transaction) return transaction.error();
    for (const Epoch epoch : {from, to}) {
        if (auto there = isRetained(*connection_, epoch); !there) return there.error();
    }
    auto before = statesAt(*connection_, from);
    if (!before) return before.error();
    auto after = statesAt(*connection_, to);
    if (!after) return after.error();
    std::map<std::pair<NodeId, std::string>, StateIdentity> all;
    for (const auto& [key, row] : *before) all[key] = row.identity;
    for (const auto& [key, row] : *after) all[key] = row.identity;
    std::vector<StateDifference> differences;
    for (const auto& [key, identity] : all) {
        if (!node.name.empty() && key.first != node) continue;
        std::unique_ptr<EntryTable> tables[2];
        for (const bool later : {false, true}) {
            auto& states = later ? *after : *before;
            const auto found = states.find(key);
            if (found == states.end()) continue;
            auto table = rebuild(*connection_, found->second, later ? to : from);
            if (!table) return table.error();
            tables[later] = std::move(*table);
        }
        StateDifference difference{key.first, key.second};
        // With another layout the entries cannot be told from each other: all went, all came.
        const bool comparable = !tables[0] || !tables[1] || *tables[0]->schema() == *tables[1]->schema();
        if (comparable) {
            compare(tables[0].get(), tables[1].get(), identity, limit, difference);
        } else {
            compare(tables[0].get(), nullptr, identity, limit, difference);
            compare(nullptr, tables[1].get(), identity, limit, difference);
        }
        differences.push_back(std::move(difference));
    }
    if (!node.name.empty() && differences.empty()) return mistake(fmt::format("node \"{}\" has no state at epoch {} or {}", node.name, from.value, to.value));
    return differences;
}

Result<Verification> Browser::verify()
{
    Verification result;
    {
        auto transaction = Transaction::begin(*connection_, TransactionKind::Read);
        if (!transaction) return transaction.error();
        auto done = connection_->eachRow("PRAGMA integrity_check(20)", [&](const Statement& at) {
            if (at.text(0) != "ok") result.problems.push_back(fmt::format("{}: {}", kDatabaseName, at.text(0)));
        });
        if (!done) result.problems.push_back(done.error().message);
        auto rebuildable = checkBlocks(*connection_);
        if (rebuildable) {
            for (const BlockDamage& damage : rebuildable->damages) {
                result.problems.push_back(fmt::format("{} of state \"{}\" of node \"{}\" at epoch {}: {}", damage.snapshot ? "snapshot" : "change", damage.name, damage.node.name, damage.epoch.value, damage.reason));
            }
            result.blocks = rebuildable->blocks;
            result.bytes = rebuildable->bytes;
            result.whole = rebuildable->whole;
            if (!result.problems.empty()) result.advice = rewindHint(directory_, *rebuildable);
        } else {
            result.problems.push_back(rebuildable.error().message);
            result.advice = fmt::format("restore {} from a backup, or move it away and start anew", directory_.string());
        }
        auto count = connection_->integer("SELECT count(*) FROM epochs");
        if (count) result.epochs = count->value_or(0);
    }
    // Files of frames: the last of a folder may end torn, since a run may be writing it.
    std::map<std::filesystem::path, std::vector<std::filesystem::path>> folders;
    std::error_code failure;
    for (const std::string_view name : {kReceivedName, kStagedName}) {
        for (auto entry = std::filesystem::recursive_directory_iterator(directory_ / name, failure); !failure && entry != std::filesystem::recursive_directory_iterator(); entry.increment(failure)) {
            if (entry->is_regular_file(failure)) folders[entry->path().parent_path()].push_back(entry->path());
        }
    }
    for (auto& [folder, files] : folders) {
        std::sort(files.begin(), files.end());
        for (const auto& path : files) {
            auto file = File::read(path);
            if (!file) continue;   // deleted meanwhile
            ++result.files;
            auto whole = walkFrames(*file, Walk::Payloads, [](int64_t, const FrameHeader&, std::string_view) {});
            if (!whole) result.problems.push_back(whole.error().message);
            else if (*whole < file->size() && path != files.back()) result.problems.push_back(damagedFrame(path, *whole, "no whole record begins there").message);
        }
    }
    return result;
}

std::string keyText(const StateEntries& entries, size_t row) { return rowKeyText(*entries.rows, entries.keys, row); }

namespace {

void appendCsvField(std::string_view text, std::string& out)
{
    if (text.find_first_of(",\"\r\n") == std::string_view::npos && !text.empty()) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text) {
        if (c == '"') out += c;
        out += c;
    }
    out += '"';
}

}

std::string csvHeader(const Schema& schema)
{
    std::string line;
    for (size_t i = 0; i < schema.size(); ++i) {
        if (i > 0) line += ',';
        appendCsvField(schema[i].name, line);
    }
    return line + "\n";
}

void appendCsvRow(const Batch& batch, size_t row, std::string& out)
{
    // NULL is nothing between the commas, empty text is two quotes.
    for (size_t i = 0; i < batch.columns().size(); ++i) {
        if (i > 0) out += ',';
        std::string text;
        if (appendText(*batch.column(i), row, "UTC", text)) appendCsvField(text, out);
    }
    out += '\n';
}

}
