#include "core/image/subject.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/error.h"

namespace rlcm::image {
namespace {

constexpr double kDiffers = 0.12, kWeighs = 0.08;
constexpr int kEndShare = 16;

using Colour = std::array<double, 3>;

Colour colourAt(const Rgb8Image& picture, int x, int y) {
    const std::uint8_t* pixel = picture.pixels.data() + 3 * (static_cast<std::size_t>(y) * picture.width + x);
    return {pixel[0] / 255.0, pixel[1] / 255.0, pixel[2] / 255.0};
}

/// Mean colour of `count` pixels of a row.
Colour meanColour(const Rgb8Image& picture, int from, int count, int y) {
    Colour mean{};
    for (int x = from; x < from + count; ++x) {
        const Colour colour = colourAt(picture, x, y);
        for (int c = 0; c < 3; ++c) {
            mean[c] += colour[c] / count;
        }
    }
    return mean;
}

double distance(const Colour& a, const Colour& b) {
    double squares = 0;
    for (int c = 0; c < 3; ++c) {
        squares += (a[c] - b[c]) * (a[c] - b[c]);
    }
    return std::sqrt(squares / 3);
}

}  // namespace

Subject subjectOf(const Rgb8Image& picture) {
    ensure(!picture.pixels.empty(), "a picture without pixels has no subject");
    const int end = std::max(1, picture.width / kEndShare);
    double weight = 0, sumX = 0, sumY = 0;
    int count = 0;
    for (int y = 0; y < picture.height; ++y) {
        const Colour left = meanColour(picture, 0, end, y), right = meanColour(picture, picture.width - end, end, y);
        for (int x = 0; x < picture.width; ++x) {
            const Colour colour = colourAt(picture, x, y);
            const double away = std::min(distance(colour, left), distance(colour, right));
            count += away > kDiffers ? 1 : 0;
            const double share = std::max(0.0, away - kWeighs);
            weight += share;
            sumX += share * (x + 0.5);
            sumY += share * (y + 0.5);
        }
    }
    if (weight == 0) {
        return {};
    }
    return {.size = static_cast<double>(count) / picture.width / picture.height, .x = sumX / weight / picture.width, .y = sumY / weight / picture.height};
}

}  // namespace rlcm::image
