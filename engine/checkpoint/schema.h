// The tables of checkpoint.sqlite and history.sqlite, as append-only lists of scripts.
#pragma once
#include "engine/storage/migrations.h"

namespace streamwright {

Migrations checkpointMigrations();
Migrations historyMigrations();

// Names inside a checkpoint's directory.
inline constexpr std::string_view kDatabaseName = "checkpoint.sqlite";
inline constexpr std::string_view kHistoryName = "history.sqlite";
inline constexpr std::string_view kReceivedName = "received";
inline constexpr std::string_view kStagedName = "staged";
inline constexpr std::string_view kLockName = "lock";

}
