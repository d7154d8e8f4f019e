#include "core/nn/fused_kernels.h"

#include <bit>
#include <cmath>
#include <type_traits>

// One copy of each kernel per processor generation, chosen when the program starts.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define RLCM_PER_PROCESSOR __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define RLCM_PER_PROCESSOR
#endif
#define RLCM_INLINE inline __attribute__((always_inline))

namespace rlcm::nn::kernels {
namespace {

/// e^x to about 2 units in the last place for |x| <= 60, and what it is there beyond. Written so that compilers vectorise it:
/// x = n ln 2 + r, polynomial in r. With wider bounds what is made of the end's value can be subnormal; compilers work that out for every number and choose
/// afterwards, and on many processors a subnormal number costs a hundred times what another does.
RLCM_INLINE float fastExp(float x) {
    constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number
    constexpr float kBound = 60.0F;
    x = x < -kBound ? -kBound : x;
    x = x > kBound ? kBound : x;
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

/// Whether what comes next stays in the second level's cache beside what is worked on.
template <typename T>
RLCM_INLINE bool fitsBeside(std::int64_t count) {
    constexpr std::int64_t kMost = 1 << 19;  // bytes
    return count * static_cast<std::int64_t>(sizeof(T)) <= kMost;
}

constexpr std::int64_t kRowsAhead = 2;  // of a gated layer

// Rows that are added up in f32 before they go to the total: keeps the rounding of large images small.
constexpr std::int64_t kBlockRows = 256;

/// total[c] = sum over pixels of term(x[p][c], c). Four rows at a time, so that an addition need not wait for the last one.
template <typename T, typename Term>
RLCM_INLINE void columnSums(const NormImage& image, const T* x, float* total, float* block, Term term) {
    const std::int64_t area = image.area, channels = image.channels;
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

/// Per channel: what is subtracted from x, and the scale and offset that turn x into the normalised, weighted value.
struct Channels {
    float *centre, *scale, *offset;
};

RLCM_INLINE Channels channelsOf(const NormImage& image) {
    const Channels channels{image.room, image.room + image.channels, image.room + 2 * image.channels};
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

template <typename T>
RLCM_INLINE void forward(const NormImage& image, const T* x, T* y) {
    const std::int64_t count = image.channels, width = count / image.groups, area = image.area;
    float* stats = image.stats;
    float* sums = image.room + 3 * count;
    float* block = image.room + 4 * count;
    const auto perGroup = static_cast<double>(width * area);
    columnSums(image, x, sums, block, [](float value, std::int64_t) { return value; });
    for (std::int64_t g = 0; g < image.groups; ++g) {
        double sum = 0.0;
        for (std::int64_t c = g * width; c < (g + 1) * width; ++c) {
            sum += static_cast<double>(sums[c]) + (image.shift == nullptr ? 0.0 : static_cast<double>(image.shift[c]) * static_cast<double>(area));
        }
        stats[2 * g] = static_cast<float>(sum / perGroup);
        stats[2 * g + 1] = 1.0F;
    }
    const float* centres = channelsOf(image).centre;
    columnSums(image, x, sums, block, [centres](float value, std::int64_t c) { return (value - centres[c]) * (value - centres[c]); });
    for (std::int64_t g = 0; g < image.groups; ++g) {
        double squares = 0.0;
        for (std::int64_t c = g * width; c < (g + 1) * width; ++c) {
            squares += static_cast<double>(sums[c]);
        }
        stats[2 * g + 1] = static_cast<float>(1.0 / std::sqrt(squares / perGroup + image.eps));
    }
    const Channels channels = channelsOf(image);
    const bool fetches = fitsBeside<T>(area * count);
    for (std::int64_t p = 0; p < area; ++p) {
        const T* in = x + p * count;
        T* out = y + p * count;
        if (fetches) {
            fetchAhead(in, area * count, count);
        }
        if (image.hasSilu) {
#pragma omp simd
            for (std::int64_t c = 0; c < count; ++c) {
                const float value = load(in[c]) * channels.scale[c] + channels.offset[c];
                store(value * sigmoid(value), out[c]);
            }
        } else {
#pragma omp simd
            for (std::int64_t c = 0; c < count; ++c) {
                store(load(in[c]) * channels.scale[c] + channels.offset[c], out[c]);
            }
        }
    }
}

/// What the backward pass works out of one image.
struct Inner {
    float* values;     ///< [area, channels]: d(normalised)
    float* plain;      ///< per channel: the sum of d(normalised), then the mean of its group
    float* projected;  ///< per channel: the sum of d(normalised) * (x - centre), then the factor of (x - centre)
    float* slope;      ///< per channel: 1 / standard deviation of its group
};

template <typename T>
RLCM_INLINE Inner innerOf(const NormImage& image, T* dx) {
    float* room = image.room + 3 * image.channels;  // behind that of channelsOf()
    Inner inner{nullptr, room, room + image.channels, room + 2 * image.channels};
    if constexpr (std::is_same_v<T, float>) {
        inner.values = dx;
    } else {
        inner.values = room + 3 * image.channels;
    }
    const std::int64_t width = image.channels / image.groups;
    for (std::int64_t c = 0; c < image.channels; ++c) {
        inner.plain[c] = inner.projected[c] = 0.0F;
        inner.slope[c] = image.stats[2 * (c / width) + 1];
    }
    return inner;
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

template <typename T>
RLCM_INLINE void backward(const NormImage& image, const T* x, const T* dy, const T* more, T* dx) {
    const std::int64_t count = image.channels, area = image.area;
    const Channels channels = channelsOf(image);
    const Inner inner = innerOf(image, dx);
    const auto [values, plain, projected, slope] = inner;
    for (std::int64_t p = 0; p < area; ++p) {
        const T* in = x + p * count;
        const T* up = dy + p * count;
        float* d = values + p * count;
        if (image.hasSilu) {
#pragma omp simd
            for (std::int64_t c = 0; c < count; ++c) {
                const float value = load(in[c]) * channels.scale[c] + channels.offset[c];
                const float gate = sigmoid(value);
                d[c] = load(up[c]) * image.weight[c] * gate * (1.0F + value * (1.0F - gate));
            }
        } else {
#pragma omp simd
            for (std::int64_t c = 0; c < count; ++c) {
                d[c] = load(up[c]) * image.weight[c];
            }
        }
#pragma omp simd
        for (std::int64_t c = 0; c < count; ++c) {
            plain[c] += d[c];
            projected[c] += d[c] * (load(in[c]) - channels.centre[c]);
        }
    }
    shareInGroups(image, inner);
    const bool fetches = fitsBeside<T>(2 * area * count);
    for (std::int64_t p = 0; p < area; ++p) {
        const T* in = x + p * count;
        const float* d = values + p * count;
        T* out = dx + p * count;
        if (fetches) {
            fetchAhead(in, area * count, count);
            fetchAhead(dy + p * count, area * count, count);
        }
        const auto own = [&](std::int64_t c) { return slope[c] * (d[c] - plain[c] - (load(in[c]) - channels.centre[c]) * projected[c]); };
        if (more != nullptr) {
            const T* added = more + p * count;
#pragma omp simd
            for (std::int64_t c = 0; c < count; ++c) {
                store(own(c) + load(added[c]), out[c]);
            }
        } else {
#pragma omp simd
            for (std::int64_t c = 0; c < count; ++c) {
                store(own(c), out[c]);
            }
        }
    }
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
            const float g = load(gate[i]), u = load(up[i]);
            const Normal n = normal(g);
            store(u * g * n.distribution, dValue[i]);
            store(u * load(value[i]) * (n.distribution + g * n.density), dGate[i]);
        }
    }
}

}  // namespace

RLCM_PER_PROCESSOR
void normForward(const NormImage& image, const float* x, float* y) {
    forward(image, x, y);
}
RLCM_PER_PROCESSOR
void normForward(const NormImage& image, const Bf16* x, Bf16* y) {
    forward(image, x, y);
}
RLCM_PER_PROCESSOR
void normBackward(const NormImage& image, const float* x, const float* dy, const float* more, float* dx) {
    backward(image, x, dy, more, dx);
}
RLCM_PER_PROCESSOR
void normBackward(const NormImage& image, const Bf16* x, const Bf16* dy, const Bf16* more, Bf16* dx) {
    backward(image, x, dy, more, dx);
}

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
