#pragma once
// Measurements of a published network's shape with random weights, so that nothing has to be downloaded. No tensor is named here.
#include <cstdint>
#include <filesystem>
#include <string>

#include "core/base/json.h"
#include "core/run/choices.h"

namespace rlcm::tools {

struct ShapeBench {
    std::string shape = "sd15";  ///< as shapes::publishedUNet
    std::string device = "cpu";
    run::Dtype dtype = run::Dtype::Fp32;
    std::int64_t threads = 1;       ///< of one operator, CPU only
    std::int64_t resolution = 512;  ///< pixels of a side, a multiple of 64
    std::int64_t batch = 1;
    std::int64_t rank = 16;  ///< of the LoRA
    int repeats = 3;         ///< timed calls of each kind, after one that warms up
    bool isCheckpointed = false;
    bool isProfiled = false;  ///< adds "profile", of the update, as tools::profiled
};

/// Times merging the LoRA into the weights (once for each round and optimiser step), a forward pass without gradient, and an RLCM update at one timestep as far as the gradient of the LoRA factors (merge,
/// forward, log-probability, loss, backward). Returns the options, parameters, seconds (medians and all), largest memory of both
/// phases and, on the CPU, before them; beside it what the arithmetic of run::memoryParts says. throws: Config, Device.
Json benchShape(const ShapeBench& options);

/// Reads the tensors of a model's UNet, then loads the network with its changes of dtype and layout. Returns both speeds, bytes of
/// the loaded weights, largest resident memory above that before, and the speed at which the same files can be read: into a small
/// buffer again and again, and into fresh memory. All by clock and by processor time. The files should be in the page cache (the first
/// reading puts them there). throws: Io, Format, Config.
Json benchLoading(const std::filesystem::path& model, run::Dtype dtype);

}  // namespace rlcm::tools
