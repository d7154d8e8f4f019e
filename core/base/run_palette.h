#pragma once
// The colours of runs on white, the same on the screen and in every file: the hue says with what it trains, the lightness over how many steps. (DDPO is dashed as well.)
#include <array>
#include <cstddef>
#include <cstdint>

namespace rlcm {

inline constexpr int kRunHues = 10;   ///< blue, orange, green, magenta, violet, ochre, cyan, crimson, slate, olive
inline constexpr int kRunShades = 5;  ///< of each hue: the more steps, the farther from the background

/// 0xRRGGBB, a row for each shade: equal steps of lightness in OKLab (Ottosson 2020) at one hue, as much chroma as sRGB has. Each reaches 3:1 on white; neighbours in a
/// row stay apart for the common kinds of colour blindness.
inline constexpr std::array<std::uint32_t, std::size_t{kRunHues} * kRunShades> kRunPalette{
    0x4794f9, 0xea702e, 0x38a584, 0xe067bf, 0x9085f5, 0xb58e2f, 0x339fbe, 0xf06678, 0x8695a8, 0x7b9f3b,  //
    0x2e7cde, 0xce5603, 0x158e6f, 0xc44da5, 0x796cda, 0x9d7708, 0x0a88a6, 0xd34b60, 0x6f7e90, 0x668921,  //
    0x1064c4, 0xaa4601, 0x04765b, 0xa8328b, 0x6354bf, 0x826200, 0x01718b, 0xb72f49, 0x5a687a, 0x527203,  //
    0x024fa1, 0x883600, 0x045f49, 0x8d1273, 0x4e3ca5, 0x684d00, 0x025a6f, 0x9b0a33, 0x455363, 0x415b03,  //
    0x003b7c, 0x662700, 0x024937, 0x6c0057, 0x3b238b, 0x4e3a01, 0x004555, 0x760124, 0x313e4e, 0x304501,  //
};

/// The shade of a horizon: 2 steps and fewer, about 4, 8, 16, and from about 32 on.
constexpr int shadeOf(std::int64_t horizon) {
    constexpr std::array<std::int64_t, kRunShades - 1> kFirst{3, 6, 12, 23};  // half-way between powers of two, in their logarithm
    int shade = 0;
    while (shade < kRunShades - 1 && horizon >= kFirst[static_cast<std::size_t>(shade)]) {
        ++shade;
    }
    return shade;
}
/// Index into kRunPalette. `hue`: any number; folded into range.
constexpr int paletteIndex(int hue, int shade) {
    return shade * kRunHues + ((hue % kRunHues) + kRunHues) % kRunHues;
}
/// The hue of an index into kRunPalette.
constexpr int hueOf(int index) {
    return index % kRunHues;
}

}  // namespace rlcm
