// The one way by which the designer and other viewers reach a run: in this process (local_session.h), in a
// child process or on another machine (remote_session.h); all are the same Session and pass the same tests.
//
//   session->tap({.node = {"words"}, .moment = Moment::live()}, {.answerOn = toUiThread},
//                [](Result<TapPage> page) { … });
//
// Every call returns at once. Its answer comes exactly once, through `CallOptions::answerOn`: the value, or an Error
// that says what happened (kind Transient: no answer before the deadline, or cancelled; Mistake: what was asked
// for cannot be). Every query names a moment; nothing here means "the latest" by itself. Any thread may call.
// One controller may start, pause, step, stop and rewind; any number of viewers may ask.
#pragma once
#include "engine/base/diagnostic.h"
#include "engine/base/result.h"
#include "engine/checkpoint/browse.h"
#include "engine/checkpoint/export.h"
#include "engine/dataflow/live_view.h"
#include "engine/dataflow/probe.h"
#include "engine/pipeline/document.h"
#include "engine/runtime/run.h"
#include "engine/telemetry/timeline.h"

#include <functional>
#include <map>
#include <memory>

namespace streamwright {

// Of the messages between a remote session and its server; a mismatch is told in a sentence.
inline constexpr int kSessionProtocol = 1;

// A point in the life of a run: what is now, or the end of a batch (a decided one is also an epoch).
struct Moment {
    std::optional<int64_t> batch;
    static Moment live() { return {}; }
    static Moment ofBatch(int64_t batch) { return {batch}; }
    bool isLive() const { return !batch; }
    bool operator==(const Moment&) const = default;
};

// Runs what it is given, later or elsewhere; never before the call that handed it over has returned.
using Executor = std::function<void(std::function<void()>)>;

// Shared between who asks and who answers. A cancelled call is answered with an Error at once.
class Cancel {
public:
    void request();
    bool requested() const;
    // Called by `request`, on its thread; at once if it was requested before.
    void onRequest(std::function<void()> react);

private:
    struct Shared;
    std::shared_ptr<Shared> shared_ = makeShared();
    static std::shared_ptr<Shared> makeShared();
};

struct CallOptions {
    Executor answerOn;
    Duration deadline = seconds(10);    // from now
    Cancel cancel = {};
};

template <class T>
using Answer = std::function<void(Result<T>)>;

// ---- the run

// A run holds its own copy of the document; editing goes on without touching it.
struct StartRequest {
    enum class Mode : unsigned char {
        Run,
        Preview,    // sinks discard, the checkpoint is temporary, nothing outside of it is written
    };
    enum class Begin : unsigned char {
        Continue,   // from the checkpoint, if there is one
        Fresh,      // the checkpoint, if there is one, is set aside first
    };
    Document document;
    std::filesystem::path folder;                       // of the pipeline file: relative paths belong to it
    std::map<std::string, std::string> parameters;      // instead of the document's
    std::optional<std::filesystem::path> checkpoint;    // instead of the setting; absolute
    Mode mode = Mode::Run;
    Begin begin = Begin::Continue;
    std::vector<NodeId> resets;                         // states that may be dropped when they do not fit
    bool paused = false;                                // begin with a pause: Step runs the first batch
};

struct Started {
    std::string runId;
    std::string documentHash;
    std::vector<PlannedState> states;
    std::vector<std::string> notes;
};

// What a start would do, before it does it.
struct PlanReport {
    Diagnostics diagnostics;            // of the document; with errors the rest is empty
    std::optional<std::filesystem::path> checkpoint;
    bool exists = false;                // there is a checkpoint to go on from
    Epoch decided;
    std::vector<PlannedState> states;
    std::vector<std::string> notes;
};

enum class StopHow : unsigned char { AfterBatch, AtOnce };

// What a viewer shows of the whole: 10 times a second.
struct SessionSnapshot {
    SnapshotPtr run;                    // null: nothing was started yet
    StartRequest::Mode mode = StartRequest::Mode::Run;
    std::string documentHash;           // of what runs
    std::string where;                  // "this window", "own process 1234", "host:port"
    bool controls = true;               // this viewer may start, pause, step and stop
    int64_t newestLogLine = 0;          // for log()
    Error failure;                      // why the run ended; empty message if it did not fail
};

// Batches of a run after `after`, oldest first; the newest `most` of them. What memory no longer holds comes from the
// checkpoint's history, which keeps every batch for an hour; so do batches of earlier runs. timeline() reaches back
// further.
struct HistoryQuery {
    int64_t after = 0;
    size_t most = 1000;
    Moment moment = Moment::live();     // up to this one
    std::string run;                    // its runId; empty: the run that goes on or was last
};
using Batches = std::vector<std::shared_ptr<const BatchProgress>>;

// ---- data

// A value as a person reads it. Cells over 4 KiB are cut.
struct Cell {
    std::string text;
    bool null = false;
    int64_t cutFrom = 0;                // bytes of the whole text if it was cut, else 0
};

struct Grid {
    Schema schema;
    std::vector<std::vector<Cell>> rows;
};

// What left an output port in one batch: a page of the ring that always records the last batches.
struct TapQuery {
    NodeId node;
    std::string port;                   // empty: the first output, or what reaches a sink
    Moment moment = Moment::live();     // live: the newest batch that put out rows
    enum class Sample : unsigned char { First, Last, Random } sample = Sample::First;
    std::string filter;                 // an expression over the columns, or empty
    size_t most = 256;
    bool profile = false;               // also fill TapPage::profile
    bool json = false;                  // also fill TapPage::json
};

struct ColumnProfile {
    std::string column;
    int64_t nulls = 0;
    int64_t distinct = 0;               // in what was looked at; over 4,096 within a few per cent
    std::string least, greatest;        // as a person reads them; empty if there are none
    int64_t longest = 0;                // characters of the longest text
};

struct TapPage {
    int64_t batch = 0;                  // 0: no batch put out rows yet
    Timestamp batchTime;
    int64_t rowsInBatch = 0;
    bool complete = false;              // every row of the batch is in the ring
    Grid grid;
    std::vector<std::string> json;      // a JSON object a row, as sink.record writes it
    std::vector<ColumnProfile> profile;
    bool profileOfSample = true;        // false: over all rows of the batch
    std::vector<int64_t> batches;       // that the ring holds for this port, ascending
};

// What a live sink (sink.chart, sink.table) shows.
struct LiveQuery {
    NodeId node;
    Moment moment = Moment::live();
};
struct LivePage {
    LiveLayout layout;
    int64_t batch = 0;                  // the newest that rows came from; 0: none yet
    Timestamp batchTime;
    Grid grid;
};

// The value of an expression on rows: those that the tap of `node.port` holds, or the ones given.
struct EvaluateQuery {
    std::string expression;
    NodeId node;                        // whose output the rows are; empty: `rows`
    std::string port;
    Moment moment = Moment::live();
    Schema schema;                      // of `rows`
    std::vector<std::string> rows;      // JSON objects
    size_t most = 5;
};

struct Evaluation {
    std::string type;                   // DDL text
    Grid inputs;                        // the columns that the expression names
    std::vector<Cell> values;           // one a row; an error's text is in `errors`
    std::vector<std::string> errors;    // one a row, empty if there is none
};

// ---- checkpoint

struct StateQuery {
    NodeId node;
    std::string state;                  // its name in the node; empty: the only one
    Moment moment = Moment::live();
    EntrySearch search;
    std::string sortBy;                 // a column; empty: in the order of the state
    bool descending = false;
};

struct StatePage {
    StateInfo info;
    Grid grid;
    std::vector<size_t> keys;           // columns that a person knows an entry by
    std::vector<size_t> shown;          // columns that a person wants to see: others only tell entries apart
    int64_t matching = 0;
};

// One key in every epoch that changed it, as far as epochs are retained.
struct KeyQuery {
    NodeId node;
    std::string state;
    std::string key;                    // as EntrySearch wants it
};
struct KeyHistory {
    Grid grid;
    std::vector<size_t> shown;
    std::vector<KeyVersion> versions;   // ascending; `row` is one of the grid
};

struct TopKeysQuery {
    NodeId node;
    std::string state;
    Moment moment = Moment::live();
    TopKeysSearch search;
};

// Writes a file where the session's checkpoint is.
struct ExportQuery {
    enum class Format : unsigned char { Csv, Sqlite } format = Format::Csv;
    NodeId node;                        // empty: every state, SQLite only
    std::string state;
    Moment moment = Moment::live();
    EntrySearch search;
    std::filesystem::path file;         // absolute; replaced when all is written
};

struct DiffQuery {
    NodeId node;                        // empty: all
    Moment from, to;
    int64_t most = 1000;
};

// What going back to an epoch means; `dryRun` only tells.
struct RewindRequest {
    Epoch epoch;
    bool dryRun = true;
};
struct RewindReport {
    Epoch epoch;
    std::filesystem::path copy;         // of the checkpoint as it was: the way back
    struct Line {
        NodeId node;
        std::string what;               // "batches 1201 to 1250 are written again" …
        bool loses = false;
    };
    std::vector<Line> sources, sinks;
    bool canReadAgain = true;           // every source can
};

struct LogLine {
    int64_t number = 0;
    Timestamp at;
    LogLevel level = LogLevel::Info;
    std::string text;
};

class Session {
public:
    virtual ~Session() = default;

    virtual void start(StartRequest request, CallOptions call, Answer<Started> answer) = 0;
    virtual void plan(StartRequest request, CallOptions call, Answer<PlanReport> answer) = 0;
    virtual void pause(CallOptions call, Answer<void> answer) = 0;     // after the batch that runs
    virtual void resume(CallOptions call, Answer<void> answer) = 0;
    virtual void step(int64_t batches, CallOptions call, Answer<void> answer) = 0;  // of a paused run; answers when they ended
    virtual void stop(StopHow how, CallOptions call, Answer<void> answer) = 0;      // answers when the run has ended

    virtual void snapshot(Moment moment, CallOptions call, Answer<SessionSnapshot> answer) = 0;
    virtual void history(HistoryQuery query, CallOptions call, Answer<Batches> answer) = 0;
    // What the checkpoint's history holds, of runs whose checkpoint was set aside too: up to a second ago.
    virtual void runs(CallOptions call, Answer<std::vector<RecordedRun>> answer) = 0;
    virtual void timeline(TimelineQuery query, CallOptions call, Answer<Timeline> answer) = 0;
    virtual void log(int64_t after, CallOptions call, Answer<std::vector<LogLine>> answer) = 0;
    virtual void document(CallOptions call, Answer<Document> answer) = 0;           // of the run

    virtual void tap(TapQuery query, CallOptions call, Answer<TapPage> answer) = 0;
    virtual void live(LiveQuery query, CallOptions call, Answer<LivePage> answer) = 0;
    virtual void evaluate(EvaluateQuery query, CallOptions call, Answer<Evaluation> answer) = 0;
    // Tries what the node would need of the world outside, step by step (dataflow/probe.h), without a run; no steps:
    // it needs nothing.
    virtual void verify(StartRequest request, NodeId node, CallOptions call, Answer<std::vector<VerifyStep>> answer) = 0;

    virtual void epochs(CallOptions call, Answer<std::vector<EpochInfo>> answer) = 0;
    virtual void states(Moment moment, CallOptions call, Answer<std::vector<StateInfo>> answer) = 0;
    virtual void statePage(StateQuery query, CallOptions call, Answer<StatePage> answer) = 0;
    virtual void keyHistory(KeyQuery query, CallOptions call, Answer<KeyHistory> answer) = 0;
    virtual void topKeys(TopKeysQuery query, CallOptions call, Answer<std::vector<TopKey>> answer) = 0;
    // What the sources gave to the batches of an epoch, with the records of receive logs.
    virtual void inputs(Moment moment, CallOptions call, Answer<std::vector<EpochInput>> answer) = 0;
    virtual void exportStates(ExportQuery query, CallOptions call, Answer<std::vector<ExportedTable>> answer) = 0;
    virtual void diff(DiffQuery query, CallOptions call, Answer<std::vector<StateDifference>> answer) = 0;
    virtual void rewind(RewindRequest request, CallOptions call, Answer<RewindReport> answer) = 0;

    // Names the document whose checkpoint the nine above, history, runs and timeline mean while nothing runs; without
    // it they mean that of the last run. A session elsewhere knows its own.
    virtual void browse(StartRequest request) { (void)request; }
};

}
