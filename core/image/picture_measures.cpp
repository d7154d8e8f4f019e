#include "core/image/picture_measures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>
#include <vector>

#include "core/base/error.h"
#include "core/image/fourier.h"

namespace rlcm::image {
namespace {

constexpr double kFlatDeviation = 1e-9;  // of grey levels: nothing but rounding
constexpr double kHighFrequency = 0.25;  // cycles per pixel
constexpr int kFlatLevels = 2;

void requireMeasurable(const Rgb8Image& picture) {
    if (picture.width < 1 || picture.height < 1) {
        throw Error(ErrorKind::Shape, "a picture without pixels cannot be measured");
    }
}

std::vector<double> greyOf(const Rgb8Image& picture) {
    requireMeasurable(picture);
    std::vector<double> grey(picture.pixels.size() / 3);
    for (std::size_t i = 0; i < grey.size(); ++i) {
        const std::uint8_t* pixel = &picture.pixels[3 * i];
        grey[i] = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
    }
    return grey;
}

double meanOf(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double varianceOf(const std::vector<double>& values) {
    const double mean = meanOf(values);
    double squares = 0;
    for (const double value : values) {
        squares += (value - mean) * (value - mean);
    }
    return squares / static_cast<double>(values.size());
}

bool isFlat(const std::vector<double>& grey) {
    return std::sqrt(varianceOf(grey)) < kFlatDeviation;
}

/// Index i of a line of n, mirrored at its ends: c b | a b c | b a.
int mirrored(int i, int n) {
    if (n == 1) {
        return 0;
    }
    return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i;
}

/// Frequency of the k-th of n values in cycles per pixel.
double frequency(std::size_t k, std::size_t n) {
    const double step = 1.0 / static_cast<double>(n);
    return (k < (n + 1) / 2 ? static_cast<double>(k) : static_cast<double>(k) - static_cast<double>(n)) * step;
}

}  // namespace

double laplacianVariance(const Rgb8Image& picture) {
    const std::vector<double> grey = greyOf(picture);
    const int width = picture.width, height = picture.height;
    const auto at = [&](int row, int column) {
        return grey[static_cast<std::size_t>(mirrored(row, height)) * static_cast<std::size_t>(width) + static_cast<std::size_t>(mirrored(column, width))];
    };
    std::vector<double> curvature;
    curvature.reserve(grey.size());
    for (int row = 0; row < height; ++row) {
        for (int column = 0; column < width; ++column) {
            curvature.push_back(at(row - 1, column) + at(row + 1, column) + at(row, column - 1) + at(row, column + 1) - 4 * at(row, column));
        }
    }
    return varianceOf(curvature);
}

double highFrequencyShare(const Rgb8Image& picture) {
    std::vector<double> grey = greyOf(picture);
    if (isFlat(grey)) {
        return 0;
    }
    const double mean = meanOf(grey);
    for (double& value : grey) {
        value -= mean;
    }
    const auto rows = static_cast<std::size_t>(picture.height), columns = static_cast<std::size_t>(picture.width);
    const std::vector<double> power = powerSpectrum(grey, rows, columns);
    double high = 0, all = 0;
    for (std::size_t i = 0; i < power.size(); ++i) {
        all += power[i];
        high += std::hypot(frequency(i / columns, rows), frequency(i % columns, columns)) > kHighFrequency ? power[i] : 0;
    }
    return high / all;
}

std::optional<double> gridShare(const Rgb8Image& picture, int period) {
    const std::vector<double> grey = greyOf(picture);
    if (picture.height % period != 0 || picture.width % period != 0) {
        return std::nullopt;
    }
    if (isFlat(grey)) {
        return 0.0;
    }
    const auto p = static_cast<std::size_t>(period), columns = static_cast<std::size_t>(picture.width);
    std::vector<double> phases(p * p);
    for (std::size_t i = 0; i < grey.size(); ++i) {
        phases[i / columns % p * p + i % columns % p] += grey[i];
    }
    for (double& phase : phases) {
        phase /= static_cast<double>(grey.size() / phases.size());
    }
    return varianceOf(phases) / varianceOf(grey);
}

double saturation(const Rgb8Image& picture) {
    requireMeasurable(picture);
    double sum = 0;
    const std::size_t count = picture.pixels.size() / 3;
    for (std::size_t i = 0; i < count; ++i) {
        const auto [low, high] = std::minmax({picture.pixels[3 * i], picture.pixels[3 * i + 1], picture.pixels[3 * i + 2]});
        sum += high > 0 ? static_cast<double>(high - low) / high : 0;
    }
    return sum / static_cast<double>(count);
}

double contrast(const Rgb8Image& picture) {
    return std::sqrt(varianceOf(greyOf(picture))) / 255;
}

double flatShare(const Rgb8Image& picture) {
    requireMeasurable(picture);
    const int width = picture.width, height = picture.height;
    const auto isFlatAt = [&](int row, int column) {
        std::array<int, 3> low{255, 255, 255}, high{0, 0, 0};
        for (int y = row - 1; y <= row + 1; ++y) {
            for (int x = column - 1; x <= column + 1; ++x) {
                const std::uint8_t* pixel = &picture.pixels[3 * static_cast<std::size_t>(mirrored(y, height) * width + mirrored(x, width))];
                for (std::size_t channel = 0; channel < 3; ++channel) {
                    low[channel] = std::min<int>(low[channel], pixel[channel]);
                    high[channel] = std::max<int>(high[channel], pixel[channel]);
                }
            }
        }
        return high[0] - low[0] <= kFlatLevels && high[1] - low[1] <= kFlatLevels && high[2] - low[2] <= kFlatLevels;
    };
    std::int64_t flat = 0;
    for (int row = 0; row < height; ++row) {
        for (int column = 0; column < width; ++column) {
            flat += isFlatAt(row, column) ? 1 : 0;
        }
    }
    return static_cast<double>(flat) / static_cast<double>(picture.pixels.size() / 3);
}

std::size_t distinctPictures(std::span<const Rgb8Image> pictures) {
    const auto before = [](const Rgb8Image* a, const Rgb8Image* b) {
        return std::tie(a->width, a->height, a->pixels) < std::tie(b->width, b->height, b->pixels);
    };
    std::set<const Rgb8Image*, decltype(before)> distinct(before);
    for (const Rgb8Image& picture : pictures) {
        distinct.insert(&picture);
    }
    return distinct.size();
}

}  // namespace rlcm::image
