// Builds columns row by row or in bulk. Not thread-safe.
#pragma once
#include "engine/columns/batch.h"
#include "engine/columns/value.h"

namespace streamwright {

// A growing array in a Buffer. After `finish` the builder is empty.
template <class T>
class FixedBuilder {
public:
    void reserve(size_t rows)
    {
        if (rows > capacity_) grow(rows);
    }
    void push(T value)
    {
        if (size_ == capacity_) grow(size_ + 1);
        data_[size_++] = value;
    }
    // Room for `rows` more values, to be written by the caller: returns where.
    T* extend(size_t rows)
    {
        if (size_ + rows > capacity_) grow(size_ + rows);
        size_ += rows;
        return data_ + (size_ - rows);
    }
    void shrinkTo(size_t rows) { size_ = rows; }
    T* data() { return data_; }
    const T* data() const { return data_; }
    size_t size() const { return size_; }
    std::shared_ptr<Buffer> finish()
    {
        if (!buffer_) grow(1);
        size_ = capacity_ = 0;
        data_ = nullptr;
        return std::move(buffer_);
    }

private:
    void grow(size_t needed)
    {
        const size_t capacity = needed < 16 ? 16 : needed > 2 * capacity_ ? needed : 2 * capacity_;
        auto bigger = Buffer::allocate(capacity * sizeof(T));
        if (size_ > 0) std::memcpy(bigger->data(), data_, size_ * sizeof(T));
        buffer_ = std::move(bigger);
        data_ = reinterpret_cast<T*>(buffer_->data());
        capacity_ = capacity;
    }

    std::shared_ptr<Buffer> buffer_;
    T* data_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

// Text copied into chunks that the column will own.
class TextHeap {
public:
    StringRef copy(std::string_view text);
    // `size` writable bytes that stay where they are; 12 bytes or fewer are better made inline by StringRef.
    char* reserve(size_t size);
    // Makes room for the next `size` bytes.
    void makeRoom(size_t size);
    std::vector<Owner> finish() { return std::move(chunks_); }

private:
    std::vector<Owner> chunks_;
    char* at_ = nullptr;
    size_t left_ = 0;
};

class ColumnBuilder {
public:
    explicit ColumnBuilder(Type type);

    const Type& type() const { return type_; }
    size_t size() const { return size_; }
    void reserve(size_t rows);

    void pushNull();
    // T is the C++ type of the kind's values (column.h).
    template <class T>
    void push(T value)
    {
        fixed<T>().push(value);
        pushValid();
    }
    // Copies the text.
    void pushText(std::string_view text)
    {
        text_.push(heap_.copy(text));
        pushValid();
    }
    // Before a long text is made up: what the memory budget does not have is refused at once, not when it is pushed.
    void expectText(size_t bytes)
    {
        if (bytes > StringRef::kInlineBytes) heap_.makeRoom(bytes);
    }
    // Keeps a view; its owner must be added with `keep`.
    void pushView(StringRef text)
    {
        text_.push(text);
        pushValid();
    }
    void keep(const std::vector<Owner>& owners) { addOwners(owners_, owners); }
    // ARRAY: push the elements into `element()`, then close the row. STRUCT: push one value into every child, then close.
    ColumnBuilder& element() { return children_.front(); }
    ColumnBuilder& child(size_t field) { return children_[field]; }
    void closeRow();
    // A boxed value of this type; NULL for monostate.
    void pushValue(const Value& value);
    // Row `row` of a column of the same type; copies text.
    void pushFrom(const Column& column, size_t row);

    ColumnPtr finish();

private:
    template <class T>
    FixedBuilder<T>& fixed()
    {
        if constexpr (sizeof(T) == 1) return reinterpret_cast<FixedBuilder<T>&>(bytes_);
        else if constexpr (std::is_same_v<T, float>) return floats_;
        else if constexpr (std::is_same_v<T, double>) return doubles_;
        else if constexpr (std::is_same_v<T, StringRef>) return text_;
        else if constexpr (sizeof(T) == 4) return reinterpret_cast<FixedBuilder<T>&>(ints_);
        else return reinterpret_cast<FixedBuilder<T>&>(longs_);
    }
    void pushValid()
    {
        if (anyNull_) nulls_.push(0);
        ++size_;
    }
    std::shared_ptr<Buffer> finishValues();

    Type type_;
    size_t size_ = 0;
    bool anyNull_ = false;
    FixedBuilder<uint8_t> nulls_;
    FixedBuilder<uint8_t> bytes_;
    FixedBuilder<int32_t> ints_;  // also ARRAY offsets (ends)
    FixedBuilder<int64_t> longs_;
    FixedBuilder<float> floats_;
    FixedBuilder<double> doubles_;
    FixedBuilder<StringRef> text_;
    TextHeap heap_;
    std::vector<Owner> owners_;
    std::vector<ColumnBuilder> children_;
};

ColumnPtr columnOf(const Type& type, std::span<const Value> values);

// A column around a finished buffer of values, without NULLs or with them.
template <class T>
ColumnPtr columnFrom(const Type& type, FixedBuilder<T>& values, const std::shared_ptr<Buffer>& nulls = nullptr)
{
    const size_t size = values.size();
    auto buffer = values.finish();
    const void* data = buffer->data();
    std::vector<Owner> owners{std::move(buffer)};
    const uint8_t* marks = nulls ? reinterpret_cast<const uint8_t*>(nulls->data()) : nullptr;
    if (nulls) owners.push_back(nulls);
    return Column::make(type, size, data, marks, std::move(owners));
}

}
