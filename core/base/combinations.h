#pragma once
#include <cstddef>
#include <utility>
#include <vector>

namespace rlcm {

/// Every choice of one index for each place, the last place turning fastest: for {2, 3} these are 00 01 02 10 11 12. No place at all is one choice of nothing.
/// counts: how many there are at each place; a 0 leaves no choice.
inline std::vector<std::vector<std::size_t>> combinationsOf(const std::vector<std::size_t>& counts) {
    std::vector<std::vector<std::size_t>> all{{}};
    for (const std::size_t count : counts) {
        std::vector<std::vector<std::size_t>> longer;
        longer.reserve(all.size() * count);
        for (const std::vector<std::size_t>& one : all) {
            for (std::size_t index = 0; index < count; ++index) {
                longer.push_back(one);
                longer.back().push_back(index);
            }
        }
        all = std::move(longer);
    }
    return all;
}

}  // namespace rlcm
