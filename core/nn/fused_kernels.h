#pragma once
// Operators that torch would run as several passes over memory: plain loops, no torch, so that only the
// fused_*.cpp files are compiled for several processors. Private to core/nn.
#include <cstdint>
#include <span>

namespace rlcm::nn::kernels {

/// bfloat16 as a bit pattern.
using Bf16 = std::uint16_t;

/// One image of a group norm: `area` pixels of `channels` values each, channels / groups of them in a group.
struct NormImage {
    std::int64_t channels, groups, area;
    bool hasSilu;         ///< SiLU after the norm
    const float* weight;  ///< [channels]
    const float* bias;    ///< [channels]
    const float* shift;   ///< [channels] or null
    double eps;           ///< of the forward pass
    float* stats;         ///< [groups, 2]: mean and 1 / standard deviation, which the forward pass makes and the backward pass reads
    float* room;          ///< scratch of normRoom() or normBackwardRoom<T>() floats
};

/// What of the image lies in one tensor, [area, channels]; an image is one such part, or several whose channels follow each other. The kernels also ask for the image
/// behind it in memory, if there is one, so that the cache has it when its turn comes.
template <typename T>
struct NormPart {
    const T* x;
    std::int64_t channels;
    const T* more = nullptr;  ///< of the backward pass: null, or added to dx
    T* dx = nullptr;          ///< of the backward pass: its result; null: not wanted
};
template <typename T>
using NormParts = std::span<const NormPart<T>>;

/// y [area, channels] = act(norm(x + shift)); y may be the x of an image that is one part.
void normForward(const NormImage& image, NormParts<float> parts, float* y);
void normForward(const NormImage& image, NormParts<Bf16> parts, Bf16* y);
/// The dx of each part that wants one from dy, which may be the dx of an image that is one part; x is that of the forward pass.
void normBackward(const NormImage& image, NormParts<float> parts, const float* dy);
void normBackward(const NormImage& image, NormParts<Bf16> parts, const Bf16* dy);

/// Rows of a layer norm, side by side in memory.
struct LayerRows {
    std::int64_t rows, width;
    const float* weight;  ///< [width]
    const float* bias;    ///< [width]
    float eps;            ///< of the forward pass
    float* stats;         ///< [rows, 2]: mean and 1 / standard deviation, which the forward pass makes and the backward pass reads
};

/// y = norm(x).
void layerNormForward(const LayerRows& layer, const float* x, float* y);
void layerNormForward(const LayerRows& layer, const Bf16* x, Bf16* y);
/// dx from dy, which may be the same memory; x is that of the forward pass. `more`, null or as large as dx, is added to it.
void layerNormBackward(const LayerRows& layer, const float* x, const float* dy, const float* more, float* dx);
void layerNormBackward(const LayerRows& layer, const Bf16* x, const Bf16* dy, const Bf16* more, Bf16* dx);

/// Gated GELU of rows [2 * width], the values first, then the gates: y = value * gelu(gate), y [rows, width]. The error
/// function is good to 2e-7.
void gegluForward(std::int64_t rows, std::int64_t width, const float* x, float* y);
void gegluForward(std::int64_t rows, std::int64_t width, const Bf16* x, Bf16* y);
/// dx [rows, 2 * width], which may be x, from dy [rows, width].
void gegluBackward(std::int64_t rows, std::int64_t width, const float* x, const float* dy, float* dx);
void gegluBackward(std::int64_t rows, std::int64_t width, const Bf16* x, const Bf16* dy, Bf16* dx);

constexpr std::int64_t normRoom(const NormImage& image) {
    return 5 * image.channels;
}
template <typename T>
constexpr std::int64_t normBackwardRoom(const NormImage& image) {
    return (sizeof(T) == sizeof(float) ? 7 : 7 + image.area) * image.channels;  // d(normalised) has its place in dx where that holds floats
}

}  // namespace rlcm::nn::kernels
