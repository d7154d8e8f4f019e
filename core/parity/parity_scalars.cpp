// Scalar vectors in float64 (golden/scalars) and the reward statistics (golden/stat_tracker).
#include "core/parity/parity.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "core/base/json.h"
#include "core/diffusion/policy.h"
#include "core/parity/gauge.h"
#include "core/rl/advantages.h"
#include "core/rl/objective.h"
#include "core/rl/optimizer.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

using Measure = Gauge::Measure;
constexpr double kRelative = 1e-12;
constexpr double kScheduleRelative = 1e-13;  // after 1000 products

at::Tensor numbers(const Json& list) {
    return at::tensor(list.get<std::vector<double>>(), at::kDouble);
}

/// A [1,1,1,1] f64 tensor.
at::Tensor element(double value) {
    return at::full({1, 1, 1, 1}, value, at::kDouble);
}

at::Tensor stepIndex(std::int64_t i) {
    return at::full({1}, i, at::kLong);
}

void compareSchedule(const Json& json, Report& report) {
    const diffusion::NoiseSchedule schedule;
    Gauge alphas("alphas_cumprod", kScheduleRelative, Measure::Relative);
    for (const auto& [t, row] : json.at("alphas_cumprod").items()) {
        const double alphaBar = schedule.alphaBar(std::stoll(t));
        alphas.add(alphaBar, row.at("alpha_cumprod").get<double>(), "t=" + t);
        alphas.add(std::sqrt(alphaBar), row.at("sqrt").get<double>(), "t=" + t);
        alphas.add(std::sqrt(1 - alphaBar), row.at("sqrt_one_minus").get<double>(), "t=" + t);
    }
    report.quantities.push_back(alphas.result());
    Gauge boundary("boundary", kRelative, Measure::Relative);
    for (const auto& [t, row] : json.at("boundary").items()) {
        const diffusion::LcmBoundary ours = diffusion::lcmBoundary(std::stod(t));
        boundary.add(ours.skip, row.at("c_skip").get<double>(), "t=" + t);
        boundary.add(ours.out, row.at("c_out").get<double>(), "t=" + t);
    }
    report.quantities.push_back(boundary.result());
    Gauge noise("rlcm_noise_std_per_transition", kRelative, Measure::Relative);
    for (const auto& [count, stds] : json.at("rlcm_noise_std_per_transition").items()) {
        const auto policy = diffusion::makeLcmPolicy(schedule, {.steps = std::stoll(count)}, at::kCPU);
        const at::Tensor x = at::zeros({policy->steps(), 1, 1, 1}, at::kDouble);
        noise.add(policy->transition(at::arange(policy->steps()), x, x).std.flatten(), numbers(stds), "H=" + count);
    }
    report.quantities.push_back(noise.result());
    // The float32 phase of up to 7000 radians is off by up to 1e-3; golden/schedulers checks the float32
    // value itself.
    Gauge embedding("guidance_embedding_w7_dim256", 5e-3);
    embedding.add(diffusion::guidanceEmbedding(8.0, 256)[0], numbers(json.at("guidance_embedding_w7_dim256")));
    report.quantities.push_back(embedding.result());
}

/// A policy and its step that goes from t to next.
struct Place {
    std::unique_ptr<diffusion::Policy> policy;
    std::int64_t step = 0;
};

std::optional<Place> findLcmStep(std::int64_t t, std::int64_t next) {
    for (std::int64_t steps = 1; steps <= 50; ++steps) {
        const auto timesteps = diffusion::lcmTimesteps(steps, diffusion::TimestepRule::Rlcm);
        for (std::size_t i = 0; i < timesteps.size(); ++i) {
            if (timesteps[i] == t && timesteps[std::min(i + 1, timesteps.size() - 1)] == next) {
                return Place{diffusion::makeLcmPolicy(diffusion::NoiseSchedule(), {.steps = steps}, at::kCPU), static_cast<std::int64_t>(i)};
            }
        }
    }
    return std::nullopt;
}

std::optional<Place> findDdimStep(std::int64_t t, std::int64_t next) {
    for (std::int64_t steps = 1; steps <= 500; ++steps) {
        const auto timesteps = diffusion::ddimTimesteps(steps);
        for (std::size_t i = 0; i < timesteps.size(); ++i) {
            if (timesteps[i] == t && std::max<std::int64_t>(t - 1000 / steps, 0) == next) {
                return Place{diffusion::makeDdimPolicy(diffusion::NoiseSchedule(), {.steps = steps}, at::kCPU), static_cast<std::int64_t>(i)};
            }
        }
    }
    return std::nullopt;
}

void compareSteps(const Json& json, Report& report) {
    Gauge lcm("lcm_single_steps", kRelative, Measure::Relative);
    Gauge ddim("ddim_single_steps", kRelative, Measure::Relative);
    const auto check = [](Gauge& gauge, const std::optional<Place>& place, const Json& row, const char* denoisedKey) {
        if (!place) {
            gauge.fail("no horizon takes the step " + row.dump());
            return;
        }
        const diffusion::Transition ours =
            place->policy->transition(stepIndex(place->step), element(row.at("x").get<double>()), element(row.at("eps").get<double>()));
        gauge.add(ours.denoised.item<double>(), row.at(denoisedKey).get<double>(), row.dump());
        gauge.add(ours.mean.item<double>(), row.at("mean").get<double>(), row.dump());
        gauge.add(ours.std.item<double>(), row.at("std").get<double>(), row.dump());
    };
    for (const Json& row : json.at("lcm_single_steps")) {
        check(lcm, findLcmStep(row.at("t").get<std::int64_t>(), row.at("t_next").get<std::int64_t>()), row, "denoised");
    }
    for (const Json& row : json.at("ddim_single_steps")) {
        check(ddim, findDdimStep(row.at("t").get<std::int64_t>(), row.at("t_prev").get<std::int64_t>()), row, "x0");
    }
    report.quantities.push_back(lcm.result());
    report.quantities.push_back(ddim.result());

    Gauge eta("ddim_eta1", kRelative, Measure::Relative);
    for (const auto& [count, rows] : json.at("ddim_eta1").at("rows").items()) {
        const auto policy = diffusion::makeDdimPolicy(diffusion::NoiseSchedule(), {.steps = std::stoll(count)}, at::kCPU);
        for (std::int64_t i = 0; i < policy->steps(); ++i) {
            const Json& row = rows.at(static_cast<std::size_t>(i));
            const std::string where = "N=" + count + " step " + std::to_string(i);
            const double signal = std::sqrt(diffusion::NoiseSchedule().alphaBar(row.at(1).get<std::int64_t>()));
            // With x = sqrt(1-a) the clean latent is zero for a prediction of one: the mean is the direction
            // coefficient.
            const double noiseLevel = std::sqrt(1 - diffusion::NoiseSchedule().alphaBar(policy->timesteps()[static_cast<std::size_t>(i)]));
            const diffusion::Transition ours = policy->transition(stepIndex(i), element(noiseLevel), element(1.0));
            eta.add(static_cast<double>(policy->timesteps()[static_cast<std::size_t>(i)]), row.at(0).get<double>(), where);
            eta.add(ours.std.item<double>(), row.at(2).get<double>(), where);
            eta.add(ours.mean.item<double>() - signal * ours.denoised.item<double>(), row.at(3).get<double>(), where);
        }
    }
    report.quantities.push_back(eta.result());
}

void compareLogProb(const Json& json, Report& report) {
    Gauge gaussian("log_prob_of_z", kRelative, Measure::Relative);
    const Json& cases = json.at("log_prob_of_z");
    for (const auto& [text, expected] : cases.at("by_std").items()) {
        const at::Tensor std = element(std::stod(text));
        const at::Tensor y = numbers(cases.at("z")).view({1, -1, 1, 1}) * std;
        gaussian.add(diffusion::logProbPerElement(y, at::zeros_like(y), std).item<double>(), expected.get<double>(), text);
    }
    report.quantities.push_back(gaussian.result());

    Gauge single("rlcm_with_one_step", kRelative, Measure::Relative);
    const Json& one = json.at("rlcm_with_one_step");
    const auto policy = diffusion::makeLcmPolicy(diffusion::NoiseSchedule(), {.steps = 1}, at::kCPU);
    const tensor::GradMode grad(true);
    at::Tensor eps = numbers(one.at("eps").at(0)).view({1, -1, 1, 1}).requires_grad_();
    const diffusion::Transition ours = policy->transition(stepIndex(0), numbers(one.at("x").at(0)).view({1, -1, 1, 1}), eps);
    const at::Tensor next = policy->deterministicNext(ours).detach();
    const at::Tensor logProb = diffusion::logProbPerElement(next, ours.mean, ours.std);
    const auto gradient = torch::autograd::grad({logProb.sum()}, {eps});
    single.add(ours.denoised.flatten(), numbers(one.at("denoised").at(0)), "denoised");
    single.add(ours.mean.flatten(), numbers(one.at("mean").at(0)), "mean");
    single.add(ours.std.item<double>(), one.at("std").get<double>(), "std");
    single.add(logProb.item<double>(), one.at("log_prob").get<double>(), "log_prob");
    single.add(gradient[0].flatten(), numbers(one.at("grad_log_prob_wrt_eps").at(0)), "gradient");
    report.quantities.push_back(single.result());
}

void compareLoss(const Json& json, Report& report) {
    Gauge loss("surrogate loss", kRelative, Measure::Relative), slope("surrogate derivative", kRelative, Measure::Relative);
    Gauge kl("surrogate approx_kl", kRelative, Measure::Relative), clipped("surrogate clip flag", 0, Measure::Exact);
    const tensor::GradMode grad(true);
    for (const Json& row : json.at("surrogate").at("rows")) {
        const auto value = [&](std::size_t i) { return row.at(i).get<double>(); };
        const std::string where = row.dump();
        at::Tensor logProb = at::full({1}, value(1), at::kDouble).requires_grad_();
        run::Measures measures;
        const at::Tensor ours = rl::ClippedObjective({.rangePerElement = value(2), .advantage = value(3)})
                                    .loss({logProb, at::zeros({1}, at::kDouble), at::full({1}, value(0), at::kDouble)}, 1.0, measures);
        loss.add(ours.item<double>(), value(5), where);
        slope.add(torch::autograd::grad({ours}, {logProb})[0].item<double>(), value(6), where);
        kl.add(measures.value(run::measure::kApproxKl), value(7), where);
        clipped.add(measures.value(run::measure::kClipFraction), value(8), where);
    }
    for (const Gauge* gauge : {&loss, &slope, &kl, &clipped}) {
        report.quantities.push_back(gauge->result());
    }
}

void compareOptimizers(const Json& json, Report& report) {
    Gauge clip("gradient_norm_clip", kRelative, Measure::Relative);
    for (const Json& row : json.at("gradient_norm_clip")) {
        at::Tensor gradient = numbers(row.at("gradient"));
        clip.add(rl::clipGradientNorm(gradient, row.at("max_norm").get<double>()), row.at("norm").get<double>(), row.dump());
        clip.add(gradient, numbers(row.at("clipped")), row.dump());
    }
    report.quantities.push_back(clip.result());

    Gauge traces("optimizers", kRelative, Measure::Relative);
    for (const Json& trace : json.at("optimizers")) {
        const at::Tensor parameters = numbers(trace.at("start"));
        const rl::AdamOptions options{.isAdamW = trace.at("name") == "AdamW",
                                      .beta1 = trace.at("betas").at(0).get<double>(),
                                      .beta2 = trace.at("betas").at(1).get<double>(),
                                      .epsilon = trace.at("eps").get<double>(),
                                      .weightDecay = trace.at("weight_decay").get<double>()};
        rl::Adam adam(parameters, options);
        for (std::size_t i = 0; i < trace.at("gradients").size(); ++i) {
            adam.step(numbers(trace.at("gradients").at(i)), trace.at("lr").get<double>());
            const Json& after = trace.at("after_each_step").at(i);
            const std::string where = trace.at("name").get<std::string>() + " step " + std::to_string(i);
            traces.add(parameters, numbers(after.at("param")), where);
            traces.add(adam.firstMoment(), numbers(after.at("exp_avg")), where);
            traces.add(adam.secondMoment(), numbers(after.at("exp_avg_sq")), where);
        }
    }
    report.quantities.push_back(traces.result());

    Gauge rates("rlcm_learning_rates", kRelative, Measure::Relative);
    const Json& learning = json.at("rlcm_learning_rates");
    for (const auto& [key, values] : learning.items()) {
        if (!key.starts_with("epochs_")) {
            continue;
        }
        const auto epochs = static_cast<std::int64_t>(values.size());
        for (std::int64_t epoch = 0; epoch < epochs; ++epoch) {
            const double ours = rl::learningRateAt(learning.at("base").get<double>(), true, epoch, epochs);
            rates.add(ours, values.at(static_cast<std::size_t>(epoch)).get<double>(), key + " epoch " + std::to_string(epoch));
        }
    }
    report.quantities.push_back(rates.result());
}

}  // namespace

Report runScalars(const std::filesystem::path& folder) {
    const tensor::GradMode noGrad(false);
    Report report{.kind = "scalars", .folder = folder, .quantities = {}};
    const Json json = readJsonFile(folder / "scalars.json");
    compareSchedule(json, report);
    compareSteps(json, report);
    compareLogProb(json, report);
    compareLoss(json, report);
    compareOptimizers(json, report);
    return report;
}

Report runStatTracker(const std::filesystem::path& folder) {
    Report report{.kind = "stat_tracker", .folder = folder, .quantities = {}};
    const Json json = readJsonFile(folder / "cases.json");
    Gauge kept("kept_counts and state_after", 0, Measure::Exact);
    for (const Json& test : json.at("cases")) {
        const auto name = test.at("name").get<std::string>();
        // "far_from_zero" has a spread of 1e-7 of its offset, which costs seven digits.
        Gauge advantages("advantages " + name, name == "far_from_zero" ? 1e-3 : 1e-9);
        rl::PerPromptStatistics statistics(test.at("buffer_size").get<std::int64_t>(), test.at("min_count").get<std::int64_t>());
        for (std::size_t round = 0; round < test.at("rounds").size(); ++round) {
            const Json& step = test.at("rounds").at(round);
            const std::string where = name + " round " + std::to_string(round);
            const auto ours = statistics.update(step.at("prompts").get<std::vector<std::string>>(), step.at("rewards").get<std::vector<double>>());
            advantages.add(at::tensor(ours, at::kDouble), numbers(step.at("advantages")), where);
            for (const auto& [prompt, buffer] : statistics.buffers()) {
                const Json& counts = step.at("kept_counts");
                kept.add(static_cast<double>(buffer.size()), counts.value(prompt, -1.0), where + " \"" + prompt + "\"");
            }
            kept.add(static_cast<double>(statistics.buffers().size()), static_cast<double>(step.at("kept_counts").size()), where);
        }
        kept.add(Json(statistics.buffers()) == test.at("state_after") ? 0 : 1, 0, name + " state_after");
        report.quantities.push_back(advantages.result());
    }
    report.quantities.push_back(kept.result());
    Gauge whole("whole_round_1e-8", 1e-9);
    for (const Json& test : json.at("whole_round_1e-8")) {
        whole.add(at::tensor(rl::batchAdvantages(test.at("rewards").get<std::vector<double>>()), at::kDouble), numbers(test.at("advantages")), test.dump());
    }
    report.quantities.push_back(whole.result());
    return report;
}

}  // namespace rlcm::parity
