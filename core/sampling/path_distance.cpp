#include "core/sampling/path_distance.h"

#include "core/tensor/torch.h"

namespace rlcm::sampling {

void PathDistance::add(const diffusion::Policy& policy, std::int64_t step, const diffusion::Transition& ours, const diffusion::Transition& reference) {
    const auto addTo = [&](Sum& sum, const at::Tensor& ofRows, double factor) {
        sum.value += factor * ofRows.to(at::kDouble).sum().item<double>();
        sum.rows += ofRows.numel();
    };
    if (step < policy.stochasticSteps()) {
        addTo(m_kl[step], diffusion::klPerElement(ours.mean, reference.mean, ours.std), static_cast<double>(ours.mean[0].numel()));
    } else if (step + 1 == policy.steps()) {
        addTo(m_drift, (ours.denoised - reference.denoised).square().flatten(1).mean(1), 1.0);
    }
}

void PathDistance::merge(const PathDistance& other) {
    const auto addTo = [](Sum& sum, const Sum& more) {
        sum.value += more.value;
        sum.rows += more.rows;
    };
    for (const auto& [step, sum] : other.m_kl) {
        addTo(m_kl[step], sum);
    }
    addTo(m_drift, other.m_drift);
}

double PathDistance::pathKl() const {
    double nats = 0;
    for (const auto& [step, sum] : m_kl) {
        nats += sum.mean();
    }
    return nats;
}

std::optional<double> PathDistance::lastStepDrift() const {
    return m_drift.rows > 0 ? std::optional(m_drift.mean()) : std::nullopt;
}

}  // namespace rlcm::sampling
