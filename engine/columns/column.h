// An immutable column. Copies and slices share the buffers; thread-safe to read.
#pragma once
#include "engine/base/memory.h"
#include "engine/columns/string_ref.h"
#include "engine/columns/type.h"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace streamwright {

class Column;
using ColumnPtr = std::shared_ptr<const Column>;
using Owner = std::shared_ptr<const void>;

// The C++ type of each kind's values: uint8_t, int32_t, int64_t, float, double, StringRef.
//   BOOLEAN uint8_t (0, 1) · INT, DATE int32_t · BIGINT, TIMESTAMP int64_t · STRING, BINARY StringRef
// A value under a NULL is readable and means nothing. ARRAY: offsets of size + 1 into element(),
// absolute, not starting at 0 in a slice. STRUCT: one child column of the same size per field.
class Column {
public:
    const Type& type() const { return type_; }
    size_t size() const { return size_; }

    // 1 = NULL per row; null pointer when no row is NULL. VOID columns are all NULL.
    const uint8_t* nulls() const { return nulls_; }
    bool isNull(size_t row) const { return type_.is(TypeKind::Void) || (nulls_ && nulls_[row]); }

    template <class T>
    const T* values() const { return static_cast<const T*>(values_); }
    template <class T>
    const T& value(size_t row) const { return values<T>()[row]; }
    StringRef text(size_t row) const { return values<StringRef>()[row]; }

    const uint32_t* offsets() const { return static_cast<const uint32_t*>(values_); }  // ARRAY
    const ColumnPtr& element() const { return children_.front(); }                    // ARRAY
    const ColumnPtr& child(size_t field) const { return children_[field]; }           // STRUCT
    const std::vector<ColumnPtr>& children() const { return children_; }

    // What keeps the values, the nulls and the text alive; views of this column's text need them.
    const std::vector<Owner>& owners() const { return owners_; }

    // Rows [from, from + size), nothing copied.
    ColumnPtr slice(size_t from, size_t size) const;

    // Bytes of the values and nulls, children included; shared text is not counted.
    size_t bytes() const;

    // Assembles a column from raw parts. `values` as described above, `nulls` may be null.
    static ColumnPtr make(Type type, size_t size, const void* values, const uint8_t* nulls, std::vector<Owner> owners, std::vector<ColumnPtr> children = {});
    // `size` NULLs of the type.
    static ColumnPtr nullsOf(const Type& type, size_t size);

private:
    Type type_;
    size_t size_ = 0;
    const void* values_ = nullptr;
    const uint8_t* nulls_ = nullptr;
    std::vector<Owner> owners_;
    std::vector<ColumnPtr> children_;
};

// Rows picked by index, in the order of `rows`; text is shared, not copied.
ColumnPtr gather(const Column& column, std::span<const uint32_t> rows);
// As gather; a row of kNoRow gives NULL.
inline constexpr uint32_t kNoRow = 0xFFFFFFFF;
ColumnPtr gatherOrNull(const Column& column, std::span<const uint32_t> rows);
// One after the other; all of one type, at least one.
ColumnPtr concatenate(std::span<const ColumnPtr> columns);
// The same column with its long strings copied into one buffer of its own, so that it holds no input
// buffer alive (for what outlives a batch).
ColumnPtr compact(const Column& column);
// Adds `from`'s owners that are not there yet.
void addOwners(std::vector<Owner>& owners, const std::vector<Owner>& from);

}
