// Layer norms.
#include <cmath>

#include "core/nn/fused_arithmetic.h"

namespace rlcm::nn::kernels {
namespace {

template <typename T>
RLCM_INLINE void forward(const LayerRows& layer, const T* x, T* y) {
    const std::int64_t width = layer.width;
    const float *weight = layer.weight, *bias = layer.bias;
    const auto count = static_cast<float>(width);
    for (std::int64_t row = 0; row < layer.rows; ++row) {
        const T* in = x + row * width;
        T* out = y + row * width;
        fetchAhead(in, kRowsAhead * width, width);
        float sum = 0.0F, squares = 0.0F;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t c = 0; c < width; ++c) {
            sum += load(in[c]);
        }
        const float mean = sum / count;
#pragma omp simd reduction(+ : squares)
        for (std::int64_t c = 0; c < width; ++c) {
            squares += (load(in[c]) - mean) * (load(in[c]) - mean);
        }
        const float slope = 1.0F / std::sqrt(squares / count + layer.eps);
        layer.stats[2 * row] = mean;
        layer.stats[2 * row + 1] = slope;
#pragma omp simd
        for (std::int64_t c = 0; c < width; ++c) {
            store((load(in[c]) - mean) * slope * weight[c] + bias[c], out[c]);
        }
    }
}

template <typename T>
RLCM_INLINE void backward(const LayerRows& layer, const T* x, const T* dy, const T* more, T* dx) {
    const std::int64_t width = layer.width;
    const float* weight = layer.weight;
    const auto count = static_cast<float>(width);
    for (std::int64_t row = 0; row < layer.rows; ++row) {
        const T *in = x + row * width, *up = dy + row * width;
        fetchAhead(in, kRowsAhead * width, width);
        fetchAhead(up, kRowsAhead * width, width);
        const float mean = layer.stats[2 * row], slope = layer.stats[2 * row + 1];
        float sum = 0.0F, dot = 0.0F;
#pragma omp simd reduction(+ : sum, dot)
        for (std::int64_t c = 0; c < width; ++c) {
            const float d = load(up[c]) * weight[c];
            sum += d;
            dot += d * (load(in[c]) - mean);
        }
        const float plain = sum / count, projected = dot * slope * slope / count;
        storeSums(width, more == nullptr ? nullptr : more + row * width, dx + row * width,
                  [&](std::int64_t c) { return slope * (load(up[c]) * weight[c] - plain - (load(in[c]) - mean) * projected); });
    }
}

}  // namespace

RLCM_PER_PROCESSOR
void layerNormForward(const LayerRows& layer, const float* x, float* y) {
    forward(layer, x, y);
}
RLCM_PER_PROCESSOR
void layerNormForward(const LayerRows& layer, const Bf16* x, Bf16* y) {
    forward(layer, x, y);
}
RLCM_PER_PROCESSOR
void layerNormBackward(const LayerRows& layer, const float* x, const float* dy, const float* more, float* dx) {
    backward(layer, x, dy, more, dx);
}
RLCM_PER_PROCESSOR
void layerNormBackward(const LayerRows& layer, const Bf16* x, const Bf16* dy, const Bf16* more, Bf16* dx) {
    backward(layer, x, dy, more, dx);
}

}  // namespace rlcm::nn::kernels
