#include "ui/gallery/grid_geometry.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace rlcm::ui {

namespace {

constexpr double kSmallestSide = 112;  // below, images say little: rather scroll
constexpr double kLargestSide = 384;   // unless larger ones are asked for

std::vector<double> sidesFor(const GridRoom& room) {
    const double stored = room.storedSide / room.ratio, widest = room.area.width() - room.scrollBar - 2 * kCellMargin;
    std::vector<double> sides;
    for (int factor = 1; factor * stored <= widest; ++factor) {
        sides.push_back(factor * stored);
    }
    if (stored > kSmallestSide * 1.5) {
        for (double side = kSmallestSide; side < std::min(widest, stored); side += 8) {
            sides.push_back(std::floor(side * room.ratio) / room.ratio);
        }
        std::sort(sides.begin(), sides.end());
    }
    return sides.empty() ? std::vector{kSmallestSide} : sides;
}

int columnsIn(int width, const GridGeometry& one) {
    return std::max(1, (width + kCellGap) / (one.cellWidth + kCellGap));
}

int rowsOf(const GridGeometry& one, const GridRoom& room) {
    const int columns = columnsIn(room.area.width(), one);
    return (std::max(1, room.images) + columns - 1) / columns;
}

bool fits(const GridGeometry& one, const GridRoom& room) {
    return rowsOf(one, room) * (one.cellHeight + kCellGap) - kCellGap <= room.area.height();
}

GridGeometry geometryOf(double side, const GridRoom& room) {
    GridGeometry one;
    one.imageSide = side;
    one.cellWidth = static_cast<int>(std::ceil(side)) + 2 * kCellMargin;
    one.cellHeight = one.cellWidth + room.caption;
    one.decodeSide = room.storedSide / room.ratio > side ? static_cast<int>(std::lround(side * room.ratio)) : 0;
    // Evens out the last row, or leaves room for the scroll bar.
    const int rows = rowsOf(one, room);
    one.columns = fits(one, room) ? (std::max(1, room.images) + rows - 1) / rows : columnsIn(room.area.width() - room.scrollBar, one);
    return one;
}

}  // namespace

GridGeometry fitGrid(const GridRoom& room, int larger) {
    const std::vector<double> sides = sidesFor(room);
    std::size_t best = 0;
    for (std::size_t i = 1; i < sides.size() && sides[i] <= kLargestSide; ++i) {
        if (fits(geometryOf(sides[i], room), room) || sides[best] < kSmallestSide) {
            best = i;
        }
    }
    const std::size_t chosen = std::min(best + static_cast<std::size_t>(std::max(0, larger)), sides.size() - 1);
    GridGeometry geometry = geometryOf(sides[chosen], room);
    geometry.larger = static_cast<int>(chosen - best);
    return geometry;
}

}  // namespace rlcm::ui
