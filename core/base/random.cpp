#include "core/base/random.h"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace rlcm {
namespace {

// The splitmix64 finaliser (Steele, Lea, Flood 2014): a bijection of 64-bit words that passes BigCrush as a mixer.
std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;

}  // namespace

std::uint64_t Random::next() {
    m_state += kGolden;
    return mix(m_state);
}

double Random::uniform() {
    return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::uint64_t Random::below(std::uint64_t n) {
    // Rejection keeps the draw exactly uniform; the loop repeats with probability < n / 2^64.
    const std::uint64_t limit = ~std::uint64_t{0} - (~std::uint64_t{0} % n);
    std::uint64_t draw = next();
    while (draw >= limit) {
        draw = next();
    }
    return draw % n;
}

void Random::fillNormal(std::span<float> out) {
    for (std::size_t i = 0; i < out.size(); i += 2) {
        const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
        const double angle = 2.0 * std::numbers::pi * uniform();
        out[i] = static_cast<float>(radius * std::cos(angle));
        if (i + 1 < out.size()) {
            out[i + 1] = static_cast<float>(radius * std::sin(angle));
        }
    }
}

std::vector<std::int64_t> Random::permutation(std::int64_t n) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i) {
        std::swap(order[i - 1], order[below(i)]);
    }
    return order;
}

Random RandomStreams::at(Stream stream, std::uint64_t epoch, std::uint64_t index) const {
    std::uint64_t seed = mix(m_seed + kGolden);
    seed = mix(seed ^ (static_cast<std::uint64_t>(stream) * kGolden));
    seed = mix(seed + epoch * 0xD1B54A32D192ED03ULL);
    return Random(mix(seed ^ (index + kGolden)));
}

}  // namespace rlcm
