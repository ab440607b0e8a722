#include "engine/dataflow/change_set.h"

#include "engine/columns/builder.h"

#include <algorithm>

namespace streamwright {

namespace {

template <class T>
ColumnPtr filled(const Type& type, T value, size_t rows)
{
    FixedBuilder<T> values;
    std::fill_n(values.extend(rows), rows, value);
    return columnFrom(type, values);
}

}

ColumnPtr repeated(int32_t value, size_t rows) { return filled<int32_t>(TypeKind::Int, value, rows); }
ColumnPtr repeated(Type type, int64_t value, size_t rows) { return filled<int64_t>(type, value, rows); }
ColumnPtr repeated(bool value, size_t rows) { return filled<uint8_t>(TypeKind::Boolean, value ? 1 : 0, rows); }

ColumnPtr countedFrom(int64_t first, size_t rows)
{
    FixedBuilder<int64_t> values;
    int64_t* out = values.extend(rows);
    for (size_t i = 0; i < rows; ++i) out[i] = first + static_cast<int64_t>(i);
    return columnFrom(TypeKind::BigInt, values);
}

ChangeSet joinSmall(const SchemaPtr& schema, std::vector<BatchPtr> batches)
{
    ChangeSet result;
    std::vector<BatchPtr> waiting;
    size_t rows = 0;
    const auto flush = [&] {
        if (!waiting.empty()) result.push_back(concatenate(schema, waiting));
        waiting.clear();
        rows = 0;
    };
    for (BatchPtr& batch : batches) {
        if (batch->rows() == 0) continue;
        if (batch->rows() >= kVectorRows) flush();
        rows += batch->rows();
        waiting.push_back(std::move(batch));
        if (rows >= kVectorRows) flush();
    }
    flush();
    return result;
}

Schema changeSchema(std::vector<Field> identity, const std::vector<Field>& content)
{
    std::vector<Field> fields = std::move(identity);
    fields.push_back({"deleted", TypeKind::Boolean});
    for (Field field : content) {
        while (std::any_of(fields.begin(), fields.end(), [&](const Field& other) { return sameName(other.name, field.name); })) field.name += '_';
        fields.push_back(std::move(field));
    }
    return Schema(std::move(fields));
}

}
