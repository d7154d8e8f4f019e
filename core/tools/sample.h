#pragma once
// Sampling outside a run, for `rlcm sample`. No tensor is named here.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/image/rgb8_image.h"
#include "core/run/choices.h"

namespace rlcm::tools {

struct SampleRequest {
    std::string model = "emoji-lcm";
    std::filesystem::path lora{};       ///< file or folder of any format that models::readLora knows; empty: none
    std::optional<double> loraAlpha{};  ///< alpha of a LoRA that states none
    double loraScale = 1.0;             ///< factor on the LoRA's change
    std::vector<std::string> prompts;
    std::int64_t steps = 4;
    double guidance = 6.0;
    std::uint64_t seed = 0;
    double eta = 0.0;                                               ///< diffusion models only
    run::TimestepRule timestepRule = run::TimestepRule::Diffusers;  ///< consistency models only
    std::filesystem::path latents{};                                ///< safetensors with tensor `latents` [N,4,h,w], one row per prompt, and if wanted `noise`
                                                                    ///< [N,steps,4,h,w], that of the steps; empty: drawn from the seed
    std::string device = "auto";
    run::Dtype dtype = run::Dtype::Fp32;  ///< auto: the fastest of the device
    int threads = 0;
};
struct SampleResult {
    std::vector<image::Rgb8Image> images;  ///< one per prompt
    std::string loraText;                  ///< what the LoRA is, with what was left out of it; empty without one
    std::string promptText;                ///< about prompts whose ends the model does not read; empty when there are none
    double secondsLoad = 0, secondsSample = 0, secondsDecode = 0;
    run::Dtype dtype = run::Dtype::Fp32;  ///< what was computed in
};
/// The stock sampler, by the class of the model's scheduler: LCMScheduler adds no noise at the last step, all others run DDIM; networks
/// without a guidance embedding get classifier-free guidance.
/// throws: Config, Io, Format, Shape.
SampleResult sampleImages(const SampleRequest& request);

}  // namespace rlcm::tools
