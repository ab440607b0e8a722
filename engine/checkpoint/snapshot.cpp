#include "engine/checkpoint/sqlite_store.h"
#include "engine/columns/block.h"

// Full snapshots: chunks in short transactions between the commits, made valid by a last one.
namespace streamwright {

Result<void> SqliteStore::writeSnapshotChunk(const NodeId& node, const std::string& name, Epoch epoch, int chunk, const Batch& rows)
{
    std::vector<EncodedBlock> blocks = encodeBlocks({std::make_shared<const Batch>(rows)});
    // A chunk without rows still counts, so that finishSnapshot finds them all.
    if (blocks.empty()) blocks.push_back({0, encodeBlock(rows)});
    const Turns::Patient lock(mutex_);
    auto state = live(node, name);
    if (!state) return state.error();
    const int64_t id = (*state)->row.id;
    auto done = write(Commit::Ordered, [&]() -> Result<void> {
        auto set = connection_->run("DELETE FROM chunks WHERE state = ? AND epoch = ? AND chunk = ?", id, epoch.value, chunk);
        for (size_t part = 0; part < blocks.size(); ++part) {
            if (set) set = connection_->run("INSERT INTO chunks (state, epoch, chunk, part, rows, block) VALUES (?, ?, ?, ?, ?, ?)", id, epoch.value, chunk, static_cast<int64_t>(part), blocks[part].rows, Blob{blocks[part].bytes});
        }
        return set;
    });
    if (done) (*state)->unfinished.insert(epoch.value);
    return done;
}

Result<void> SqliteStore::finishSnapshot(const NodeId& node, const std::string& name, Epoch epoch, int chunks, Epoch complete)
{
    const std::scoped_lock lock(mutex_);
    auto state = live(node, name);
    if (!state) return state.error();
    const int64_t id = (*state)->row.id;
    int64_t bytes = 0;
    auto done = write(Commit::Durable, [&]() -> Result<void> {
        auto rows = connection_->cached("SELECT count(DISTINCT chunk), coalesce(sum(length(block)), 0) FROM chunks WHERE state = ? AND epoch = ?");
        if (!rows) return rows.error();
        (*rows)->bindAll(id, epoch.value);
        auto row = (*rows)->step();
        if (!row) return row.error();
        const int64_t there = (*rows)->integer(0);
        bytes = (*rows)->integer(1);
        (*rows)->reset();
        if (there != chunks) return broken(fmt::format("the snapshot of \"{}\" at epoch {} has {} of {} chunks", node.name, epoch.value, there, chunks));
        return connection_->run("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?)", id, epoch.value, chunks, bytes, std::max(epoch, complete).value);
    });
    if (!done) return done;
    (*state)->unfinished.erase(epoch.value);
    // What changed after the snapshot's epoch counts from here on.
    auto rows = connection_->cached("SELECT coalesce(sum(length(block)), 0) FROM changes WHERE state = ? AND epoch > ?");
    if (!rows) return rows.error();
    (*rows)->bindAll(id, epoch.value);
    auto row = (*rows)->step();
    if (!row) return row.error();
    (*state)->size = {(*rows)->integer(0), bytes};
    (*rows)->reset();
    return {};
}

Store::StateSize SqliteStore::stateSize(const NodeId& node, const std::string& name) const
{
    const std::scoped_lock lock(mutex_);
    const auto found = live_.find({node, name});
    return found == live_.end() ? StateSize{} : found->second.size;
}

}
