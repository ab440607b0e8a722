#include "engine/remote/wire.h"

#include "engine/pipeline/document_json.h"

namespace streamwright {

void Writer::number(uint64_t value)
{
    for (; value >= 0x80; value >>= 7) byte(static_cast<uint8_t>(value | 0x80));
    byte(static_cast<uint8_t>(value));
}

void Writer::text(std::string_view text)
{
    number(text.size());
    bytes_ += text;
}

uint8_t Reader::byte()
{
    if (left_.empty()) throw WireProblem("it ends early");
    const auto value = static_cast<uint8_t>(left_.front());
    left_.remove_prefix(1);
    return value;
}

uint64_t Reader::number()
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const uint8_t part = byte();
        value |= static_cast<uint64_t>(part & 0x7F) << shift;
        if (part < 0x80) return value;
    }
    throw WireProblem("a number is too long");
}

std::string_view Reader::text()
{
    const size_t size = count();
    const std::string_view text = left_.substr(0, size);
    left_.remove_prefix(size);
    return text;
}

size_t Reader::count()
{
    const uint64_t count = number();
    if (count > left_.size()) throw WireProblem("it ends early");
    return static_cast<size_t>(count);
}

void Reader::end() const
{
    if (!left_.empty()) throw WireProblem("it goes on after its end");
}

namespace {

// Of types within types; those of columns are far from it.
constexpr int kDeepest = 100;

void writeFields(Writer& out, const std::vector<Field>& fields);

void writeType(Writer& out, const Type& type)
{
    write(out, type.kind());
    if (type.is(TypeKind::Array)) writeType(out, type.element());
    if (type.is(TypeKind::Struct)) writeFields(out, type.fields());
}

void writeFields(Writer& out, const std::vector<Field>& fields)
{
    out.number(fields.size());
    for (const Field& field : fields) {
        out.text(field.name);
        writeType(out, field.type);
    }
}

std::vector<Field> readFields(Reader& in, int depth);

Type readType(Reader& in, int depth)
{
    if (depth > kDeepest) throw WireProblem("a type is too deep");
    const auto kind = read<TypeKind>(in);
    if (kind == TypeKind::Array) return Type::array(readType(in, depth + 1));
    if (kind == TypeKind::Struct) return Type::structure(readFields(in, depth + 1));
    return kind;
}

std::vector<Field> readFields(Reader& in, int depth)
{
    std::vector<Field> fields;
    for (size_t left = in.count(); left > 0; --left) {
        std::string name(in.text());
        fields.push_back({std::move(name), readType(in, depth)});
    }
    return fields;
}

}

void Wire<Schema>::write(Writer& out, const Schema& schema) { writeFields(out, schema.fields()); }

Schema Wire<Schema>::read(Reader& in) { return Schema(readFields(in, 0)); }

void Wire<Schema>::describe(std::string& shape) { Wire<TypeKind>::describe(shape += "schema"); }

void Wire<Document>::write(Writer& out, const Document& document) { out.text(printDocument(document)); }

Document Wire<Document>::read(Reader& in)
{
    DocumentRead document = readDocument(in.text());
    if (!document.document) throw WireProblem("a document cannot be read");
    return std::move(*document.document);
}

}
