// The local folder of a checkpoint beside the chain of links that counts: does it hold what the chain holds?
#pragma once
#include "engine/checkpoint/ship_chain.h"

#include <filesystem>

namespace streamwright {

// A link as the local folder remembers it, in its file `shipped`.
struct ShippedLink {
    ChainPlace place;
    Epoch epoch;
};
struct ShippedNote {
    std::string where;          // the shared folder
    ShippedLink shipped;        // in the chain, and here
    ShippedLink shipping;       // sent, answer not known; as `shipped` if there is none
};
Result<std::optional<ShippedNote>> readNote(const std::filesystem::path& directory);
// Not synced: without it the local folder is rebuilt, which is always right.
Result<void> writeNote(const std::filesystem::path& directory, const ShippedNote& note);

// Brings the local folder, whose lock is held, to the head of the chain: as it is, or rebuilt; a database with an epoch that is
// not in the chain, and so was never published, is set aside.
struct Synced {
    ShippedLink at;                         // number 0: the chain is empty
    bool rebuilt = false;
    bool whole = false;                     // what is here is to replace what the chain says: it was rewound, or the chain is empty
    std::map<std::string, std::string> outbox;      // of the pending output, where rebuilt
};
Result<Synced> syncWithChain(const std::filesystem::path& directory, ShipChain& chain);
// Replaces the database by what the chain holds.
Result<Synced> rebuildFromChain(const std::filesystem::path& directory, ShipChain& chain);

}
