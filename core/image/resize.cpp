#include "core/image/resize.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>

#include "core/base/error.h"

namespace rlcm::image {
namespace {

// 32 bits less 8 for the pixel and 2 for the negative lobes: every sum fits in an int32.
constexpr int kFractionBits = 32 - 8 - 2;

double bicubic(double x) {
    constexpr double a = -0.5;
    x = std::abs(x);
    if (x < 1.0) {
        return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
    }
    if (x < 2.0) {
        return (((x - 5.0) * x + 8.0) * x - 4.0) * a;
    }
    return 0.0;
}

/// Weights of one output position: input [first, first + count), `count` integers from `offset` in
/// Taps::weights.
struct Window {
    int first = 0;
    int count = 0;
    std::size_t offset = 0;
};
struct Taps {
    std::vector<Window> windows;
    std::vector<std::int32_t> weights;
};

Taps makeTaps(int from, int to) {
    const double scale = static_cast<double>(from) / to;
    const double stretch = std::max(scale, 1.0);
    const double support = 2.0 * stretch;
    Taps taps;
    std::vector<double> exact;
    for (int i = 0; i < to; ++i) {
        const double centre = (i + 0.5) * scale;
        const int first = std::max(static_cast<int>(centre - support + 0.5), 0);
        const int last = std::min(static_cast<int>(centre + support + 0.5), from);
        exact.clear();
        double sum = 0.0;
        for (int j = first; j < last; ++j) {
            exact.push_back(bicubic((j - centre + 0.5) * (1.0 / stretch)));
            sum += exact.back();
        }
        taps.windows.push_back({first, last - first, taps.weights.size()});
        for (const double weight : exact) {
            const double scaled = (sum != 0.0 ? weight / sum : weight) * (1 << kFractionBits);
            taps.weights.push_back(static_cast<std::int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
        }
    }
    return taps;
}

/// One axis of an image: `lineBytes` bytes share one set of weights (a pixel, or a whole row); `outer`
/// repetitions.
struct Axis {
    int from = 0, to = 0;
    std::size_t lineBytes = 0;
    std::size_t outer = 0;
};

std::vector<std::uint8_t> resample(const std::vector<std::uint8_t>& in, const Axis& axis) {
    const Taps taps = makeTaps(axis.from, axis.to);
    std::vector<std::uint8_t> out(axis.outer * static_cast<std::size_t>(axis.to) * axis.lineBytes);
    std::vector<std::int32_t> sums(axis.lineBytes);
    for (std::size_t block = 0; block < axis.outer; ++block) {
        const std::uint8_t* source = in.data() + block * static_cast<std::size_t>(axis.from) * axis.lineBytes;
        std::uint8_t* target = out.data() + block * static_cast<std::size_t>(axis.to) * axis.lineBytes;
        for (const Window& window : taps.windows) {
            std::fill(sums.begin(), sums.end(), 1 << (kFractionBits - 1));
            for (int k = 0; k < window.count; ++k) {
                const std::int32_t weight = taps.weights[window.offset + static_cast<std::size_t>(k)];
                const std::uint8_t* line = source + static_cast<std::size_t>(window.first + k) * axis.lineBytes;
                for (std::size_t b = 0; b < axis.lineBytes; ++b) {
                    sums[b] += weight * line[b];
                }
            }
            for (std::size_t b = 0; b < axis.lineBytes; ++b) {
                *target++ = static_cast<std::uint8_t>(std::clamp(sums[b] >> kFractionBits, 0, 255));
            }
        }
    }
    return out;
}

Rgb8Image crop(const Rgb8Image& image, int left, int top, int size) {
    Rgb8Image part{size, size, {}};
    for (int y = top; y < top + size; ++y) {
        const auto row = image.pixels.begin() + (std::ptrdiff_t{y} * image.width + left) * 3;
        part.pixels.insert(part.pixels.end(), row, row + std::ptrdiff_t{size} * 3);
    }
    return part;
}

void requireSize(int width, int height, const char* what) {
    if (width < 1 || height < 1 || std::int64_t{width} * height > (std::int64_t{1} << 28)) {
        throw Error(ErrorKind::Shape, std::string(what) + " of " + std::to_string(width) + " x " + std::to_string(height) +
                                          " pixels; sides must be at least 1, the area at most 2^28");
    }
}

}  // namespace

Rgb8Image resizeBicubic(const Rgb8Image& image, int width, int height) {
    requireSize(image.width, image.height, "cannot resize an image");
    requireSize(width, height, "cannot resize to an image");
    const auto rows = static_cast<std::size_t>(image.height);
    ensure(image.pixels.size() == rows * static_cast<std::size_t>(image.width) * 3, "pixels match the image size");
    Rgb8Image result{width, height, image.pixels};
    if (width != image.width) {
        result.pixels = resample(result.pixels, {image.width, width, 3, rows});
    }
    if (height != image.height) {
        result.pixels = resample(result.pixels, {image.height, height, static_cast<std::size_t>(width) * 3, 1});
    }
    return result;
}

Rgb8Image resizeAndCrop(const Rgb8Image& image, int size) {
    requireSize(image.width, image.height, "cannot resize an image");
    const auto [shortSide, longSide] = std::minmax(image.width, image.height);
    const double exactLong = static_cast<double>(size) * longSide / shortSide;
    requireSize(size, static_cast<int>(std::min(exactLong, 1e9)), "cannot resize to an image");
    const int other = static_cast<int>(exactLong);
    const bool isWide = image.width >= image.height;
    const Rgb8Image resized = resizeBicubic(image, isWide ? other : size, isWide ? size : other);
    return crop(resized, (resized.width - size) / 2, (resized.height - size) / 2, size);
}

}  // namespace rlcm::image
