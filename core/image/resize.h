#pragma once
#include <cstdint>

#include "core/image/rgb8_image.h"

namespace rlcm::image {

/// Pillow's Image.resize(..., BICUBIC), byte for byte: a = -0.5, antialiased, 22-bit fixed point, horizontal pass first,
/// each pass rounded to a byte, a pass that changes nothing left out.
/// source: Pillow's Resample.c behaviour, tested against golden/resize. throws: Shape for a size below 1.
Rgb8Image resizeBicubic(const Rgb8Image& image, int width, int height);
/// Shortest edge to `size` (the long one int(size * long / short)), then the centre size x size
/// with offsets (n - size) / 2. source: CLIPImageProcessor on Pillow.
Rgb8Image resizeAndCrop(const Rgb8Image& image, int size);

}  // namespace rlcm::image
