// A database's schema as an append-only list of scripts: script i brings version i to i + 1.
#pragma once
#include "engine/storage/connection.h"

#include <span>

namespace streamwright {

struct Migrations {
    std::string_view what;                       // for messages: "checkpoint"
    int32_t applicationId = 0;                   // written into the file; another one is refused
    std::span<const std::string_view> scripts;
};

// Brings the database to the newest version in one transaction. Refused: made by a newer program, or
// somebody else's database.
Result<void> migrate(Connection& connection, const Migrations& migrations);
// The same checks for a reader, which changes nothing.
Result<void> checkVersion(Connection& connection, const Migrations& migrations);

}
