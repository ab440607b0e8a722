// Which things touch a part of the canvas: squares of 512, each with the things on it. Pure.
#pragma once
#include <QPolygonF>
#include <QRectF>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace streamwright {

class GridIndex {
public:
    void clear();
    void insert(size_t thing, const QRectF& area);
    // By its pieces: a long wire is not everywhere in its bounding rectangle.
    void insert(size_t thing, const QPolygonF& line);
    void remove(size_t thing);
    // Ascending, each once; may hold things near by.
    std::vector<size_t> in(const QRectF& area) const;

private:
    using Cell = int64_t;
    void add(size_t thing, Cell cell);
    std::unordered_map<Cell, std::vector<uint32_t>> cells_;
    std::vector<std::vector<Cell>> cellsOf_;            // by thing
    mutable std::vector<uint32_t> seen_;                // by thing: the last question that found it
    mutable uint32_t question_ = 0;
};

}
