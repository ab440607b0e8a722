// Reads a checkpoint: what epochs it holds, what a state held at any of them, what differs between two.
// Read only; works while a run goes on, which it holds up by nothing: each call is one read transaction.
#pragma once
#include "engine/base/stop_token.h"
#include "engine/checkpoint/store.h"

namespace streamwright {

class Connection;

struct EpochInfo {
    Epoch epoch;
    int64_t incarnation = 0;
    Timestamp batchTime;
    Timestamp decidedAt;
    int64_t rowsIn = 0;
    int64_t bytes = 0;                          // changes, compressed
    std::map<NodeId, int64_t> changed;          // entries of its states that it changed
    std::string watermarks;
    std::map<NodeId, std::string> offsets;
    std::vector<PendingOutput> pending;
};

struct StateInfo {
    StateIdentity identity;
    int64_t rows = 0;                           // after the epoch asked for
    int64_t bytes = 0;
    Epoch changed;                              // the last epoch up to that one that changed it
};

// Entries of a state: the columns that identify one, then its content.
struct StateEntries {
    StateInfo info;
    SchemaPtr schema;
    size_t identity = 0;                        // how many leading columns identify an entry
    std::vector<size_t> keys;                   // columns that a user knows the entry by
    BatchPtr rows;
    int64_t matching = 0;                       // entries that the search found, of which `rows` are a page
};

struct EntrySearch {
    std::string key;                            // empty: every entry; as text, several columns as "a, b"
    enum class Match : unsigned char { Exact, Contains } match = Match::Exact;
    int64_t from = 0;
    int64_t limit = 1'000'000'000;
};

enum class Difference : unsigned char { Added, Removed, Changed };
struct EntryDifference {
    Difference kind;
    std::string key;
    std::string before;                         // JSON rows; empty when there is none
    std::string after;
};
struct StateDifference {
    NodeId node;
    std::string name;
    int64_t added = 0;
    int64_t removed = 0;
    int64_t changed = 0;
    std::vector<EntryDifference> entries;       // at most as many as asked for
};

// One key in the epochs that changed it.
struct KeyVersion {
    Epoch epoch;                                // the oldest one may have changed in any epoch up to it
    Timestamp batchTime;
    bool there = false;                         // false: it went, or had not come yet
    size_t row = 0;                             // of KeyVersions::rows, if it is there
};
struct KeyVersions {
    SchemaPtr schema;
    size_t identity = 0;                        // as in StateEntries
    std::vector<size_t> keys;
    BatchPtr rows;
    std::vector<KeyVersion> versions;           // ascending; of the retained epochs
};

struct TopKeysSearch {
    enum class By : unsigned char { Size, Changes } by = By::Size;
    size_t most = 100;
};
struct TopKey {
    std::string key;
    int64_t bytes = 0;                          // of its values
    int64_t changes = 0;                        // in the retained epochs up to the one asked for
};

// What one source gave to the batches of an epoch.
struct EpochInput {
    NodeId source;
    std::optional<std::string> from;            // its offset before; nothing: that epoch is not retained
    std::string until;                          // and after
    // Of the receive log, where the source keeps one: the parts of its files.
    struct Segment {
        std::string file;
        int64_t from = 0, until = 0;            // bytes
        int64_t records = 0;
    };
    std::vector<Segment> segments;
    int64_t records = 0;                        // in all of them
    std::vector<std::string> first;             // records as they came, the first ones, long ones cut
    std::string problem;                        // why the log cannot be read
};

struct Verification {
    int64_t epochs = 0;
    int64_t blocks = 0;
    int64_t bytes = 0;
    int64_t files = 0;                          // of the receive logs and the outbox
    std::vector<std::string> problems;
    std::vector<Epoch> whole;                   // epochs that can be rebuilt, ascending
    std::string advice;                         // what to do about the problems
};

class Browser {
public:
    static Result<std::unique_ptr<Browser>> open(const std::filesystem::path& directory);
    ~Browser();

    Result<CheckpointIdentity> identity();
    Result<std::vector<EpochInfo>> epochs();    // ascending
    Result<Epoch> newest();
    Result<std::vector<LoggedBatch>> undecided();
    Result<std::vector<StateInfo>> states(Epoch epoch);
    Result<StateEntries> entries(const NodeId& node, const std::string& name, Epoch epoch, const EntrySearch& search);
    // Every state of the node, or of all nodes when it is empty.
    Result<std::vector<StateDifference>> diff(const NodeId& node, Epoch from, Epoch to, int64_t limit);
    Result<KeyVersions> keyVersions(const NodeId& node, const std::string& name, const std::string& key, const StopToken& stop);
    // Descending.
    Result<std::vector<TopKey>> topKeys(const NodeId& node, const std::string& name, Epoch epoch, const TopKeysSearch& search, const StopToken& stop);
    // Of every source that the epoch knows.
    Result<std::vector<EpochInput>> inputs(Epoch epoch);
    Result<Verification> verify();

private:
    Browser(std::filesystem::path directory, std::unique_ptr<Connection> connection);
    std::filesystem::path directory_;
    std::unique_ptr<Connection> connection_;
};

// Which columns a person knows an entry by, and which of the others only tell entries apart (StateEntries).
std::vector<size_t> keyColumns(const StateIdentity& identity, const Schema& schema, size_t identityColumns);
// The columns that a person wants to see: all but those that only tell entries apart.
std::vector<size_t> shownColumns(const Schema& schema, size_t identityColumns, std::span<const size_t> keys);
// The key of a row as text, as EntrySearch wants it.
std::string keyText(const StateEntries& entries, size_t row);
// One row as CSV, with its line end; a header has the names.
std::string csvHeader(const Schema& schema);
void appendCsvRow(const Batch& batch, size_t row, std::string& out);

}
