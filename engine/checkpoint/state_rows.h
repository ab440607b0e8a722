// States as they stand in the database: who they belong to, their blocks, and how an epoch is rebuilt from
// them. Used by the store and by readers.
#pragma once
#include "engine/checkpoint/store.h"
#include "engine/storage/connection.h"

namespace streamwright {

struct StateRow {
    int64_t id = 0;
    StateIdentity identity;
    Epoch from;                     // empty at this epoch
    std::optional<Epoch> until;     // the last epoch that has it, when it was reset
    bool existsAt(Epoch epoch) const { return from <= epoch && (!until || epoch <= *until); }
};

Result<std::vector<StateRow>> readStates(Connection& connection);
// The change layout: identity columns and schema.
struct ParsedLayout {
    size_t identity = 0;
    SchemaPtr schema;
};
Result<ParsedLayout> parseLayout(const StateIdentity& identity);

// The newest valid snapshot at or before `epoch`; nothing: the state was empty at `from`.
Result<std::optional<Epoch>> snapshotBefore(Connection& connection, int64_t state, Epoch epoch);
// The raw blocks that rebuild the state at `epoch`: newest snapshot, then changes, in order. `take` gets the
// epoch of the block.
Result<void> readBlocks(Connection& connection, const StateRow& state, Epoch epoch, const std::function<Result<void>(Epoch, std::string_view)>& take);
// The same, decoded.
Result<void> readStateRows(Connection& connection, const StateRow& state, Epoch epoch, const std::function<Result<void>(const Batch&)>& apply);

// Batches as blocks of at most about 4 MiB: small ones are joined, large ones split.
struct EncodedBlock {
    int64_t rows = 0;
    std::string bytes;
};
std::vector<EncodedBlock> encodeBlocks(const std::vector<BatchPtr>& batches);

// Which epochs can be rebuilt: checks every block of the states.
struct BlockDamage {
    NodeId node;
    std::string name;
    Epoch epoch;
    bool snapshot = false;
    std::string reason;
};
struct Rebuildable {
    std::vector<BlockDamage> damages;
    std::vector<Epoch> whole;       // ascending
    int64_t blocks = 0;
    int64_t bytes = 0;
};
Result<Rebuildable> checkBlocks(Connection& connection);
// Words for a message: which epoch can still be used, and how.
std::string rewindHint(const std::filesystem::path& directory, const Rebuildable& rebuildable);

}
