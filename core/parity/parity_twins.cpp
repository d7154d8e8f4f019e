// Regressions of differences between two images of a prompt (golden/rules: rebel, sdpo).
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "core/parity/gauge.h"
#include "core/parity/parity_rules.h"
#include "core/rl/advantage_rule.h"
#include "core/rl/dense_rewards.h"
#include "core/rl/objective.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

/// [pairs, ...] of x and of y as the product has them: side by side.
at::Tensor twinsOf(const data::SafetensorsFile& tensors, const std::string& name) {
    return at::stack({tensors.tensor(name + "_x_f64"), tensors.tensor(name + "_y_f64")}, 1).flatten(0, 1);
}

struct TwinLoss {
    at::Tensor loss, gradient, errors;  ///< errors [pairs,S]
};
/// Of an objective whose twins have these log-probabilities, all [N,S].
TwinLoss twinLossOf(const rl::Objective& objective, const at::Tensor& logProbs, const at::Tensor& old, const at::Tensor& advantages) {
    std::vector<std::int64_t> steps(static_cast<std::size_t>(old.size(1)));
    std::iota(steps.begin(), steps.end(), 0);
    const at::Tensor leaf = logProbs.detach().clone().set_requires_grad(true);
    const rl::TwinTargets targets = objective.twinTargets({leaf.detach() - old, advantages, steps});
    run::Measures measures;
    const at::Tensor loss = objective.loss({.logProb = leaf.flatten(),
                                            .oldLogProb = old.flatten(),
                                            .advantage = advantages.flatten(),
                                            .error = targets.error.flatten(),
                                            .slope = targets.slope.flatten()},
                                           1, measures);
    loss.backward();
    return {loss.detach(), leaf.grad(), targets.error.unflatten(0, {-1, 2}).select(1, 0)};
}

void compareRegression(const Json& json, const data::SafetensorsFile& tensors, Report& report) {
    Gauge losses("regression of twins", kRules), slopes("gradient of the regression", kRules);
    for (const Json& one : json.at("rebel")) {
        const auto name = one.at("name").get<std::string>();
        const auto twins = [&](const std::string& what) { return twinsOf(tensors, name + '.' + what); };
        const at::Tensor old = twins("old");
        const rl::RebelObjective objective({.scale = one.at("scale").get<double>(), .advantage = 1e9});
        const TwinLoss ours = twinLossOf(objective, twins("log_probs"), old, twins("advantages").unsqueeze(1).expand_as(old));
        losses.add(ours.errors.select(1, 0), tensors.tensor(name + ".loss_f64"), name + " of each");
        losses.add(ours.loss.item<double>(), one.at("loss").get<double>(), name);
        slopes.add(ours.gradient, twins("grad_log_probs"), name);
    }
    report.quantities.push_back(losses.result());
    report.quantities.push_back(slopes.result());
}

/// What a run remembers of each prompt at each step.
Json stepStatistics(const Json& history, std::size_t steps) {
    Json all = Json::array();
    for (std::size_t step = 0; step < steps; ++step) {
        Json ofStep = Json::object();
        for (const auto& [prompt, columns] : history.items()) {
            ofStep[prompt] = columns.at(step);
        }
        all.push_back(std::move(ofStep));
    }
    return all;
}

/// Advantages [N,H] of returns, by the rule of a run that remembers the case's history.
at::Tensor stepAdvantages(const Json& one, const at::Tensor& returns) {
    run::TrainingConfig training;
    training.objective = run::Objective::Stepwise;
    training.statBufferSize = one.at("buffer_size").get<std::int64_t>();
    training.statMinCount = one.at("min_count").get<std::int64_t>();
    const auto rule = rl::makeAdvantageRule(training);
    const auto steps = static_cast<std::size_t>(returns.size(1)), images = static_cast<std::size_t>(returns.size(0));
    rule->restore({.tensors = {}, .values = {{"step_statistics", stepStatistics(one.at("history"), steps)}}});
    rl::RoundRewards round;
    const auto prompts = one.at("prompts").get<std::vector<std::string>>();  // of all x, then of all y
    for (std::size_t i = 0; i < images; ++i) {
        round.prompts.push_back(prompts.at(i / 2 + (i % 2) * (images / 2)));
        const at::Tensor row = returns[static_cast<std::int64_t>(i)].contiguous();
        round.returns.emplace_back(row.const_data_ptr<double>(), row.const_data_ptr<double>() + steps);
        round.rewards.push_back(round.returns.back().back());
    }
    run::Measures measures;
    std::vector<double> flat;
    for (const std::vector<double>& row : rule->advantages(round, measures).ofSteps) {
        flat.insert(flat.end(), row.begin(), row.end());
    }
    return at::tensor(flat, at::kDouble).view_as(returns);
}

void compareStepwise(const Json& json, const data::SafetensorsFile& tensors, Report& report) {
    Gauge anchors("step between the ends", 0, Gauge::Measure::Exact), dense("rewards of steps", kRules), returns("returns of steps", kRules),
        advantages("advantages of steps", kRules), losses("regression of steps", kRules), slopes("gradient of the regression of steps", kRules);
    for (const Json& one : json.at("sdpo")) {
        const auto name = one.at("name").get<std::string>();
        const auto twins = [&](const std::string& what) { return twinsOf(tensors, name + '.' + what); };
        const rl::Similarities similar = rl::similaritiesOf(twins("x0"));
        const at::Tensor expected = at::stack({tensors.tensor(name + ".anchor_x"), tensors.tensor(name + ".anchor_y")}, 1).flatten();
        anchors.add(similar.anchor.to(at::kDouble), expected.to(at::kDouble), name);
        const at::Tensor queried = twins("rewards");
        const at::Tensor rewards = rl::denseRewards(similar, {.first = queried.select(1, 0), .anchor = queried.select(1, 1), .last = queried.select(1, 2)});
        dense.add(rewards, twins("dense"), name);
        const at::Tensor ours = rl::discountedReturns(rewards, one.at("gamma").get<double>());
        const at::Tensor ofX = tensors.tensor(name + ".returns_f64");  // all of x, then all of y
        returns.add(ours, at::stack(ofX.chunk(2), 1).flatten(0, 1), name);

        advantages.add(stepAdvantages(one, ours), twins("advantages"), name);
        const rl::StepwiseObjective objective(
            {.stepWeight = one.at("lambda").get<double>(), .rangePerElement = one.at("clip").get<double>(), .advantage = one.at("adv_clip").get<double>()});
        const TwinLoss loss = twinLossOf(objective, twins("log_probs"), twins("old"), twins("advantages"));
        losses.add(loss.errors, tensors.tensor(name + ".loss_f64"), name + " of each");
        losses.add(loss.loss.item<double>(), one.at("loss").get<double>(), name);
        slopes.add(loss.gradient, twins("grad_log_probs"), name);
    }
    for (const Gauge& gauge : {anchors, dense, returns, advantages, losses, slopes}) {
        report.quantities.push_back(gauge.result());
    }
}

}  // namespace

void compareTwins(const Json& losses, const data::SafetensorsFile& tensors, Report& report) {
    compareRegression(losses, tensors, report);
    compareStepwise(losses, tensors, report);
}

}  // namespace rlcm::parity
