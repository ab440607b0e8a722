#include "engine/checkpoint/state_rows.h"

#include "engine/columns/block.h"

#include <atomic>
#include <charconv>
#include <future>
#include <set>

namespace streamwright {

namespace {

std::vector<std::string> lines(std::string_view text)
{
    std::vector<std::string> parts;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return parts;
}

Error damagedState(const Connection& connection, const StateRow& state, Epoch epoch, const std::string& reason)
{
    return permanent(fmt::format("{}: the state \"{}\" of node \"{}\" at epoch {} cannot be read: {}", connection.path().string(), state.identity.name, state.identity.node.name, epoch.value, reason));
}

}

Result<std::vector<StateRow>> readStates(Connection& connection)
{
    auto rows = connection.cached("SELECT id, node, name, node_type, state_version, layout, keys, fingerprint, from_epoch, until_epoch FROM states ORDER BY id");
    if (!rows) return rows.error();
    std::vector<StateRow> states;
    for (;;) {
        auto row = (*rows)->step();
        if (!row) return row.error();
        if (!*row) break;
        const Statement& at = **rows;
        StateRow state;
        state.id = at.integer(0);
        state.identity = {NodeId{std::string(at.text(1))}, std::string(at.text(2)), std::string(at.text(3)), static_cast<int>(at.integer(4)), std::string(at.text(5)), lines(at.text(6)), std::string(at.text(7))};
        state.from = {at.integer(8)};
        if (!at.isNull(9)) state.until = Epoch{at.integer(9)};
        states.push_back(std::move(state));
    }
    (*rows)->reset();
    return states;
}

Result<ParsedLayout> parseLayout(const StateIdentity& identity)
{
    ParsedLayout layout;
    const char* begin = identity.layout.data();
    const char* end = begin + identity.layout.size();
    const auto count = std::from_chars(begin, end, layout.identity);
    const bool counted = count.ec == std::errc() && count.ptr != end && *count.ptr == ':';
    auto schema = parseSchema(counted ? std::string_view(count.ptr + 1, static_cast<size_t>(end - count.ptr - 1)) : std::string_view());
    if (!counted || !schema || layout.identity >= schema->size()) {
        return permanent(fmt::format("the layout of state \"{}\" of node \"{}\" cannot be read: \"{}\"", identity.name, identity.node.name, identity.layout));
    }
    layout.schema = std::make_shared<const Schema>(std::move(*schema));
    return layout;
}

Result<std::optional<Epoch>> snapshotBefore(Connection& connection, int64_t state, Epoch epoch)
{
    auto rows = connection.cached("SELECT max(epoch) FROM snapshots WHERE state = ? AND complete <= ?");
    if (!rows) return rows.error();
    (*rows)->bindAll(state, epoch.value);
    auto row = (*rows)->step();
    if (!row) return row.error();
    std::optional<Epoch> found;
    if (!(*rows)->isNull(0)) found = Epoch{(*rows)->integer(0)};
    (*rows)->reset();
    return found;
}

Result<void> readBlocks(Connection& connection, const StateRow& state, Epoch epoch, const std::function<Result<void>(Epoch, std::string_view)>& take)
{
    auto base = snapshotBefore(connection, state.id, epoch);
    if (!base) return base.error();
    // Prepared anew, since `take` may use this connection.
    const auto each = [&](std::string_view sql, int64_t first, int64_t last) -> Result<int64_t> {
        auto rows = connection.prepare(sql);
        if (!rows) return rows.error();
        rows->bindAll(state.id, first, last);
        int64_t count = 0;
        for (;;) {
            auto row = rows->step();
            if (!row) return row.error();
            if (!*row) return count;
            ++count;
            if (auto done = take({rows->integer(0)}, rows->blob(1)); !done) return done.error();
        }
    };
    if (*base) {
        auto chunks = each("SELECT epoch, block FROM chunks WHERE state = ? AND epoch BETWEEN ? AND ? ORDER BY chunk, part", (*base)->value, (*base)->value);
        if (!chunks) return chunks.error();
    }
    auto changes = each("SELECT epoch, block FROM changes WHERE state = ? AND epoch > ? AND epoch <= ? ORDER BY epoch, part", base->value_or(state.from).value, epoch.value);
    if (!changes) return changes.error();
    return {};
}

Result<void> readStateRows(Connection& connection, const StateRow& state, Epoch epoch, const std::function<Result<void>(const Batch&)>& apply)
{
    return readBlocks(connection, state, epoch, [&](Epoch at, std::string_view bytes) -> Result<void> {
        auto batch = decodeBlock(bytes);
        if (!batch) return damagedState(connection, state, at, batch.error().message);
        return apply(**batch);
    });
}

namespace {

// A block is made of so many bytes, by an estimate: what a processor's own cache holds while they are encoded.
constexpr size_t kRawBytes = 1 << 20;
// Where the estimate was wrong: above this a block is split.
constexpr size_t kBlockBytes = 4 << 20;

size_t textBytes(const Column& column)
{
    size_t total = 0;
    if (isText(column.type().kind())) {
        // A sample is near enough.
        const size_t stride = std::max<size_t>(column.size() / 64, 1);
        size_t seen = 0, bytes = 0;
        for (size_t i = 0; i < column.size(); i += stride, ++seen) bytes += column.isNull(i) ? 0 : column.text(i).size();
        return seen == 0 ? 0 : bytes * column.size() / seen;
    }
    for (const ColumnPtr& child : column.children()) total += textBytes(*child);
    return total;
}

size_t rawBytes(const Batch& batch)
{
    size_t total = batch.rows();
    for (const ColumnPtr& column : batch.columns()) total += column->bytes() + textBytes(*column);
    return total;
}

void encodeSplit(const BatchPtr& batch, std::vector<EncodedBlock>& blocks)
{
    const size_t raw = rawBytes(*batch);
    if (raw <= kRawBytes || batch->rows() < 2) {
        std::string bytes = encodeBlock(*batch);
        if (bytes.size() <= kBlockBytes || batch->rows() < 2) {
            blocks.push_back({static_cast<int64_t>(batch->rows()), std::move(bytes)});
            return;
        }
    }
    const size_t pieces = std::max<size_t>(2, (raw + kRawBytes - 1) / kRawBytes);
    const size_t step = (batch->rows() + pieces - 1) / pieces;
    for (size_t from = 0; from < batch->rows(); from += step) encodeSplit(slice(batch, from, std::min(step, batch->rows() - from)), blocks);
}

}

namespace {

// Batches that make up a block.
std::vector<std::vector<BatchPtr>> groupsOfBlocks(const std::vector<BatchPtr>& batches)
{
    std::vector<std::vector<BatchPtr>> groups;
    size_t raw = 0;
    for (const BatchPtr& batch : batches) {
        if (batch->rows() == 0) continue;
        const size_t more = rawBytes(*batch);
        if (groups.empty() || raw + more > kRawBytes) {
            groups.emplace_back();
            raw = 0;
        }
        groups.back().push_back(batch);
        raw += more;
    }
    return groups;
}

}

std::vector<EncodedBlock> encodeBlocks(const std::vector<BatchPtr>& batches)
{
    const std::vector<std::vector<BatchPtr>> groups = groupsOfBlocks(batches);
    std::vector<std::vector<EncodedBlock>> encoded(groups.size());
    std::atomic<size_t> next{0};
    const auto work = [&] {
        for (size_t group; (group = next++) < groups.size();) encodeSplit(concatenate(groups[group].front()->schemaPtr(), groups[group]), encoded[group]);
    };
    // When a run ends, or its batches wait for the commit, the workers have nothing to do.
    std::future<void> helper;
    if (groups.size() > 1) helper = std::async(std::launch::async, work);
    work();
    if (helper.valid()) helper.get();
    std::vector<EncodedBlock> blocks;
    for (std::vector<EncodedBlock>& some : encoded) std::ranges::move(some, std::back_inserter(blocks));
    return blocks;
}

namespace {

struct BadBlocks {
    std::set<std::pair<int64_t, int64_t>> changes;     // state, epoch
    std::set<std::pair<int64_t, int64_t>> snapshots;
};

// Checks the blocks of one table; a page that cannot be read counts as damage of its block.
Result<void> checkTable(Connection& connection, const std::map<int64_t, const StateRow*>& states, bool snapshots, BadBlocks& bad, Rebuildable& result)
{
    // These orders are answered by the index alone, so that a damaged page of the table costs its own blocks only.
    auto ids = connection.prepare(snapshots ? "SELECT id, state, epoch FROM chunks ORDER BY state, epoch, chunk, part" : "SELECT id, state, epoch FROM changes ORDER BY state, epoch, part");
    if (!ids) return ids.error();
    auto block = connection.prepare(snapshots ? "SELECT block FROM chunks WHERE id = ?" : "SELECT block FROM changes WHERE id = ?");
    if (!block) return block.error();
    for (;;) {
        auto row = ids->step();
        if (!row) return row.error();
        if (!*row) return {};
        const int64_t state = ids->integer(1);
        const Epoch epoch{ids->integer(2)};
        block->bindAll(ids->integer(0));
        auto found = block->step();
        std::string reason;
        if (!found) {
            reason = found.error().message;
        } else if (!*found) {
            reason = "its block is missing";
        } else {
            const std::string_view bytes = block->blob(0);
            if (auto whole = checkBlock(bytes); !whole) reason = whole.error().message;
            ++result.blocks;
            result.bytes += static_cast<int64_t>(bytes.size());
        }
        block->reset();
        if (reason.empty()) continue;
        (snapshots ? bad.snapshots : bad.changes).insert({state, epoch.value});
        const auto owner = states.find(state);
        const StateIdentity identity = owner == states.end() ? StateIdentity{} : owner->second->identity;
        result.damages.push_back({identity.node, identity.name, epoch, snapshots, std::move(reason)});
    }
}

// Parts that a size or a snapshot row tells but that are not there. Without parts: retention has not deleted all yet.
Result<void> checkCounts(Connection& connection, const std::map<int64_t, const StateRow*>& states, BadBlocks& bad, Rebuildable& result)
{
    constexpr std::string_view kMissing[] = {
        "SELECT state, epoch FROM sizes s WHERE parts <> 0 AND parts <> (SELECT count(*) FROM changes c WHERE c.state = s.state AND c.epoch = s.epoch)",
        "SELECT state, epoch FROM snapshots s WHERE chunks <> (SELECT count(DISTINCT chunk) FROM chunks c WHERE c.state = s.state AND c.epoch = s.epoch)"};
    for (const bool snapshots : {false, true}) {
        auto rows = connection.prepare(kMissing[snapshots ? 1 : 0]);
        if (!rows) return rows.error();
        for (;;) {
            auto row = rows->step();
            if (!row) return row.error();
            if (!*row) break;
            (snapshots ? bad.snapshots : bad.changes).insert({rows->integer(0), rows->integer(1)});
            const auto owner = states.find(rows->integer(0));
            const StateIdentity identity = owner == states.end() ? StateIdentity{} : owner->second->identity;
            result.damages.push_back({identity.node, identity.name, {rows->integer(1)}, snapshots, "blocks are missing"});
        }
    }
    return {};
}

// `snapshots`: (state, epoch from which it is complete) to the epoch it was begun at.
bool stateIsWhole(const StateRow& state, Epoch epoch, const std::map<std::pair<int64_t, int64_t>, int64_t>& snapshots, const BadBlocks& bad)
{
    Epoch base = state.from;
    auto newest = snapshots.upper_bound({state.id, epoch.value});
    if (newest != snapshots.begin() && std::prev(newest)->first.first == state.id) {
        base = {std::prev(newest)->second};
        if (bad.snapshots.contains({state.id, base.value})) return false;
    }
    const auto change = bad.changes.upper_bound({state.id, base.value});
    return change == bad.changes.end() || change->first != state.id || change->second > epoch.value;
}

}

Result<Rebuildable> checkBlocks(Connection& connection)
{
    Rebuildable result;
    auto states = readStates(connection);
    if (!states) return states.error();
    std::map<int64_t, const StateRow*> byId;
    for (const StateRow& state : *states) byId[state.id] = &state;
    BadBlocks bad;
    if (auto done = checkTable(connection, byId, false, bad, result); !done) return done.error();
    if (auto done = checkTable(connection, byId, true, bad, result); !done) return done.error();
    if (auto done = checkCounts(connection, byId, bad, result); !done) return done.error();

    std::map<std::pair<int64_t, int64_t>, int64_t> snapshots;
    auto rows = connection.prepare("SELECT state, complete, epoch FROM snapshots");
    if (!rows) return rows.error();
    for (auto row = rows->step(); row && *row; row = rows->step()) snapshots[{rows->integer(0), rows->integer(1)}] = rows->integer(2);
    auto epochs = connection.prepare("SELECT epoch FROM epochs ORDER BY epoch");
    if (!epochs) return epochs.error();
    for (auto row = epochs->step(); row && *row; row = epochs->step()) {
        const Epoch epoch{epochs->integer(0)};
        const bool whole = std::all_of(states->begin(), states->end(), [&](const StateRow& state) { return !state.existsAt(epoch) || stateIsWhole(state, epoch, snapshots, bad); });
        if (whole) result.whole.push_back(epoch);
    }
    return result;
}

std::string rewindHint(const std::filesystem::path& directory, const Rebuildable& rebuildable)
{
    if (rebuildable.whole.empty()) return fmt::format("no epoch of it can be rebuilt: restore {} from a backup, or move it away and start anew", directory.string());
    const int64_t epoch = rebuildable.whole.back().value;
    return fmt::format("epoch {} can still be used: streamwright checkpoint rewind {} --epoch {}", epoch, directory.string(), epoch);
}

}
