// Any bytes as an expression: they compile or are a mistake, and what compiles evaluates on three rows.
#include "engine/columns/builder.h"
#include "engine/columns/schema.h"
#include "engine/expression/expression.h"

using namespace streamwright;

namespace {

BatchPtr threeRows()
{
    const auto schema = std::make_shared<Schema>(*parseSchema("b BOOLEAN, i INT, l BIGINT, f FLOAT, d DOUBLE, s STRING, x BINARY, day DATE, at TIMESTAMP, a ARRAY<INT>, r STRUCT<n: INT, t: ARRAY<STRING>>"));
    std::vector<ColumnPtr> columns;
    using List = Value::List;
    const std::vector<std::vector<Value>> values{
        {{true}, {}, {false}},
        {{int64_t{1}}, {}, {int64_t{-2147483648}}},
        {{int64_t{1}}, {}, {INT64_MIN}},
        {{1.5}, {}, {-0.0}},
        {{1e300}, {}, {0.0}},
        {{std::string("a text longer than twelve bytes, é")}, {}, {std::string()}},
        {{std::string("\xff\x00", 2)}, {}, {std::string()}},
        {{int64_t{19000}}, {}, {int64_t{-1}}},
        {{int64_t{1700000000000000}}, {}, {int64_t{-1}}},
        {{List{{int64_t{1}}, {}, {int64_t{3}}}}, {}, {List{}}},
        {{List{{int64_t{1}}, {List{{std::string("t")}}}}}, {}, {List{{}, {}}}},
    };
    for (size_t i = 0; i < values.size(); ++i) columns.push_back(columnOf((*schema)[i].type, values[i]));
    return makeBatch(schema, std::move(columns), 3);
}

}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const BatchPtr batch = threeRows();
    // What an expression may build is limited, as it is in a run.
    static const std::string name = "fuzz";
    const auto account = std::make_shared<MemoryAccount>(64 << 20);
    const MemoryScope scope(account, &name);
    const auto expression = compileExpression({reinterpret_cast<const char*>(data), size}, batch->schema(), RowNumbers::Known);
    if (!expression) return 0;
    try {
        const Evaluated evaluated = expression->evaluate(*batch, {});
        if (evaluated.column->size() != 3 || evaluated.column->type() != expression->type()) __builtin_trap();
    } catch (const MemoryExceeded&) {
    }
    return 0;
}
