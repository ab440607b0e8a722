#include "engine/checkpoint/browsing.h"
#include "engine/columns/block.h"
#include "engine/storage/transaction.h"

// Single keys over all retained epochs: the changes are read block by block.
namespace streamwright {

namespace {

constexpr size_t kLookForStop = 4096;

// The oldest epoch that is retained, and the snapshot below it (else where the state began).
struct Oldest {
    Epoch epoch;
    Epoch base;
};
Result<Oldest> oldestOf(Connection& connection, const StateRow& state)
{
    auto first = connection.integer("SELECT min(epoch) FROM epochs");
    if (!first) return first.error();
    const Epoch epoch = std::max(Epoch{first->value_or(0)}, state.from);
    auto base = snapshotBefore(connection, state.id, epoch);
    if (!base) return base.error();
    return Oldest{epoch, base->value_or(state.from)};
}

// The blocks of changes after `after` up to `until`, with their epochs.
Result<void> eachChange(Connection& connection, const StateRow& state, Epoch after, Epoch until, const StopToken& stop, const std::function<Result<void>(Epoch, const BatchPtr&)>& take)
{
    auto rows = connection.prepare("SELECT epoch, block FROM changes WHERE state = ? AND epoch > ? AND epoch <= ? ORDER BY epoch, part");
    if (!rows) return rows.error();
    rows->bindAll(state.id, after.value, until.value);
    for (;;) {
        stop.check();
        auto row = rows->step();
        if (!row) return row.error();
        if (!*row) return {};
        auto block = decodeBlock(rows->blob(1));
        if (!block) return block.error();
        if (auto taken = take({rows->integer(0)}, *block); !taken) return taken;
    }
}

size_t bytesOf(const Column& column, size_t row)
{
    if (column.isNull(row)) return 0;
    switch (column.type().kind()) {
        case TypeKind::String:
        case TypeKind::Binary: return column.text(row).size();
        case TypeKind::Array: {
            size_t bytes = 0;
            for (uint32_t e = column.offsets()[row]; e < column.offsets()[row + 1]; ++e) bytes += bytesOf(*column.element(), e);
            return bytes;
        }
        case TypeKind::Struct: {
            size_t bytes = 0;
            for (const ColumnPtr& child : column.children()) bytes += bytesOf(*child, row);
            return bytes;
        }
        default: return valueWidth(column.type().kind());
    }
}

// Follows one key through the blocks: its identity tells that it went.
class KeyWalk {
public:
    KeyWalk(std::string key, std::vector<size_t> columns, size_t identity) : key_(std::move(key)), columns_(std::move(columns)), identity_(identity) {}

    // The last row of the block that concerns the key; whether it is there after it.
    struct Step {
        size_t row = 0;
        bool there = false;
    };
    std::optional<Step> walk(const BatchPtr& block, const StopToken& stop)
    {
        const Column& deleted = *block->column(identity_);
        std::optional<Step> last;
        for (size_t row = 0; row < block->rows(); ++row) {
            if (row % kLookForStop == 0) stop.check();
            const bool gone = !deleted.isNull(row) && deleted.value<uint8_t>(row) != 0;
            if (gone && known_ && identityText(*block, row) == identityAt_) {
                last = Step{row, false};
                known_ = false;
            } else if (!gone && rowKeyText(*block, columns_, row) == key_) {
                last = Step{row, true};
                identityAt_ = identityText(*block, row);
                known_ = true;
            }
        }
        return last;
    }

private:
    std::string identityText(const Batch& block, size_t row) const
    {
        std::vector<size_t> columns(identity_);
        for (size_t i = 0; i < identity_; ++i) columns[i] = i;
        return columns.empty() ? std::string() : rowKeyText(block, columns, row);
    }

    std::string key_;
    std::vector<size_t> columns_;       // as they stand in a block
    size_t identity_;
    std::string identityAt_;            // of the entry, while it is known
    bool known_ = false;
};

}

Result<KeyVersions> Browser::keyVersions(const NodeId& node, const std::string& name, const std::string& key, const StopToken& stop)
{
    auto transaction = Transaction::begin(*connection_, TransactionKind::Read);
    if (!transaction) return transaction.error();
    auto epoch = newest();
    if (!epoch) return epoch.error();
    auto state = stateAt(*connection_, node, name, *epoch);
    if (!state) return state.error();
    auto oldest = oldestOf(*connection_, *state);
    if (!oldest) return oldest.error();
    auto layout = parseLayout(state->identity);
    if (!layout) return layout.error();
    EntryTable table(*layout);
    KeyVersions found{.schema = table.schema(), .identity = table.identity(), .keys = keyColumns(state->identity, *table.schema(), table.identity())};
    KeyWalk walk(key, columnsInBlock(found.keys, found.identity), found.identity);
    std::vector<BatchPtr> blocks;
    std::vector<EntryTable::Entry> entries;
    const auto note = [&](Epoch at, const BatchPtr& block) {
        const auto step = walk.walk(block, stop);
        if (!step) return;
        if (found.versions.empty() || found.versions.back().epoch != at) found.versions.push_back({.epoch = at});
        KeyVersion& version = found.versions.back();
        version.there = step->there;
        if (!step->there) return;
        version.row = entries.size();
        entries.push_back({block.get(), static_cast<uint32_t>(step->row)});
        blocks.push_back(block);
    };
    // As it was at the oldest epoch, then what changed it.
    auto done = readStateRows(*connection_, *state, oldest->epoch, [&](const Batch& batch) -> Result<void> {
        note(oldest->epoch, std::make_shared<const Batch>(batch));
        return {};
    });
    if (done) {
        done = eachChange(*connection_, *state, oldest->epoch, *epoch, stop, [&](Epoch at, const BatchPtr& block) -> Result<void> {
            note(at, block);
            return {};
        });
    }
    if (!done) return done.error();
    found.rows = entries.empty() ? emptyBatch(table.schema()) : table.rows(entries);
    for (KeyVersion& version : found.versions) {
        auto time = connection_->integer(fmt::format("SELECT batch_time FROM epochs WHERE epoch = {}", version.epoch.value));
        if (!time) return time.error();
        version.batchTime = {time->value_or(0)};
    }
    return found;
}

Result<std::vector<TopKey>> Browser::topKeys(const NodeId& node, const std::string& name, Epoch epoch, const TopKeysSearch& search, const StopToken& stop)
{
    auto transaction = Transaction::begin(*connection_, TransactionKind::Read);
    if (!transaction) return transaction.error();
    if (auto there = isRetained(*connection_, epoch); !there) return there.error();
    auto state = stateAt(*connection_, node, name, epoch);
    if (!state) return state.error();
    auto table = rebuild(*connection_, *state, epoch);
    if (!table) return table.error();
    auto oldest = oldestOf(*connection_, *state);
    if (!oldest) return oldest.error();
    std::unordered_map<const EntryTable::Entry*, int64_t> changes;
    auto done = eachChange(*connection_, *state, oldest->base, epoch, stop, [&](Epoch, const BatchPtr& block) -> Result<void> {
        for (const EntryTable::Entry* entry : (*table)->findAll(*block)) {
            if (entry && entry->block) ++changes[entry];
        }
        return {};
    });
    if (!done) return done.error();
    struct Ranked {
        const EntryTable::Entry* entry;
        int64_t bytes, changes;
    };
    std::vector<Ranked> all;
    (*table)->each([&](const EntryTable::Entry& entry) {
        if (all.size() % kLookForStop == 0) stop.check();
        size_t bytes = 0;
        for (size_t c = (*table)->identity() + 1; c < entry.block->columns().size(); ++c) bytes += bytesOf(*entry.block->column(c), entry.row);
        const auto counted = changes.find(&entry);
        all.push_back({&entry, static_cast<int64_t>(bytes), counted == changes.end() ? 0 : counted->second});
    });
    const auto measure = search.by == TopKeysSearch::By::Size ? &Ranked::bytes : &Ranked::changes;
    const size_t most = std::min(search.most, all.size());
    // Equal ones in the order of the state.
    std::ranges::stable_sort(all, std::greater(), measure);
    all.resize(most);
    const std::vector<size_t> keys = columnsInBlock(keyColumns(state->identity, *(*table)->schema(), (*table)->identity()), (*table)->identity());
    std::vector<TopKey> top;
    for (const Ranked& one : all) top.push_back({rowKeyText(*one.entry->block, keys, one.entry->row), one.bytes, one.changes});
    return top;
}

}
