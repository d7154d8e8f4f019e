#include "core/rl/ema.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::rl {
namespace {
constexpr const char* kParameters = "ema.parameters";
}  // namespace

Ema::Ema(const at::Tensor& parameters, const EmaOptions& options) : m_options(options), m_average(parameters.detach().clone()) {}

void Ema::update(const at::Tensor& parameters, std::int64_t step) {
    if ((step + 1) % m_options.every != 0) {
        return;
    }
    const at::NoGradGuard noGrad;
    const auto steps = static_cast<double>(step), warmup = static_cast<double>(m_options.warmup);
    const double keep = m_options.warmup > 0 ? std::min(m_options.decay, (1 + steps) / (warmup + steps)) : m_options.decay;
    m_average.mul_(keep).add_(parameters, 1 - keep);
}

void Ema::save(LearnerState& state) const {
    state.add(kParameters, m_average);
}

void Ema::restore(const LearnerState& state) {
    const at::Tensor& saved = state.tensor(kParameters);
    ensure(saved.sizes() == m_average.sizes(), "a saved average must have the shape of the parameters");
    m_average = saved.to(m_average.options()).clone();
}

}  // namespace rlcm::rl
