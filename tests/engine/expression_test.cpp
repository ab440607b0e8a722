// Expressions against what Apache Spark answered (tests/fidelity), and what only this engine says: messages,
// rows that fail, lazy evaluation over many rows.
#include "engine/columns/builder.h"
#include "engine/columns/print.h"
#include "engine/columns/schema.h"
#include "engine/expression/expression.h"
#include "engine/expression/function.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cmath>
#include <set>

using namespace streamwright;

namespace {

BatchPtr oneRow() { return makeBatch(std::make_shared<Schema>(), {}, 1); }

QString folder(const char* file) { return QStringLiteral(PROJECT_FOLDER "/tests/fidelity/") + file; }

bool sameNumber(double actual, const QJsonValue& expected)
{
    if (expected.isString()) {
        const QString text = expected.toString();
        if (text == "NaN") return std::isnan(actual);
        if (text == "Infinity") return std::isinf(actual) && actual > 0;
        if (text == "-Infinity") return std::isinf(actual) && actual < 0;
        if (text == "-0.0") return actual == 0 && std::signbit(actual);
        return false;
    }
    const double wanted = expected.toDouble();
    if (wanted == 0) return actual == 0 && !std::signbit(actual);
    return std::abs(actual - wanted) <= 1e-12 * std::abs(wanted);
}

// The value of a row against the recorded JSON.
bool sameValue(const Column& column, size_t row, const QJsonValue& expected)
{
    if (column.isNull(row)) return expected.isNull();
    switch (column.type().kind()) {
        case TypeKind::Void: return expected.isNull();
        case TypeKind::Boolean: return expected.isBool() && expected.toBool() == (column.value<uint8_t>(row) != 0);
        case TypeKind::Int: return expected.isDouble() && expected.toInteger() == column.value<int32_t>(row);
        case TypeKind::BigInt: return expected.isDouble() && expected.toInteger() == column.value<int64_t>(row);
        case TypeKind::Float: return sameNumber(column.value<float>(row), expected);
        case TypeKind::Double: return sameNumber(column.value<double>(row), expected);
        case TypeKind::String: return expected.isString() && expected.toString().toStdString() == column.text(row).view();
        case TypeKind::Array: {
            const QJsonArray list = expected.toArray();
            const uint32_t from = column.offsets()[row], size = column.offsets()[row + 1] - from;
            if (!expected.isArray() || list.size() != size) return false;
            for (uint32_t i = 0; i < size; ++i) {
                if (!sameValue(*column.element(), from + i, list[i])) return false;
            }
            return true;
        }
        case TypeKind::Struct: {
            const QJsonObject object = expected.toObject();
            const auto& fields = column.type().fields();
            if (!expected.isObject() || object.size() != static_cast<qsizetype>(fields.size())) return false;
            for (size_t i = 0; i < fields.size(); ++i) {
                if (!sameValue(*column.child(i), row, object[QString::fromStdString(fields[i].name)])) return false;
            }
            return true;
        }
        case TypeKind::Binary:
        case TypeKind::Date:
        case TypeKind::Timestamp: {
            std::string json;
            appendJson(column, row, json);
            return expected.isString() && json == "\"" + expected.toString().toStdString() + "\"";
        }
    }
    return false;
}

// Empty when the engine answers as Spark did, else what it answered.
QString difference(const QJsonObject& spark)
{
    auto expression = compileExpression(spark["expr"].toString().toStdString(), Schema(), RowNumbers::Known);
    const bool fails = spark.contains("error");
    if (!expression) return fails ? QString() : QString::fromStdString("mistake: " + expression.error().message + " (" + expression.error().hint + ")");
    const Evaluated evaluated = expression->evaluate(*oneRow(), {});
    const Column& column = *evaluated.column;
    if (!evaluated.errors.empty()) return fails ? QString() : QString::fromStdString("error: " + evaluated.errors[0].reason);
    std::string shown;
    appendJson(column, 0, shown);
    shown = expression->type().simpleName() + " " + shown;
    if (fails) return QString::fromStdString("no error but " + shown);
    if (expression->type().simpleName() != spark["type"].toString().toStdString()) return QString::fromStdString("other type: " + shown);
    bool same = false;
    if (spark["value_is"].toString() == "string") {
        std::string text;
        same = appendText(column, 0, "UTC", text) && text == spark["value"].toString().toStdString();
    } else {
        same = sameValue(column, 0, spark["value"]);
    }
    return same ? QString() : QString::fromStdString("other value: " + shown);
}

// The only row's value as JSON, or what went wrong.
std::string answer(std::string_view text, const Schema& schema = {}, BatchPtr batch = oneRow())
{
    auto expression = compileExpression(text, schema, RowNumbers::Known);
    if (!expression) return "mistake: " + expression.error().message + (expression.error().hint.empty() ? "" : " (" + expression.error().hint + ")");
    const Evaluated evaluated = expression->evaluate(*batch, {});
    if (!evaluated.errors.empty()) return "error: " + evaluated.errors[0].reason;
    std::string shown;
    appendJson(*evaluated.column, 0, shown);
    return shown;
}

}

class ExpressionTest : public QObject {
    Q_OBJECT

private slots:
    void spark_data();
    void spark();
    void skippedCasesExist();
    void examples_data();
    void examples();
    void mistakes_data();
    void mistakes();
    void onlyNeededRowsAreEvaluated();
    void rowsThatFail();
    void foldsOverManyRows();
    void cuttingChangesNothing_data();
    void cuttingChangesNothing();
    void nestingIsLimited();
    void randomValuesFollowRowNumbers_data();
    void randomValuesFollowRowNumbers();
    void randomValuesNeedRowNumbers();

private:
    static QHash<QString, QString> skipped();
};

QHash<QString, QString> ExpressionTest::skipped()
{
    QHash<QString, QString> list;
    QFile file(folder("skipped.txt"));
    if (!file.open(QIODevice::ReadOnly)) return list;
    for (const QByteArray& line : file.readAll().split('\n')) {
        const qsizetype tab = line.indexOf('\t');
        if (tab > 0 && !line.startsWith('#')) list[QString::fromUtf8(line.mid(tab + 1))] = QString::fromUtf8(line.left(tab));
    }
    return list;
}

void ExpressionTest::spark_data()
{
    QTest::addColumn<QJsonObject>("recorded");
    QTest::addColumn<QString>("skipReason");
    QFile file(folder("expressions.jsonl"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const auto skip = skipped();
    for (const QByteArray& line : file.readAll().split('\n')) {
        if (line.isEmpty()) continue;
        const QJsonObject recorded = QJsonDocument::fromJson(line).object();
        const QString name = recorded["expr"].toString().replace('\n', "\\n");
        QTest::newRow(name.toUtf8().constData()) << recorded << skip.value(name);
    }
}

void ExpressionTest::spark()
{
    QFETCH(QJsonObject, recorded);
    QFETCH(QString, skipReason);
    const QString answered = difference(recorded);
    const QByteArray expected = QJsonDocument(recorded).toJson(QJsonDocument::Compact);
    if (skipReason.isEmpty()) {
        QVERIFY2(answered.isEmpty(), qPrintable(answered + "\n   Spark: " + expected));
    } else {
        QVERIFY2(!answered.isEmpty(), "passes now: take it out of tests/fidelity/skipped.txt");
    }
}

void ExpressionTest::skippedCasesExist()
{
    QSet<QString> known;
    QFile file(folder("expressions.jsonl"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    for (const QByteArray& line : file.readAll().split('\n')) known.insert(QJsonDocument::fromJson(line).object()["expr"].toString().replace('\n', "\\n"));
    const auto skip = skipped();
    for (auto it = skip.begin(); it != skip.end(); ++it) QVERIFY2(known.contains(it.key()), qPrintable("not recorded: " + it.key()));
}

void ExpressionTest::examples_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QString>("result");
    for (const Function* function : allFunctions()) {
        QTest::newRow(function->name.c_str()) << QString::fromStdString(function->example.expression) << QString::fromStdString(function->example.result);
    }
}

void ExpressionTest::examples()
{
    QFETCH(QString, expression);
    QFETCH(QString, result);
    QVERIFY(!expression.isEmpty());
    // An example without a result is one whose value differs from run to run; it must still evaluate.
    const QString answered = QString::fromStdString(answer(expression.toStdString()));
    if (result.isEmpty()) QVERIFY2(!answered.startsWith("mistake") && !answered.startsWith("error"), qPrintable(answered));
    else QCOMPARE(answered, result);
}

void ExpressionTest::mistakes_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* expression, const char* message) { QTest::newRow(expression) << expression << message; };
    row("amonut + 1", "mistake: at 1:1: unknown column: amonut (did you mean \"amount\"?)");
    row("squrt(amount)", "mistake: at 1:1: unknown function: squrt (did you mean \"sqrt\"?)");
    row("amount +", "mistake: at 1:9: expected an expression, but found the end");
    row("(amount", "mistake: at 1:8: expected \")\", but found the end");
    row("amount\n  = = 1", "mistake: at 2:5: expected an expression, but found \"=\"");
    row("'abc", "mistake: at 1:1: the string is not closed: ' is missing");
    row("place.twon", "mistake: at 1:1: unknown field: twon (did you mean \"town\"?)");
    row("amount AND true", "mistake: at 1:1: AND expects boolean, but got double");
    row("sum(amount)", "mistake: at 1:1: sum is an aggregate: it has no value for a single row (use it in a node that groups, such as reduce_by_key)");
    row("amount + 'a' + (1 < place)", "mistake: at 1:16: cannot compare int < struct<town:string,zip:int> (cast one side to the other's type)");
    row("upper(name) AND\n  nmae = 'a'", "mistake: at 2:3: unknown column: nmae (did you mean \"name\"?)");
    row("SELECT name", "mistake: at 1:8: expected an operator, AS or the end, but found \"name\" (write only the expression, without SELECT and FROM)");
    row("amount > 1 && true", "mistake: at 1:13: expected an expression, but found \"&\" (write AND between conditions)");
    row("amount > 1 ? 2 : 3", "mistake: at 1:12: the character ? means nothing here: write if(condition, then, else)");
    row("[1, 2]", "mistake: at 1:1: expected an expression, but found \"[\" (write a list as array(1, 2))");
    row("x -> x", "mistake: at 1:3: expected an operator, AS or the end, but found \"->\" (a lambda stands only in functions such as transform, filter, exists and aggregate)");
    row("count(*)", "mistake: at 1:7: count(*) is an aggregate: it has no value for a single row (use it in a node that groups, such as reduce_by_key)");
    row("lag(amount)", "mistake: at 1:1: no function here: lag (it looks at other rows: use a window node, sort, or update_state_by_key)");
    row("explode(array(1))", "mistake: at 1:1: no function here: explode (it makes several rows of one: use the node flat_map)");
    row("map('a', 1)", "mistake: at 1:1: no function here: map (the type MAP does not exist yet: use an ARRAY of STRUCTs, or named_struct(name, value, …))");
    // Patterns that are written out are looked at before a run.
    row("name RLIKE '('", "mistake: at 1:1: regular expression is not valid: missing closing parenthesis in \"(\" (rlike(text, regex))");
    row("to_date(name, 'yyyy-bb')", "mistake: at 1:1: not a pattern of a date or time, unknown letter: b; text stands in quotes, as in 'T': 'yyyy-bb' (to_date(text[, pattern]))");
    row("to_char(amount, '9,,9')", "mistake: at 1:1: not a format of a number, a comma stands between digits: '9,,9' (write for example '999,999.99', '$0.00' or '999S')");
    row("name LIKE 'a\\\\'", "mistake: at 1:1: LIKE pattern must not end with its escape character: a\\ (like(text, pattern[, escape]))");
    row("", "mistake: the expression is empty (write for example: amount * 2 AS doubled)");
    row("1.5BD", "mistake: at 1:1: the type of the number is not supported yet: 1.5BD (use INT (1), BIGINT (1L) or DOUBLE (1.5D))");
}

void ExpressionTest::mistakes()
{
    QFETCH(QString, expression);
    QFETCH(QString, message);
    const Schema schema = *parseSchema("name STRING, amount DOUBLE, place STRUCT<town: STRING, zip: INT>");
    QCOMPARE(QString::fromStdString(answer(expression.toStdString(), schema)), message);
    if (expression == "amount + 1") QVERIFY(compileCondition("amount + 1", schema).has_error());
}

void ExpressionTest::onlyNeededRowsAreEvaluated()
{
    const auto schema = std::make_shared<Schema>(*parseSchema("n INT, d INT, ds ARRAY<INT>"));
    const int32_t n = 5000;
    ColumnBuilder first(TypeKind::Int), second(TypeKind::Int), third(Type::array(TypeKind::Int));
    for (int32_t i = 0; i < n; ++i) {
        first.push<int32_t>(i);
        second.push<int32_t>(i % 3);
        third.element().push<int32_t>(i % 3);
        third.closeRow();
    }
    const BatchPtr batch = makeBatch(schema, {first.finish(), second.finish(), third.finish()}, n);
    for (const char* text : {"d != 0 AND n / d >= 0", "CASE WHEN d = 0 THEN NULL ELSE n / d END", "if(d = 0, 0D, n / d)", "coalesce(if(d = 0, 1D, NULL), n / d)", "d = 0 OR n % d >= 0",
                             "transform(filter(ds, x -> x != 0), x -> n / x)"}) {
        auto expression = compileExpression(text, *schema);
        QVERIFY2(expression.has_value(), text);
        const Evaluated evaluated = expression->evaluate(*batch, {});
        QCOMPARE(evaluated.errors.size(), size_t{0});
        QCOMPARE(evaluated.column->size(), size_t{5000});
    }
    auto eager = compileExpression("n / d", *schema);
    auto inside = compileExpression("transform(ds, x -> 1 % x)", *schema);
    QCOMPARE(inside->evaluate(*batch, {}).errors.size(), size_t{1667});
    const Evaluated failed = eager->evaluate(*batch, {});
    QCOMPARE(failed.errors.size(), size_t{1667});
    QCOMPARE(failed.errors[1].row, uint32_t{3});
    QVERIFY(failed.column->isNull(3));
    auto bare = compileExpression("`N`", *schema);
    QVERIFY(bare->evaluate(*batch, {}).column == batch->column(0));
    QCOMPARE(bare->name(), std::string("n"));
}

void ExpressionTest::rowsThatFail()
{
    QCOMPARE(answer("(1/0 = 1) AND false"), std::string("error: division by zero"));
    QCOMPARE(answer("false AND (1/0 = 1)"), std::string("false"));
    QCOMPARE(answer("coalesce(1/0, 5)"), std::string("error: division by zero"));
    QCOMPARE(answer("2147483647 + 1"), std::string("error: integer overflow: 2147483647 + 1"));
    QCOMPARE(answer("CAST('abc' AS INT)"), std::string("error: cannot cast text to int: 'abc'"));
}

void ExpressionTest::foldsOverManyRows()
{
    const auto schema = std::make_shared<Schema>(*parseSchema("state BIGINT, values ARRAY<BIGINT>"));
    ColumnBuilder state(TypeKind::BigInt), values(Type::array(TypeKind::BigInt));
    const size_t rows = 10000;
    for (size_t i = 0; i < rows; ++i) {
        if (i % 7 == 0) state.pushNull();
        else state.push<int64_t>(static_cast<int64_t>(i));
        for (size_t k = 0; k < i % 4; ++k) values.element().push<int64_t>(static_cast<int64_t>(k + 1));
        values.closeRow();
    }
    const BatchPtr batch = makeBatch(schema, {state.finish(), values.finish()}, rows);
    // The sum, the same by steps, and with a finish.
    for (const char* text : {"coalesce(state, 0L) + aggregate(values, 0L, (a, x) -> a + x)", "coalesce(state, 0) + aggregate(values, 0L, (a, x) -> x - (0 - a))",
                             "aggregate(values, coalesce(state, 0L) - 1, (a, x) -> a + x, a -> a + 1)"}) {
        auto expression = compileExpression(text, *schema);
        QVERIFY2(expression.has_value(), expression ? text : expression.error().message.c_str());
        const Evaluated evaluated = expression->evaluate(*batch, {});
        QVERIFY(evaluated.errors.empty());
        for (size_t i = 0; i < rows; ++i) {
            const auto k = static_cast<int64_t>(i % 4);
            QCOMPARE(evaluated.column->value<int64_t>(i), (i % 7 == 0 ? 0 : static_cast<int64_t>(i)) + k * (k + 1) / 2);
        }
    }
}

namespace {

// Rows of every kind with NULLs here and there, the same every time.
BatchPtr mixedRows(size_t rows)
{
    const auto schema = std::make_shared<Schema>(*parseSchema("b BOOLEAN, i INT, l BIGINT, f FLOAT, d DOUBLE, s STRING, day DATE, at TIMESTAMP, a ARRAY<INT>, r STRUCT<n: INT, t: STRING>, rs ARRAY<STRUCT<n: INT>>"));
    uint64_t state = 1;
    const auto random = [&](uint64_t below) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        return static_cast<int64_t>((state >> 33) % below);
    };
    const auto mayBeNull = [&](Value value) { return random(6) == 0 ? Value{} : value; };
    const auto text = [&] { return Value{std::string(static_cast<size_t>(random(20)), static_cast<char>('a' + random(3)))}; };
    std::vector<std::vector<Value>> values(schema->size());
    for (size_t row = 0; row < rows; ++row) {
        values[0].push_back(mayBeNull({random(2) == 0}));
        values[1].push_back(mayBeNull({random(9) - 4 + (random(20) == 0 ? int64_t{2147483643} : 0)}));
        values[2].push_back(mayBeNull({random(5) - 2}));
        values[3].push_back(mayBeNull({static_cast<double>(random(5)) / 2}));
        values[4].push_back(mayBeNull({random(10) == 0 ? NAN : static_cast<double>(random(100)) / 8 - 3}));
        values[5].push_back(mayBeNull(random(3) == 0 ? Value{std::to_string(random(30))} : text()));
        values[6].push_back(mayBeNull({random(40000)}));
        values[7].push_back(mayBeNull({random(1u << 31) * 1000000}));
        Value::List elements, structs;
        for (int64_t k = random(5); k > 0; --k) elements.push_back(mayBeNull({random(7) - 3}));
        for (int64_t k = random(3); k > 0; --k) structs.push_back(mayBeNull({Value::List{mayBeNull({random(7)})}}));
        values[8].push_back(mayBeNull({std::move(elements)}));
        values[9].push_back(mayBeNull({Value::List{mayBeNull({random(5)}), mayBeNull(text())}}));
        values[10].push_back(mayBeNull({std::move(structs)}));
    }
    std::vector<ColumnPtr> columns;
    for (size_t c = 0; c < schema->size(); ++c) columns.push_back(columnOf((*schema)[c].type, values[c]));
    return makeBatch(schema, std::move(columns), rows);
}

// Every row's value or error.
std::vector<std::string> answers(const Expression& expression, const Batch& batch)
{
    const Evaluated evaluated = expression.evaluate(batch, {});
    std::vector<std::string> all;
    auto error = evaluated.errors.begin();
    for (size_t row = 0; row < batch.rows(); ++row) {
        std::string shown;
        if (error != evaluated.errors.end() && error->row == row) shown = "error: " + error++->reason;
        else appendJson(*evaluated.column, row, shown);
        all.push_back(std::move(shown));
    }
    return all;
}

}

void ExpressionTest::cuttingChangesNothing_data()
{
    QTest::addColumn<QString>("expression");
    for (const char* text : {"i + 1", "i * i", "i - l", "l / i", "i % l", "l div i", "-i", "~l", "d + f", "d % f", "i << 2", "l >>> i", "i & 3", "i = l", "d = d", "d < f", "d <=> NULL", "d >= 1", "s = 'aaa'", "s < 'b'", "r = r", "a < a",
                             "a <=> a", "b AND i > 0", "b OR 1 / i > 0", "i > 0 AND l / i > 0 AND b", "NOT b", "b IS NOT TRUE", "i IS NULL", "i IS DISTINCT FROM l", "i BETWEEN l AND 3", "i + 1 IN (1, 2, l)", "s IN ('a', 'b', 'aa', 'bb', 'c')",
                             "CASE WHEN b THEN i WHEN i > 0 THEN l ELSE 1 / i END", "CASE i WHEN 1 THEN 'one' WHEN l THEN s ELSE r.t END", "if(b, s, r.t)", "coalesce(i, l, 1 / (i + l))", "coalesce(s, r.t, 'none')", "coalesce(a, transform(rs, x -> x.n))",
                             "nullif(i, l)", "nvl2(b, i, l)", "r.n + i", "rs.n", "a[0]", "a[i]", "rs[0].n", "CAST(s AS INT)", "try_cast(s AS INT)", "CAST(d AS INT)", "CAST(i AS STRING)", "CAST(a AS STRING)", "CAST(a AS ARRAY<STRING>)", "CAST(r AS STRUCT<x: STRING, y: INT>)",
                             "CAST(at AS DATE)", "day + i", "at > day", "s + 1", "transform(a, x -> x + i)", "transform(a, (x, p) -> p)", "filter(a, x -> x > l)", "filter(rs, x -> x.n > 2)", "exists(a, x -> x = l)", "forall(a, x -> 6 / x > l)",
                             "aggregate(a, i, (q, x) -> q + x)", "aggregate(a, 0, (q, x) -> q + coalesce(x, i))", "aggregate(a, l, (q, x) -> if(x > q, CAST(x AS BIGINT), q), q -> q * 2)", "aggregate(a, 0D, (q, x) -> q + x)",
                             "zip_with(a, rs, (x, y) -> coalesce(x, y.n))", "array_sort(a, (x, y) -> CASE WHEN x < y THEN -1 WHEN x > y THEN 1 ELSE 0 END)", "transform(a, x -> aggregate(a, x, (q, y) -> q + y))", "TIMESTAMP'2024-01-01' > at", "to_json(r)", "to_json(rs)", "from_json(to_json(r), 'n INT, t STRING')", "from_json(to_json(struct(a, rs)), 'a ARRAY<INT>, rs ARRAY<STRUCT<n: INT>>').rs.n", "from_json(s, 'ARRAY<INT>', map('mode', 'FAILFAST'))",
                             "get_json_object(to_json(struct(a)), concat('$.a[', s, ']'))", "json_array_length(to_json(a))", "from_csv(to_csv(struct(i, s, d, at)), 'i INT, s STRING, d DOUBLE, at TIMESTAMP')", "to_csv(struct(s, f, day, b))", "to_char(l, '09.9S')"}) {
        QTest::newRow(text) << QString(text);
    }
}

void ExpressionTest::cuttingChangesNothing()
{
    QFETCH(QString, expression);
    const size_t rows = 300;
    const BatchPtr batch = mixedRows(rows);
    const auto compiled = compileExpression(expression.toStdString(), batch->schema(), RowNumbers::Unknown);
    QVERIFY2(compiled.has_value(), compiled ? "" : compiled.error().message.c_str());
    const std::vector<std::string> whole = answers(*compiled, *batch);
    if (!compiled->canFail()) QVERIFY(std::none_of(whole.begin(), whole.end(), [](const std::string& a) { return a.starts_with("error"); }));
    for (const size_t size : {1, 3, 64}) {
        std::vector<std::string> cut;
        for (size_t from = 0; from < rows; from += size) {
            for (std::string& one : answers(*compiled, *slice(batch, from, std::min(size, rows - from)))) cut.push_back(std::move(one));
        }
        for (size_t row = 0; row < rows; ++row) QCOMPARE(cut[row], whole[row]);
    }
    // Backwards, and none at all.
    std::vector<uint32_t> backwards;
    for (size_t row = rows; row > 0; --row) backwards.push_back(static_cast<uint32_t>(row - 1));
    const std::vector<std::string> turned = answers(*compiled, *gather(*batch, backwards));
    for (size_t row = 0; row < rows; ++row) QCOMPARE(turned[rows - 1 - row], whole[row]);
    QCOMPARE(answers(*compiled, *slice(batch, 5, 0)).size(), size_t{0});
}

void ExpressionTest::nestingIsLimited()
{
    const auto repeated = [](const std::string& part, size_t times) {
        std::string text;
        for (size_t i = 0; i < times; ++i) text += part;
        return text;
    };
    for (const std::string& text : {repeated("(", 100000) + "1", repeated("-", 100001) + "a", repeated("NOT ", 100000) + "true", repeated("1+", 100000) + "1", "a" + repeated("[0]", 100000),
                                    repeated("array(", 100000), repeated("CASE WHEN ", 100000), repeated("transform(a, x -> ", 100000), "1" + repeated("::INT", 100000)}) {
        QVERIFY(answer(text).starts_with("mistake"));
    }
    QCOMPARE(answer("1" + repeated(" = 1 OR 1", 5000) + " = 1"), std::string("true"));
}

void ExpressionTest::randomValuesFollowRowNumbers_data()
{
    QTest::addColumn<QString>("expression");
    for (const char* text : {"rand(7)", "rand()", "randn(7)", "uuid()", "randstr(9, 1)", "shuffle(a, 3)", "uniform(0, 100)", "monotonically_increasing_id()", "if(b, rand(1), d)", "CASE WHEN i > 0 THEN uuid(4) ELSE s END", "b AND rand(2) < 0.5", "transform(a, x -> x + i)[0] + rand(1) + rand()"}) {
        QTest::newRow(text) << QString(text);
    }
}

// Any cut of the rows gives the same values, as long as each piece knows the number of its first row.
void ExpressionTest::randomValuesFollowRowNumbers()
{
    QFETCH(QString, expression);
    const size_t rows = 300;
    const BatchPtr batch = mixedRows(rows);
    const auto compiled = compileExpression(expression.toStdString(), batch->schema(), RowNumbers::Known);
    QVERIFY2(compiled.has_value(), compiled ? "" : compiled.error().message.c_str());
    const auto shown = [&](size_t from, size_t size) {
        EvalContext context;
        context.firstRow = 1000 + static_cast<int64_t>(from);
        const Evaluated evaluated = compiled->evaluate(*slice(batch, from, size), context);
        std::vector<std::string> all;
        for (size_t row = 0; row < size; ++row) appendJson(*evaluated.column, row, all.emplace_back());
        return all;
    };
    const std::vector<std::string> whole = shown(0, rows);
    for (const size_t size : {1, 3, 64}) {
        std::vector<std::string> cut;
        for (size_t from = 0; from < rows; from += size) {
            for (std::string& one : shown(from, std::min(size, rows - from))) cut.push_back(std::move(one));
        }
        QCOMPARE(cut, whole);
    }
    QVERIFY(std::set<std::string>(whole.begin(), whole.end()).size() > 1);
}

void ExpressionTest::randomValuesNeedRowNumbers()
{
    const auto unknown = compileExpression("1 + rand(1)", Schema());
    QVERIFY(unknown.has_error());
    QVERIFY2(QString::fromStdString(unknown.error().message).startsWith("at 1:5: rand needs the number of its row"), unknown.error().message.c_str());
    QCOMPARE(answer("rand('x')"), std::string("mistake: at 1:1: the seed of rand must be a whole number that is written out, but got (string) (rand([seed]))"));
    QCOMPARE(answer("transform(array(1), x -> rand(1))"), std::string("mistake: at 1:26: rand has one value for a row, and cannot stand in a lambda (put it before the lambda)"));
    // Calls without a seed differ from each other and from row to row, and depend on the context's seed.
    QCOMPARE(answer("rand() = rand()"), std::string("false"));
    QCOMPARE(answer("rand(3) = rand(3)"), std::string("true"));
    const auto compiled = compileExpression("uuid()", Schema(), RowNumbers::Known);
    EvalContext one, other;
    other.seed = 1;
    QVERIFY(compiled->evaluate(*oneRow(), one).column->text(0).view() != compiled->evaluate(*oneRow(), other).column->text(0).view());
    // The mean of many is what it should be.
    const auto many = compileExpression("rand(1)", Schema(), RowNumbers::Known);
    const Evaluated values = many->evaluate(*makeBatch(std::make_shared<Schema>(), {}, 10000), {});
    double sum = 0;
    for (size_t row = 0; row < 10000; ++row) sum += values.column->value<double>(row);
    QVERIFY(std::abs(sum / 10000 - 0.5) < 0.01);
}

QTEST_GUILESS_MAIN(ExpressionTest)
#include "expression_test.moc"
