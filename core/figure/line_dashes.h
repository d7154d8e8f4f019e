#pragma once
// How lines are told apart beside their colour, the same on the screen and in files.
#include <array>
#include <cstddef>
#include <vector>

namespace rlcm::figure {

/// The dashes and gaps of a line two pixels wide, in pixels; none: solid. DDPO's lines are dashed, all others are not; the `repeat`-th further line of one colour gets a
/// finer pattern of the same kind: long with small gaps where the first is solid.
inline const std::vector<double>& lineDashes(bool isDashed, int repeat) {
    static const std::array<std::vector<double>, 5> kSolid{{{}, {12, 3, 2, 3}, {2, 3}, {18, 4}, {6, 2.5}}};
    static const std::array<std::vector<double>, 5> kDashed{{{8, 4}, {8, 4, 2, 4}, {4, 4}, {16, 6}, {8, 4, 2, 4, 2, 4}}};
    const auto& patterns = isDashed ? kDashed : kSolid;
    return patterns[static_cast<std::size_t>(repeat) % patterns.size()];
}

}  // namespace rlcm::figure
