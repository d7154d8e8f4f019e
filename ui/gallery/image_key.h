#pragma once
#include <compare>
#include <cstdint>
#include <string>

#include "core/store/workspace.h"

namespace rlcm::ui {

/// What makes two evaluation images comparable: the same words from the same noise. The place in the set does not.
struct ImageKey {
    std::string prompt;
    std::uint64_t noiseSeed = 0;
    auto operator<=>(const ImageKey&) const = default;
};
inline ImageKey imageKeyOf(const store::SampleRow& sample) {
    return {sample.prompt, sample.noiseSeed};
}

}  // namespace rlcm::ui
