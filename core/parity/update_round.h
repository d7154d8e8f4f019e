#pragma once
// What an update fixture holds: settings, trajectory, network and start factors.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/diffusion/policy.h"
#include "core/learn/policy_gradient.h"
#include "core/models/network.h"
#include "core/nn/lora.h"
#include "core/sampling/denoiser.h"

namespace rlcm::parity {

/// Multiples of the reference's own float32 error, as the README of a fixture states them.
struct Tolerances {
    double logProb;      ///< absolute; also of ratios, and of losses per largest advantage
    double gradient;     ///< norm of the difference over norm
    double farFraction;  ///< share of parameters that may be more than 1e-5 off
    /// From `f32_vs_f64` of expected.json.
    explicit Tolerances(const Json& errors);
};

/// A fixture with its network: everything that does not change between scenarios.
class Round {
public:
    /// `folder` holds setup.json; the network lies in the sibling folder that it names. throws: Io, Format.
    Round(const std::filesystem::path& folder, at::ScalarType dtype, const at::Device& device);

    /// A stored tensor on the device; floating ones in the dtype of the run.
    at::Tensor stored(const std::string& name) const;
    /// A new adapter with the start factors.
    nn::LoraAdapter adapter() const;
    /// Stored transitions (rows, steps), both [B] i64, as one denoiser call scores them.
    learn::Transitions transitions(const at::Tensor& rows, const at::Tensor& steps) const;
    /// Condition of stored samples [B] i64.
    sampling::Condition condition(const at::Tensor& rows) const;

    learn::Scorer scorer() const { return {*m_denoiser, *m_policy}; }
    const Json& setup() const { return m_setup; }
    bool isRlcm() const { return m_isRlcm; }
    const diffusion::Policy& policy() const { return *m_policy; }
    std::int64_t samples() const { return static_cast<std::int64_t>(m_setup.at("prompts").size()); }
    at::Device device() const { return m_device; }
    at::ScalarType dtype() const { return m_dtype; }

private:
    std::unique_ptr<diffusion::Policy> makePolicy() const;

    Json m_setup;
    bool m_isRlcm;
    data::SafetensorsFile m_file, m_start;
    at::ScalarType m_dtype;
    at::Device m_device;
    std::unique_ptr<models::Network> m_network;
    std::unique_ptr<diffusion::Policy> m_policy;
    std::unique_ptr<sampling::Denoiser> m_denoiser;
};

}  // namespace rlcm::parity
