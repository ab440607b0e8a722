#include "engine/columns/ddl.h"

#include "engine/base/suggest.h"
#include "engine/columns/schema.h"

namespace streamwright {

namespace {

constexpr int kMaxDepth = 64;

struct TypeName {
    std::string_view name;
    TypeKind kind;
};

constexpr TypeName kNames[] = {
    {"void", TypeKind::Void}, {"boolean", TypeKind::Boolean}, {"int", TypeKind::Int}, {"integer", TypeKind::Int},
    {"bigint", TypeKind::BigInt}, {"long", TypeKind::BigInt}, {"float", TypeKind::Float}, {"real", TypeKind::Float},
    {"double", TypeKind::Double}, {"string", TypeKind::String}, {"binary", TypeKind::Binary}, {"date", TypeKind::Date},
    {"timestamp", TypeKind::Timestamp}, {"timestamp_ltz", TypeKind::Timestamp},
};

constexpr std::string_view kLater[] = {"decimal", "dec", "numeric", "map", "tinyint", "byte", "smallint", "short", "timestamp_ntz", "interval", "char", "varchar", "variant", "time"};

bool isWordByte(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

}

std::string quoteName(std::string_view name)
{
    const bool plain = !name.empty() && !(name[0] >= '0' && name[0] <= '9') && std::all_of(name.begin(), name.end(), isWordByte);
    if (plain) return std::string(name);
    std::string quoted = "`";
    for (char c : name) {
        quoted += c;
        if (c == '`') quoted += '`';
    }
    return quoted + "`";
}

void DdlParser::skipSpace()
{
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
}

bool DdlParser::atEnd()
{
    skipSpace();
    return at_ == text_.size();
}

std::string_view DdlParser::rest()
{
    skipSpace();
    return text_.substr(at_, 40);
}

bool DdlParser::accept(char c)
{
    skipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
}

std::optional<std::string> DdlParser::word()
{
    skipSpace();
    std::string word;
    if (accept('`')) {
        while (at_ < text_.size()) {
            if (text_[at_] == '`') {
                if (at_ + 1 >= text_.size() || text_[at_ + 1] != '`') break;
                ++at_;
            }
            word += text_[at_++];
        }
        if (!accept('`')) return std::nullopt;
        return word;
    }
    while (at_ < text_.size() && isWordByte(text_[at_])) word += text_[at_++];
    if (word.empty()) return std::nullopt;
    return word;
}

Result<Type> DdlParser::type() { return typeAt(0); }

Result<Type> DdlParser::typeAt(int depth)
{
    if (depth > kMaxDepth) return mistake("a type is nested more than 64 deep");
    const auto name = word();
    if (!name) return mistake("a type is missing before \"" + std::string(rest()) + "\"", "write for example BIGINT, STRING or ARRAY<STRING>");
    for (const TypeName& known : kNames) {
        if (sameName(known.name, *name)) return Type(known.kind);
    }
    if (sameName(*name, "array")) {
        if (!accept('<')) return mistake("ARRAY needs its element type", "write for example ARRAY<STRING>");
        auto element = typeAt(depth + 1);
        if (!element) return element;
        if (!accept('>')) return mistake("ARRAY<…> is not closed before \"" + std::string(rest()) + "\"");
        return Type::array(std::move(*element));
    }
    if (sameName(*name, "struct")) {
        if (!accept('<')) return mistake("STRUCT needs its fields", "write for example STRUCT<id: BIGINT, name: STRING>");
        std::vector<Field> fields;
        if (accept('>')) return Type::structure({});
        do {
            auto next = field(depth + 1);
            if (!next) return next.error();
            fields.push_back(std::move(*next));
        } while (accept(','));
        if (!accept('>')) return mistake("STRUCT<…> is not closed before \"" + std::string(rest()) + "\"");
        return Type::structure(std::move(fields));
    }
    for (std::string_view later : kLater) {
        if (sameName(later, *name)) return mistake("the type " + *name + " is not supported yet", "use BIGINT, DOUBLE, STRING, TIMESTAMP, ARRAY or STRUCT");
    }
    std::string upper;
    for (const char c : *name) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    std::string hint = didYouMean(upper, {"BOOLEAN", "INT", "BIGINT", "FLOAT", "DOUBLE", "STRING", "BINARY", "TIMESTAMP", "DATE", "ARRAY", "STRUCT"});
    if (!hint.empty()) return mistake("unknown type: " + *name, std::move(hint));
    return mistake("unknown type: " + *name, "types are BOOLEAN, INT, BIGINT, FLOAT, DOUBLE, STRING, BINARY, TIMESTAMP, DATE, ARRAY<…> and STRUCT<…>");
}

Result<Field> DdlParser::field(int depth)
{
    auto name = word();
    if (!name) return mistake("a column name is missing before \"" + std::string(rest()) + "\"");
    accept(':');
    auto type = typeAt(depth);
    if (!type) return type.error();
    // Nullability and comments are read and dropped.
    const size_t before = at_;
    if (const auto next = word(); next && sameName(*next, "not")) {
        if (const auto null = word(); !null || !sameName(*null, "null")) return mistake("NOT is followed by NULL in a schema");
    } else {
        at_ = before;
    }
    return Field{std::move(*name), std::move(*type)};
}

Result<std::vector<Field>> DdlParser::fields()
{
    std::vector<Field> fields;
    if (atEnd()) return fields;
    do {
        auto next = field(0);
        if (!next) return next.error();
        fields.push_back(std::move(*next));
    } while (accept(','));
    return fields;
}

}
