#pragma once
// What the forward and the backward loops of group norms share. Private to fused_norm.cpp and fused_norm_gradient.cpp.
#include "core/nn/fused_arithmetic.h"

namespace rlcm::nn::kernels {

/// Whether what comes next stays in the second level's cache beside what is worked on.
template <typename T>
RLCM_INLINE bool fitsBeside(std::int64_t count) {
    constexpr std::int64_t kMost = 1 << 19;  // bytes
    return count * static_cast<std::int64_t>(sizeof(T)) <= kMost;
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

}  // namespace rlcm::nn::kernels
