// A `.flow` file: tests of pipelines as data.
//
//   # keeps rows for which the condition is true
//   in = input n INT, name STRING
//   keep = filter {"condition": "n > 1"}
//   in -> keep
//
//   batch
//     in: [[1, "a"], {"n": 2, "name": "b"}]
//     keep: [[2, "b"]]
//   batch 4
//     in: [[3, "c"]]
//     keep: [[3, "c"]]
//
// Lines, in any order but the rows behind their `batch`; a value in JSON may go on over several lines:
//   == TITLE                  begins a case; one that names no pipeline uses that of the case before
//   NAME = input SCHEMA       rows that the batches give
//   NAME = TYPE {OPTIONS}     a node, options as in a pipeline file
//   A -> B.left -> C          edges; without any, each node reads the one before it
//   settings {…}, parameters {…}, set NAME=VALUE, start TIME (of the virtual clock, before the first batch)
//   pipeline FILE             instead of nodes: a pipeline file, beside the flow; its sources are inputs, its
//                             sinks only show what reaches them; `real NODE…` leaves some of them as they are
//   document … end            instead of nodes: the text of a pipeline file
//   batch [NUMBER]            the next batch, or a later one: those between have no rows
//     NAME: ROWS              of an input what it gives, of another node what leaves it (or reaches the sink)
//     NAME.PORT: ROWS         of that port, also `rejected`, where an object may name only some columns
//     NAME in any order: ROWS
//   given PATH CONTENT        a file that is there before; CONTENT is text or an array of lines
//   file PATH CONTENT, files FOLDER [NAMES], prints CONTENT    what is there, or was printed, at the end
//   table FILE NAME ROWS      what is in the table of the SQLite file at the end, in any order; rows are arrays
//   problem TEXT              a mistake that `check` tells, with this in its text; no other may be there
//   problem N up: TEXT        … at the N-th line above
//   fails TEXT                the run fails with this
//   batches matter            rows are not cut into other batches, as they are for nodes that work row by row
//
// A port that is checked in one batch has no rows in batches that do not name it, and rejected rows fail
// the case unless it names them.
#pragma once
#include "engine/base/diagnostic.h"
#include "engine/pipeline/document.h"

#include <filesystem>
#include <map>
#include <optional>

namespace streamwright {

struct FlowInput {
    std::string name;
    std::string schema;     // DDL
    int line = 0;
};

// `NAME.PORT: ROWS` of one batch.
struct FlowRows {
    std::string node;
    std::string port;       // empty: the first
    bool anyOrder = false;
    Json rows;              // an array
    int line = 0;
};

struct FlowBatch {
    int64_t number = 0;
    std::vector<FlowRows> rows;
    int line = 0;
};

// A file, a folder's names, a table or what was printed.
struct FlowFile {
    enum class Kind : unsigned char { Given, Content, Names, Printed, Table };
    Kind kind = Kind::Given;
    std::string path;
    std::string table;
    Json value;
    int line = 0;
};

struct FlowText {
    std::string text;
    int line = 0;
    int told = 0;           // the line that the check must name; 0: any
};

struct FlowPipeline {
    std::vector<FlowInput> inputs;
    std::filesystem::path file;         // of `pipeline`, else the flow itself
    bool whole = false;                 // a pipeline file or document: sources and sinks are stood in for
    std::optional<Document> document;   // none when it could not be read: see diagnostics
    Diagnostics diagnostics;            // of reading the pipeline, not of the flow
    std::vector<std::string> real;      // nodes that stay what they are
};

struct FlowCase {
    std::string title;
    int line = 0;
    std::filesystem::path file;
    FlowPipeline pipeline;
    std::map<std::string, std::string> set;
    std::string start;
    std::vector<FlowBatch> batches;     // ascending
    std::vector<FlowFile> files;
    std::vector<FlowText> problems;
    std::optional<FlowText> fails;
    bool batchesMatter = false;
};

struct Flow {
    std::vector<FlowCase> cases;
    Diagnostics diagnostics;            // what is wrong with the flow file itself
};

Flow readFlow(const std::filesystem::path& file);
Flow readFlow(const std::filesystem::path& file, std::string_view text);

}
