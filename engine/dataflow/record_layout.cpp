#include "engine/dataflow/record_layout.h"

#include "engine/columns/value_bytes.h"

namespace streamwright {

namespace {

bool isBlob(const Type& type) { return isText(type.kind()) || type.is(TypeKind::Array); }

size_t placeWidth(const Type& type) { return isBlob(type) ? sizeof(BlobArena::Place) : valueWidth(type.kind()); }

// 1 where the value or what it is a field of is NULL; null if none is.
const uint8_t* joinNulls(const Column& column, const uint8_t* above, std::vector<uint8_t>& joined)
{
    const uint8_t* own = column.nulls();
    if (!own) return above;
    if (!above) return own;
    joined.resize(column.size());
    for (size_t i = 0; i < joined.size(); ++i) joined[i] = own[i] | above[i];
    return joined.data();
}

BlobArena::Place placeIn(const char* record, size_t at)
{
    BlobArena::Place place;
    std::memcpy(&place, record + at, sizeof(place));
    return place;
}

ColumnPtr readText(const Type& type, std::span<char* const> records, size_t at, const uint8_t* marks, std::vector<Owner> owners, const BlobArena& blobs)
{
    size_t total = 0;
    for (const char* record : records) total += blobs.at(placeIn(record, at)).size();
    auto text = Buffer::allocate(total);
    auto values = Buffer::allocate(records.size() * sizeof(StringRef));
    auto* out = reinterpret_cast<StringRef*>(values->data());
    char* to = text->data();
    for (size_t i = 0; i < records.size(); ++i) {
        const std::string_view bytes = blobs.at(placeIn(records[i], at));
        std::memcpy(to, bytes.data(), bytes.size());
        out[i] = StringRef(to, static_cast<uint32_t>(bytes.size()));
        to += bytes.size();
    }
    owners.push_back(values);
    owners.push_back(text);
    return Column::make(type, records.size(), out, marks, std::move(owners));
}

template <class T>
void readFixed(std::span<char* const> records, size_t at, char* target)
{
    T* out = reinterpret_cast<T*>(target);
    for (size_t i = 0; i < records.size(); ++i) std::memcpy(out + i, records[i] + at, sizeof(T));
}

}

RecordLayout::RecordLayout(const std::vector<Type>& values, bool touched)
{
    uint32_t bits = 0;
    for (const Type& type : values) leaves_.push_back(makeLeaf(type, bits));
    nullBytes_ = (bits + 7) / 8;
    size_t at = kNulls + nullBytes_;
    for (Leaf& leaf : leaves_) place(leaf, at);
    if (touched) {
        touched_ = at;
        at += sizeof(int64_t);
    }
    keyAt_ = at;
}

RecordLayout::Leaf RecordLayout::makeLeaf(const Type& type, uint32_t& bits)
{
    Leaf leaf{type, 0, static_cast<uint32_t>(kNulls + bits / 8), static_cast<uint8_t>(1u << (bits % 8)), {}};
    ++bits;
    hasBlobs_ = hasBlobs_ || isBlob(type);
    if (type.is(TypeKind::Struct)) {
        for (const Field& field : type.fields()) leaf.children.push_back(makeLeaf(field.type, bits));
    }
    return leaf;
}

void RecordLayout::place(Leaf& leaf, size_t& at)
{
    leaf.at = static_cast<uint32_t>(at);
    at += placeWidth(leaf.type);
    for (Leaf& child : leaf.children) place(child, at);
}

void RecordLayout::clear(char* record) const
{
    std::memset(record + kNulls, 0xFF, nullBytes_);
    std::memset(record + kNulls + nullBytes_, 0, keyAt_ - kNulls - nullBytes_);
}

void RecordLayout::write(size_t value, const Column& column, std::span<char* const> records, BlobArena& blobs) const
{
    writeLeaf(leaves_[value], column, records, nullptr, blobs);
}

template <class T>
void RecordLayout::writeFixed(const Leaf& leaf, const Column& column, std::span<char* const> records, const uint8_t* nulls)
{
    const T* in = column.values<T>();
    const auto keep = static_cast<uint8_t>(~leaf.nullMask);
    for (size_t i = 0; i < records.size(); ++i) {
        char* record = records[i];
        auto& marks = reinterpret_cast<uint8_t&>(record[leaf.nullByte]);
        const bool null = nulls && nulls[i];
        const T value = null ? T() : in[i];
        marks = null ? marks | leaf.nullMask : marks & keep;
        std::memcpy(record + leaf.at, &value, sizeof(T));
    }
}

void RecordLayout::writeBlobs(const Leaf& leaf, const Column& column, std::span<char* const> records, const uint8_t* nulls, BlobArena& blobs)
{
    const bool text = isText(leaf.type.kind());
    std::string bytes;
    for (size_t i = 0; i < records.size(); ++i) {
        char* record = records[i];
        auto& marks = reinterpret_cast<uint8_t&>(record[leaf.nullByte]);
        const bool null = nulls && nulls[i];
        std::string_view now;
        if (!null && text) now = column.values<StringRef>()[i].view();
        if (!null && !text) {
            bytes.clear();
            appendValueBytes(column, i, bytes);
            now = bytes;
        }
        const BlobArena::Place before = placeIn(record, leaf.at);
        marks = null ? marks | leaf.nullMask : static_cast<uint8_t>(marks & ~leaf.nullMask);
        // Equal bytes keep their place, so that entries that did not change compare equal.
        if (blobs.at(before) == now) continue;
        blobs.release(before);
        const BlobArena::Place place = blobs.add(now);
        std::memcpy(record + leaf.at, &place, sizeof(place));
    }
}

void RecordLayout::writeLeaf(const Leaf& leaf, const Column& column, std::span<char* const> records, const uint8_t* above, BlobArena& blobs) const
{
    std::vector<uint8_t> joined;
    const uint8_t* nulls = joinNulls(column, above, joined);
    if (isBlob(leaf.type)) return writeBlobs(leaf, column, records, nulls, blobs);
    switch (valueWidth(leaf.type.kind())) {
        case 1: return writeFixed<uint8_t>(leaf, column, records, nulls);
        case 4: return writeFixed<int32_t>(leaf, column, records, nulls);
        case 8: return writeFixed<int64_t>(leaf, column, records, nulls);
        default: break;
    }
    const bool isVoid = leaf.type.is(TypeKind::Void);
    for (size_t i = 0; i < records.size(); ++i) {
        auto& marks = reinterpret_cast<uint8_t&>(records[i][leaf.nullByte]);
        marks = isVoid || (nulls && nulls[i]) ? marks | leaf.nullMask : static_cast<uint8_t>(marks & ~leaf.nullMask);
    }
    for (size_t f = 0; f < leaf.children.size(); ++f) writeLeaf(leaf.children[f], *column.child(f), records, nulls, blobs);
}

ColumnPtr RecordLayout::read(size_t value, std::span<char* const> records, const BlobArena& blobs) const { return readLeaf(leaves_[value], records, blobs); }

ColumnPtr RecordLayout::readLeaf(const Leaf& leaf, std::span<char* const> records, const BlobArena& blobs) const
{
    if (leaf.type.is(TypeKind::Void)) return Column::nullsOf(leaf.type, records.size());
    auto nulls = Buffer::allocate(records.size());
    auto* marks = reinterpret_cast<uint8_t*>(nulls->data());
    uint8_t any = 0;
    for (size_t i = 0; i < records.size(); ++i) {
        marks[i] = (static_cast<uint8_t>(records[i][leaf.nullByte]) & leaf.nullMask) != 0;
        any |= marks[i];
    }
    std::vector<Owner> owners;
    if (any) owners.push_back(nulls);
    else marks = nullptr;

    if (isText(leaf.type.kind())) return readText(leaf.type, records, leaf.at, marks, std::move(owners), blobs);
    if (leaf.type.is(TypeKind::Array)) {
        ColumnBuilder out(leaf.type);
        for (size_t i = 0; i < records.size(); ++i) {
            const char* at = blobs.at(placeIn(records[i], leaf.at)).data();
            if (marks && marks[i]) out.pushNull();
            else readValueBytes(out, at);
        }
        return out.finish();
    }
    if (leaf.type.is(TypeKind::Struct)) {
        std::vector<ColumnPtr> children;
        for (const Leaf& child : leaf.children) children.push_back(readLeaf(child, records, blobs));
        return Column::make(leaf.type, records.size(), nullptr, marks, std::move(owners), std::move(children));
    }
    const size_t width = valueWidth(leaf.type.kind());
    auto values = Buffer::allocate(records.size() * width);
    if (width == 1) readFixed<uint8_t>(records, leaf.at, values->data());
    else if (width == 4) readFixed<int32_t>(records, leaf.at, values->data());
    else readFixed<int64_t>(records, leaf.at, values->data());
    owners.push_back(values);
    return Column::make(leaf.type, records.size(), values->data(), marks, std::move(owners));
}

template <class F>
void RecordLayout::forEachBlob(const std::vector<Leaf>& leaves, F&& f)
{
    for (const Leaf& leaf : leaves) {
        if (isBlob(leaf.type)) f(leaf.at);
        forEachBlob(leaf.children, f);
    }
}

void RecordLayout::releaseBlobs(const char* record, BlobArena& blobs) const
{
    forEachBlob(leaves_, [&](size_t at) { blobs.release(placeIn(record, at)); });
}

void RecordLayout::moveBlobs(char* record, const BlobArena& from, BlobArena& to) const
{
    forEachBlob(leaves_, [&](size_t at) {
        const BlobArena::Place place = to.add(from.at(placeIn(record, at)));
        std::memcpy(record + at, &place, sizeof(place));
    });
}

}
