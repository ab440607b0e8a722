// The entries of states as files that other programs read.
#pragma once
#include "engine/checkpoint/browse.h"

namespace streamwright {

struct ExportedTable {
    std::string name;
    int64_t rows = 0;
};

// The entries that the search finds, as they are known to people: without columns that only tell entries apart.
// Replaces the file when all is written.
Result<ExportedTable> exportCsv(Browser& browser, const NodeId& node, const std::string& state, Epoch epoch, const EntrySearch& search, const std::filesystem::path& file);

// A plain SQLite database: a table for each state (all of the node, or of all nodes when it is empty), and one
// `checkpoint` with the epoch that they are of. Numbers, text and blobs as such, BOOLEAN as 0 and 1, times as text in
// UTC, ARRAY and STRUCT as JSON.
Result<std::vector<ExportedTable>> exportSqlite(Browser& browser, const NodeId& node, const std::string& state, Epoch epoch, const EntrySearch& search, const std::filesystem::path& file);

}
