// The way back through group norms.
#include <type_traits>

#include "core/nn/fused_norm.h"

namespace rlcm::nn::kernels {
namespace {

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
void normBackward(const NormImage& image, NormParts<float> parts, const float* dy) {
    backward(image, parts, dy);
}
RLCM_PER_PROCESSOR
void normBackward(const NormImage& image, NormParts<Bf16> parts, const Bf16* dy) {
    backward(image, parts, dy);
}

}  // namespace rlcm::nn::kernels
