#pragma once
// What the config.json files of a model folder say: enough to count its parameters and to foresee what memory a run takes, without
// loading it.
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "core/base/json.h"
#include "core/shapes/unet_shape.h"
#include "core/shapes/vae_shape.h"

namespace rlcm::shapes {

struct ModelShape {
    UNetShape unet;
    VaeShape vae;
    std::int64_t textParameters = 0;  ///< of all text encoders
    /// Pixels of a finished image.
    std::int64_t pixels() const { return unet.latent().pixels() * vae.downFactor() * vae.downFactor(); }
};

/// Reads a model folder in the diffusers layout. throws: Io, Format.
ModelShape readModelShape(const std::filesystem::path& folder);

/// config.json of the UNet of a published model: "sd15", "lcm" (LCM_Dreamshaper_v7) or "sdxl"; sample_size as published.
/// throws: Config for another name.
Json publishedUNet(std::string_view shape);
/// The shape of a published model: its UNet, VAE and text encoders.
ModelShape publishedModel(std::string_view shape);

}  // namespace rlcm::shapes
