#include "engine/checkpoint/schema.h"

#include <array>

namespace streamwright {

namespace {

constexpr std::string_view kCheckpoint1 = R"sql(
-- Pinned when the checkpoint was made; one row.
CREATE TABLE identity (
    one              INTEGER PRIMARY KEY CHECK (one = 1),
    id               TEXT    NOT NULL CHECK (id <> ''),
    incarnation      INTEGER NOT NULL CHECK (incarnation >= 1),
    zero_time        INTEGER NOT NULL,                             -- µs since 1970
    batch_interval   INTEGER NOT NULL CHECK (batch_interval >= 0), -- µs
    time_zone        TEXT    NOT NULL,
    key_hash_version INTEGER NOT NULL,
    document_hash    TEXT    NOT NULL,
    seed             INTEGER NOT NULL
) STRICT;

-- One row per decided epoch that is retained.
CREATE TABLE epochs (
    epoch       INTEGER PRIMARY KEY CHECK (epoch > 0),
    incarnation INTEGER NOT NULL,
    batch_time  INTEGER NOT NULL,
    decided_at  INTEGER NOT NULL,
    rows_in     INTEGER NOT NULL,
    bytes       INTEGER NOT NULL CHECK (bytes >= 0),               -- of its changes, compressed
    watermarks  TEXT    NOT NULL
) STRICT;

CREATE TABLE offsets (
    epoch  INTEGER NOT NULL,
    node   TEXT    NOT NULL,
    offset TEXT    NOT NULL,
    PRIMARY KEY (epoch, node)
) STRICT, WITHOUT ROWID;

-- What a batch is about to read, until its epoch is decided.
CREATE TABLE logged (
    batch         INTEGER PRIMARY KEY CHECK (batch > 0),
    batch_time    INTEGER NOT NULL,
    document_hash TEXT    NOT NULL
) STRICT;

CREATE TABLE ranges (
    batch INTEGER NOT NULL,
    node  TEXT    NOT NULL,
    range TEXT    NOT NULL,
    PRIMARY KEY (batch, node)
) STRICT, WITHOUT ROWID;

-- A state of a node from the epoch after from_epoch on; until_epoch is the last one when it was reset.
CREATE TABLE states (
    id            INTEGER PRIMARY KEY,
    node          TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    node_type     TEXT    NOT NULL,
    state_version INTEGER NOT NULL,
    layout        TEXT    NOT NULL,                                -- identity columns, then DDL of all
    keys          TEXT    NOT NULL,                                -- names, one a line
    fingerprint   TEXT    NOT NULL,
    from_epoch    INTEGER NOT NULL CHECK (from_epoch >= 0),
    until_epoch   INTEGER          CHECK (until_epoch >= from_epoch)
) STRICT;
CREATE UNIQUE INDEX live_states ON states (node, name) WHERE until_epoch IS NULL;

CREATE TABLE changes (
    id    INTEGER PRIMARY KEY,
    state INTEGER NOT NULL REFERENCES states (id),
    epoch INTEGER NOT NULL,
    part  INTEGER NOT NULL CHECK (part >= 0),
    rows  INTEGER NOT NULL CHECK (rows >= 0),
    block BLOB    NOT NULL,
    UNIQUE (state, epoch, part)
) STRICT;

-- How large a state was after an epoch that changed it.
CREATE TABLE sizes (
    state INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    rows  INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    PRIMARY KEY (state, epoch)
) STRICT, WITHOUT ROWID;

-- A snapshot is valid when its row is here; its chunks are written before. With the changes after epoch
-- it rebuilds the epochs from complete on.
CREATE TABLE snapshots (
    state    INTEGER NOT NULL,
    epoch    INTEGER NOT NULL,
    chunks   INTEGER NOT NULL CHECK (chunks >= 0),
    bytes    INTEGER NOT NULL,
    complete INTEGER NOT NULL CHECK (complete >= epoch),
    PRIMARY KEY (state, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE chunks (
    id    INTEGER PRIMARY KEY,
    state INTEGER NOT NULL REFERENCES states (id),
    epoch INTEGER NOT NULL,
    chunk INTEGER NOT NULL CHECK (chunk >= 0),
    part  INTEGER NOT NULL CHECK (part >= 0),
    rows  INTEGER NOT NULL CHECK (rows >= 0),
    block BLOB    NOT NULL,
    UNIQUE (state, epoch, chunk, part)
) STRICT;

-- Decided, not yet published and cleared.
CREATE TABLE pending (
    sink        TEXT    NOT NULL,
    epoch       INTEGER NOT NULL CHECK (epoch > 0),
    previous    INTEGER NOT NULL CHECK (previous < epoch),
    batch_time  INTEGER NOT NULL,
    staged      TEXT    NOT NULL,
    outbox      INTEGER NOT NULL CHECK (outbox IN (0, 1)),
    incarnation INTEGER NOT NULL CHECK (incarnation >= 1),         -- of the run that decided it
    PRIMARY KEY (sink, epoch)
) STRICT, WITHOUT ROWID;

-- The last epoch that a sink published; here from its first open on. Resolved: at the next open its target
-- counts as holding that epoch, whatever it says.
CREATE TABLE published (
    sink     TEXT    PRIMARY KEY,
    epoch    INTEGER NOT NULL,
    resolved INTEGER NOT NULL DEFAULT 0 CHECK (resolved IN (0, 1))
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::string_view kCheckpoint2 = R"sql(
-- How far a sink that publishes an epoch in many parts has come with its pending one.
CREATE TABLE delivered (
    sink  TEXT    PRIMARY KEY,
    epoch INTEGER NOT NULL,
    text  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

constexpr std::string_view kHistory1 = R"sql(
-- The progress record of each decided epoch, for people; recovery does not need it.
CREATE TABLE progress (
    epoch      INTEGER PRIMARY KEY,
    batch_time INTEGER NOT NULL,
    record     TEXT    NOT NULL
) STRICT;
)sql";

constexpr std::string_view kHistory2 = R"sql(
DROP TABLE progress;

-- A start of the pipeline. Complete: its last summaries are written.
CREATE TABLE runs (
    id            INTEGER PRIMARY KEY,
    run_id        TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    document_hash TEXT    NOT NULL,
    started       INTEGER NOT NULL,                                -- µs since 1970
    complete      INTEGER NOT NULL CHECK (complete IN (0, 1))
) STRICT;

-- The batches of about a second, as blocks of rows (columns/block.h): what they did, and what their nodes,
-- sources and sinks did.
CREATE TABLE batches (
    id         INTEGER PRIMARY KEY,
    run        INTEGER NOT NULL REFERENCES runs (id),
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    from_time  INTEGER NOT NULL,                                   -- starts of the first and the last one
    until_time INTEGER NOT NULL,
    batches    BLOB    NOT NULL,
    nodes      BLOB    NOT NULL,
    sources    BLOB    NOT NULL,
    sinks      BLOB    NOT NULL
) STRICT;
CREATE INDEX batches_of_run ON batches (run, last);
CREATE INDEX batches_by_time ON batches (until_time);

-- The batches of 10 s or 5 min: least, mean, 99th percentile and greatest of each figure, as a block of rows.
CREATE TABLE summaries (
    run       INTEGER NOT NULL REFERENCES runs (id),
    seconds   INTEGER NOT NULL CHECK (seconds IN (10, 300)),
    from_time INTEGER NOT NULL,
    length    INTEGER NOT NULL,                                    -- µs that it covers
    first     INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    batches   INTEGER NOT NULL CHECK (batches > 0),
    figures   BLOB    NOT NULL,
    PRIMARY KEY (run, seconds, from_time)
) STRICT, WITHOUT ROWID;
CREATE INDEX summaries_by_time ON summaries (seconds, from_time);
)sql";

constexpr std::array<std::string_view, 2> kCheckpointScripts{kCheckpoint1, kCheckpoint2};
constexpr std::array<std::string_view, 2> kHistoryScripts{kHistory1, kHistory2};

}

Migrations checkpointMigrations() { return {"checkpoint", 0x53574350, kCheckpointScripts}; }
Migrations historyMigrations() { return {"history", 0x53574849, kHistoryScripts}; }

}
