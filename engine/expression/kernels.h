// Loops that kernels are written with. None looks at a row's type again: the argument types are fixed by `resolve`.
#pragma once
#include "engine/expression/function.h"

#include <tuple>

namespace streamwright {

// The text of a row. It lies in the column (an inline string in its values), so it lives as long as the column.
inline std::string_view textAt(const Column& column, size_t row) { return column.value<StringRef>(row).view(); }

inline void checkStop(const Call& call)
{
    if (call.context.stop) call.context.stop->check();
}

// NULL marks of a result, made when the first NULL comes.
class NullMarks {
public:
    explicit NullMarks(size_t rows) : rows_(rows) {}
    void mark(size_t row)
    {
        if (!buffer_) {
            buffer_ = Buffer::allocate(rows_);
            std::memset(buffer_->data(), 0, rows_);
        }
        buffer_->data()[row] = 1;
    }
    const std::shared_ptr<Buffer>& buffer() const { return buffer_; }

private:
    size_t rows_;
    std::shared_ptr<Buffer> buffer_;
};

namespace kernels {

template <class... A, class Each, size_t... I>
void eachRow(const Call& call, Each each, std::index_sequence<I...>)
{
    const std::tuple<const A*...> from{call.arguments[I]->template values<A>()...};
    for (size_t row = 0; row < call.rows; ++row) each(row, std::get<I>(from)[row]...);
}

}

// f(a...) -> R for every row, NULL rows too: only for what cannot fail.
template <class R, class... A, class F>
ColumnPtr mapRows(const Call& call, F f)
{
    FixedBuilder<R> out;
    R* to = out.extend(call.rows);
    kernels::eachRow<A...>(call, [&](size_t row, const A&... a) { to[row] = static_cast<R>(f(a...)); }, std::index_sequence_for<A...>{});
    return columnFrom(call.result, out);
}

// f(row, a...) -> optional<R> for the rows without NULL; nothing means NULL. An error is added by f itself.
template <class R, class... A, class F>
ColumnPtr mapChecked(const Call& call, F f)
{
    FixedBuilder<R> out;
    NullMarks nulls(call.rows);
    R* to = out.extend(call.rows);
    kernels::eachRow<A...>(
        call,
        [&](size_t row, const A&... a) {
            to[row] = R();
            if (call.skip(row)) return;
            if (const std::optional<R> value = f(row, a...)) to[row] = *value;
            else nulls.mark(row);
        },
        std::index_sequence_for<A...>{});
    return columnFrom(call.result, out, nulls.buffer());
}

// f(row, out) pushes one value per row that has no NULL argument.
template <class F>
ColumnPtr buildRows(const Call& call, F f)
{
    ColumnBuilder out(call.result);
    out.reserve(call.rows);
    for (size_t row = 0; row < call.rows; ++row) {
        if (call.skip(row)) out.pushNull();
        else f(row, out);
    }
    return out.finish();
}

// f(row) -> optional<string_view> of a piece of the first argument's text: the result shares its bytes.
template <class F>
ColumnPtr viewRows(const Call& call, F f)
{
    ColumnBuilder out(call.result);
    out.reserve(call.rows);
    out.keep(call.arguments[0]->owners());
    for (size_t row = 0; row < call.rows; ++row) {
        std::optional<std::string_view> piece;
        if (!call.skip(row)) piece = f(row);
        // A piece of 12 bytes or fewer is copied into the view, a longer one lies in a Buffer.
        if (piece) out.pushView(StringRef(*piece));
        else out.pushNull();
    }
    return out.finish();
}

// For kernels that push: the row fails and holds NULL.
inline void fail(const Call& call, size_t row, ColumnBuilder& out, std::string reason)
{
    call.errors.add(row, std::move(reason));
    out.pushNull();
}

// Argument `index` is there and has the same value in every row.
inline bool isConstant(const Call& call, size_t index) { return index < call.constant.size() && call.constant[index] && call.rows > 0; }

}
