#include "core/image/pixel_arithmetic.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include "core/base/error.h"

namespace rlcm::image {
namespace {

void requireOneSize(const Rgb8Image& a, const Rgb8Image& b) {
    if (a.width != b.width || a.height != b.height) {
        const auto size = [](const Rgb8Image& image) { return std::to_string(image.width) + " x " + std::to_string(image.height); };
        throw Error(ErrorKind::Shape, "pictures of " + size(a) + " and " + size(b) + " pixels cannot be compared pixel by pixel");
    }
}

template <typename Pixel>
Rgb8Image combined(const Rgb8Image& a, const Rgb8Image& b, Pixel pixel) {
    requireOneSize(a, b);
    Rgb8Image result{a.width, a.height, std::vector<std::uint8_t>(a.pixels.size())};
    std::transform(a.pixels.begin(), a.pixels.end(), b.pixels.begin(), result.pixels.begin(), pixel);
    return result;
}

}  // namespace

Rgb8Image absoluteDifference(const Rgb8Image& a, const Rgb8Image& b, int gain) {
    return combined(a, b, [gain](int one, int other) { return static_cast<std::uint8_t>(std::min(255, std::abs(one - other) * gain)); });
}

double meanAbsoluteDifference(const Rgb8Image& a, const Rgb8Image& b) {
    requireOneSize(a, b);
    double sum = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        sum += std::abs(int{a.pixels[i]} - int{b.pixels[i]});
    }
    return a.pixels.empty() ? 0 : sum / 255 / static_cast<double>(a.pixels.size());
}

Rgb8Image blended(const Rgb8Image& a, const Rgb8Image& b, double share) {
    return combined(a, b, [share](int one, int other) { return static_cast<std::uint8_t>(std::lround(one + (other - one) * share)); });
}

}  // namespace rlcm::image
