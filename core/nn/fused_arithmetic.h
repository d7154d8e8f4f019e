#pragma once
// What the loops of the fused_*.cpp files are made of. Private to them.
#include <bit>
#include <cstdint>

#include "core/nn/fused_kernels.h"

// One copy of each kernel per processor generation, chosen when the program starts.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define RLCM_PER_PROCESSOR __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define RLCM_PER_PROCESSOR
#endif
#define RLCM_INLINE inline __attribute__((always_inline))

namespace rlcm::nn::kernels {

/// e^x to 2e-7 of itself for |x| <= 60, and what it is there beyond; what it makes of no number is a number. Written so that compilers vectorise it:
/// x = n ln 2 + r, of e^r the polynomial of degree 5 whose largest relative error is least (1e-7), among those that begin with 1 + r. With wider bounds a
/// value could become subnormal, which on many processors costs a hundred times what another does.
RLCM_INLINE float fastExp(float x) {
    constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number
    constexpr float kBound = 60.0F;
    x = x < -kBound ? -kBound : x;
    x = x > kBound ? kBound : x;
    const float shifted = x * 1.44269504F + kRounder;
    const float n = shifted - kRounder;
    const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
    float p = 8.312520571e-3F;
    p = p * r + 4.189015552e-2F;
    p = p * r + 1.6667114198e-1F;
    p = p * r + 4.99992311e-1F;
    p = p * r + 1.0F;
    p = p * r + 1.0F;
    // The lowest bits of `shifted` are n; those above them leave by the shift.
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) + (std::bit_cast<std::uint32_t>(shifted) << 23));
}

RLCM_INLINE float sigmoid(float x) {
    return 1.0F / (1.0F + fastExp(-x));
}

RLCM_INLINE float load(float x) {
    return x;
}
RLCM_INLINE float load(Bf16 x) {
    return std::bit_cast<float>(static_cast<std::uint32_t>(x) << 16);
}
RLCM_INLINE void store(float x, float& place) {
    place = x;
}
/// Rounds to nearest even; a NaN stays one.
RLCM_INLINE void store(float x, Bf16& place) {
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
    place = static_cast<Bf16>((bits & 0x7fffffffU) > 0x7f800000U ? 0x7fc0U : rounded);
}

/// out[c] = own(c) + more[c] of `count` numbers; more may be null.
template <typename T, typename Own>
RLCM_INLINE void storeSums(std::int64_t count, const T* more, T* out, Own own) {
    if (more != nullptr) {
#pragma omp simd
        for (std::int64_t c = 0; c < count; ++c) {
            store(own(c) + load(more[c]), out[c]);
        }
    } else {
#pragma omp simd
        for (std::int64_t c = 0; c < count; ++c) {
            store(own(c), out[c]);
        }
    }
}

/// Asks for `count` numbers that lie `distance` numbers behind `place`; past the end of the memory nothing happens. What these
/// loops compute leaves a processor no room to look that far ahead by itself.
template <typename T>
RLCM_INLINE void fetchAhead(const T* place, std::int64_t distance, std::int64_t count) {
    constexpr std::int64_t kLine = 64;  // bytes
    const auto size = static_cast<std::int64_t>(sizeof(T));
    const auto* first = std::bit_cast<const char*>(std::bit_cast<std::uintptr_t>(place) + static_cast<std::uintptr_t>(distance * size));
    for (std::int64_t at = 0; at < count * size; at += kLine) {
        __builtin_prefetch(first + at, 0, 2);
    }
}

constexpr std::int64_t kRowsAhead = 2;  // of a layer whose rows are worked on one by one

}  // namespace rlcm::nn::kernels
