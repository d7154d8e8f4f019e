#pragma once
// The colours of runs on white, the same on the screen and in every file.
#include <array>
#include <cstddef>
#include <cstdint>

namespace rlcm {

/// 0xRRGGBB. Ten hues that stay apart for the three common kinds of colour blindness mostly by lightness; neighbours in the list
/// differ most. Each reaches 3:1 on white. A run's colour is an index into it.
inline constexpr std::array<std::uint32_t, 10> kRunPalette{
    0x1f6fd0,  // blue
    0xd1590a,  // orange
    0x0b8a6b,  // green
    0xb8429a,  // magenta
    0x5b4bb5,  // violet
    0x9a7400,  // ochre
    0x0f8aa8,  // cyan
    0xa61c3c,  // crimson
    0x4c5a6b,  // slate
    0x5d7f12,  // olive
};

}  // namespace rlcm
