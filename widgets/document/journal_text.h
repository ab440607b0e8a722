// The journal as text: a line about what it belongs to, then a line for each change, in the order in which they
// were made. A line that a crash cut off ends it.
#pragma once
#include "engine/pipeline/edits.h"

#include <QString>

#include <filesystem>

namespace streamwright {

struct JournalBase {
    std::filesystem::path file;     // empty: untitled
    std::string text;               // the pipeline before the first change
    bool operator==(const JournalBase&) const = default;
};

struct JournalEntry {
    // Merge continues the command before it, as keystrokes do.
    enum class Kind : unsigned char { Do, Merge, Undo, Redo };
    Kind kind = Kind::Do;
    QString name;
    Edit edit;                      // what was applied: of Undo the inverse
};

// With their line ends.
std::string printJournalBase(const JournalBase& base);
std::string printJournalEntry(const JournalEntry& entry);

struct ReadJournal {
    JournalBase base;
    int64_t process = 0;            // the owner, for people
    std::string host;
    std::vector<JournalEntry> entries;
    int64_t wholeBytes = 0;         // up to the end of the last line that could be read
};
Result<ReadJournal> readJournal(std::string_view text);

}
