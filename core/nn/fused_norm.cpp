// Group norms.
#include <cmath>
#include <type_traits>

#include "core/nn/fused_arithmetic.h"

namespace rlcm::nn::kernels {
namespace {

/// Whether what comes next stays in the second level's cache beside what is worked on.
template <typename T>
RLCM_INLINE bool fitsBeside(std::int64_t count) {
    constexpr std::int64_t kMost = 1 << 19;  // bytes
    return count * static_cast<std::int64_t>(sizeof(T)) <= kMost;
}

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

/// Per channel: what is subtracted from x, and the scale and offset that turn x into the normalised, weighted value.
struct Channels {
    float *centre, *scale, *offset;
};

RLCM_INLINE Channels channelsPlaces(const NormImage& image) {
    return {image.room, image.room + image.channels, image.room + 2 * image.channels};
}

/// Works them out of the statistics.
RLCM_INLINE Channels channelsOf(const NormImage& image) {
    const Channels channels = channelsPlaces(image);
    const std::int64_t width = image.channels / image.groups;
    for (std::int64_t c = 0; c < image.channels; ++c) {
        const float* group = image.stats + 2 * (c / width);
        const float centre = group[0] - (image.shift == nullptr ? 0.0F : image.shift[c]);
        channels.centre[c] = centre;
        channels.scale[c] = image.weight[c] * group[1];
        channels.offset[c] = image.bias[c] - centre * channels.scale[c];
    }
    return channels;
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

/// What the backward pass works out of the channels of one image.
struct Inner {
    float* plain;      ///< the sum of d(normalised), then the mean of its group
    float* projected;  ///< the sum of d(normalised) * (x - centre), then the factor of (x - centre)
    float* slope;      ///< 1 / standard deviation of its group
    float* row;        ///< room for one pixel
    float* values;     ///< room for d(normalised), [area, channels] part by part, where dx has none
};

RLCM_INLINE Inner innerOf(const NormImage& image) {
    float* room = image.room + 3 * image.channels;  // behind that of channelsOf()
    const Inner inner{room, room + image.channels, room + 2 * image.channels, room + 3 * image.channels, room + 4 * image.channels};
    const std::int64_t width = image.channels / image.groups;
    for (std::int64_t c = 0; c < image.channels; ++c) {
        inner.plain[c] = inner.projected[c] = 0.0F;
        inner.slope[c] = image.stats[2 * (c / width) + 1];
    }
    return inner;
}

/// Where d(normalised) of a part lies.
struct Normalised {
    float* values;
    std::int64_t step;  ///< from one pixel to the next
};

/// `begin`: the first channel of the part. In dx where that holds floats; where no dx is wanted every pixel takes the place of the last.
template <typename T>
RLCM_INLINE Normalised normalisedOf(const NormImage& image, const Inner& inner, const NormPart<T>& part, std::int64_t begin) {
    if (part.dx == nullptr) {
        return {inner.row, 0};
    }
    if constexpr (std::is_same_v<T, float>) {
        return {part.dx, part.channels};
    } else {
        return {inner.values + begin * image.area, part.channels};
    }
}

/// Sums per channel become what each group has of them.
RLCM_INLINE void shareInGroups(const NormImage& image, const Inner& inner) {
    const std::int64_t width = image.channels / image.groups;
    const auto perGroup = static_cast<float>(width * image.area);
    for (std::int64_t g = 0; g < image.groups; ++g) {
        float sum = 0.0F, dot = 0.0F;
        for (std::int64_t c = g * width; c < (g + 1) * width; ++c) {
            sum += inner.plain[c];
            dot += inner.projected[c];
        }
        for (std::int64_t c = g * width; c < (g + 1) * width; ++c) {
            inner.plain[c] = sum / perGroup;
            inner.projected[c] = dot * inner.slope[c] * inner.slope[c] / perGroup;
        }
    }
}

/// d(normalised) of a part and its sums.
template <typename T>
RLCM_INLINE void gradientOfNormalised(const NormImage& image, const Inner& inner, const NormPart<T>& part, std::int64_t begin, const T* dy) {
    const std::int64_t count = part.channels;
    const Channels all = channelsPlaces(image);
    const float *centre = all.centre + begin, *scale = all.scale + begin, *offset = all.offset + begin, *weight = image.weight + begin;
    float *plain = inner.plain + begin, *projected = inner.projected + begin;
    const Normalised normalised = normalisedOf(image, inner, part, begin);
    for (std::int64_t p = 0; p < image.area; ++p) {
        const T* in = part.x + p * count;
        const T* up = dy + p * image.channels + begin;
        float* d = normalised.values + p * normalised.step;
        if (image.hasSilu) {
#pragma omp simd
            for (std::int64_t c = 0; c < count; ++c) {
                const float value = load(in[c]) * scale[c] + offset[c];
                const float gate = sigmoid(value);
                d[c] = load(up[c]) * weight[c] * gate * (1.0F + value * (1.0F - gate));
            }
        } else {
#pragma omp simd
            for (std::int64_t c = 0; c < count; ++c) {
                d[c] = load(up[c]) * weight[c];
            }
        }
#pragma omp simd
        for (std::int64_t c = 0; c < count; ++c) {
            plain[c] += d[c];
            projected[c] += d[c] * (load(in[c]) - centre[c]);
        }
    }
}

/// dx of a part from d(normalised).
template <typename T>
RLCM_INLINE void gradientOfPart(const NormImage& image, const Inner& inner, const NormPart<T>& part, std::int64_t begin, const T* dy) {
    const std::int64_t count = part.channels, area = image.area;
    const float* centre = channelsPlaces(image).centre + begin;
    const float *plain = inner.plain + begin, *projected = inner.projected + begin, *slope = inner.slope + begin;
    const float* values = normalisedOf(image, inner, part, begin).values;
    const bool fetches = fitsBeside<T>(2 * area * image.channels);
    for (std::int64_t p = 0; p < area; ++p) {
        const T* in = part.x + p * count;
        const float* d = values + p * count;
        if (fetches) {
            fetchAhead(in, area * count, count);
            fetchAhead(dy + p * image.channels + begin, area * image.channels, count);
        }
        const T* more = part.more == nullptr ? nullptr : part.more + p * count;
        storeSums(count, more, part.dx + p * count, [&](std::int64_t c) { return slope[c] * (d[c] - plain[c] - (load(in[c]) - centre[c]) * projected[c]); });
    }
}

template <typename T>
RLCM_INLINE void backward(const NormImage& image, NormParts<T> parts, const T* dy) {
    channelsOf(image);
    const Inner inner = innerOf(image);
    std::int64_t begin = 0;
    for (const NormPart<T>& part : parts) {
        gradientOfNormalised(image, inner, part, begin, dy);
        begin += part.channels;
    }
    shareInGroups(image, inner);
    begin = 0;
    for (const NormPart<T>& part : parts) {
        if (part.dx != nullptr) {
            gradientOfPart(image, inner, part, begin, dy);
        }
        begin += part.channels;
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
RLCM_PER_PROCESSOR
void normBackward(const NormImage& image, NormParts<float> parts, const float* dy) {
    backward(image, parts, dy);
}
RLCM_PER_PROCESSOR
void normBackward(const NormImage& image, NormParts<Bf16> parts, const Bf16* dy) {
    backward(image, parts, dy);
}

}  // namespace rlcm::nn::kernels
