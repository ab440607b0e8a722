// Any bytes as the text that JSON and CSV functions read: they give a value or an error, and what they write of it
// they read again. The first line is a path, or the options' separator.
#include "engine/columns/builder.h"
#include "engine/columns/schema.h"
#include "engine/expression/expression.h"

#include <vector>

using namespace streamwright;

namespace {

const SchemaPtr& textSchema()
{
    static const auto schema = std::make_shared<Schema>(*parseSchema("s STRING, p STRING"));
    return schema;
}

const std::vector<Expression>& expressions()
{
    static const std::vector<Expression> all = [] {
        std::vector<Expression> compiled;
        for (const char* text : {"get_json_object(s, p)", "get_json_object(s, '$[*].a[0]')", "json_array_length(s)", "json_object_keys(s)",
                                 "from_json(s, 'a INT, b ARRAY<STRUCT<c: STRING, d: DOUBLE>>, t TIMESTAMP, d DATE, x BINARY, f FLOAT, _corrupt_record STRING')", "from_json(s, 'ARRAY<ARRAY<BIGINT>>', map('mode', 'FAILFAST'))",
                                 "from_csv(s, 'a INT, b STRING, c DOUBLE, d DATE, t TIMESTAMP, e BOOLEAN')", "from_csv(s, 'a STRING, b STRING', map('sep', ';', 'escape', '\"', 'ignoreLeadingWhiteSpace', 'true'))", "to_json(struct(s, array(p) AS l))", "to_csv(struct(s, p))",
                                 "get_json_object(to_json(struct(s)), '$.s') = s", "parse_url(s, 'QUERY', p)", "to_char(length(s), p)", "to_date(s, p)", "date_format(current_timestamp(), p)", "format_string(p, s)", "regexp_replace(s, p, 'x')", "s LIKE p"}) {
            auto expression = compileExpression(text, *textSchema());
            if (!expression) __builtin_trap();
            compiled.push_back(std::move(*expression));
        }
        return compiled;
    }();
    return all;
}

}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const std::string name = "fuzz";
    const auto account = std::make_shared<MemoryAccount>(64 << 20);
    const MemoryScope scope(account, &name);
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const size_t line = std::min(text.find('\n'), text.size());
    const Value values[] = {{std::string(text.substr(std::min(line + 1, text.size())))}, {std::string(text.substr(0, line))}};
    try {
        const BatchPtr batch = makeBatch(textSchema(), {columnOf(TypeKind::String, std::span(&values[0], 1)), columnOf(TypeKind::String, std::span(&values[1], 1))}, 1);
        for (const Expression& expression : expressions()) {
            const Evaluated evaluated = expression.evaluate(*batch, {});
            if (evaluated.column->size() != 1 || evaluated.column->type() != expression.type()) __builtin_trap();
        }
    } catch (const MemoryExceeded&) {
    }
    return 0;
}
