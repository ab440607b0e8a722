#include "engine/expression/aggregate_parts.h"

namespace streamwright {

void Cells::hold(const ColumnPtr& column)
{
    columns_.push_back(column);
    used_ = false;
}

void Cells::release()
{
    if (!used_) return columns_.pop_back();
    retained_ += columns_.back()->size();
    if (retained_ <= 65'536 || retained_ <= 4 * cells_.size()) return;
    std::vector<uint32_t> groups;
    for (size_t group = 0; group < cells_.size(); ++group) {
        if (has(group)) groups.push_back(static_cast<uint32_t>(group));
    }
    const ColumnPtr together = gather(groups);
    columns_ = {together};
    retained_ = together->size();
    for (size_t i = 0; i < groups.size(); ++i) cells_[groups[i]] = {1, static_cast<uint32_t>(i)};
}

ColumnPtr Cells::gather(std::span<const uint32_t> groups) const
{
    ColumnBuilder out(type_);
    out.reserve(groups.size());
    for (const uint32_t group : groups) {
        if (has(group)) out.pushFrom(column(group), row(group));
        else out.pushNull();
    }
    return out.finish();
}

}
