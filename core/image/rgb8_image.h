#pragma once
#include <cstdint>
#include <vector>

namespace rlcm::image {

/// 8-bit RGB image, rows top to bottom, no padding: pixels.size() == width * height * 3.
struct Rgb8Image {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> pixels;
    bool operator==(const Rgb8Image&) const = default;
};

}  // namespace rlcm::image
