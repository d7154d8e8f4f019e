#pragma once
#include <cstdint>

namespace rlcm::shapes {

/// Latents of one image.
struct LatentShape {
    std::int64_t channels = 4, height = 64, width = 64;
    std::int64_t pixels() const { return height * width; }
    std::int64_t elements() const { return channels * pixels(); }
    bool operator==(const LatentShape&) const = default;
};

}  // namespace rlcm::shapes
