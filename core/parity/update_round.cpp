#include "core/parity/update_round.h"

#include <algorithm>
#include <cmath>

#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

/// Smallest 1, 2 or 5 times a power of ten that is not below x: the rule by which the fixtures' READMEs round
/// tolerances.
double niceUp(double x) {
    if (!(x > 0)) {
        return 0;
    }
    const double decade = std::pow(10.0, std::floor(std::log10(x)));
    for (const double step : {1.0, 2.0, 5.0}) {
        if (step * decade >= x * (1 - 1e-12)) {
            return step * decade;
        }
    }
    return 10 * decade;
}

std::string joined(const Json& words) {
    std::string text;
    for (const Json& word : words) {
        if (!text.empty()) {
            text += ',';
        }
        text += word.get<std::string>();
    }
    return text;
}

}  // namespace

Tolerances::Tolerances(const Json& errors)
    : logProb(std::max(5e-6, niceUp(3 * errors.at("log_prob").get<double>()))),
      gradient(std::max(1e-4, niceUp(5 * errors.at("grad_rel_norm").get<double>()))),
      farFraction(std::max(0.002, niceUp(5 * errors.at("param_fraction_beyond_1e-5").get<double>()))) {}

Round::Round(const std::filesystem::path& folder, at::ScalarType dtype, const at::Device& device)
    : m_setup(readJsonFile(folder / "setup.json")),
      m_isRlcm(m_setup.at("kind") == "rlcm"),
      m_file(folder / "trajectory.safetensors"),
      m_start(folder / "lora_start.safetensors"),
      m_dtype(dtype),
      m_device(device),
      m_network(models::loadNetwork(folder.parent_path() / m_setup.at("base").get<std::string>(), dtype, device)),
      m_policy(makePolicy()) {
    // The stored embedding is an input: its large float32 phases depend on the processor that made the fixture.
    m_denoiser = std::make_unique<sampling::Denoiser>(*m_network, *m_policy,
                                                      sampling::DenoiserOptions{.guidance = m_setup.at("guidance_scale").get<double>(),
                                                                                .pixelsPerLatent = 8,
                                                                                .guidanceEmbedding = m_isRlcm ? m_file.tensor("timestep_cond") : at::Tensor()},
                                                      device);
}

at::Tensor Round::stored(const std::string& name) const {
    const at::Tensor tensor = m_file.tensor(name).to(m_device);
    return tensor.is_floating_point() ? tensor.to(m_dtype) : tensor;
}

nn::LoraAdapter Round::adapter() const {
    nn::LoraAdapter result(m_network->projections(), joined(m_setup.at("lora_targets")), m_setup.at("lora_rank").get<std::int64_t>(),
                           m_setup.at("lora_alpha").get<double>(), RandomStreams(0));
    data::NamedTensors factors;
    for (const auto& [name, entry] : m_start.entries()) {
        factors.emplace_back(name, m_start.tensor(name));
    }
    result.assign(factors);
    return result;
}

sampling::Condition Round::condition(const at::Tensor& rows) const {
    const models::PromptEmbeddings none{m_isRlcm ? at::Tensor() : stored("negative_prompt_embeds"), {}};
    return m_denoiser->condition({stored("prompt_embeds").index_select(0, rows), {}}, none, {});
}

learn::Transitions Round::transitions(const at::Tensor& rows, const at::Tensor& steps) const {
    return {.step = steps, .x = stored("states").index({rows, steps}), .next = stored("next_states").index({rows, steps}), .condition = condition(rows)};
}

std::unique_ptr<diffusion::Policy> Round::makePolicy() const {
    const auto steps = m_setup.at("num_inference_steps").get<std::int64_t>();
    if (m_isRlcm) {
        return diffusion::makeLcmPolicy(diffusion::NoiseSchedule(), {.steps = steps}, m_device);
    }
    return diffusion::makeDdimPolicy(diffusion::NoiseSchedule(), {.steps = steps, .eta = m_setup.at("eta").get<double>()}, m_device);
}

}  // namespace rlcm::parity
