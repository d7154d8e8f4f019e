// Gated GELU.
#include "core/nn/fused_arithmetic.h"

namespace rlcm::nn::kernels {
namespace {

/// Normal distribution function P(x) and density p(x), which share the exponential.
struct Normal {
    float distribution, density;
};

/// Abramowitz and Stegun 7.1.26 for the error function at x / sqrt 2.
RLCM_INLINE Normal normal(float x) {
    const float size = (x < 0.0F ? -x : x) * 0.70710678F;
    const float e = fastExp(-size * size);
    const float t = 1.0F / (1.0F + 0.3275911F * size);
    const float tail = ((((1.061405429F * t - 1.453152027F) * t + 1.421413741F) * t - 0.284496736F) * t + 0.254829592F) * t * e;
    return {x < 0.0F ? 0.5F * tail : 1.0F - 0.5F * tail, 0.39894228F * e};
}

template <typename T>
RLCM_INLINE void gatedForward(std::int64_t rows, std::int64_t width, const T* x, T* y) {
    for (std::int64_t row = 0; row < rows; ++row) {
        const T* value = x + 2 * row * width;
        const T* gate = value + width;
        T* out = y + row * width;
        fetchAhead(value, kRowsAhead * 2 * width, 2 * width);
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) {
            const float g = load(gate[i]);
            store(load(value[i]) * g * normal(g).distribution, out[i]);
        }
    }
}

template <typename T>
RLCM_INLINE void gatedBackward(std::int64_t rows, std::int64_t width, const T* x, const T* dy, T* dx) {
    for (std::int64_t row = 0; row < rows; ++row) {
        const T* value = x + 2 * row * width;
        const T* gate = value + width;
        const T* up = dy + row * width;
        T* dValue = dx + 2 * row * width;
        T* dGate = dValue + width;
        fetchAhead(value, kRowsAhead * 2 * width, 2 * width);
        fetchAhead(up, kRowsAhead * width, width);
#pragma omp simd
        for (std::int64_t i = 0; i < width; ++i) {
            const float v = load(value[i]), g = load(gate[i]), u = load(up[i]);  // before dx, which may be x, is written
            const Normal n = normal(g);
            store(u * g * n.distribution, dValue[i]);
            store(u * v * (n.distribution + g * n.density), dGate[i]);
        }
    }
}

}  // namespace

RLCM_PER_PROCESSOR
void gegluForward(std::int64_t rows, std::int64_t width, const float* x, float* y) {
    gatedForward(rows, width, x, y);
}
RLCM_PER_PROCESSOR
void gegluForward(std::int64_t rows, std::int64_t width, const Bf16* x, Bf16* y) {
    gatedForward(rows, width, x, y);
}
RLCM_PER_PROCESSOR
void gegluBackward(std::int64_t rows, std::int64_t width, const float* x, const float* dy, float* dx) {
    gatedBackward(rows, width, x, dy, dx);
}
RLCM_PER_PROCESSOR
void gegluBackward(std::int64_t rows, std::int64_t width, const Bf16* x, const Bf16* dy, Bf16* dx) {
    gatedBackward(rows, width, x, dy, dx);
}

}  // namespace rlcm::nn::kernels
