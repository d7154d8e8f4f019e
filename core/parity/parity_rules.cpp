// Update rules beyond the published ones (golden/rules): of each fixture the parts whose rule the product has.
#include "core/parity/parity.h"

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "core/base/json.h"
#include "core/data/safetensors.h"
#include "core/diffusion/policy.h"
#include "core/parity/gauge.h"
#include "core/parity/parity_rules.h"
#include "core/rl/advantages.h"
#include "core/rl/ema.h"
#include "core/rl/objective.h"
#include "core/rl/reward_transform.h"
#include "core/rl/suspicion.h"
#include "core/sampling/path_distance.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

constexpr double kSurrogate = 1e-12;

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
        std::vector<sampling::PathDistance> distances(static_cast<std::size_t>(stored("x").size(0)));  // of one path each
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
            for (std::size_t row = 0; row < distances.size(); ++row) {
                const auto ofPath = [place = static_cast<std::int64_t>(row)](const diffusion::Transition& all) {
                    return diffusion::Transition{all.mean.narrow(0, place, 1), all.std, all.denoised.narrow(0, place, 1)};
                };
                distances[row].add(*policy, step, ofPath(both[0]), ofPath(both[1]));
            }
        }
        for (std::size_t row = 0; row < distances.size(); ++row) {
            const auto path = static_cast<std::int64_t>(row);
            paths.add(distances[row].pathKl(), stored("path_kl_nats")[path].item<double>(), name);
            if (const auto drift = distances[row].lastStepDrift()) {
                drifts.add(*drift, stored("last_step_drift")[path].item<double>(), name);
            }
        }
    }
    for (const Gauge& gauge : {means, stds, counts, divergences, paths, drifts}) {
        report.quantities.push_back(gauge.result());
    }
}

void compareAdvantages(const Json& json, Report& report) {
    constexpr std::array kDeviations{std::pair{"ours/group", run::GroupDeviation::Group}, std::pair{"ours/global", run::GroupDeviation::Round},
                                     std::pair{"ours/none", run::GroupDeviation::None}};
    Gauge advantages("group advantages", kRules), flat("groups with spread", 0, Gauge::Measure::Exact), spread("prompts without spread", kRules);
    for (const Json& one : json.at("cases")) {
        const auto name = one.at("name").get<std::string>();
        const auto rewards = one.at("rewards").get<std::vector<double>>();
        const auto groups = one.at("groups").get<std::vector<std::string>>();
        for (const auto& [key, deviation] : kDeviations) {
            advantages.add(at::tensor(rl::groupAdvantages(groups, rewards, deviation), at::kDouble), listOf(one.at("expected").at(key)), name + ' ' + key);
        }
        const std::vector<bool> hasSpread = rl::haveSpread(groups, rewards);
        bool hasSingle = false;
        for (std::size_t i = 0; i < groups.size(); ++i) {
            flat.add(hasSpread[i] ? 1 : 0, one.at("has_spread").at(groups[i]).get<bool>() ? 1 : 0, name + ' ' + groups[i]);
            hasSingle = hasSingle || std::ranges::count(groups, groups[i]) == 1;
        }
        if (!hasSingle) {  // the product's shares and means are of the groups of several images
            run::Measures measures;
            rl::addZeroStdRatio(groups, rewards, measures);
            spread.add(measures.value(run::measure::kZeroStdRatio), one.at("zero_std_ratio").get<double>(), name);
            spread.add(measures.value(run::measure::kGroupStdMean), one.at("std_mean").get<double>(), name + " deviation");
        }
    }
    for (const Gauge& gauge : {advantages, flat, spread}) {
        report.quantities.push_back(gauge.result());
    }
}

void compareSeparateTerms(const Json& json, Report& report) {
    Gauge sums("weighted sum of terms", kRules), advantages("advantages of separate terms", kRules);
    for (const Json& one : json.at("gdpo")) {
        const auto name = one.at("name").get<std::string>();
        const auto groups = one.at("groups").get<std::vector<std::string>>();
        const auto weights = one.at("weights").get<std::vector<double>>();
        std::vector<std::vector<double>> ofTerms;
        for (const Json& rewards : one.at("rewards")) {
            ofTerms.push_back(rl::groupAdvantages(groups, rewards.get<std::vector<double>>(), run::GroupDeviation::Group));
        }
        sums.add(at::tensor(rl::weightedSum(ofTerms, weights), at::kDouble), listOf(one.at("combined").at("ours")), name);
        advantages.add(at::tensor(rl::combinedAdvantages(ofTerms, weights), at::kDouble), listOf(one.at("gdpo").at("ours")), name);
    }
    report.quantities.push_back(sums.result());
    report.quantities.push_back(advantages.result());
}

void compareSurrogate(const Json& json, Report& report) {
    Gauge losses("clipped loss", kSurrogate), slopes("slope of the clipped loss", kSurrogate), sides("clipped sides", 0, Gauge::Measure::Exact);
    for (const Json& row : json.at("surrogate").at("rows")) {
        const double higher = row.at(3).is_null() ? std::numeric_limits<double>::infinity() : row.at(3).get<double>();
        const rl::ClippedObjective objective({.rangePerElement = row.at(2).get<double>(), .higher = higher, .advantage = 1e9});
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

void compareMask(const Json& json, const data::SafetensorsFile& tensors, Report& report) {
    Gauge losses("divergence mask", kRules), decisions("masked rows", 0, Gauge::Measure::Exact);
    const Json& given = json.at("dppo");
    const auto stored = [&](const std::string& name) { return tensors.tensor("dppo." + name); };
    const at::Tensor mean = stored("mean_new_f64").clone().set_requires_grad(true), old = stored("mean_old_f64"), y = stored("y_f64");
    const at::Tensor std = at::full({1, 1, 1, 1}, given.at("std").get<double>(), at::kDouble);
    const rl::Scored rows{.logProb = diffusion::logProbPerElement(y, mean, std),
                          .oldLogProb = diffusion::logProbPerElement(y, old, std),
                          .advantage = stored("advantages_f64"),
                          .kl = {},
                          .klSinceSampling = diffusion::klPerElement(mean.detach(), old, std)};
    run::Measures measures;
    const at::Tensor loss = rl::MaskedObjective({.limit = given.at("threshold").get<double>(), .advantage = 1e9}).loss(rows, 1, measures);
    loss.backward();
    losses.add(loss.item<double>(), given.at("loss").get<double>(), "loss");
    losses.add(mean.grad(), stored("grad_mean_new_f64"), "gradient");
    losses.add(rows.klSinceSampling, stored("kl_per_element_f64"), "divergence");
    losses.add((rows.logProb - rows.oldLogProb).detach(), stored("log_ratio_f64"), "log-ratio");
    decisions.add(measures.value(run::measure::kKlMaskFraction), given.at("kl_mask_fraction").get<double>(), "beyond the limit");
    decisions.add(measures.value(run::measure::kMaskedFraction), given.at("masked_fraction").get<double>(), "left out");
    report.quantities.push_back(losses.result());
    report.quantities.push_back(decisions.result());
}

void compareHeld(const Json& gardo, const std::vector<bool>& held, Report& report) {
    Gauge flags("most suspicious images", 0, Gauge::Measure::Exact), gated("KL of the most suspicious", kSurrogate), shares("adaptive share", kRules);
    std::vector<double> factors;
    const auto count = static_cast<double>(std::ranges::count(held, true));
    for (std::size_t i = 0; i < held.size(); ++i) {
        flags.add(held[i] ? 1 : 0, gardo.at("flagged").at(i).get<double>(), "image " + std::to_string(i));
        factors.push_back(held[i] ? static_cast<double>(held.size()) / count : 0.0);
    }
    const at::Tensor kl = listOf(gardo.at("kl_per_element")), none = at::zeros_like(kl);
    run::Measures measures;
    rl::ClippedObjective({.klWeight = 1})
        .loss({.logProb = none, .oldLogProb = none, .advantage = none, .kl = kl, .klFactor = at::tensor(factors, at::kDouble)}, 1, measures);
    gated.add(measures.value(run::measure::kKlLoss), gardo.at("gated_kl").get<double>());
    const Json& adaptive = gardo.at("adaptive");
    rl::AdaptiveShare share(adaptive.at("share").at(0).get<double>());
    for (std::size_t round = 0; round < adaptive.at("share").size(); ++round) {
        shares.add(share.update(adaptive.at("mean_suspicion").at(round).get<double>()), adaptive.at("share").at(round).get<double>(),
                   "round " + std::to_string(round));
    }
    for (const Gauge& gauge : {flags, gated, shares}) {
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
    const std::vector<double> suspicions = rl::suspicions(proxy, judges);
    suspicion.add(at::tensor(suspicions, at::kDouble), listOf(gardo.at("suspicion")));
    report.quantities.push_back(rates.result());
    report.quantities.push_back(suspicion.result());
    compareHeld(gardo, rl::mostSuspicious(suspicions, gardo.at("share").get<double>()), report);
}

void compareEma(const Json& json, Report& report) {
    Gauge gauge("moving average of weights", kRules);
    for (const Json& one : json.at("ema")) {
        const std::string where = "decay " + one.at("decay").dump() + " every " + one.at("every").dump();
        const Json& parameters = one.at("parameters");
        rl::Ema average(listOf(parameters.front()),
                        {.decay = one.at("decay").get<double>(), .every = one.at("every").get<std::int64_t>(), .warmup = one.at("warm").get<std::int64_t>()});
        for (std::size_t step = 1; step < parameters.size(); ++step) {
            average.update(listOf(parameters[step]), static_cast<std::int64_t>(step));
            gauge.add(average.average(), listOf(one.at("ema_after_step").at(step - 1)), where + " step " + std::to_string(step));
        }
    }
    report.quantities.push_back(gauge.result());
}

void compareTransforms(const Json& json, Report& report) {
    using run::RewardTransform;
    Gauge gauge("reward transforms", kRules);
    const Json& given = json.at("transforms");
    const auto rewards = given.at("rewards").get<std::vector<double>>();
    const auto one = [&](const run::TransformConfig& transform, const char* key) {
        gauge.add(at::tensor(rl::transformed(transform, rewards, {RandomStreams(0), 0, {}}), at::kDouble), listOf(given.at(key)), key);
    };
    one({.kind = RewardTransform::WinRate}, "rank");
    one({.kind = RewardTransform::Threshold, .threshold = 0.5}, "threshold_0.5");
    one({.kind = RewardTransform::TopShare, .share = 0.3}, "top_30_percent");
    one({.kind = RewardTransform::Quantised, .levels = 5, .low = -1, .high = 1}, "quantised_-1_1_5");
    const auto all = [&](const run::TransformConfig& transform, const char* key) {
        const Json& epochs = given.at("epochs");
        for (std::size_t epoch = 0; epoch < epochs.size(); ++epoch) {
            const auto ours = rl::transformed(transform, epochs[epoch].get<std::vector<double>>(), {RandomStreams(0), epoch, {}});
            gauge.add(at::tensor(ours, at::kDouble), listOf(given.at(key).at(epoch)), key + (" epoch " + std::to_string(epoch)));
        }
    };
    all({.kind = RewardTransform::EveryNth, .epochs = 3}, "every_3rd_epoch");
    all({.kind = RewardTransform::Drifting, .drift = 0.25}, "drifting_0.25_per_epoch");
    all({.kind = RewardTransform::Switching, .epochs = 2}, "switching_every_2_epochs");
    const Json& delayed = given.at("delayed_2_epochs");
    for (std::size_t epoch = 0; epoch < delayed.size(); ++epoch) {
        const run::TransformConfig transform{.kind = RewardTransform::Delayed, .epochs = 2};
        const std::optional<std::uint64_t> rewarded = rl::rewardedEpoch(transform, epoch);
        const std::string where = "delayed, epoch " + std::to_string(epoch);
        if (rewarded.has_value() == delayed[epoch].is_null()) {
            gauge.fail(where + ": rewards arrive where none do, or none where they do");
        } else if (rewarded) {
            const auto ofEpoch = given.at("epochs").at(*rewarded).get<std::vector<double>>();
            gauge.add(at::tensor(rl::transformed(transform, ofEpoch, {RandomStreams(0), *rewarded, {}}), at::kDouble), listOf(delayed[epoch]), where);
        }
    }
    report.quantities.push_back(gauge.result());
}

}  // namespace

Report runRules(const std::filesystem::path& folder) {
    Report report{.kind = "rules", .folder = folder, .quantities = {}};
    comparePolicies(readJsonFile(folder / "kl.json"), data::SafetensorsFile(folder / "tensors.safetensors"), report);
    compareAdvantages(readJsonFile(folder / "advantages.json"), report);
    compareSeparateTerms(readJsonFile(folder / "advantages.json"), report);
    compareMask(readJsonFile(folder / "losses.json"), data::SafetensorsFile(folder / "tensors.safetensors"), report);
    compareTwins(readJsonFile(folder / "losses.json"), data::SafetensorsFile(folder / "tensors.safetensors"), report);
    compareLastStep(readJsonFile(folder / "losses.json"), data::SafetensorsFile(folder / "tensors.safetensors"), report);
    compareSurrogate(readJsonFile(folder / "losses.json"), report);
    compareSuspicion(readJsonFile(folder / "other.json"), report);
    compareEma(readJsonFile(folder / "other.json"), report);
    compareTransforms(readJsonFile(folder / "other.json"), report);
    return report;
}

}  // namespace rlcm::parity
