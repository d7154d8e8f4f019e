#include "core/nn/norm_kernels.h"

#include <bit>
#include <cmath>

// One copy of each kernel per processor generation, chosen when the program starts.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define RLCM_PER_PROCESSOR __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define RLCM_PER_PROCESSOR
#endif
#define RLCM_INLINE inline __attribute__((always_inline))

namespace rlcm::nn::kernels {
namespace {

/// e^x to about 2 units in the last place, written so that compilers vectorise it: x = n ln 2 + r, polynomial in r.
RLCM_INLINE float fastExp(float x) {
    constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number
    x = x < -87.0F ? -87.0F : x;
    x = x > 88.0F ? 88.0F : x;
    const float shifted = x * 1.44269504F + kRounder;
    const float n = shifted - kRounder;
    const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
    float p = 1.9875691500e-4F;
    p = p * r + 1.3981999507e-3F;
    p = p * r + 8.3334519073e-3F;
    p = p * r + 4.1665795894e-2F;
    p = p * r + 1.6666665459e-1F;
    p = p * r + 5.0000001201e-1F;
    p = p * r * r + r + 1.0F;
    const auto exponent = (std::bit_cast<std::int32_t>(shifted) - std::bit_cast<std::int32_t>(kRounder)) << 23;
    return std::bit_cast<float>(std::bit_cast<std::int32_t>(p) + exponent);
}

RLCM_INLINE float sigmoid(float x) {
    return 1.0F / (1.0F + fastExp(-x));
}

/// Scale and offset that turn an input value into the normalised, weighted one.
struct Affine {
    float scale, offset;
};

RLCM_INLINE Affine affineOf(const Group& group, std::int64_t c, float mean, float inverseDeviation) {
    const float shift = group.shift == nullptr ? 0.0F : group.shift[c];
    const float scale = group.weight[c] * inverseDeviation;
    return {scale, group.bias[c] + (shift - mean) * scale};
}

}  // namespace

RLCM_PER_PROCESSOR
void normSiluForward(const Group& group, double eps, const float* x, float* y, float& mean, float& inverseDeviation) {
    const std::int64_t area = group.area;
    const auto count = static_cast<float>(group.channels * area);
    float total = 0.0F;
    for (std::int64_t c = 0; c < group.channels; ++c) {
        float sum = 0.0F;
        const float* in = x + c * area;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < area; ++i) {
            sum += in[i];
        }
        total += sum + (group.shift == nullptr ? 0.0F : group.shift[c] * static_cast<float>(area));
    }
    mean = total / count;
    float squares = 0.0F;
    for (std::int64_t c = 0; c < group.channels; ++c) {
        float sum = 0.0F;
        const float* in = x + c * area;
        const float centre = mean - (group.shift == nullptr ? 0.0F : group.shift[c]);
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < area; ++i) {
            sum += (in[i] - centre) * (in[i] - centre);
        }
        squares += sum;
    }
    inverseDeviation = static_cast<float>(1.0 / std::sqrt(static_cast<double>(squares / count) + eps));
    for (std::int64_t c = 0; c < group.channels; ++c) {
        const Affine affine = affineOf(group, c, mean, inverseDeviation);
        const float* in = x + c * area;
        float* out = y + c * area;
#pragma omp simd
        for (std::int64_t i = 0; i < area; ++i) {
            const float value = in[i] * affine.scale + affine.offset;
            out[i] = value * sigmoid(value);
        }
    }
}

RLCM_PER_PROCESSOR
void normSiluBackward(const Group& group, const float* x, float mean, float inverseDeviation, const float* dy, float* dx) {
    const std::int64_t area = group.area;
    const auto count = static_cast<float>(group.channels * area);
    float plain = 0.0F, projected = 0.0F;  // sums of d(normalised) and of d(normalised) * normalised
    for (std::int64_t c = 0; c < group.channels; ++c) {
        const Affine affine = affineOf(group, c, mean, inverseDeviation);
        const float weight = group.weight[c];
        const float centre = mean - (group.shift == nullptr ? 0.0F : group.shift[c]);
        const float* in = x + c * area;
        const float* up = dy + c * area;
        float* out = dx + c * area;
        float sum = 0.0F, dot = 0.0F;
#pragma omp simd reduction(+ : sum, dot)
        for (std::int64_t i = 0; i < area; ++i) {
            const float value = in[i] * affine.scale + affine.offset;
            const float gate = sigmoid(value);
            const float d = up[i] * weight * gate * (1.0F + value * (1.0F - gate));
            out[i] = d;
            sum += d;
            dot += d * (in[i] - centre);
        }
        plain += sum;
        projected += dot;
    }
    const float meanPlain = plain / count;
    const float meanProjected = projected * inverseDeviation * inverseDeviation / count;
    for (std::int64_t c = 0; c < group.channels; ++c) {
        const float centre = mean - (group.shift == nullptr ? 0.0F : group.shift[c]);
        const float* in = x + c * area;
        float* out = dx + c * area;
#pragma omp simd
        for (std::int64_t i = 0; i < area; ++i) {
            out[i] = inverseDeviation * (out[i] - meanPlain - (in[i] - centre) * meanProjected);
        }
    }
}

RLCM_PER_PROCESSOR
void widen(const std::uint16_t* from, float* to, std::int64_t count) {
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i) {
        to[i] = std::bit_cast<float>(static_cast<std::uint32_t>(from[i]) << 16);
    }
}

RLCM_PER_PROCESSOR
void narrow(const float* from, std::uint16_t* to, std::int64_t count) {
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i) {
        const auto bits = std::bit_cast<std::uint32_t>(from[i]);
        const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
        to[i] = static_cast<std::uint16_t>((bits & 0x7fffffffU) > 0x7f800000U ? 0x7fc0U : rounded);
    }
}

}  // namespace rlcm::nn::kernels
