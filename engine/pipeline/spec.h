// What a node type looks like from outside: groups, ports, fields. Values only; how it runs is in
// dataflow/node_type.h.
#pragma once
#include "engine/pipeline/json_value.h"

#include <optional>
#include <string>
#include <vector>

namespace streamwright {

enum class Group : unsigned char { Source, Transform, Window, State, Sink };
std::string_view groupName(Group group);  // "source", …

// How a field is written and edited. One row here and one editor in the inspector add a kind.
enum class FieldKind : unsigned char {
    Text,         // JSON string
    Texts,        // array of JSON strings
    Integer,      // JSON number without a fraction
    Number,       // JSON number
    Boolean,      // true, false
    Duration,     // "10s"
    Bytes,        // "64MiB"
    TimeZone,     // "Europe/Berlin", "+02:00", "UTC"
    Choice,       // one of `choices`
    Path,         // relative to the pipeline file's folder
    Glob,         // the same, and may hold * and ?
    Secret,       // text that is never written down: "${env:NAME}", "${file:path}"
    Schema,       // DDL text
    Type,         // DDL text of one type
    Column,       // the name of an input column
    Columns,      // array of names of input columns
    Expression,   // over the input columns and `names`
    Expressions,  // array of expressions, each `expr AS name` or a column
    Ordering,     // array of expressions, each may end in ASC or DESC
    Aggregates,   // array of aggregates, each `count(*) AS n`
    Table,        // array of JSON objects (rows)
    Object,       // JSON object with the fields `members`
    Map,          // JSON object of any names and values
};
std::string_view fieldKindName(FieldKind kind);
const std::vector<FieldKind>& allFieldKinds();

// What changing a field does to the node's state when a run is resumed (contracts: state).
enum class StateEffect : unsigned char { None, Keeps, Resets };

struct FieldSpec {
    std::string name;
    std::string help;           // one sentence
    FieldKind kind = FieldKind::Text;
    bool required = false;
    Json fallback;              // the default; null if there is none
    std::string unit;           // "rows/s", "bytes"; empty if none
    std::optional<double> least, most;  // of Integer, Number and Bytes
    std::string limitText(double limit) const;  // of these two, as people write it: "65535", "64MiB"
    std::vector<std::string> choices;
    Json example;
    StateEffect effect = StateEffect::None;
    bool advanced = false;      // the inspector folds it away
    // Shown only while another field has one of these values; a hidden field keeps its value, and it counts.
    struct Visible {
        std::string field;
        std::vector<Json> values;
    };
    std::optional<Visible> visibleWhen;
    std::vector<std::string> names;     // that expressions may use besides the input columns
    std::vector<FieldSpec> members;     // of an Object
};

struct PortSpec {
    std::string name;           // "in", "left", "out", "rejected"
    std::string help;
    bool many = false;          // takes any number of edges (union)
};

// The port of rows that failed, on every node that can reject; its schema is the same everywhere.
inline constexpr std::string_view kRejectedPort = "rejected";

enum class Guarantee : unsigned char { ExactlyOnce, AtLeastOnce };

struct NodeSpec {
    std::string type;           // "source.socket", "filter"
    Group group = Group::Transform;
    std::string summary;        // one line, imperative
    std::string help;           // more, may be empty
    std::vector<PortSpec> inputs;
    std::vector<PortSpec> outputs;
    std::vector<FieldSpec> fields;
    bool rejects = false;       // has the implicit port `rejected`
    bool needsInterval = false; // works over batch time: needs `trigger: interval`
    bool stateful = false;
    bool endless = false;       // a source whose stream has no end, and that cannot tell what is there by now
    bool live = false;          // a sink that shows its rows on the dashboard, and writes nothing
    bool receives = false;      // a source that cannot read again: what comes is logged first
    int stateVersion = 1;
    Guarantee guarantee = Guarantee::ExactlyOnce;  // of a sink or source
    std::string afterRewind;                       // of a sink: what becomes of rows that are written once more
    std::vector<std::string> replaces;             // old names of this type

    const FieldSpec* field(std::string_view name) const;
};

}
