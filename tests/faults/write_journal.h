// What a program does to the files of a folder, as the library write_journal records it: the program's own
// calls, in order. Read by tests that simulate a loss of power.
#pragma once
#include <cstdint>

namespace streamwright {

// The program finds its orders in the environment.
inline constexpr const char* kJournalFolder = "WRITE_JOURNAL_FOLDER";    // what is watched; absolute
inline constexpr const char* kJournalFile = "WRITE_JOURNAL_FILE";        // where the journal is kept; may be missing
inline constexpr const char* kJournalKill = "WRITE_JOURNAL_KILL";        // SIGKILL before this entry, counted from 1; may be missing

enum class DiskStep : uint32_t { Create, Open, Write, Truncate, Sync, SyncFolder, MakeFolder, RemoveFolder, Unlink, Rename };

// An entry of the journal; the bytes of its paths and data follow it.
struct DiskEntry {
    DiskStep step;
    uint32_t path = 0;      // lengths
    uint32_t to = 0;
    uint32_t data = 0;
    uint64_t inode = 0;     // of Create, Open, Write, Truncate, Sync
    int64_t at = 0;         // of Write; new size of Truncate
};

}
