#pragma once
#include <QSize>

namespace rlcm::ui {

/// What cells have to fit: pixels are logical unless they are stored ones.
struct GridRoom {
    QSize area;
    int images = 1;
    int storedSide = 64;  ///< of an image, in its own pixels
    int caption = 0;      ///< height below an image
    int scrollBar = 0;    ///< width that it takes once the rows do not fit
    double ratio = 1;     ///< device pixels for each logical one
};

/// How a grid of equal images is laid out.
struct GridGeometry {
    int columns = 1;
    double imageSide = 64;  ///< logical pixels
    int cellWidth = 0, cellHeight = 0;
    int decodeSide = 0;  ///< for ThumbnailCache; 0: as stored
    int larger = 0;      ///< steps that were taken beyond what fits
};

inline constexpr int kCellMargin = 2;  // around the image inside its cell
inline constexpr int kCellGap = 4;     // between cells

/// The largest images of which all fit, but none so small that it says little: then the rows scroll. Small images are enlarged by whole factors, large ones
/// reduced to any size in steps of 8. `larger`: so many sizes more than that, as far as one fits the width.
GridGeometry fitGrid(const GridRoom& room, int larger = 0);

}  // namespace rlcm::ui
