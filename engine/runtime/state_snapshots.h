// Full snapshots of states that have outgrown their last one, taken piece by piece between batches, so
// that no batch waits longer than one piece takes.
#pragma once
#include "engine/runtime/commit.h"

#include <algorithm>

namespace streamwright {

class StateSnapshots {
public:
    StateSnapshots(Plan& plan, Commit& commit) : plan_(plan), commit_(commit), pieceBytes_(std::min(kPieceBytes, static_cast<size_t>(commit.smallestSnapshot()))) {}

    // A state has outgrown its snapshot, or one is being taken.
    bool wanted();
    // Between batches, unless the piece before still waits to be written. `frozen` is the last epoch that was
    // handed to the commit.
    void takePiece(Epoch frozen);

private:
    void begin(Epoch frozen);

    static constexpr size_t kPieceBytes = 1 << 20;
    Plan& plan_;
    Commit& commit_;
    std::vector<std::pair<NodeId, std::string>> waiting_;
    size_t pieceBytes_;
    State* state_ = nullptr;
    NodeId node_;
    Epoch since_;
    size_t piece_ = 0;
    size_t pieces_ = 0;
};

}
