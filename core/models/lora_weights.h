#pragma once
// A network's weights with a LoRA merged in while they are read: the way for layers that are not attention projections.
#include <filesystem>
#include <string_view>

#include "core/models/lora_file.h"
#include "core/nn/weights.h"

namespace rlcm::models {

/// readLora() over every layer of the network in `unetFolder`. A UNet with a LoRA inside is read over the attention projections, and the base
/// weights that it brings are compared with the network's. throws: as readLora and UNet::load.
Lora readLoraFor(const std::filesystem::path& fileOrFolder, const std::filesystem::path& unetFolder, const LoraReadOptions& options = {});

/// What is merged: the modules of a LoRA times a factor.
struct LoraChange {
    LoraModules modules;
    double strength = 1.0;
};

/// Weights of another source, changed. Both must outlive the building.
class ChangedWeights : public nn::Weights {
public:
    ChangedWeights(nn::Weights& source, const LoraChange& change) : Weights(source.dtype(), source.device()), m_source(source), m_change(change) {}

    void ignore(std::string_view name) override { m_source.ignore(name); }
    void finish() override { m_source.finish(); }

private:
    at::Tensor make(std::string_view name, at::IntArrayRef shape) override;

    nn::Weights& m_source;
    const LoraChange& m_change;
};

}  // namespace rlcm::models
