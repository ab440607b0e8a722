// Stateful and window nodes driven directly: each case with morsels of 1, 3 and 4,096 rows, with 1, 2 and
// 4 workers, and with the state stopped and restored after every batch. All must give the same bytes.
#include "engine/columns/ddl.h"
#include "engine/dataflow/catalog.h"
#include "engine/formats/json.h"
#include "engine/nodes/catalog.h"
#include "engine/pipeline/json.h"

#include <QtTest>
#include <fmt/format.h>
#undef emit

#include <algorithm>

using namespace streamwright;

namespace {

struct Case {
    const char* name;
    const char* type;
    const char* options;
    const char* schema;
    std::vector<const char*> batches;   // JSON arrays
    std::vector<const char*> expected;  // rows of each batch, sorted; "rejected" rows as `field: reason`
    size_t port = 0;
};

struct Ways {
    size_t morsel = 4096;
    size_t workers = 1;
    bool restore = false;
    int failEvery = 0;      // roll every n-th batch back once and run it again
};

class Collector final : public Emitter {
public:
    explicit Collector(size_t port) : port_(port) {}
    void emit(BatchPtr batch, size_t port, std::optional<uint32_t>) override
    {
        if (port != port_) return;
        std::string text;
        appendJsonArray(*batch, text);
        for (size_t i = 0; i < batch->rows(); ++i) {
            std::string row;
            appendJsonArray(*slice(batch, i, 1), row);
            rows.push_back(row.substr(1, row.size() - 2));
        }
    }
    void reject(Rejected row) override { rows.push_back(row.field + ": " + row.reason); }

    std::vector<std::string> rows;

private:
    size_t port_;
};

Json optionsOf(const char* text) { return std::get<Json>(readJson(text)); }

std::string joined(const std::vector<std::string>& rows)
{
    std::string text;
    for (const std::string& row : rows) text += (text.empty() ? "" : " ") + row;
    return text;
}

// The output of every batch.
std::vector<std::vector<std::string>> runCase(const Case& test, const Ways& ways, std::string& problem)
{
    static const Catalog catalog = builtInNodes();
    const NodeType* type = catalog.find(test.type);
    const Json options = optionsOf(test.options);
    const Inputs inputs({{"in", *parseSchema(test.schema), seconds(1)}});
    const PlanContext plan{{}, "UTC", seconds(1)};
    if (const auto errors = type->checkOptions(options); !errors.empty()) return problem = errors[0].field + ": " + errors[0].message, std::vector<std::vector<std::string>>{};
    if (const auto schemas = type->schemas(options, inputs, plan); !schemas) return problem = schemas.error().field + ": " + schemas.error().message, std::vector<std::vector<std::string>>{};
    auto made = type->make(options, inputs, plan);
    if (!made) return problem = made.error().field + ": " + made.error().message, std::vector<std::vector<std::string>>{};
    const auto& node = *std::get<std::unique_ptr<BatchOperator>>(*made);

    std::vector<std::vector<std::string>> outputs;
    auto states = node.makeStates();
    std::vector<ChangeSet> log(states.size());
    const auto schema = std::make_shared<const Schema>(*parseSchema(test.schema));
    for (size_t b = 0; b < test.batches.size(); ++b) {
        if (ways.restore) {
            states = node.makeStates();
            for (size_t s = 0; s < states.size(); ++s) {
                for (const BatchPtr& changes : log[s]) {
                    if (!states[s]->apply(*changes)) problem = "apply failed";
                }
            }
        }
        BatchContext context;
        context.number = static_cast<int64_t>(b + 1);
        context.zeroTime = Timestamp{};
        context.batchTime = Timestamp{} + seconds(context.number);
        context.interval = seconds(1);
        const BatchPtr rows = decodeJsonArray(test.batches[b], schema, {})->batch;
        const int runs = ways.failEvery > 0 && b % static_cast<size_t>(ways.failEvery) == 0 ? 2 : 1;
        for (int attempt = 1; attempt <= runs; ++attempt) {
            Collector out(test.port);
            for (auto& state : states) state->beginBatch();
            auto work = node.begin(context, states, ways.workers);
            const size_t morsels = (rows->rows() + ways.morsel - 1) / ways.morsel;
            // The last morsel comes first: order is told by the ordinals.
            for (size_t m = morsels; m-- > 0;) {
                const size_t from = m * ways.morsel;
                work->consume(0, {slice(rows, from, std::min(ways.morsel, rows->rows() - from)), {0, static_cast<uint32_t>(m)}, 0}, m % ways.workers, out);
            }
            work->prepare();
            for (size_t part = 0; part < work->parts(); ++part) work->finish(part, out);
            if (attempt < runs) {
                for (auto& state : states) state->rollback();
                continue;
            }
            for (size_t s = 0; s < states.size(); ++s) {
                for (const BatchPtr& changes : states[s]->freeze()) log[s].push_back(changes);
            }
            outputs.push_back(std::move(out.rows));
        }
    }
    return outputs;
}

const char* const kWords = "word STRING, n INT";

std::vector<Case> cases()
{
    return {
        {"window, tumbling", "window", R"~({"length": "2s", "slide": "2s"})~", "v INT", {"[0]", "[1]", "[2]", "[3]"}, {"", "0 1", "", "2 3"}},
        {"window, larger than its slide", "window", R"~({"length": "4s", "slide": "2s"})~", "v INT", {"[0]", "[1]", "[2]", "[3]", "[4]", "[5]", "[]", "[]"}, {"", "0 1", "", "0 1 2 3", "", "2 3 4 5", "", "4 5"}},
        {"window, with gaps", "window", R"~({"length": "2s", "slide": "3s"})~", "v INT", {"[0]", "[1]", "[2]", "[3]", "[4]", "[5]"}, {"", "", "1 2", "", "", "4 5"}},
        {"window, text", "window", R"~({"length": "2s"})~", "v STRING", {R"~(["a long text that is no view", null])~", R"~(["b"])~", "[]", "[]"},
         {R"~("a long text that is no view" null)~", R"~("a long text that is no view" "b" null)~", R"~("b")~", ""}},
        {"count_by_window", "count_by_window", R"~({"length": "3s", "as": "n"})~", "v INT", {"[1, 2]", "[]", "[3]", "[]", "[]", "[]"}, {"2", "2", "3", "1", "1", "0"}},
        {"reduce_by_window", "reduce_by_window", R"~({"length": "2s", "aggregates": ["sum(v) AS s", "max(v) AS m"]})~", "v INT", {"[1, 2]", "[5]", "[]", "[]"},
         {R"~({"s":3,"m":2})~", R"~({"s":8,"m":5})~", R"~({"s":5,"m":5})~", ""}},
        {"reduce_by_key_and_window, big", "reduce_by_key_and_window", R"~({"keys": ["word"], "aggregates": ["sum(n) AS s", "count(*) AS c", "min(n) AS low", "sum(CAST(n AS DOUBLE)) AS d"], "length": "2s"})~", kWords,
         {R"~([{"word":"a","n":1}])~", R"~([{"word":"a","n":1},{"word":"b","n":4}])~", R"~([{"word":"b","n":3},{"word":"b","n":7}])~", "[]", "[]", R"~([{"word":"a","n":2}])~"},
         {R"~({"word":"a","s":1,"c":1,"low":1,"d":1.0})~", R"~({"word":"a","s":2,"c":2,"low":1,"d":2.0} {"word":"b","s":4,"c":1,"low":4,"d":4.0})~",
          R"~({"word":"a","s":1,"c":1,"low":1,"d":1.0} {"word":"b","s":14,"c":3,"low":3,"d":14.0})~", R"~({"word":"b","s":10,"c":2,"low":3,"d":10.0})~", "", R"~({"word":"a","s":2,"c":1,"low":2,"d":2.0})~"}},
        {"inverse keeps neutral keys", "reduce_by_key_and_window", R"~({"keys": ["word"], "aggregates": ["sum(n) AS s"], "length": "2s", "inverse": true})~", kWords,
         {R"~([{"word":"a","n":1}])~", R"~([{"word":"a","n":1}])~", "[]", "[]", "[]"}, {R"~({"word":"a","s":1})~", R"~({"word":"a","s":2})~", R"~({"word":"a","s":1})~", R"~({"word":"a","s":0})~", R"~({"word":"a","s":0})~"}},
        {"inverse with having", "reduce_by_key_and_window", R"~({"keys": ["word"], "aggregates": ["sum(n) AS s"], "length": "2s", "inverse": true, "having": "s != 0"})~", kWords,
         {R"~([{"word":"a","n":1}])~", R"~([{"word":"a","n":1},{"word":"b","n":1}])~", "[]", "[]", "[]", R"~([{"word":"b","n":2}])~"},
         {R"~({"word":"a","s":1})~", R"~({"word":"a","s":2} {"word":"b","s":1})~", R"~({"word":"a","s":1} {"word":"b","s":1})~", "", "", R"~({"word":"b","s":2})~"}},
        {"having filters", "reduce_by_key_and_window", R"~({"keys": ["word"], "aggregates": ["count(*) AS c"], "length": "2s", "having": "c > 1"})~", kWords,
         {R"~([{"word":"a","n":1}])~", R"~([{"word":"a","n":1}])~", R"~([{"word":"a","n":1}])~"}, {"", R"~({"word":"a","c":2})~", R"~({"word":"a","c":2})~"}},
        {"failing argument", "reduce_by_key_and_window", R"~({"keys": ["word"], "aggregates": ["sum(10 / n) AS s"], "length": "2s"})~", kWords,
         {R"~([{"word":"a","n":5},{"word":"b","n":1},{"word":"a","n":0}])~", R"~([{"word":"a","n":1}])~"},
         {R"~(aggregates: another row of this key failed: division by zero aggregates: division by zero {"word":"b","s":10.0})~", R"~({"word":"a","s":10.0} {"word":"b","s":10.0})~"}},
        {"count_by_value_and_window", "count_by_value_and_window", R"~({"length": "2s", "slide": "2s", "as": "n"})~", "v STRING", {R"~(["x", "y", "x"])~", R"~(["x"])~", "[]", R"~(["y"])~"},
         {"", R"~({"v":"x","n":3} {"v":"y","n":1})~", "", R"~({"v":"y","n":1})~"}},
        {"group_by_key_and_window", "group_by_key_and_window", R"~({"keys": ["word"], "values": "n", "as": "ns", "length": "2s"})~", kWords,
         {R"~([{"word":"a","n":1},{"word":"b","n":2},{"word":"a","n":null}])~", R"~([{"word":"a","n":3}])~", "[]", "[]"},
         {R"~({"word":"a","ns":[1,null]} {"word":"b","ns":[2]})~", R"~({"word":"a","ns":[1,null,3]} {"word":"b","ns":[2]})~", R"~({"word":"a","ns":[3]})~", ""}},
        {"running count", "update_state_by_key", R"~({"keys": ["word"], "values": "n", "update": "coalesce(state, 0L) + aggregate(values, 0L, (a, x) -> a + x)", "as": "total"})~", kWords,
         {R"~([{"word":"a","n":1},{"word":"b","n":2},{"word":"a","n":3}])~", R"~([{"word":"c","n":1}])~", R"~([{"word":"a","n":10}])~"},
         {R"~({"word":"a","total":4} {"word":"b","total":2})~", R"~({"word":"a","total":4} {"word":"b","total":2} {"word":"c","total":1})~", R"~({"word":"a","total":14} {"word":"b","total":2} {"word":"c","total":1})~"}},
        {"running count, changed", "update_state_by_key", R"~({"keys": ["word"], "values": "n", "update": "coalesce(state, 0L) + aggregate(values, 0L, (a, x) -> a + x)", "emit": "changed", "initial": [{"word": "b", "state": 100}]})~", kWords,
         {R"~([{"word":"a","n":1},{"word":"b","n":2}])~", R"~([{"word":"a","n":0}])~", R"~([{"word":null,"n":7}])~"}, {R"~({"word":"a","state":1} {"word":"b","state":102})~", "", R"~({"word":null,"state":7})~"}},
        {"idle keys are called and forgotten", "update_state_by_key", R"~({"keys": ["word"], "values": "n", "update": "if(aggregate(values, 0, (a, x) -> a + 1) = 0, NULL, aggregate(values, coalesce(state, 0L), (a, x) -> a * 10L + x))", "state_type": "BIGINT"})~", kWords,
         {R"~([{"word":"a","n":1},{"word":"b","n":2}])~", R"~([{"word":"a","n":3},{"word":"a","n":4}])~", "[]"}, {R"~({"word":"a","state":1} {"word":"b","state":2})~", R"~({"word":"a","state":134})~", ""}},
        {"map_with_state, every record", "map_with_state", R"~({"keys": ["word"], "state": "coalesce(state, 0) + n", "columns": ["word", "old_state", "state", "n"], "emit_when": "state != 5"})~", kWords,
         {R"~([{"word":"a","n":1},{"word":"b","n":5},{"word":"a","n":3}])~", R"~([{"word":"a","n":1},{"word":"a","n":6}])~"},
         {R"~({"word":"a","old_state":1,"state":4,"n":3} {"word":"a","old_state":null,"state":1,"n":1})~", R"~({"word":"a","old_state":5,"state":11,"n":6})~"}},
        {"map_with_state, snapshots", "map_with_state", R"~({"keys": ["word"], "state": "if(n < 0, NULL, coalesce(state, 0) + n)", "initial": [{"word": "z", "state": 9}]})~", kWords,
         {R"~([{"word":"a","n":1}])~", R"~([{"word":"b","n":2},{"word":"a","n":-1},{"word":"a","n":3},{"word":"z","n":-1}])~", "[]"},
         {R"~({"word":"a","state":1} {"word":"z","state":9})~", R"~({"word":"a","state":3} {"word":"b","state":2})~", R"~({"word":"a","state":3} {"word":"b","state":2})~"}, 1},
        {"map_with_state, timeout", "map_with_state", R"~({"keys": ["word"], "state": "n", "columns": ["word", "n", "state"], "emit_when": "timing_out", "timeout": "2s"})~", kWords,
         {R"~([{"word":"a","n":1},{"word":"b","n":2}])~", R"~([{"word":"a","n":7}])~", "[]", "[]", "[]", "[]"},
         {"", "", "", R"~({"word":"b","n":null,"state":2})~", R"~({"word":"a","n":null,"state":7})~", ""}},
        {"map_with_state, failures", "map_with_state", R"~({"keys": ["word"], "state": "coalesce(state, 0) + n", "columns": ["word", "CAST(12 / state AS INT) AS q"]})~", kWords,
         {R"~([{"word":"a","n":1},{"word":"b","n":3}])~", R"~([{"word":"a","n":1},{"word":"a","n":-2},{"word":"b","n":1}])~", R"~([{"word":"a","n":1}])~"},
         {R"~({"word":"a","q":12} {"word":"b","q":4})~", R"~(columns: division by zero columns: division by zero {"word":"b","q":3})~", R"~({"word":"a","q":6})~"}},
        {"failing update", "update_state_by_key", R"~({"keys": ["word"], "values": "n", "update": "coalesce(state, 0) + CAST(aggregate(values, 0, (a, x) -> a + CAST(6 / x AS INT)) AS INT)", "state_type": "INT", "emit": "changed"})~", kWords,
         {R"~([{"word":"a","n":2},{"word":"b","n":0}])~", R"~([{"word":"a","n":0},{"word":"a","n":1}])~", R"~([{"word":"a","n":1},{"word":"b","n":3}])~"},
         {R"~(update: division by zero {"word":"a","state":3})~", "update: division by zero update: division by zero", R"~({"word":"a","state":9} {"word":"b","state":2})~"}},
    };
}

}

class WindowNodesTest : public QObject {
    Q_OBJECT

private slots:
    void nodes_data();
    void nodes();
    void mistakes();
};

void WindowNodesTest::nodes_data()
{
    QTest::addColumn<int>("number");
    int number = 0;
    for (const Case& test : cases()) QTest::newRow(test.name) << number++;
}

void WindowNodesTest::nodes()
{
    QFETCH(int, number);
    const Case test = cases()[static_cast<size_t>(number)];
    std::string problem;
    const auto first = runCase(test, {}, problem);
    QCOMPARE(QString::fromStdString(problem), QString());
    QCOMPARE(first.size(), test.expected.size());
    for (size_t b = 0; b < first.size(); ++b) {
        auto rows = first[b];
        std::sort(rows.begin(), rows.end());
        QCOMPARE(QString::fromStdString(fmt::format("{}: {}", b + 1, joined(rows))), QString::fromStdString(fmt::format("{}: {}", b + 1, test.expected[b])));
    }
    for (const size_t morsel : {1, 3, 4096}) {
        for (const size_t workers : {1, 2, 4}) {
            for (const bool restore : {false, true}) {
                for (const int failEvery : {0, 1, 2}) {
                    auto again = runCase(test, {morsel, workers, restore, failEvery}, problem);
                    auto expected = first;
                    // Rejected rows come from many workers and have no order of their own.
                    for (auto* side : {&again, &expected}) {
                        for (auto& rows : *side) std::stable_partition(rows.begin(), rows.end(), [](const std::string& row) { return row.find(": ") == std::string::npos; });
                    }
                    QCOMPARE(again.size(), expected.size());
                    for (size_t b = 0; b < again.size(); ++b) {
                        for (auto* side : {&again, &expected}) {
                            auto& rows = (*side)[b];
                            std::sort(std::find_if(rows.begin(), rows.end(), [](const std::string& row) { return row.find(": ") != std::string::npos; }), rows.end());
                        }
                        QCOMPARE(QString::fromStdString(joined(again[b])), QString::fromStdString(joined(expected[b])));
                    }
                }
            }
        }
    }
}

void WindowNodesTest::mistakes()
{
    const auto problemOf = [](const char* type, const char* options, const char* schema) {
        std::string problem;
        runCase({"", type, options, schema, {}, {}}, {}, problem);
        return QString::fromStdString(problem);
    };
    QCOMPARE(problemOf("window", R"~({"length": "2500ms"})~", "v INT"), QString("length: the input comes every 1s and length must be a multiple of that, but is 2500ms"));
    QCOMPARE(problemOf("window", R"~({"length": "2s", "slide": "1500ms"})~", "v INT"), QString("slide: the input comes every 1s and slide must be a multiple of that, but is 1500ms"));
    QCOMPARE(problemOf("reduce_by_key_and_window", R"~({"keys": ["v"], "aggregates": ["sum(d) AS s"], "length": "2s", "inverse": true})~", "v INT, d DOUBLE"),
             QString("inverse: inverse: true needs aggregates that can be taken away again (count, sum of integers), but s cannot"));
    QVERIFY(problemOf("update_state_by_key", R"~({"keys": ["v"], "values": "v", "update": "coalesce(state, 0) + 1L + 1.0D"})~", "v INT").isEmpty());
    QVERIFY(problemOf("update_state_by_key", R"~({"keys": ["v"], "values": "v", "update": "state", "initial": [{"v": 1, "status": 2}], "state_type": "INT"})~", "v INT").startsWith("initial: row 1 of initial has \"status\""));
}

QTEST_GUILESS_MAIN(WindowNodesTest)
#include "window_nodes_test.moc"
