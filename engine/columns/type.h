// Types of columns, written in files and checkpoints as Spark DDL text, never as numbers.
#pragma once
#include "engine/base/result.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace streamwright {

// DECIMAL, MAP, TINYINT, SMALLINT, TIMESTAMP_NTZ and intervals come later; parseType names them as such.
enum class TypeKind : unsigned char {
    Void,       // the type of NULL
    Boolean,    // one byte, 0 or 1
    Int,        // int32
    BigInt,     // int64
    Float,
    Double,
    String,     // UTF-8
    Binary,
    Date,       // int32, days since 1970-01-01
    Timestamp,  // int64, microseconds since 1970-01-01T00:00:00Z
    Array,
    Struct,
};

struct Field;

// A value; copying shares the fields. Nullability is no part of a type: every column and element may be NULL.
class Type {
public:
    Type() = default;
    Type(TypeKind kind) : kind_(kind) {}  // NOLINT: a kind without fields is a type
    static Type array(Type element);
    static Type structure(std::vector<Field> fields);

    TypeKind kind() const { return kind_; }
    bool is(TypeKind kind) const { return kind_ == kind; }
    const Type& element() const;                // of an ARRAY
    const std::vector<Field>& fields() const;   // of a STRUCT

    // `BIGINT`, `ARRAY<STRING>`, `STRUCT<a: INT, b: STRING>`.
    std::string toDdl() const;
    // As Spark's simpleString in error messages and tests: `bigint`, `array<string>`, `struct<a:int,b:string>`.
    std::string simpleName() const;

    bool operator==(const Type& other) const;  // names of STRUCT fields count

private:
    TypeKind kind_ = TypeKind::Void;
    std::shared_ptr<const std::vector<Field>> fields_;
};

struct Field {
    std::string name;
    Type type;
    bool operator==(const Field&) const = default;
};

// Bytes of one value in a column's values; 0 for VOID, ARRAY and STRUCT.
size_t valueWidth(TypeKind kind);
inline bool isText(TypeKind kind) { return kind == TypeKind::String || kind == TypeKind::Binary; }
inline bool isIntegral(TypeKind kind) { return kind == TypeKind::Int || kind == TypeKind::BigInt; }
inline bool isFloating(TypeKind kind) { return kind == TypeKind::Float || kind == TypeKind::Double; }
inline bool isNumeric(TypeKind kind) { return isIntegral(kind) || isFloating(kind); }

// Any Spark spelling, any case: `long`, `bigint`, `array<string>`, `struct<a: int, b string>`.
Result<Type> parseType(std::string_view text);

}
