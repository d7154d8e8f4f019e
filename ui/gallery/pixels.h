#pragma once
// Between the pictures of Qt and of core.
#include <QImage>
#include <algorithm>

#include "core/image/rgb8_image.h"

namespace rlcm::ui {

inline image::Rgb8Image pixelsOf(const QImage& picture) {
    const QImage rgb = picture.convertToFormat(QImage::Format_RGB888);
    image::Rgb8Image result{rgb.width(), rgb.height(), {}};
    for (int y = 0; y < rgb.height(); ++y) {
        result.pixels.insert(result.pixels.end(), rgb.constScanLine(y), rgb.constScanLine(y) + rgb.width() * 3);
    }
    return result;
}

inline QImage pictureOf(const image::Rgb8Image& pixels) {
    QImage result(pixels.width, pixels.height, QImage::Format_RGB888);
    for (int y = 0; y < pixels.height; ++y) {
        std::copy_n(pixels.pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(pixels.width) * 3, pixels.width * 3, result.scanLine(y));
    }
    return result;
}

}  // namespace rlcm::ui
