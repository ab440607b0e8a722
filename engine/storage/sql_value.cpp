#include "engine/storage/sql_value.h"

#include "engine/columns/print.h"

namespace streamwright {

std::string_view sqlType(const Type& type)
{
    switch (type.kind()) {
        case TypeKind::Boolean:
        case TypeKind::Int:
        case TypeKind::BigInt: return "INTEGER";
        case TypeKind::Float:
        case TypeKind::Double: return "REAL";
        case TypeKind::Binary: return "BLOB";
        default: return "TEXT";
    }
}

void bindValue(Statement& statement, int place, const Column& column, size_t row, std::string& held)
{
    if (column.isNull(row)) return statement.bind(place, nullptr);
    switch (column.type().kind()) {
        case TypeKind::Boolean: return statement.bind(place, column.value<uint8_t>(row) != 0);
        case TypeKind::Int: return statement.bind(place, static_cast<int64_t>(column.value<int32_t>(row)));
        case TypeKind::BigInt: return statement.bind(place, column.value<int64_t>(row));
        case TypeKind::Float: return statement.bind(place, static_cast<double>(column.value<float>(row)));
        case TypeKind::Double: return statement.bind(place, column.value<double>(row));
        // A short text lies in the column's array, which lives as long.
        case TypeKind::String: return statement.bind(place, column.values<StringRef>()[row].view());
        case TypeKind::Binary: return statement.bind(place, Blob{column.values<StringRef>()[row].view()});
        default: break;
    }
    held.clear();
    if (column.type().is(TypeKind::Array) || column.type().is(TypeKind::Struct)) appendJson(column, row, held);
    else appendText(column, row, "UTC", held);
    statement.bind(place, std::string_view(held));
}

}
