#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/base/json.h"

namespace rlcm::shapes {

/// What config.json says of an AutoencoderKL, with the class defaults of diffusers.
struct VaeShape {
    std::int64_t inChannels = 3, outChannels = 3, latentChannels = 4, layersPerBlock = 1, normGroups = 32, sampleSize = 32;
    std::vector<std::int64_t> blockOutChannels{64};
    double scalingFactor = 0.18215;
    bool hasQuantConv = true, hasPostQuantConv = true, hasMidAttention = true;
    bool forceUpcast = true;  ///< the weights overflow in fp16
    static VaeShape fromJson(const Json& json, std::string_view where);
    /// Image side / latent side.
    std::int64_t downFactor() const;
    /// Of encoder and decoder.
    std::int64_t parameters() const;
};

}  // namespace rlcm::shapes
