// Update rules beyond the published ones (golden/rules): of each fixture the parts whose rule the product has.
#include "core/parity/parity.h"

#include <algorithm>
#include <map>
#include <memory>

#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/diffusion/policy.h"
#include "core/parity/gauge.h"
#include "core/rl/advantages.h"
#include "core/rl/objective.h"
#include "core/rl/suspicion.h"
#include "core/sampling/trajectory.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

constexpr double kRules = 1e-10, kSurrogate = 1e-12, kPolicies = 1e-5;

at::Tensor listOf(const Json& json) {
    return at::tensor(json.get<std::vector<double>>(), at::kDouble);
}

/// The policy that visits a case's timesteps; nothing when this build has none that does.
std::unique_ptr<diffusion::Policy> policyOf(const Json& one) {
    const auto timesteps = one.at("timesteps").get<std::vector<std::int64_t>>();
    const auto steps = static_cast<std::int64_t>(timesteps.size());
    const diffusion::NoiseSchedule schedule;
    std::vector<std::unique_ptr<diffusion::Policy>> candidates;
    if (one.at("kind") == "ddim") {
        candidates.push_back(diffusion::makeDdimPolicy(schedule, {.steps = steps, .eta = one.at("eta").get<double>()}, at::kCPU));
    } else {
        const auto last = one.at("last_step") == "faithful" ? diffusion::LastStep::Faithful : diffusion::LastStep::Deterministic;
        for (const auto rule : {diffusion::TimestepRule::Rlcm, diffusion::TimestepRule::Diffusers}) {
            candidates.push_back(diffusion::makeLcmPolicy(schedule, {.steps = steps, .rule = rule, .lastStep = last}, at::kCPU));
        }
    }
    for (auto& candidate : candidates) {
        if (std::ranges::equal(candidate->timesteps(), timesteps)) {
            return std::move(candidate);
        }
    }
    return nullptr;
}

void comparePolicies(const Json& json, const data::SafetensorsFile& tensors, Report& report) {
    Gauge means("means of the policies", kPolicies, Gauge::Measure::Relative), stds("deviations of the policies", kPolicies, Gauge::Measure::Relative);
    Gauge counts("random steps", 0, Gauge::Measure::Exact);
    Gauge divergences("KL per element", kPolicies, Gauge::Measure::Relative), paths("path KL", kPolicies, Gauge::Measure::Relative),
        drifts("drift of the last step", kPolicies, Gauge::Measure::Relative);
    for (const Json& one : json.at("cases")) {
        const auto name = one.at("name").get<std::string>();
        const std::unique_ptr<diffusion::Policy> policy = policyOf(one);
        if (!policy) {
            means.fail(name + ": no policy has its timesteps");
            continue;
        }
        const auto stored = [&](const std::string& key) { return tensors.tensor(name + '.' + key + "_f64"); };
        counts.add(static_cast<double>(policy->stochasticSteps()), one.at("stochastic_steps").get<double>(), name);
        sampling::Distance distance{.pathKl = at::zeros({stored("x").size(0)}, at::kDouble), .lastStepDrift = {}};
        for (std::int64_t step = 0; step < policy->steps(); ++step) {
            const at::Tensor index = at::full({1}, step, at::kLong);
            const at::Tensor x = stored("x").select(1, step);
            const std::string where = name + " step " + std::to_string(step);
            std::vector<diffusion::Transition> both;
            for (const std::string of : {"", "_ref"}) {
                const diffusion::Transition ours = policy->transition(index, x, stored("eps" + of).select(1, step));
                means.add(ours.mean, stored("mean" + of).select(1, step), where);
                stds.add(ours.std.flatten()[0].item<double>(), stored("std")[step].item<double>(), where);
                both.push_back(ours);
            }
            const at::Tensor expected = stored("kl_per_element").select(1, step);
            if (step < policy->stochasticSteps()) {
                divergences.add(diffusion::klPerElement(both[0].mean, both[1].mean, both[0].std), expected, where);
            }
            sampling::addDistance(distance, *policy, step, both[0], both[1]);
        }
        paths.add(distance.pathKl, stored("path_kl_nats"), name);
        if (distance.lastStepDrift.defined()) {
            drifts.add(distance.lastStepDrift, stored("last_step_drift"), name);
        }
    }
    for (const Gauge& gauge : {means, stds, counts, divergences, paths, drifts}) {
        report.quantities.push_back(gauge.result());
    }
}

void compareAdvantages(const Json& json, Report& report) {
    Gauge advantages("group advantages", kRules), spread("prompts without spread", kRules);
    for (const Json& one : json.at("cases")) {
        const auto name = one.at("name").get<std::string>();
        const auto rewards = one.at("rewards").get<std::vector<double>>();
        const auto groups = one.at("groups").get<std::vector<std::string>>();
        std::map<std::string, std::vector<std::size_t>> members;
        for (std::size_t i = 0; i < groups.size(); ++i) {
            members[groups[i]].push_back(i);
        }
        std::vector<double> ours(rewards.size());
        bool hasSingle = false;
        for (const auto& [group, places] : members) {
            std::vector<double> values;
            for (const std::size_t place : places) {
                values.push_back(rewards[place]);
            }
            const std::vector<double> of = rl::groupAdvantages(values, static_cast<std::int64_t>(values.size()));
            for (std::size_t i = 0; i < places.size(); ++i) {
                ours[places[i]] = of[i];
            }
            hasSingle = hasSingle || places.size() == 1;
        }
        advantages.add(at::tensor(ours, at::kDouble), listOf(one.at("expected").at("ours/group")), name);
        if (!hasSingle) {  // the product's share is of the groups of several images
            run::Measures measures;
            rl::addZeroStdRatio(groups, rewards, measures);
            spread.add(measures.value(run::measure::kZeroStdRatio), one.at("zero_std_ratio").get<double>(), name);
        }
    }
    report.quantities.push_back(advantages.result());
    report.quantities.push_back(spread.result());
}

void compareSurrogate(const Json& json, Report& report) {
    Gauge losses("clipped loss", kSurrogate), slopes("slope of the clipped loss", kSurrogate), sides("clipped sides", 0, Gauge::Measure::Exact);
    for (const Json& row : json.at("surrogate").at("rows")) {
        if (row.at(2) != row.at(3)) {
            continue;  // another range on each side
        }
        const rl::ClippedObjective objective({.rangePerElement = row.at(2).get<double>(), .advantage = 1e9});
        const at::Tensor logProb = at::full({1}, row.at(1).get<double>(), at::kDouble).set_requires_grad(true);
        run::Measures measures;
        const at::Tensor loss = objective.loss({logProb, at::zeros({1}, at::kDouble), at::full({1}, row.at(0).get<double>(), at::kDouble)}, 1, measures);
        loss.backward();
        losses.add(loss.item<double>(), row.at(5).get<double>(), row.dump());
        slopes.add(logProb.grad().item<double>(), row.at(6).get<double>(), row.dump());
        sides.add(measures.value(run::measure::kClipFractionHigher), row.at(7).get<double>(), row.dump());
        sides.add(measures.value(run::measure::kClipFractionLower), row.at(8).get<double>(), row.dump());
    }
    // On policy the clipped loss has the gradient of REINFORCE.
    Gauge onPolicy("gradient on policy", kRules);
    const Json& reinforce = json.at("reinforce");
    const at::Tensor logProb = listOf(reinforce.at("log_probs")).set_requires_grad(true);
    run::Measures measures;
    rl::ClippedObjective({.rangePerElement = 1e-4, .advantage = 1e9})
        .loss({logProb, logProb.detach(), listOf(reinforce.at("advantages"))}, 1, measures)
        .backward();
    onPolicy.add(logProb.grad(), listOf(reinforce.at("grad")));
    for (const Gauge& gauge : {losses, slopes, sides, onPolicy}) {
        report.quantities.push_back(gauge.result());
    }
}

void compareSuspicion(const Json& json, Report& report) {
    Gauge rates("win rates", kRules), suspicion("suspicion", kRules);
    const Json& gardo = json.at("gardo");
    const auto proxy = gardo.at("proxy").get<std::vector<double>>();
    const auto judges = gardo.at("judges").get<std::vector<std::vector<double>>>();
    rates.add(at::tensor(rl::winRates(proxy), at::kDouble), listOf(gardo.at("win_rate_proxy")), "reward");
    for (std::size_t i = 0; i < judges.size(); ++i) {
        rates.add(at::tensor(rl::winRates(judges[i]), at::kDouble), listOf(gardo.at("win_rate_judges").at(i)), "judge " + std::to_string(i));
    }
    const Json& transforms = json.at("transforms");
    rates.add(at::tensor(rl::winRates(transforms.at("rewards").get<std::vector<double>>()), at::kDouble), listOf(transforms.at("rank")), "rank");
    rates.add(at::tensor(rl::winRates(std::vector{1.0}), at::kDouble), listOf(transforms.at("win_rate_single")), "one alone");
    suspicion.add(at::tensor(rl::suspicions(proxy, judges), at::kDouble), listOf(gardo.at("suspicion")));
    report.quantities.push_back(rates.result());
    report.quantities.push_back(suspicion.result());
}

}  // namespace

Report runRules(const std::filesystem::path& folder) {
    Report report{.kind = "rules", .folder = folder, .quantities = {}};
    comparePolicies(readJsonFile(folder / "kl.json"), data::SafetensorsFile(folder / "tensors.safetensors"), report);
    compareAdvantages(readJsonFile(folder / "advantages.json"), report);
    compareSurrogate(readJsonFile(folder / "losses.json"), report);
    compareSuspicion(readJsonFile(folder / "other.json"), report);
    return report;
}

}  // namespace rlcm::parity
