// The reward's own gradient through the last step (golden/rules: last_step).
#include <cstdint>
#include <string>
#include <vector>

#include "core/diffusion/policy.h"
#include "core/learn/latent_gradient.h"
#include "core/parity/gauge.h"
#include "core/parity/parity_rules.h"
#include "core/rl/gradient_mix.h"
#include "core/rl/objective.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
/// A random step with the policy's gradient, and a last one with the reward's.
void compareLastStep(const Json& json, const data::SafetensorsFile& tensors, Report& report) {
    Gauge pictures("pictures of the last step", kPolicies, Gauge::Measure::Relative), rewards("reward of the last step", kPolicies, Gauge::Measure::Relative),
        gradients("gradient of the reward", kPolicies, Gauge::Measure::Relative), shares("clamped share", kRules);
    const Json& given = json.at("last_step");
    const auto stored = [&](const std::string& name) { return tensors.tensor("last_step." + name + "_f64"); };
    const auto timesteps = given.at("timesteps").get<std::vector<std::int64_t>>();
    const auto policy = diffusion::makeLcmPolicy(
        diffusion::NoiseSchedule(), {.steps = static_cast<std::int64_t>(timesteps.size()), .lastStep = diffusion::LastStep::Deterministic}, at::kCPU);
    const std::int64_t last = policy->steps() - 1;
    const auto index = [](std::int64_t step) { return at::full({1}, step, at::kLong); };
    const at::Tensor eps = stored("eps").clone().set_requires_grad(true), x = stored("x"), decoder = stored("decoder"), weights = stored("reward_weights");
    const diffusion::Transition end = policy->transition(index(last), x.select(1, last), eps.select(1, last));
    pictures.add(end.denoised.detach(), stored("denoised"), "latents");
    const auto rows = static_cast<double>(x.size(0));
    const learn::LatentGradient up =
        learn::latentGradient(end.denoised,
                              {.decode = [&](const at::Tensor& latents) { return latents.flatten(1).matmul(decoder); },
                               .reward =
                                   [&](const at::Tensor& picture, std::int64_t first) {
                                       pictures.add(picture.detach(), stored("image").narrow(0, first, picture.size(0)), "pictures");
                                       return (picture * weights.narrow(0, first, picture.size(0))).mean(1) + 0.3 * picture.square().mean(1);
                                   },
                               .together = 3},
                              -1 / rows);
    rewards.add(up.rewards, stored("reward"), "each");
    rewards.add(-up.rewards.mean().item<double>(), given.at("plain_loss").get<double>(), "loss");
    shares.add(up.clampedShare, given.at("clamped_share").get<double>());
    const at::Tensor plain = torch::autograd::grad({end.denoised}, {eps}, {up.gradient})[0];
    gradients.add(plain, stored("grad_plain"), "alone");
    const diffusion::Transition begin = policy->transition(index(0), x.select(1, 0), eps.select(1, 0));
    const at::Tensor logProb = diffusion::logProbPerElement(x.select(1, 1), begin.mean, begin.std);
    run::Measures measures;
    const at::Tensor loss =
        rl::ClippedObjective({.rangePerElement = 1e-4, .advantage = 1e9}).loss({logProb, logProb.detach(), stored("advantages")}, 1, measures);
    rewards.add(loss.item<double>(), given.at("policy_loss").get<double>(), "policy");
    const at::Tensor ofPolicy = torch::autograd::grad({loss}, {eps})[0].flatten();
    rl::GradientMix mix({.weight = given.at("weight").get<double>()});
    gradients.add(mix.mixed(ofPolicy, plain.flatten(), measures).view_as(eps), stored("grad_total"), "with the policy's");
    for (const Gauge& gauge : {pictures, rewards, gradients, shares}) {
        report.quantities.push_back(gauge.result());
    }
}

}  // namespace rlcm::parity
