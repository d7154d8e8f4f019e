// Rules between settings; the rules of one setting come from the field table.
#include <algorithm>

#include "core/base/error.h"
#include "core/run/derive.h"
#include "core/run/field_list.h"
#include "core/run/field_table.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::run {
namespace {

using Problems = std::vector<Problem>;

constexpr std::int64_t kMaxRlcmSteps = 50;  // timesteps that the consistency model was distilled at

void checkHorizon(const RunConfig& config, Problems& problems) {
    const std::int64_t steps = config.sampling.steps;
    const bool isRewardGradient = config.training.objective == Objective::RewardGradient;
    if (config.algorithm.method == Method::Rlcm && steps == 1 && !isRewardGradient) {
        problems.push_back({"sampling.steps",
                            "must be at least 2 for rlcm: with one step the reward does not depend on its only action (the "
                            "noise is added after the image is decided), so there is nothing to learn from but with training.objective reward_gradient"});
    } else if (config.algorithm.method == Method::Rlcm && steps > kMaxRlcmSteps) {
        problems.push_back({"sampling.steps", "must be at most 50 for rlcm, because the consistency model knows 50 timesteps, not " + std::to_string(steps)});
    } else if (config.algorithm.method == Method::Ddpo && steps == 1) {
        problems.push_back({"sampling.steps", "must be at least 2 for ddpo, not 1"});
    }
    if (config.algorithm.method == Method::Ddpo && config.sampling.eta == 0.0) {
        problems.push_back({"sampling.eta",
                            "must be more than 0 for ddpo: without noise no step is random and there is "
                            "nothing to learn from"});
    }
    if (isRewardGradient) {
        return;  // no step is learned from by its probability
    }
    const std::int64_t stochastic = stochasticSteps(config);
    if (steps > 1 && config.training.skipLastSteps >= stochastic) {
        problems.push_back({"training.skip_last_steps",
                            "leaves no step to train on: only " + std::to_string(stochastic) + " of the " + std::to_string(steps) + " steps are random"});
    } else if (steps > 1 && trainedSteps(config) > trainableSteps(config)) {
        problems.push_back({"training.selected_steps", "must be at most " + std::to_string(trainableSteps(config)) + ", the steps that can be trained, not " +
                                                           std::to_string(config.training.selectedSteps)});
    }
}

void checkEvaluationSteps(const RunConfig& config, Problems& problems) {
    const bool isRlcm = config.algorithm.method == Method::Rlcm;
    const std::int64_t least = isRlcm ? 1 : 2, most = isRlcm ? kMaxRlcmSteps : 1000;
    try {
        for (const std::int64_t count : evaluationSteps(config)) {
            if (count < least || count > most) {
                problems.push_back({"evaluation.steps", "must be step counts of " + std::to_string(least) + " to " + std::to_string(most) + " for " +
                                                            std::string(toString(config.algorithm.method)) + ", not " + std::to_string(count)});
            }
        }
    } catch (const Error& error) {
        problems.push_back({"evaluation.steps", error.message()});
    }
}

void checkRound(const TrainingConfig& training, Problems& problems) {
    const auto divides = [&](std::int64_t part) { return part > 0 && training.imagesPerRound % part == 0; };
    const std::string images = std::to_string(training.imagesPerRound) + " images";
    if (!divides(training.updatesPerRound)) {
        problems.push_back(
            {"training.updates_per_round", "must divide the round of " + images + ", but " + std::to_string(training.updatesPerRound) + " does not"});
    }
    if (training.advantage == Advantage::Group && !divides(training.groupSize)) {
        problems.push_back({"training.group_size", "must divide the round of " + images + ", but " + std::to_string(training.groupSize) + " does not"});
    }
    if (training.advantage == Advantage::PerPrompt && training.statMinCount > training.statBufferSize) {
        problems.push_back({"training.stat_min_count", "must be at most the rewards kept per prompt (" + std::to_string(training.statBufferSize) +
                                                           "), else per-prompt statistics are never used"});
    }
    if (needsOf(training).twins) {
        const std::string who(toString(training.objective));
        if (divides(training.updatesPerRound) && training.imagesPerRound / training.updatesPerRound % 2 != 0) {
            problems.push_back({"training.updates_per_round", "leaves " + std::to_string(training.imagesPerRound / training.updatesPerRound) +
                                                                  " images for an update, but " + who +
                                                                  " compares two of a prompt: it must be an even number"});
        }
        if (training.advantage == Advantage::Group && training.groupSize % 2 != 0) {
            problems.push_back(
                {"training.group_size", "must be even for " + who + ", which compares two images of a prompt, not " + std::to_string(training.groupSize)});
        }
    }
    if (training.weightDecay != 0.0 && training.optimizer != Optimizer::AdamW) {
        problems.push_back({"training.weight_decay", "needs the optimiser adamw; set training.optimizer to adamw or this to 0"});
    }
}

/// Rewards of single steps have statistics of their own.
void checkStepRewards(const RunConfig& config, Problems& problems) {
    const TrainingConfig& training = config.training;
    if (training.objective != Objective::Stepwise) {
        return;
    }
    const std::string why = " with training.objective sdpo, whose advantages are those of a prompt at a step";
    if (training.advantage != Advantage::PerPrompt) {
        problems.push_back({"training.advantage", "must be per_prompt" + why});
    }
    if (training.termNormalisation != TermNormalisation::Sum) {
        problems.push_back({"training.term_normalisation", "must be sum" + why});
    }
    if (config.transform.kind != RewardTransform::None && config.transform.kind != RewardTransform::EveryNth) {
        problems.push_back({"transform.kind", "must be none or every_nth" + why});
    }
    if (config.sampling.steps < 2) {
        problems.push_back({"sampling.steps", "must be at least 2" + why});
    }
}

/// Ids of the terms whose reward has a gradient (or not).
std::string termsThat(const RewardConfig& reward, bool haveGradient) {
    std::string names;
    for (const RewardTerm& term : parseRewardTerms(reward.terms)) {
        if (rewardKind(term.kind).isDifferentiable == haveGradient) {
            names += (names.empty() ? "" : ", ") + term.id;
        }
    }
    return names;
}

void checkRewardGradient(const RunConfig& config, Problems& problems) {
    const TrainingConfig& training = config.training;
    if (!needsOf(training).decoderGraph) {
        return;
    }
    const bool isAlone = training.objective == Objective::RewardGradient;
    const char* path = isAlone ? "training.objective" : training.rewardGradientRatio > 0 ? "training.reward_gradient_ratio" : "training.reward_gradient_weight";
    if (config.algorithm.method != Method::Rlcm) {
        problems.push_back({path, "follows the reward through a last step that adds no noise, and every step of ddpo does; use rlcm"});
    } else if (config.sampling.lastStep != LastStep::Deterministic) {
        problems.push_back({"sampling.last_step", "must be deterministic for a gradient of the reward: it goes through the last step, which may add no noise"});
    }
    if (config.transform.kind != RewardTransform::None && config.transform.kind != RewardTransform::EveryNth) {
        problems.push_back({"transform.kind", "must be none or every_nth for a gradient of the reward, which knows nothing of what is done to its values"});
    }
    try {
        if (termsThat(config.reward, true).empty()) {
            problems.push_back(
                {path, "needs a reward that has a gradient, and " + termsThat(config.reward, false) +
                           " has none: it is known by its values only. Add alignment, clipscore, aesthetic or colourfulness, or learn from values with "
                           "training.objective policy_gradient"});
        }
    } catch (const Error&) {  // terms that cannot be read are told elsewhere
    }
}

/// Servers that compare the images of a prompt.
void checkGroupWise(const RunConfig& config, Problems& problems) {
    const auto check = [&](const std::vector<RewardTerm>& terms, bool isReward) {
        for (const RewardTerm& term : terms) {
            const RewardConfig own = settingsOf(term, config.reward);
            if (term.kind != "server" || !own.serverGroupWise) {
                continue;
            }
            if (own.serverProtocol != ServerProtocol::FlowFactory) {
                problems.push_back({"reward.server_group_wise", "needs reward.server_protocol flow_factory: servers of the others score images one by one"});
            }
            if (isReward && needsOf(config.training).stepRewards) {
                problems.push_back({"training.objective", "cannot be sdpo with a server that compares the images of a prompt: steps are scored by themselves"});
            }
        }
    };
    try {
        check(parseRewardTerms(config.reward.terms), true);
        check(parseJudges(config.evaluation.judges), false);
    } catch (const Error&) {  // terms that cannot be read are told elsewhere
    }
}

void checkHeldShare(const RunConfig& config, Problems& problems) {
    const TrainingConfig& training = config.training;
    if (training.klShareAdapts && training.klShare == 1.0) {
        problems.push_back({"training.kl_share", "must be less than 1, where it begins, when it follows the suspicion"});
    }
    if (training.klShare < 1.0 && (training.klWeight == 0.0 || config.evaluation.judges.empty())) {
        problems.push_back(
            {"training.kl_share", "needs a training.kl_weight, and judges in evaluation.judges who say which images are suspicious; else it must be 1"});
    }
}

void checkTransform(const RunConfig& config, Problems& problems) {
    const TransformConfig& transform = config.transform;
    if (config.training.termNormalisation == TermNormalisation::Separate && transform.kind != RewardTransform::None &&
        transform.kind != RewardTransform::EveryNth && transform.kind != RewardTransform::Delayed) {
        problems.push_back({"transform.kind",
                            "must be none, every_nth or delayed with training.term_normalisation separate: the others change the sum of the "
                            "terms, which is then not learned from"});
    }
    if (transform.kind == RewardTransform::Delayed && transform.epochs >= config.training.epochs) {
        problems.push_back({"transform.epochs", "must be less than the " + std::to_string(config.training.epochs) +
                                                    " epochs of the run, or no reward ever arrives, not " + std::to_string(transform.epochs)});
    }
    if (transform.kind == RewardTransform::Quantised && transform.high <= transform.low) {
        problems.push_back({"transform.high", "must be more than transform.low, or there are no levels between them"});
    }
}

bool isDeviceName(std::string_view name) {
    if (name == "auto" || name == "cpu" || name == "cuda") {
        return true;
    }
    constexpr std::string_view kPrefix = "cuda:";
    const std::string_view number = name.substr(std::min(name.size(), kPrefix.size()));
    return name.starts_with(kPrefix) && !number.empty() && number.size() <= 3 && number.find_first_not_of("0123456789") == std::string_view::npos;
}

void checkTexts(const RunConfig& config, Problems& problems) {
    const auto needText = [&](std::string_view path, const std::string& value, std::string_view why) {
        if (value.find_first_not_of(' ') == std::string::npos) {
            problems.push_back({std::string(path), std::string(why)});
        }
    };
    needText("model.path", config.model.path, "must name a bundled model or a folder");
    needText("prompts.train", config.prompts.train, "must name a bundled list or a text file");
    if (config.evaluation.heldOutPrompts > 0) {
        needText("prompts.held_out", config.prompts.heldOut, "must name a bundled list or a text file, or evaluation.held_out_prompts must be 0");
    }
    if (!isDeviceName(config.compute.device)) {
        problems.push_back({"compute.device", "must be auto, cpu, cuda or cuda:N, not \"" + config.compute.device + '"'});
    }
    if (config.compute.dtype == Dtype::Fp16 && config.compute.device == "cpu") {
        problems.push_back({"compute.dtype", "must be fp32 or bf16 on the CPU; fp16 needs a GPU"});
    }
    const std::string& targets = config.lora.targets;
    const bool hasEmptyName = (',' + targets + ',').find(",,") != std::string::npos;
    if (hasEmptyName || targets.find(' ') != std::string::npos) {
        problems.push_back({"lora.targets", "must be layer names separated by commas without spaces, as to_q,to_k,to_v,to_out.0"});
    }
    try {
        for (const TermNeed& need : needsOf(config.reward)) {
            needText(need.need->path, need.value, need.need->why);
        }
    } catch (const Error& error) {
        problems.push_back({std::string(kRewardTerms), error.message()});
    }
    try {
        for (const TermNeed& need : needsOf(parseJudges(config.evaluation.judges), config.reward)) {
            needText(kJudges, need.value, "the judge " + need.term + " lacks a setting: " + std::string(need.need->path) + ' ' + std::string(need.need->why));
        }
    } catch (const Error& error) {
        problems.push_back({std::string(kJudges), error.message()});
    }
}

}  // namespace

std::vector<Problem> validate(const RunConfig& config) {
    Problems problems;
    for (const Field& field : fieldTable()) {
        if (const auto wrong = valueProblem(field, field.get(config))) {
            problems.push_back({field.path, *wrong});
        }
    }
    // Rules between settings make sense only for values that are sound one by one.
    const auto isSound = [&](std::initializer_list<std::string_view> paths) {
        return std::none_of(problems.begin(), problems.end(),
                            [&](const Problem& problem) { return std::find(paths.begin(), paths.end(), problem.path) != paths.end(); });
    };
    if (isSound({"algorithm.method", "sampling.steps", "sampling.eta", "sampling.last_step", "training.skip_last_steps", "training.step_selection",
                 "training.selected_steps"})) {
        checkHorizon(config, problems);
    }
    if (isSound({"algorithm.method", "evaluation.steps"})) {
        checkEvaluationSteps(config, problems);
    }
    if (isSound({"training.images_per_round", "training.updates_per_round", "training.group_size", "training.advantage", "training.stat_min_count",
                 "training.stat_buffer_size", "training.weight_decay", "training.optimizer", "training.objective"})) {
        checkRound(config.training, problems);
    }
    if (isSound({"training.objective", "training.advantage", "training.term_normalisation", "transform.kind", "sampling.steps"})) {
        checkStepRewards(config, problems);
    }
    if (isSound({"training.objective", "training.reward_gradient_weight", "training.reward_gradient_ratio", "algorithm.method", "sampling.last_step",
                 "transform.kind", "reward.terms"})) {
        checkRewardGradient(config, problems);
    }
    if (isSound({"training.objective", "reward.terms", "evaluation.judges"})) {
        checkGroupWise(config, problems);
    }
    if (isSound({"training.kl_share", "training.kl_weight"})) {
        checkHeldShare(config, problems);
    }
    if (isSound({"training.epochs", "transform.epochs", "transform.kind", "transform.low", "transform.high", "training.term_normalisation"})) {
        checkTransform(config, problems);
    }
    if (isSound({"model.path", "prompts.train", "prompts.held_out", "reward.terms", "reward.clip_model", "lora.targets", "compute.device",
                 "evaluation.held_out_prompts"})) {
        checkTexts(config, problems);
    }
    return problems;
}

void requireValid(const RunConfig& config) {
    std::string message;
    for (const Problem& problem : validate(config)) {
        message += (message.empty() ? "" : "\n") + std::string(Error(ErrorKind::Config, problem.message, {.setting = problem.path}).what());
    }
    if (!message.empty()) {
        throw Error(ErrorKind::Config, message);
    }
}

}  // namespace rlcm::run
