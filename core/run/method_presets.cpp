// Presets that show what can be changed about the learning: its rules, and what becomes of its rewards.
#include "core/run/method_presets.h"

namespace rlcm::run {
namespace {

Preset groupRlcmH4(const RunConfig& gentle) {
    RunConfig c = gentle;
    c.training.advantage = Advantage::Group;
    c.training.groupSize = 8;
    c.training.groupDeviation = GroupDeviation::Round;
    c.training.dropsFlatGroups = true;
    c.training.updatesPerRound = 2;
    c.training.clipRangeHigher = 1.5 * c.training.clipRangePerElement;
    return {"compress-group-rlcm-h4", "Method: images of a prompt against each other",
            "Group-relative advantages as in Flow-GRPO: eight images of each prompt, their difference from the group's mean over the deviation of the round, "
            "groups without spread left out, two updates a round with a clip that is wider above. Otherwise the first study.",
            c};
}
Preset stepsRlcmH8(const RunConfig& gentle) {
    RunConfig c = gentle;
    c.sampling.steps = 8;
    c.training.advantage = Advantage::Group;
    c.training.groupNoise = GroupNoise::Untrained;
    c.training.stepSelection = StepSelection::Random;
    c.training.selectedSteps = 2;
    return {"compress-steps-rlcm-h8", "Method: two of eight steps trained in each round",
            "The first study with eight steps, of which every round trains two, drawn anew; the eight images of a prompt differ by the noise of those two "
            "only. Sampling costs what it did, an update a quarter. Measured with seed 11 on one thread: from -2.46 to -1.93 kB, the judge recognises 0.94 of "
            "the images as before.",
            c};
}
Preset rebelRlcmH4(const RunConfig& gentle) {
    RunConfig c = gentle;
    c.training.objective = Objective::Rebel;
    return {"compress-rebel-rlcm-h4", "Method: regression of differences (REBEL)",
            "The first study, but an update fits the change of log-probabilities between two images of a prompt to the difference of their advantages, the "
            "objective that the RLCM code has beside its own. Measured with seed 11 on one thread: from -2.56 to -2.01 kB, the judge recognises 0.75 of the "
            "images (1.00 before).",
            c};
}
Preset stepRewardsRlcmH4(const RunConfig& gentle) {
    RunConfig c = gentle;
    c.training.objective = Objective::Stepwise;
    c.training.advantage = Advantage::PerPrompt;
    c.training.statBufferSize = 32;
    c.training.epochs = 32;
    return {"compress-sdpo-rlcm-h4", "Method: rewards of single steps (SDPO)",
            "The first study with a reward for every step: of two images of a prompt that start from one noise, the change of log-probabilities at a step is "
            "fitted to the difference of their advantages there. The pictures that three steps predict are scored, so an image costs three reward queries. "
            "Measured with seed 11 on one thread: from -2.56 to -2.24 kB, the judge recognises all of the images; 28 epochs later -1.45 and 0.62.",
            c};
}
Preset alignGradientRlcmH4(const RunConfig& aligned) {
    RunConfig c = aligned;
    c.training.epochs = 40;
    c.training.imagesPerRound = 32;
    c.training.rewardGradientRatio = 1.0;
    return {"align-gradient-rlcm-h4", "Method: the reward's own gradient beside the policy's",
            "Agreement with the prompt, where the last step adds no noise: it follows the gradient of the CLIP model itself, through the decoder, the earlier "
            "steps that of the policy; at the start both count alike. Measured with seed 11 on one thread: evaluation cosine from 0.756 to 0.791, of held-out "
            "prompts from 0.758 to 0.765, and the judge, another CLIP model, recognises 0.98 of the images (0.88 before).",
            c};
}
Preset alignGradientRlcmH1(const RunConfig& aligned) {
    RunConfig c = alignGradientRlcmH4(aligned).config;
    c.sampling.steps = 1;
    c.training.objective = Objective::RewardGradient;
    c.training.rewardGradientRatio = 0;
    c.training.learningRate = 1e-3;
    return {"align-gradient-rlcm-h1", "Method: the reward's own gradient alone, with one step",
            "Agreement with the prompt of a model that draws in a single step, which no policy gradient can train: nothing that it does is random. Measured "
            "with seed 11 on one thread: evaluation cosine from 0.705 to 0.739, the judge recognises 0.92 of the images (0.79 before); of held-out prompts "
            "0.701 and 0.699.",
            c};
}
Preset compressAlignRlcmH4(const RunConfig& hasty) {
    RunConfig c = hasty;
    c.reward.terms = "compressibility + alignment";
    c.training.epochs = 50;
    c.training.advantage = Advantage::Group;
    c.training.termNormalisation = TermNormalisation::Separate;
    return {"compress-align-rlcm-h4", "Method: two rewards, each normalised by itself",
            "Smaller files that still agree with their prompt: each term is normalised among the eight images of a prompt before they are added (GDPO), so "
            "their weights count and not their units. Measured with seed 11 on one thread: from -2.56 kB and a cosine of 0.74 to -2.08 and 0.67, the judge "
            "recognises 0.81 of the images (1.00 before). With training.term_normalisation sum the file size rules: -1.37 kB, 0.43 and 0.31. On its way, after "
            "20 epochs, that was at -2.22 kB with 0.75 and 1.00: slower is not the same as better.",
            c};
}
Preset heldRlcmH4(const RunConfig& hasty) {
    RunConfig c = hasty;
    c.training.klWeight = 1.0;
    return {"compress-held-rlcm-h4", "Method: held near the base model",
            "The study of reward hacking with a penalty on the distance from the model without its adapter. Compare path KL, reward and judge with those of "
            "compress-rlcm-h4.",
            c};
}
Preset trailedRlcmH4(const RunConfig& hasty) {
    RunConfig c = heldRlcmH4(hasty).config;
    c.training.klWeight = 0.1;
    c.training.klResetEpochs = 15;
    return {"compress-trailed-rlcm-h4", "Method: held near what it was fifteen epochs ago",
            "The study of reward hacking with a penalty on the distance from a model that is the base model for fifteen epochs and then, every fifteen, the "
            "policy of then (the reset of GARDO): it may go any way, slowly. Measured with seed 11 on one thread, 40 epochs: from -2.56 to -2.42 kB at a "
            "distance of 20 nats from the base model, the judge recognises 0.94 of the images; held to the base model as much, -2.51 at 8.",
            c};
}
Preset watchedRlcmH4(const RunConfig& hasty) {
    RunConfig c = heldRlcmH4(hasty).config;
    c.training.klWeight = 0.1;
    c.training.klShare = 0.1;
    c.training.klShareAdapts = true;
    c.evaluation.judges = "clipscore";
    return {"compress-watched-rlcm-h4", "Method: only suspicious images are held near the base model",
            "The study of reward hacking with a penalty on the distance from the base model that falls on the images alone that the reward ranks highest above "
            "what a CLIP score makes of them, a tenth of a round to begin with (GARDO). The judge model has no part in it. Measured with seed 11 on one "
            "thread, 40 epochs: from -2.56 to -2.46 kB at a distance of 15 nats; with all images held as much, -2.51 and 8.",
            c};
}
Preset sparseRlcmH4(const RunConfig& gentle) {
    RunConfig c = gentle;
    c.transform = {.kind = RewardTransform::TopShare, .share = 0.25};
    return {"compress-sparse-rlcm-h4", "Robustness: only the best quarter is rewarded",
            "The first study with a reward of 1 for the best quarter of every round and 0 for the others. Other transforms are settings: threshold, noise, few "
            "levels, a reward only every other epoch, drift, switching.",
            c};
}
Preset delayedRlcmH4(const RunConfig& gentle) {
    RunConfig c = gentle;
    c.transform = {.kind = RewardTransform::Delayed, .epochs = 2};
    return {
        "compress-delayed-rlcm-h4", "Robustness: rewards arrive two epochs later",
        "The first study with rewards that arrive when the policy has been updated twice since it drew the images: their probabilities are no longer what they "
        "were, and the clip cuts more of them. Measured with seed 11 on one thread: from -2.56 to -2.49 kB only, a fifth to a third of the steps clipped.",
        c};
}

}  // namespace

std::vector<Preset> methodPresets(const MethodStudies& studies) {
    const RunConfig &gentle = studies.gentle, &hasty = studies.hasty;
    return {groupRlcmH4(gentle),
            rebelRlcmH4(gentle),
            stepRewardsRlcmH4(gentle),
            stepsRlcmH8(gentle),
            compressAlignRlcmH4(hasty),
            alignGradientRlcmH4(studies.aligned),
            alignGradientRlcmH1(studies.aligned),
            heldRlcmH4(hasty),
            trailedRlcmH4(hasty),
            watchedRlcmH4(hasty),
            sparseRlcmH4(gentle),
            delayedRlcmH4(gentle)};
}

}  // namespace rlcm::run
