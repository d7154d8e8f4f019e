#include "core/rl/optimizer.h"

#include <cmath>
#include <string>

#include "core/base/error.h"
#include "core/tensor/torch.h"

namespace rlcm::rl {
namespace {

constexpr const char* kStep = "optimizer_step";
constexpr const char* kFirst = "optimizer.first_moment";
constexpr const char* kSecond = "optimizer.second_moment";

}  // namespace

Adam::Adam(const at::Tensor& parameters, const AdamOptions& options)
    : m_parameters(parameters), m_first(at::zeros_like(parameters)), m_second(at::zeros_like(parameters)), m_options(options) {}

void Adam::step(const at::Tensor& gradient, double learningRate) {
    ensure(gradient.sizes() == m_parameters.sizes(), "the gradient must have the shape of the parameters");
    const at::NoGradGuard noGrad;
    ++m_step;
    if (m_options.isAdamW) {
        m_parameters.mul_(1 - learningRate * m_options.weightDecay);
    }
    m_first.lerp_(gradient, 1 - m_options.beta1);
    m_second.mul_(m_options.beta2).addcmul_(gradient, gradient, 1 - m_options.beta2);
    const auto steps = static_cast<double>(m_step);
    const double firstCorrection = 1 - std::pow(m_options.beta1, steps);
    const double secondCorrection = std::sqrt(1 - std::pow(m_options.beta2, steps));
    const at::Tensor denominator = (m_second.sqrt() / secondCorrection).add_(m_options.epsilon);
    m_parameters.addcdiv_(m_first, denominator, -learningRate / firstCorrection);
}

void Adam::save(LearnerState& state) const {
    state.values[kStep] = m_step;
    state.add(kFirst, m_first);
    state.add(kSecond, m_second);
}

void Adam::restore(const LearnerState& state) {
    const Json& step = state.value(kStep);
    if (!step.is_number_integer()) {
        throw Error(ErrorKind::Format, std::string("the checkpoint is damaged: ") + kStep + " is " + step.dump() + ", not a number of steps");
    }
    const at::Tensor& first = state.tensor(kFirst);
    const at::Tensor& second = state.tensor(kSecond);
    ensure(first.sizes() == m_parameters.sizes() && second.sizes() == m_parameters.sizes(), "saved moments must have the shape of the parameters");
    m_step = step.get<std::int64_t>();
    m_first = first.to(m_parameters.options()).clone();
    m_second = second.to(m_parameters.options()).clone();
}

double clipGradientNorm(at::Tensor& gradient, double maxNorm) {
    const at::NoGradGuard noGrad;
    // Accumulated in f64: the norm is logged and compared, and costs nothing beside the backward pass.
    const double norm = at::linalg_vector_norm(gradient, 2, c10::nullopt, false, at::kDouble).item<double>();
    const double coefficient = maxNorm / (norm + 1e-6);
    if (std::isfinite(norm) && coefficient < 1) {
        gradient.mul_(coefficient);
    }
    return norm;
}

double learningRateAt(double base, bool decaysToTwoThirds, std::int64_t epoch, std::int64_t epochs) {
    if (!decaysToTwoThirds) {
        return base;
    }
    return base * (1 - static_cast<double>(epoch + 1) / (3 * static_cast<double>(epochs)));
}

}  // namespace rlcm::rl
