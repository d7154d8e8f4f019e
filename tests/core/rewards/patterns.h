#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/image/rgb8_image.h"

namespace rlcm::test {

/// A 64x64 image from integer arithmetic alone, so that other programs can make the same one.
inline image::Rgb8Image pattern(int a, int b, int c) {
    image::Rgb8Image result{.width = 64, .height = 64, .pixels = {}};
    for (int y = 0; y < 64; ++y) {
        for (int x = 0; x < 64; ++x) {
            for (const int value : {x * a + y, y * b + x * x / 16, (x + y) * c}) {
                result.pixels.push_back(static_cast<std::uint8_t>(value % 256));
            }
        }
    }
    return result;
}

inline std::vector<image::Rgb8Image> patterns() {
    return {pattern(3, 5, 2), pattern(0, 2, 7), pattern(11, 1, 3)};
}

inline const std::vector<std::string> kPrompts{"cat", "a dog on a beach", "fish"};

}  // namespace rlcm::test
