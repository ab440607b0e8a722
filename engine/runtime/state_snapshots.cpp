#include "engine/runtime/state_snapshots.h"

#include <algorithm>

namespace streamwright {

bool StateSnapshots::wanted()
{
    for (auto& state : commit_.outgrown()) {
        const bool running = state_ && node_ == state.first && state_->layout().name == state.second;
        if (!running && std::ranges::find(waiting_, state) == waiting_.end()) waiting_.push_back(std::move(state));
    }
    return state_ != nullptr || !waiting_.empty();
}

void StateSnapshots::takePiece(Epoch frozen)
{
    if (!wanted() || commit_.hasPiece()) return;
    if (!state_) begin(frozen);
    if (!state_) return;
    if (piece_ < pieces_) {
        const int chunk = static_cast<int>(piece_);
        BatchPtr rows = state_->snapshotChunk(piece_++);
        commit_.hand(SnapshotJob{node_, state_->layout().name, since_, frozen, chunk, std::move(rows)});
    }
    if (piece_ == pieces_) {
        commit_.hand(SnapshotJob{node_, state_->layout().name, since_, frozen, static_cast<int>(pieces_), nullptr});
        state_ = nullptr;
    }
}

void StateSnapshots::begin(Epoch frozen)
{
    const auto [node, name] = waiting_.front();
    waiting_.erase(waiting_.begin());
    const auto index = plan_.indexOf(node);
    if (!index) return;
    for (const auto& state : plan_.nodes[*index].states) {
        if (state->layout().name != name) continue;
        state_ = state.get();
        node_ = node;
        since_ = frozen;
        piece_ = 0;
        pieces_ = state_->cutSnapshot(pieceBytes_);
    }
}

}
