#include "engine/base/clock.h"
#include "engine/checkpoint/sqlite_store.h"

// The decision: one transaction, after which the epoch and all that belongs to it exist.
namespace streamwright {

namespace {

constexpr int64_t kWorthCopying = 1 << 20;

}

Result<void> SqliteStore::decide(const Decision& decision)
{
    // Encoding takes the most time and needs no lock: ranges can be logged meanwhile.
    std::vector<std::vector<EncodedBlock>> blocks;
    int64_t bytes = 0;
    for (const StateChange& change : decision.states) {
        std::vector<EncodedBlock>& encoded = blocks.emplace_back();
        for (const std::vector<BatchPtr>& batch : change.earlier) std::ranges::move(encodeBlocks(batch), std::back_inserter(encoded));
        std::ranges::move(encodeBlocks(change.blocks), std::back_inserter(encoded));
        for (const EncodedBlock& block : blocks.back()) bytes += static_cast<int64_t>(block.bytes.size());
    }
    {
        const std::scoped_lock lock(mutex_);
        if (decision.epoch <= last_) return broken(fmt::format("epoch {} is decided after epoch {}", decision.epoch.value, last_.value));
        const int64_t now = wallClock()->now().micros;
        auto done = write(Commit::Durable, [&]() -> Result<void> {
            auto set = connection_->run("INSERT INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?)", decision.epoch.value, identity_.incarnation, decision.batchTime.micros, now, decision.rowsIn, bytes, decision.watermarks);
            for (const auto& [node, offset] : decision.offsets) {
                if (set) set = connection_->run("INSERT INTO offsets VALUES (?, ?, ?)", decision.epoch.value, node.name, offset);
            }
            if (set) set = insertChanges(decision, blocks);
            for (const PendingOutput& output : decision.pending) {
                if (set) set = connection_->run("INSERT INTO pending VALUES (?, ?, ?, ?, ?, ?, ?)", output.sink.name, output.epoch.value, output.previous.value, output.batchTime.micros, output.staged, output.outbox, identity_.incarnation);
            }
            if (set) set = connection_->run("DELETE FROM logged WHERE batch <= ?", decision.epoch.value);
            if (set) set = connection_->run("DELETE FROM ranges WHERE batch <= ?", decision.epoch.value);
            return set;
        });
        if (!done) return done;
        last_ = decision.epoch;
        for (size_t i = 0; i < blocks.size(); ++i) {
            auto state = live(decision.states[i].node, decision.states[i].name);
            for (const EncodedBlock& block : blocks[i]) (*state)->size.changedBytes += static_cast<int64_t>(block.bytes.size());
        }
    }
    // Much is copied out of the log at once: at the end of the run all of it would have to wait.
    if (bytes >= kWorthCopying) keeper_->wake();
    // The epoch is decided whatever becomes of bytes that nobody needs: the next one looks at them again.
    (void)forgetOutbox();
    return {};
}

Result<void> SqliteStore::insertChanges(const Decision& decision, const std::vector<std::vector<EncodedBlock>>& blocks)
{
    for (size_t i = 0; i < blocks.size(); ++i) {
        const StateChange& change = decision.states[i];
        auto state = live(change.node, change.name);
        if (!state) return state.error();
        // A state that did not change has the size it had.
        if (blocks[i].empty()) continue;
        const int64_t id = (*state)->row.id;
        for (size_t part = 0; part < blocks[i].size(); ++part) {
            auto set = connection_->run("INSERT INTO changes (state, epoch, part, rows, block) VALUES (?, ?, ?, ?, ?)", id, decision.epoch.value, static_cast<int64_t>(part), blocks[i][part].rows, Blob{blocks[i][part].bytes});
            if (!set) return set;
        }
        auto set = connection_->run("INSERT INTO sizes VALUES (?, ?, ?, ?, ?)", id, decision.epoch.value, change.rows, change.bytes, static_cast<int64_t>(blocks[i].size()));
        if (!set) return set;
    }
    return {};
}

}
