// JSON and CSV in expressions: what get_json_object finds (the cases of Spark's own suite), what from_json and
// from_csv make of records that do not fit, what to_json and to_csv write, and mistakes in schemas and options.
#include "engine/columns/builder.h"
#include "engine/columns/print.h"
#include "engine/columns/schema.h"
#include "engine/expression/expression.h"

#include <QTest>

using namespace streamwright;

namespace {

const char* const kStore = R"({"store":{"fruit":[{"weight":8,"type":"apple"},{"weight":9,"type":"pear"}],
"basket":[[1,2,{"b":"y","a":"x"}],[3,4],[5,6]],"book":[{"author":"Nigel Rees",
"title":"Sayings of the Century","category":"reference","price":8.95},{"author":"Herman Melville",
"title":"Moby Dick","category":"fiction","price":8.99,"isbn":"0-553-21311-3"},{"author":"J. R. R. Tolkien",
"title":"The Lord of the Rings","category":"fiction","reader":[{"age":25,"name":"bob"},{"age":26,"name":"jack"}],
"price":22.99,"isbn":"0-395-19395-8"}],"bicycle":{"price":19.95,"color":"red"}},
"email":"amy@only_for_json_udf_test.net","owner":"amy","zip code":"94025","fb:testid":"1234"})";

// The value for one row whose column `s` holds the text, as JSON, or what went wrong.
QString answer(const QString& expression, const QString& s)
{
    const auto schema = std::make_shared<Schema>(*parseSchema("s STRING"));
    const Value value{s.toStdString()};
    const BatchPtr batch = makeBatch(schema, {columnOf(TypeKind::String, std::span(&value, 1))}, 1);
    auto compiled = compileExpression(expression.toStdString(), *schema);
    if (!compiled) return QString::fromStdString("mistake: " + compiled.error().message + (compiled.error().hint.empty() ? "" : " (" + compiled.error().hint + ")"));
    const Evaluated evaluated = compiled->evaluate(*batch, {});
    if (!evaluated.errors.empty()) return QString::fromStdString("error: " + evaluated.errors[0].reason);
    std::string shown;
    appendJson(*evaluated.column, 0, shown);
    return QString::fromStdString(shown);
}

// The bare text, or "NULL".
QString text(const QString& expression, const QString& s)
{
    const QString shown = answer(expression + " IS NULL", s);
    if (shown != "false") return shown == "true" ? QStringLiteral("NULL") : shown;
    QString quoted = answer(expression, s);
    return quoted.mid(1, quoted.size() - 2).replace("\\\"", "\"").replace("\\\\", "\\");
}

}

class ExpressionTextFormatsTest : public QObject {
    Q_OBJECT

private slots:
    void paths_data();
    void paths();
    void values_data();
    void values();
    void mistakes_data();
    void mistakes();
    void depthIsLimited();
};

void ExpressionTextFormatsTest::paths_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("found");
    const auto row = [](const char* path, const char* found) { QTest::newRow(path) << path << found; };
    row("$.store.basket[0][*].b", R"(["y"])");
    row("$.store.basket[*][0]", "[1,3,5]");
    row("$.store.basket[0]", R"([1,2,{"b":"y","a":"x"}])");
    row("$.store.basket[*]", R"([[1,2,{"b":"y","a":"x"}],[3,4],[5,6]])");
    row("$.store.basket[0][2].b", "y");
    row("$.store.basket[*][*]", R"([1,2,{"b":"y","a":"x"},3,4,5,6])");
    row("$.store.basket", R"([[1,2,{"b":"y","a":"x"}],[3,4],[5,6]])");
    row("$.store.book[*].reader", R"([{"age":25,"name":"bob"},{"age":26,"name":"jack"}])");
    row("$.store.book[*].category", R"(["reference","fiction","fiction"])");
    row("$.store.book[*].isbn", R"(["0-553-21311-3","0-395-19395-8"])");
    row("$.store.book[*].reader[0].age", "25");
    row("$.store.book[*].reader[*].age", "[25,26]");
    row("$.store.book[*].reader[*].name", R"(["bob","jack"])");
    row("$.store.book[1].price", "8.99");
    row("$.store.bicycle", R"({"price":19.95,"color":"red"})");
    row("$['store'].bicycle['color']", "red");
    row("$.zip code", "94025");
    row("$['zip code']", "94025");
    row("$.fb:testid", "1234");
    row(" $ . owner", "amy");
    for (const char* path : {"$.", "", "owner", "$.no_such_key", "$.store.book[0].no_such_key", "$.store.book[10]", "$..no_recursive", "$.*", "$[0]", "$.owner.name", "$.store.book[", "$.store.book[99999999999999999999]"}) row(path, "NULL");
}

void ExpressionTextFormatsTest::paths()
{
    QFETCH(QString, path);
    QFETCH(QString, found);
    QCOMPARE(text("get_json_object(s, '" + QString(path).replace("'", "\\'") + "')", kStore), found);
}

void ExpressionTextFormatsTest::values_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QString>("s");
    QTest::addColumn<QString>("value");
    const auto row = [](const char* expression, const char* s, const char* value) { QTest::newRow((std::string(expression) + " of " + s).c_str()) << expression << s << value; };
    // Text is copied as Jackson writes it.
    row("get_json_object(s, '$')", R"( { "a" : [ 1.50 , -0 , 1e2, "\u00e9\/\n", true ] } behind)", R"("{\"a\":[1.5,0,100.0,\"é/\\n\",true]}")");
    row("get_json_object(s, '$.a')", R"({'a':'it\'s'})", R"("it's")");
    row("get_json_object(s, '$.a')", R"({"a":null,"a":2})", R"("2")");
    row("get_json_object(s, '$.a')", R"({"a":"\ud83d\ude00 \ud83d"})", R"("😀 ?")");
    row("get_json_object(s, '$[0]')", "[null]", R"("null")");
    for (const char* broken : {"{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}", "{\"a\":tru}", "{\"a\":nulls}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"b}", "[1 2]", "[,1]", "1x", "{\"a\":NaN}"}) {
        row("get_json_object(s, '$')", broken, "null");
    }
    row("json_array_length(s)", "[]", "0");
    row("json_array_length(s)", R"({"a":[1]})", "null");
    row("json_object_keys(s)", R"({"a":1,"a":2})", R"(["a","a"])");
    row("json_object_keys(s)", "", "null");
    // A member that does not fit is NULL, the others stay; names count with their case; the last of two counts.
    row("from_json(s, 'a INT, b STRING, c ARRAY<INT>')", R"({"a":"x","b":true,"c":[1,null,3]})", R"({"a":null,"b":"true","c":[1,null,3]})");
    row("from_json(s, 'a INT, b STRING, c ARRAY<INT>')", R"({"A":1,"c":[1,"x"],"b":{"k": 1.0}})", R"({"a":null,"b":"{\"k\":1.0}","c":null})");
    row("from_json(s, 'a STRUCT<b: INT, c: INT>')", R"({"a":{"b":"x","c":2}})", R"({"a":{"b":null,"c":2}})");
    row("from_json(s, 'a ARRAY<STRUCT<b: INT>>')", R"({"a":[{"b":1},{"b":"x"},null]})", R"({"a":[{"b":1},{"b":null},null]})");
    row("from_json(s, 'a INT')", "", "null");
    row("from_json(s, 'a INT')", "null", R"({"a":null})");
    row("from_json(s, 'a INT')", R"([{"a":1}])", R"({"a":null})");
    row("from_json(s, 'a INT')", R"({"a":2147483648})", R"({"a":null})");
    row("from_json(s, 'ARRAY<STRUCT<a INT>>')", R"({"a":1})", R"([{"a":1}])");
    row("from_json(s, 'ARRAY<INT>')", "[1, 2, null]", "[1,2,null]");
    row("from_json(s, 'ARRAY<INT>')", "[1", "null");
    row("from_json(s, 'd DOUBLE, f FLOAT, g DOUBLE, h DOUBLE')", R"({"d":NaN,"f":"-INF","g":"1","h":1e400})", R"({"d":"NaN","f":"-Infinity","g":null,"h":"Infinity"})");
    row("from_json(s, 't TIMESTAMP, d DATE, n TIMESTAMP')", R"({"t":"2024-02-29T12:00:00.5+01:00","d":"2024-02-29","n":3})", R"({"t":"2024-02-29T11:00:00.500000Z","d":"2024-02-29","n":"1970-01-01T00:00:03.000000Z"})");
    row("from_json(s, 't TIMESTAMP, d DATE', map('timestampFormat', 'dd/MM/yyyy HH:mm', 'dateFormat', 'dd.MM.yyyy', 'timeZone', 'Europe/Brussels'))", R"({"t":"01/07/2024 12:00","d":"02.01.2024"})", R"({"t":"2024-07-01T10:00:00.000000Z","d":"2024-01-02"})");
    row("from_json(s, 'a INT, _corrupt_record STRING')", R"({"a":"x"})", R"({"a":null,"_corrupt_record":"{\"a\":\"x\"}"})");
    row("from_json(s, 'a INT, _corrupt_record STRING')", R"({"a":1})", R"({"a":1,"_corrupt_record":null})");
    row("from_json(s, 'a INT', map('mode', 'FAILFAST'))", R"({"a":"x"})", R"(error: the JSON does not fit the schema: {"a":"x"})");
    row("from_json(s, 'a INT', map('mode', 'FAILFAST'))", "{", "error: the text is not well-formed JSON: {");
    row("from_json(s, schema_of_json('{\"a\": [{\"b\": 1}]}'))", R"({"a":[{"b":7}]})", R"({"a":[{"b":7}]})");
    row("schema_of_json('[{\"b\": 1, \"a\": \"\"}, {\"b\": 0.5, \"c\": {}}, {\"b d\": [1, true]}]')", "", R"("ARRAY<STRUCT<a: STRING, b: DOUBLE, `b d`: ARRAY<STRING>>>")");
    row("schema_of_json('{}')", "", R"("STRUCT<>")");
    row("schema_of_json('{\"a\": 1}', map('primitivesAsString', 'true'))", "", R"("STRUCT<a: STRING>")");
    row("schema_of_json('{')", "", "error: schema_of_json: not well-formed JSON: {");
    row("to_json(struct(s AS `a\"b`, 1.5F AS f, double('NaN') AS n, 1e10D AS d, X'616263' AS x, array(NULL, true) AS l, struct(NULL AS k) AS o))", "x\x1f/é", R"("{\"a\\\"b\":\"x\\u001F/é\",\"f\":1.5,\"n\":\"NaN\",\"d\":1.0E10,\"x\":\"YWJj\",\"l\":[null,true],\"o\":{}}")");
    row("to_json(struct(NULL AS a), map('ignoreNullFields', 'false'))", "", R"("{\"a\":null}")");
    row("to_json(struct(TIMESTAMP'2024-07-01 10:00:00' AS t), map('timeZone', 'Europe/Brussels'))", "", R"("{\"t\":\"2024-07-01T12:00:00.000+02:00\"}")");
    row("to_json(array(struct(1 AS a), NULL))", "", R"("[{\"a\":1},null]")");
    // CSV: an escaped quote, a quote that nothing escapes, records too short and too long.
    row("from_csv(s, 'a STRING, b STRING')", R"("say \"hi\"",x)", R"({"a":"say \"hi\"","b":"x"})");
    row("from_csv(s, 'a STRING, b STRING')", R"("a\\",b\c)", R"({"a":"a\\","b":"b\\c"})");
    row("from_csv(s, 'a STRING, b STRING')", R"("a" x,b)", R"({"a":"\"a\" x","b":"b"})");
    row("from_csv(s, 'a STRING, b STRING', map('escape', '\"'))", R"("a""b",c)", R"({"a":"a\"b","b":"c"})");
    row("from_csv(s, 'a INT, b INT, c DOUBLE')", "1", R"({"a":1,"b":null,"c":null})");
    row("from_csv(s, 'a INT, b INT')", "1,2,3", R"({"a":1,"b":2})");
    row("from_csv(s, 'a INT, b INT')", "x,2", R"({"a":null,"b":2})");
    row("from_csv(s, 'a INT, b INT')", " 1,2", R"({"a":null,"b":2})");
    row("from_csv(s, 'a INT, b INT', map('ignoreLeadingWhiteSpace', 'true'))", " 1, 2", R"({"a":1,"b":2})");
    row("from_csv(s, 'a STRING, b STRING', map('nullValue', '-'))", "-,\"\"", R"({"a":null,"b":""})");
    row("from_csv(s, 'a BOOLEAN, b DATE, c TIMESTAMP, d DOUBLE')", "TRUE,2024-02-30,2024-02-29 10:00,-Inf", R"({"a":true,"b":null,"c":"2024-02-29T10:00:00.000000Z","d":"-Infinity"})");
    row("from_csv(s, 'a INT, b INT')", "", R"({"a":null,"b":null})");
    row("from_csv(s, 'a INT', map('mode', 'FAILFAST'))", "x", "error: the CSV does not fit the schema: x");
    row("from_csv(s, 'a INT, _corrupt_record STRING')", "x", R"({"a":null,"_corrupt_record":"x"})");
    row("schema_of_csv('1,3000000000,1.5,2024-01-31,2024-01-31 10:00,true,,x')", "", R"("STRUCT<_c0: INT, _c1: BIGINT, _c2: DOUBLE, _c3: DATE, _c4: TIMESTAMP, _c5: BOOLEAN, _c6: STRING, _c7: STRING>")");
    row("to_csv(struct(s, '', ' x ', 'a\"b', 1.0D, true, DATE'2024-01-31', TIMESTAMP'2024-01-31 10:00:00'))", "a\nb", R"("\"a\nb\",\"\",x,\"a\\\"b\",1.0,true,2024-01-31,2024-01-31T10:00:00.000Z")");
    row("to_csv(struct(1, NULL, 'a;b'), map('sep', ';', 'nullValue', '-'))", "", R"("1;-;\"a;b\"")");
    // Numbers by a format: Spark's examples, padding, signs, numbers that are too long.
    row("to_char(454, '999')", "", R"("454")");
    row("to_char(454.00, '000D00')", "", R"("454.00")");
    row("to_char(12454, '99G999')", "", R"("12,454")");
    row("to_char(-12454.8, '99G999D9S')", "", R"("12,454.8-")");
    row("to_char(5, '$9,999.99')", "", R"("$    5.00")");
    row("to_char(5, '0,000')", "", R"("0,005")");
    row("to_char(-5, '999PR')", "", R"("  <5>")");
    row("to_char(-5, 'MI999')", "", R"("  -5")");
    row("to_char(1234567, '999.9')", "", R"("###.#")");
    row("to_char(1e300, '9')", "", R"("#")");
    row("to_char(double('NaN'), '9')", "", "null");
    // A short format may not make a long text.
    row("format_string(s)", "%77775777%", "error: format width must be at most 1000000, but is 77775777");
    row("length(format_string(repeat('%1000000d', 16), 1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6))", "", "16000000");
    row("format_string(repeat('%1000000d', 18), 1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8)", "", "error: format makes a text of more than 16777216 bytes");
    row("from_csv(to_csv(struct(s)), 'a STRING').a = s", "a \"quoted\" \\ text, with all; of it", "true");
}

void ExpressionTextFormatsTest::values()
{
    QFETCH(QString, expression);
    QFETCH(QString, s);
    QFETCH(QString, value);
    QCOMPARE(answer(expression, s), value);
}

void ExpressionTextFormatsTest::mistakes_data()
{
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* expression, const char* message) { QTest::newRow(expression) << expression << message; };
    row("from_json(s)", "from_json expects (string, schema[, options]), but got (string) (from_json(json, schema[, map('option', 'value', ...)]))");
    row("from_json(s, s)", "the schema of from_json must be written out as a text (for example 'id BIGINT, name STRING')");
    row("from_json(s, 'a INTT')", "the schema of from_json is wrong: unknown type: INTT (did you mean \"INT\"?)");
    row("from_json(s, 'STRUCT<a: INTT>')", "the schema of from_json is wrong: unknown type: INTT (did you mean \"INT\"?)");
    row("from_json(s, 'INT')", "from_json reads a STRUCT or an ARRAY, but the schema is INT (for example 'id BIGINT, name STRING')");
    row("from_json(s, 'a INT', map('mod', 'FAILFAST'))", "unknown option: mod (did you mean \"mode\"?)");
    row("from_json(s, 'a INT', map('mode', 'STRICT'))", "the option mode must be PERMISSIVE or FAILFAST, but is 'STRICT' (from_json(json, schema[, map('option', 'value', ...)]))");
    row("from_json(s, 'a INT', map('mode'))", "the options of from_json are written out as map('name', 'value', …) (from_json(json, schema[, map('option', 'value', ...)]))");
    row("from_json(s, 'a INT', map('mode', s))", "the options of from_json are written out as map('name', 'value', …), with texts (from_json(json, schema[, map('option', 'value', ...)]))");
    row("schema_of_json(s)", "schema_of_json finds the schema of a text that is written out, not of a column (give it a sample: schema_of_json('{\"id\": 1}'))");
    row("to_json(s)", "to_json expects a struct or an array, and options, but got (string) (to_json(value[, map('option', 'value', ...)]))");
    row("from_csv(s, 'a ARRAY<INT>')", "from_csv reads simple types, but the field a is ARRAY<INT> (read it as STRING and take it apart with split or from_json)");
    row("from_csv(s, 'a INT', map('sep', ';;'))", "the option sep must be one ASCII character, but is ';;' (from_csv(csv, schema[, map('option', 'value', ...)]))");
    row("to_csv(struct(array(1) AS a))", "to_csv writes simple types, but the field a is ARRAY<INT> (write it as text first, for example with to_json)");
}

void ExpressionTextFormatsTest::mistakes()
{
    QFETCH(QString, expression);
    QFETCH(QString, message);
    QCOMPARE(answer(expression, {}), "mistake: at 1:1: " + message);
}

// As Jackson has it: a thousand levels are read, one more is broken text, and no number of them harms.
void ExpressionTextFormatsTest::depthIsLimited()
{
    QCOMPARE(answer("length(get_json_object(s, '$'))", QString("[").repeated(1000) + QString("]").repeated(1000)), QString("2000"));
    QCOMPARE(answer("get_json_object(s, '$')", QString("[").repeated(1001) + QString("]").repeated(1001)), QString("null"));
    QCOMPARE(answer("get_json_object(s, '$')", QString("{\"a\":").repeated(1000000)), QString("null"));
}

QTEST_GUILESS_MAIN(ExpressionTextFormatsTest)
#include "expression_text_formats_test.moc"
