// Group norms, forward.
#include <cmath>

#include "core/nn/fused_norm.h"

namespace rlcm::nn::kernels {
namespace {

// Rows that are added up in f32 before they go to the total: keeps the rounding of large images small.
constexpr std::int64_t kBlockRows = 256;

/// `area` pixels of `channels` numbers.
template <typename T>
struct Pixels {
    const T* x;
    std::int64_t area, channels;
};

/// total[c] = sum over pixels of term(x[p][c], c). Four rows at a time, so that an addition need not wait for the last one.
template <typename T, typename Term>
RLCM_INLINE void columnSums(const Pixels<T>& pixels, float* total, float* block, Term term) {
    const auto [x, area, channels] = pixels;
    for (std::int64_t c = 0; c < channels; ++c) {
        total[c] = 0.0F;
    }
    for (std::int64_t first = 0; first < area; first += kBlockRows) {
        const std::int64_t last = area - first < kBlockRows ? area : first + kBlockRows;
        for (std::int64_t c = 0; c < channels; ++c) {
            block[c] = 0.0F;
        }
        std::int64_t p = first;
        for (; p + 4 <= last; p += 4) {
            const T* row = x + p * channels;
#pragma omp simd
            for (std::int64_t c = 0; c < channels; ++c) {
                block[c] +=
                    (term(load(row[c]), c) + term(load(row[channels + c]), c)) + (term(load(row[2 * channels + c]), c) + term(load(row[3 * channels + c]), c));
            }
        }
        for (; p < last; ++p) {
            const T* row = x + p * channels;
#pragma omp simd
            for (std::int64_t c = 0; c < channels; ++c) {
                block[c] += term(load(row[c]), c);
            }
        }
        for (std::int64_t c = 0; c < channels; ++c) {
            total[c] += block[c];
        }
    }
}

/// The same over all parts of an image, side by side in `total`; term(value, channel of the image).
template <typename T, typename Term>
RLCM_INLINE void imageSums(const NormImage& image, NormParts<T> parts, float* total, Term term) {
    float* block = total + image.channels;
    std::int64_t begin = 0;
    for (const NormPart<T>& part : parts) {
        columnSums(Pixels<T>{part.x, image.area, part.channels}, total + begin, block, [=](float value, std::int64_t c) { return term(value, begin + c); });
        begin += part.channels;
    }
}

/// Mean and slope of each group, into image.stats.
template <typename T>
RLCM_INLINE void measureGroups(const NormImage& image, NormParts<T> parts) {
    const std::int64_t count = image.channels, width = count / image.groups, area = image.area;
    float* stats = image.stats;
    float* sums = image.room + 3 * count;
    const auto perGroup = static_cast<double>(width * area);
    imageSums(image, parts, sums, [](float value, std::int64_t) { return value; });
    for (std::int64_t g = 0; g < image.groups; ++g) {
        double sum = 0.0;
        for (std::int64_t c = g * width; c < (g + 1) * width; ++c) {
            sum += static_cast<double>(sums[c]) + (image.shift == nullptr ? 0.0 : static_cast<double>(image.shift[c]) * static_cast<double>(area));
        }
        stats[2 * g] = static_cast<float>(sum / perGroup);
        stats[2 * g + 1] = 1.0F;
    }
    const float* centres = channelsOf(image).centre;
    imageSums(image, parts, sums, [centres](float value, std::int64_t c) { return (value - centres[c]) * (value - centres[c]); });
    for (std::int64_t g = 0; g < image.groups; ++g) {
        double squares = 0.0;
        for (std::int64_t c = g * width; c < (g + 1) * width; ++c) {
            squares += static_cast<double>(sums[c]);
        }
        stats[2 * g + 1] = static_cast<float>(1.0 / std::sqrt(squares / perGroup + image.eps));
    }
}

template <typename T>
RLCM_INLINE void forward(const NormImage& image, NormParts<T> parts, T* y) {
    measureGroups(image, parts);
    const std::int64_t area = image.area;
    const Channels channels = channelsOf(image);
    const bool fetches = fitsBeside<T>(area * image.channels);
    std::int64_t begin = 0;
    for (const NormPart<T>& part : parts) {
        const std::int64_t count = part.channels;
        const float *scale = channels.scale + begin, *offset = channels.offset + begin;
        for (std::int64_t p = 0; p < area; ++p) {
            const T* in = part.x + p * count;
            T* out = y + p * image.channels + begin;
            if (fetches) {
                fetchAhead(in, area * count, count);
            }
            if (image.hasSilu) {
#pragma omp simd
                for (std::int64_t c = 0; c < count; ++c) {
                    const float value = load(in[c]) * scale[c] + offset[c];
                    store(value * sigmoid(value), out[c]);
                }
            } else {
#pragma omp simd
                for (std::int64_t c = 0; c < count; ++c) {
                    store(load(in[c]) * scale[c] + offset[c], out[c]);
                }
            }
        }
        begin += count;
    }
}

}  // namespace

RLCM_PER_PROCESSOR
void normForward(const NormImage& image, NormParts<float> parts, float* y) {
    forward(image, parts, y);
}
RLCM_PER_PROCESSOR
void normForward(const NormImage& image, NormParts<Bf16> parts, Bf16* y) {
    forward(image, parts, y);
}

}  // namespace rlcm::nn::kernels
