#include "engine/columns/type.h"

#include "engine/columns/ddl.h"

namespace streamwright {

namespace {

const std::vector<Field> kNoFields;

std::string_view ddlName(TypeKind kind)
{
    switch (kind) {
        case TypeKind::Void: return "VOID";
        case TypeKind::Boolean: return "BOOLEAN";
        case TypeKind::Int: return "INT";
        case TypeKind::BigInt: return "BIGINT";
        case TypeKind::Float: return "FLOAT";
        case TypeKind::Double: return "DOUBLE";
        case TypeKind::String: return "STRING";
        case TypeKind::Binary: return "BINARY";
        case TypeKind::Date: return "DATE";
        case TypeKind::Timestamp: return "TIMESTAMP";
        case TypeKind::Array: return "ARRAY";
        case TypeKind::Struct: return "STRUCT";
    }
    return "VOID";
}

}

Type Type::array(Type element)
{
    Type type(TypeKind::Array);
    type.fields_ = std::make_shared<const std::vector<Field>>(std::vector<Field>{{"element", std::move(element)}});
    return type;
}

Type Type::structure(std::vector<Field> fields)
{
    Type type(TypeKind::Struct);
    type.fields_ = std::make_shared<const std::vector<Field>>(std::move(fields));
    return type;
}

const Type& Type::element() const { return fields_->front().type; }
const std::vector<Field>& Type::fields() const { return fields_ ? *fields_ : kNoFields; }

std::string Type::toDdl() const
{
    if (kind_ == TypeKind::Array) return "ARRAY<" + element().toDdl() + ">";
    if (kind_ != TypeKind::Struct) return std::string(ddlName(kind_));
    std::string text = "STRUCT<";
    for (const Field& field : fields()) {
        if (text.back() != '<') text += ", ";
        text += quoteName(field.name) + ": " + field.type.toDdl();
    }
    return text + ">";
}

std::string Type::simpleName() const
{
    if (kind_ == TypeKind::Array) return "array<" + element().simpleName() + ">";
    if (kind_ == TypeKind::Struct) {
        std::string text = "struct<";
        for (const Field& field : fields()) {
            if (text.back() != '<') text += ",";
            text += field.name + ":" + field.type.simpleName();
        }
        return text + ">";
    }
    std::string name(ddlName(kind_));
    for (char& c : name) c = static_cast<char>(c | 0x20);
    return name;
}

bool Type::operator==(const Type& other) const
{
    if (kind_ != other.kind_) return false;
    if (fields_ == other.fields_) return true;
    return fields() == other.fields();
}

size_t valueWidth(TypeKind kind)
{
    switch (kind) {
        case TypeKind::Boolean: return 1;
        case TypeKind::Int:
        case TypeKind::Float:
        case TypeKind::Date: return 4;
        case TypeKind::BigInt:
        case TypeKind::Double:
        case TypeKind::Timestamp: return 8;
        case TypeKind::String:
        case TypeKind::Binary: return 16;
        case TypeKind::Void:
        case TypeKind::Array:
        case TypeKind::Struct: return 0;
    }
    return 0;
}

Result<Type> parseType(std::string_view text)
{
    DdlParser parser(text);
    auto type = parser.type();
    if (!type) return type;
    if (!parser.atEnd()) return mistake("a type ends where \"" + std::string(parser.rest()) + "\" goes on: \"" + std::string(text) + "\"");
    return type;
}

}
