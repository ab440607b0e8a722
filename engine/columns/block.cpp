#include "engine/columns/block.h"

#include "engine/columns/block_stream.h"
#include "engine/columns/builder.h"

#include <numeric>

// A block: the magic "SWB1", CRC-32C of all that follows, length of all that follows the length, rows,
// the schema's DDL with its length, then the columns one after the other. A column is a flag whether it
// has NULLs, their bits, and its values: fixed values and lengths in byte planes, text as one run of
// bytes, BOOLEAN as bits, ARRAY as lengths and the elements, STRUCT as its fields.
namespace streamwright {

namespace {

constexpr std::string_view kMagic = "SWB1";
constexpr size_t kHeaderBytes = 16;   // magic, CRC, length

Error damaged(std::string_view what) { return permanent(fmt::format("a block of rows is damaged: {}", what)); }

// Marks of the rows that are NULL, here or in what holds the column; empty if there are none.
std::vector<uint8_t> nullMarks(const Column& column, const std::vector<uint8_t>& outer)
{
    std::vector<uint8_t> marks = outer;
    if (!column.nulls()) return marks;
    const uint8_t* nulls = column.nulls();
    if (marks.empty()) {
        if (std::find_if(nulls, nulls + column.size(), [](uint8_t n) { return n != 0; }) == nulls + column.size()) return marks;
        marks.resize(column.size());
    }
    for (size_t i = 0; i < column.size(); ++i) marks[i] = static_cast<uint8_t>((marks[i] | nulls[i]) != 0);
    return marks;
}

// The values with zeros where a row is NULL, so that the same rows give the same bytes.
template <class T>
const T* zeroedValues(const Column& column, const std::vector<uint8_t>& nulls, std::vector<T>& copy)
{
    if (nulls.empty()) return column.values<T>();
    copy.assign(column.values<T>(), column.values<T>() + column.size());
    for (size_t i = 0; i < copy.size(); ++i) {
        if (nulls[i]) copy[i] = 0;
    }
    return copy.data();
}

class Encoder {
public:
    explicit Encoder(std::string& out) : out_(out) {}

    void column(const Column& column, const std::vector<uint8_t>& outer)
    {
        if (column.type().is(TypeKind::Void)) return;
        const std::vector<uint8_t> nulls = nullMarks(column, outer);
        out_.push_back(nulls.empty() ? '\0' : '\1');
        if (!nulls.empty()) appendBits(out_, nulls.data(), nulls.size());
        switch (column.type().kind()) {
            case TypeKind::Array: array(column, nulls); return;
            case TypeKind::Struct:
                for (const ColumnPtr& child : column.children()) this->column(*child, nulls);
                return;
            case TypeKind::Boolean: {
                std::vector<uint8_t> copy;
                appendBits(out_, zeroedValues<uint8_t>(column, nulls, copy), column.size());
                return;
            }
            case TypeKind::String:
            case TypeKind::Binary: text(column, nulls); return;
            default: break;
        }
        if (valueWidth(column.type().kind()) == 4) {
            std::vector<uint32_t> copy;
            appendNumbers(out_, zeroedValues<uint32_t>(column, nulls, copy), column.size());
        } else {
            std::vector<uint64_t> copy;
            appendNumbers(out_, zeroedValues<uint64_t>(column, nulls, copy), column.size());
        }
    }

private:
    void text(const Column& column, const std::vector<uint8_t>& nulls)
    {
        std::vector<uint32_t> lengths(column.size());
        const StringRef* refs = column.values<StringRef>();
        size_t total = 0;
        for (size_t i = 0; i < lengths.size(); ++i) {
            lengths[i] = nulls.empty() || !nulls[i] ? refs[i].size() : 0;
            total += lengths[i];
        }
        appendNumbers(out_, lengths.data(), lengths.size());
        appendText(out_, refs, lengths, total);
    }

    void array(const Column& column, const std::vector<uint8_t>& nulls)
    {
        std::vector<uint32_t> lengths(column.size());
        const uint32_t* offsets = column.offsets();
        bool hidden = false;   // elements of rows that are NULL
        for (size_t i = 0; i < lengths.size(); ++i) {
            lengths[i] = offsets[i + 1] - offsets[i];
            if (!nulls.empty() && nulls[i] && lengths[i] > 0) {
                hidden = true;
                lengths[i] = 0;
            }
        }
        appendNumbers(out_, lengths.data(), lengths.size());
        ColumnPtr elements;
        if (hidden) {
            std::vector<uint32_t> kept;
            for (size_t i = 0; i < lengths.size(); ++i) {
                for (uint32_t e = 0; e < lengths[i]; ++e) kept.push_back(offsets[i] + e);
            }
            elements = gather(*column.element(), kept);
        } else {
            elements = column.size() == 0 ? column.element()->slice(0, 0) : column.element()->slice(offsets[0], offsets[column.size()] - offsets[0]);
        }
        this->column(*elements, {});
    }

    std::string& out_;
};

class Decoder {
public:
    Decoder(std::string_view bytes, size_t limit) : in_(bytes, limit) {}

    StreamReader& in() { return in_; }

    // Null when the bytes are not a column of the type.
    ColumnPtr column(const Type& type, size_t rows)
    {
        if (type.is(TypeKind::Void)) return Column::make(type, rows, nullptr, nullptr, {});
        const auto flag = in_.byte();
        if (!flag || *flag > 1) return nullptr;
        std::vector<Owner> owners;
        const uint8_t* marks = nullptr;
        if (*flag == 1) {
            auto nulls = in_.bits(rows);
            if (!nulls) return nullptr;
            marks = reinterpret_cast<const uint8_t*>(nulls->data());
            owners.push_back(std::move(nulls));
        }
        if (type.is(TypeKind::Struct)) {
            std::vector<ColumnPtr> children;
            for (const Field& field : type.fields()) {
                children.push_back(column(field.type, rows));
                if (!children.back()) return nullptr;
            }
            return Column::make(type, rows, nullptr, marks, std::move(owners), std::move(children));
        }
        if (type.is(TypeKind::Array)) return array(type, rows, marks, std::move(owners));
        if (isText(type.kind())) return text(type, rows, marks, std::move(owners));
        std::shared_ptr<Buffer> values;
        switch (valueWidth(type.kind())) {
            case 1: values = in_.bits(rows); break;
            case 4: values = in_.numbers<uint32_t>(rows); break;
            default: values = in_.numbers<uint64_t>(rows); break;
        }
        if (!values) return nullptr;
        const void* data = values->data();
        owners.push_back(std::move(values));
        return Column::make(type, rows, data, marks, std::move(owners));
    }

private:
    ColumnPtr array(const Type& type, size_t rows, const uint8_t* marks, std::vector<Owner> owners)
    {
        const auto lengths = in_.numbers<uint32_t>(rows);
        if (!lengths) return nullptr;
        const auto* length = reinterpret_cast<const uint32_t*>(lengths->data());
        const uint64_t total = std::accumulate(length, length + rows, uint64_t{0});
        if (total > 0xFFFFFFFFull || !in_.spend((rows + 1) * sizeof(uint32_t))) return nullptr;
        auto offsets = Buffer::allocate((rows + 1) * sizeof(uint32_t));
        auto* offset = reinterpret_cast<uint32_t*>(offsets->data());
        *offset = 0;
        for (size_t i = 0; i < rows; ++i) offset[i + 1] = offset[i] + length[i];
        ColumnPtr elements = column(type.element(), static_cast<size_t>(total));
        if (!elements) return nullptr;
        owners.push_back(std::move(offsets));
        return Column::make(type, rows, offset, marks, std::move(owners), {std::move(elements)});
    }

    ColumnPtr text(const Type& type, size_t rows, const uint8_t* marks, std::vector<Owner> owners)
    {
        const auto lengths = in_.numbers<uint32_t>(rows);
        if (!lengths) return nullptr;
        const auto* length = reinterpret_cast<const uint32_t*>(lengths->data());
        const uint64_t total = std::accumulate(length, length + rows, uint64_t{0});
        auto heap = in_.text(static_cast<size_t>(total), length, rows);
        if (!heap || !in_.spend(rows * sizeof(StringRef))) return nullptr;
        auto values = Buffer::allocate(rows * sizeof(StringRef));
        auto* out = reinterpret_cast<StringRef*>(values->data());
        const char* at = heap->data();
        bool inlined = true;
        for (size_t i = 0; i < rows; ++i) {
            new (out + i) StringRef(StringRef::padded(at, length[i]));
            at += length[i];
            inlined = inlined && length[i] <= StringRef::kInlineBytes;
        }
        owners.push_back(std::move(values));
        if (!inlined) owners.push_back(std::move(heap));
        return Column::make(type, rows, out, marks, std::move(owners));
    }

    StreamReader in_;
};

template <class T>
T loadAt(std::string_view bytes, size_t at)
{
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof(T));
    return value;
}

}

std::string encodeBlock(const Batch& batch)
{
    std::string out(kHeaderBytes, '\0');
    appendVarint(out, batch.rows());
    const std::string ddl = batch.schema().toDdl();
    appendVarint(out, ddl.size());
    out += ddl;
    Encoder encoder(out);
    for (const ColumnPtr& column : batch.columns()) encoder.column(*column, {});
    const uint64_t length = out.size() - kHeaderBytes;
    std::memcpy(out.data(), kMagic.data(), 4);
    std::memcpy(out.data() + 8, &length, 8);
    const uint32_t crc = crc32c(std::string_view(out).substr(8));
    std::memcpy(out.data() + 4, &crc, 4);
    return out;
}

Result<void> checkBlock(std::string_view bytes)
{
    if (bytes.size() < kHeaderBytes || bytes.substr(0, 4) != kMagic) return damaged("it does not begin as a block");
    if (loadAt<uint64_t>(bytes, 8) != bytes.size() - kHeaderBytes) return damaged(fmt::format("it tells {} bytes but has {}", loadAt<uint64_t>(bytes, 8), bytes.size() - kHeaderBytes));
    if (loadAt<uint32_t>(bytes, 4) != crc32c(bytes.substr(8))) return damaged("its check sum differs");
    return {};
}

size_t blockRows(std::string_view bytes)
{
    StreamReader in(bytes.substr(std::min(kHeaderBytes, bytes.size())), 0);
    return static_cast<size_t>(in.varint().value_or(0));
}

Result<BatchPtr> decodeBlock(std::string_view bytes, size_t limit)
{
    if (auto whole = checkBlock(bytes); !whole) return whole.error();
    Decoder decoder(bytes.substr(kHeaderBytes), limit);
    const auto rows = decoder.in().varint();
    const auto ddlSize = decoder.in().varint();
    if (!rows || !ddlSize || *rows > 0xFFFFFFFFull) return damaged("its header is not one of ours");
    const auto ddl = decoder.in().bytes(static_cast<size_t>(*ddlSize));
    if (!ddl) return damaged("its schema is cut off");
    auto schema = parseSchema(*ddl);
    if (!schema) return damaged(fmt::format("its schema cannot be read: {}", schema.error().message));
    auto shared = std::make_shared<const Schema>(std::move(*schema));
    std::vector<ColumnPtr> columns;
    for (const Field& field : shared->fields()) {
        columns.push_back(decoder.column(field.type, static_cast<size_t>(*rows)));
        if (!columns.back()) return damaged(fmt::format("column \"{}\" cannot be read", field.name));
    }
    if (!decoder.in().atEnd()) return damaged("bytes follow its last column");
    return makeBatch(std::move(shared), std::move(columns), static_cast<size_t>(*rows));
}

}
