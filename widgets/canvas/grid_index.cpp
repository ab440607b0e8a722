#include "widgets/canvas/grid_index.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace streamwright {

namespace {

constexpr double kSide = 512;

struct Span {
    int64_t left, top, right, bottom;
    explicit Span(const QRectF& area)
        : left(static_cast<int64_t>(std::floor(area.left() / kSide))), top(static_cast<int64_t>(std::floor(area.top() / kSide))),
          right(static_cast<int64_t>(std::floor(area.right() / kSide))), bottom(static_cast<int64_t>(std::floor(area.bottom() / kSide)))
    {
    }
    size_t count() const { return static_cast<size_t>((right - left + 1) * (bottom - top + 1)); }
    bool holds(int64_t x, int64_t y) const { return x >= left && x <= right && y >= top && y <= bottom; }
};

constexpr int64_t cellOf(int64_t x, int64_t y) { return (x << 32) ^ (y & 0xffffffff); }

}

void GridIndex::clear()
{
    cells_.clear();
    cellsOf_.clear();
    seen_.clear();
    question_ = 0;
}

void GridIndex::add(size_t thing, Cell cell)
{
    if (thing >= cellsOf_.size()) cellsOf_.resize(thing + 1), seen_.resize(thing + 1, 0);
    std::vector<Cell>& own = cellsOf_[thing];
    if (std::find(own.begin(), own.end(), cell) != own.end()) return;
    own.push_back(cell);
    cells_[cell].push_back(static_cast<uint32_t>(thing));
}

void GridIndex::insert(size_t thing, const QRectF& area)
{
    const Span span(area);
    for (int64_t x = span.left; x <= span.right; ++x) {
        for (int64_t y = span.top; y <= span.bottom; ++y) add(thing, cellOf(x, y));
    }
}

void GridIndex::insert(size_t thing, const QPolygonF& line)
{
    for (qsizetype i = 1; i < line.size(); ++i) insert(thing, QRectF(line[i - 1], line[i]).normalized());
}

void GridIndex::remove(size_t thing)
{
    if (thing >= cellsOf_.size()) return;
    for (Cell cell : cellsOf_[thing]) {
        const auto at = cells_.find(cell);
        std::erase(at->second, static_cast<uint32_t>(thing));
        if (at->second.empty()) cells_.erase(at);
    }
    cellsOf_[thing].clear();
}

std::vector<size_t> GridIndex::in(const QRectF& area) const
{
    std::vector<size_t> found;
    ++question_;
    const auto take = [&](const std::vector<uint32_t>& things) {
        for (uint32_t thing : things) {
            if (std::exchange(seen_[thing], question_) != question_) found.push_back(thing);
        }
    };
    const Span span(area);
    if (span.count() > cells_.size()) {
        for (const auto& [cell, things] : cells_) {
            if (span.holds(cell >> 32, static_cast<int32_t>(cell & 0xffffffff))) take(things);
        }
    } else {
        for (int64_t x = span.left; x <= span.right; ++x) {
            for (int64_t y = span.top; y <= span.bottom; ++y) {
                if (const auto at = cells_.find(cellOf(x, y)); at != cells_.end()) take(at->second);
            }
        }
    }
    std::sort(found.begin(), found.end());
    return found;
}

}
