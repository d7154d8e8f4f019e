// The settings of the optimisation: rounds, updates, advantages, and what is done to rewards before.
#include "core/run/field_list.h"
#include "core/run/field_row.h"

namespace rlcm::run {

// clang-format off
void addTraining(std::vector<Field>& list) {
    constexpr auto kSection = &RunConfig::training;
    list.push_back(row(kSection, &TrainingConfig::epochs, {"training.epochs", "Epochs", "",
        "Length of the run.",
        "It can be stopped earlier at any time; the last checkpoint is kept."})
        .basic().range(1, 100000));
    list.push_back(row(kSection, &TrainingConfig::roundsPerEpoch,
        {"training.rounds_per_epoch", "Rounds per epoch", "",
        "Independent rounds of sampling and training in an epoch.",
        "Evaluations, checkpoints and chart points come once an epoch."}).range(1, 1000));
    list.push_back(row(kSection, &TrainingConfig::imagesPerRound,
        {"training.images_per_round", "Images per round", "images",
        "Images sampled with the same weights before training on them.",
        "More images: a less noisy gradient, more reward queries per update."}).basic().range(2, 65536));
    list.push_back(row(kSection, &TrainingConfig::updatesPerRound,
        {"training.updates_per_round", "Updates per pass", "",
        "Optimiser steps in one pass over a round; must divide the images per round.",
        "1 is on-policy, as RLCM; DDPO uses 2 to 4."}).range(1, 4096));
    list.push_back(row(kSection, &TrainingConfig::innerEpochs,
        {"training.inner_epochs", "Passes per round", "",
        "How often a round is trained on.",
        "More than 1 reuses images off-policy; the RLCM authors found it worse."}).range(1, 100));
    list.push_back(row(kSection, &TrainingConfig::learningRate,
        {"training.learning_rate", "Learning rate", "",
        "Step size of the optimiser.",
        "Too low: a flat curve; too high: the reward rises, then images collapse. 1e-4 for full-size models, 1e-3 to 3e-3 "
        "for the bundled ones."}).basic().above(0, 1));
    list.push_back(row(kSection, &TrainingConfig::learningRateDecay,
        {"training.learning_rate_decay", "Learning-rate decay", "",
        "How the learning rate changes over the run.",
        "none: constant. two_thirds: falls linearly to two thirds over the run, as the RLCM code does."}));
    list.push_back(row(kSection, &TrainingConfig::optimizer, {"training.optimizer", "Optimiser", "",
        "adam as in RLCM, adamw as in DDPO (with decoupled weight decay)."}));
    list.push_back(row(kSection, &TrainingConfig::beta1, {"training.beta1", "Adam beta 1", "",
        "Memory of the mean gradient."}).range(0, 0.999999));
    list.push_back(row(kSection, &TrainingConfig::beta2, {"training.beta2", "Adam beta 2", "",
        "Memory of the squared gradient.",
        "Lower it in very short runs."}).range(0, 0.9999999));
    list.push_back(row(kSection, &TrainingConfig::epsilon, {"training.epsilon", "Adam epsilon", "",
        "Keeps Adam's division finite."}).above(0, 1));
    list.push_back(row(kSection, &TrainingConfig::weightDecay, {"training.weight_decay", "Weight decay", "",
        "Pulls the LoRA weights to zero, and so the model to its start.",
        "Decoupled; needs the optimiser adamw."}).range(0, 10));
    list.push_back(row(kSection, &TrainingConfig::maxGradNorm,
        {"training.max_grad_norm", "Gradient norm limit", "",
        "Longer gradients are scaled down to this norm.",
        "RLCM 5, DDPO 1."}).above(0, 1e9));
    list.push_back(row(kSection, &TrainingConfig::emaDecay, {"training.ema_decay", "Averaged weights: decay", "",
        "Keeps a moving average of the adapter's weights, which is evaluated beside them; 0: none.",
        "Training goes on with the weights themselves. 0.9 with an update every 8 steps, as Flow-GRPO. Costs a second evaluation and its reward queries. "
        "rlcm export --lora --averaged writes the average."}).range(0, 0.999999));
    list.push_back(row(kSection, &TrainingConfig::emaEvery, {"training.ema_every", "Averaged weights: every", "updates",
        "Optimiser steps from one averaging to the next."}).range(1, 100000));
    list.push_back(row(kSection, &TrainingConfig::emaWarmup, {"training.ema_warmup", "Averaged weights: warm-up", "updates",
        "The decay is at most (1 + s) / (this + s) after s steps, so that the start is forgotten; 0: the decay from the beginning."}).range(0, 100000));
    list.push_back(row(kSection, &TrainingConfig::objective, {"training.objective", "Objective", "",
        "What an update minimises.",
        "policy_gradient: advantages times importance weights, as RLCM and DDPO. rebel: of two images of a prompt, the squared difference between the change of "
        "their log-probabilities and that of their advantages; every prompt is drawn for two images, there is no clip, and updates after a round's first pass the "
        "network once more. sdpo: the same at every step, whose advantages come from rewards of its own (below). reward_gradient: no policy; the reward itself "
        "goes up, through the last step and the decoder. It needs a reward that has a gradient and sampling.last_step deterministic, trains one step of an image, "
        "and one step of sampling is enough."}));
    list.push_back(row(kSection, &TrainingConfig::rebelScale, {"training.rebel_scale", "REBEL: scale", "",
        "rebel: what the change of log-probabilities, summed over the steps and for each latent element, is multiplied by.",
        "1 as RLCM: a step along the difference of advantages. As many as a latent has elements (1024 for the bundled models): the regression of REBEL itself."})
        .above(0, 1e9));
    list.push_back(row(kSection, &TrainingConfig::stepDiscount, {"training.step_discount", "SDPO: discount", "",
        "sdpo: how much the reward of the next step counts in the return of a step.",
        "Twins start from one noise. The pictures that the first step, the last and the one least like both predict are scored: three reward queries an image, or two "
        "where there are two steps. The others get the mean of the three, weighted by similarity."}).range(0, 1));
    list.push_back(row(kSection, &TrainingConfig::stepWeight, {"training.step_weight", "SDPO: weight of later steps", "",
        "sdpo: the change of log-probabilities of each step counts so much of that of the step before."}).above(0, 1));
    list.push_back(row(kSection, &TrainingConfig::rewardGradientWeight, {"training.reward_gradient_weight", "Reward gradient", "",
        "Weight of the reward's own gradient, through the last step and the decoder, beside the policy's; 0: none.",
        "Only terms that have a gradient (a CLIP model's, aesthetic, colourfulness) go up this way; the policy learns from all. It needs sampling.last_step "
        "deterministic, hacks the reward faster than any other method, and costs one row of the network and a decoding with its way back for every image. The effect "
        "grows with the noise of the last step, so with fewer steps."}).range(0, 1e9));
    list.push_back(row(kSection, &TrainingConfig::rewardGradientRatio, {"training.reward_gradient_ratio", "Reward gradient: ratio", "",
        "In place of its weight: in the first update the reward's part is so many times as long as the policy's gradient; 0: the weight is given.",
        "The weight that follows stays for the rest of the run."}).range(0, 1e6));
    list.push_back(row(kSection, &TrainingConfig::trustRegion, {"training.trust_region", "Trust region", "",
        "What keeps an update near the policy that drew the images.",
        "clip: the PPO clip on the ratio. divergence_mask: steps whose divergence from the one that was drawn reaches a limit leave the loss where they would go "
        "on in the same direction; there is no clip (Flow-DPPO). Both act only when a round has several updates."}));
    list.push_back(row(kSection, &TrainingConfig::divergenceLimit, {"training.divergence_limit", "Divergence limit", "nats/element",
        "divergence_mask: from which divergence on a step is left out.",
        "For each latent element: 1e-5 is 0.01 nats for the bundled models and 0.16 for Stable Diffusion."}).above(0, 1e6));
    list.push_back(row(kSection, &TrainingConfig::clipRangePerElement,
        {"training.clip_range_per_element", "PPO clip range", "",
        "How far the ratio of new to old probability, taken per latent element, may leave 1.",
        "It acts only when a round has several updates."}).above(0, 1));
    list.push_back(row(kSection, &TrainingConfig::clipRangeHigher,
        {"training.clip_range_higher", "PPO clip range, above", "",
        "How far that ratio may rise above 1; 0: as far as it may fall.",
        "A wider one keeps rare good moves (DAPO, \"clip higher\"): try half as much again."}).range(0, 1));
    list.push_back(row(kSection, &TrainingConfig::klWeight, {"training.kl_weight", "KL to the base model", "",
        "Weight in the loss of how far the trained steps are from those of the model without its adapter; 0: none.",
        "Exact, for each latent element. Costs a second call of the network for every trained step. Fewer steps need a lower weight: the same change of the network "
        "counts 40 times as much with 2 steps as with 8. Begin with 0; then take what holds half of the distance at which the judge turns."}).range(0, 1e9));
    list.push_back(row(kSection, &TrainingConfig::klShare, {"training.kl_share", "KL: most suspicious share", "",
        "Only this share of a round's images is held near the reference: those that the reward ranks highest above the judges; 1: all images.",
        "0.1 as GARDO. The judges are those of evaluation.judges, which score the training images too and so no longer tell whether training is honest; the judge "
        "model stays out of it. Their scores are not counted as reward queries."}).above(0, 1));
    list.push_back(row(kSection, &TrainingConfig::klShareAdapts, {"training.kl_share_adapts", "KL: share follows suspicion", "",
        "The share grows by a tenth in a round that is more suspicious than the 20 before, shrinks by a tenth in one that is less, and stays between 0.02 and 0.2 "
        "(GARDO)."}));
    list.push_back(row(kSection, &TrainingConfig::klResetEpochs, {"training.kl_reset_epochs", "KL: new reference every", "epochs",
        "After so many epochs the policy of then becomes what the KL is measured from; 0: it stays the base model.",
        "The policy may then go any way, but only slowly (GARDO takes 15). The distance from the base model is still evaluated (path KL). Costs a second copy of "
        "the adapter."}).range(0, 100000));
    list.push_back(row(kSection, &TrainingConfig::advantage, {"training.advantage", "Advantage", "",
        "Baseline of the reward.",
        "per_prompt: running z-score for each prompt (RLCM, DDPO); batch: z-score over the round; group: z-score among "
        "several images of one prompt (GRPO)."}));
    list.push_back(row(kSection, &TrainingConfig::termNormalisation, {"training.term_normalisation", "Several reward terms", "",
        "Whether the terms of a reward become advantages together or each by itself.",
        "sum: their weighted sum becomes one advantage, so the term with the widest spread rules. separate: each term becomes an advantage of its own; these are "
        "weighted, added and normalised over the round, so the weights say how much each counts whatever its unit (GDPO). A term that is nearly always the same "
        "then counts in full in the few groups where it is not."}));
    list.push_back(row(kSection, &TrainingConfig::advantageClip,
        {"training.advantage_clip", "Advantage limit", "",
        "Advantages are cut to plus or minus this.",
        "RLCM 10, DDPO 5."}).above(0, 1e6));
    list.push_back(row(kSection, &TrainingConfig::statBufferSize,
        {"training.stat_buffer_size", "Rewards kept per prompt", "",
        "Per-prompt advantage: length of each prompt's reward memory."}).range(1, 100000));
    list.push_back(row(kSection, &TrainingConfig::statMinCount,
        {"training.stat_min_count", "Rewards needed per prompt", "",
        "Per-prompt advantage: with fewer rewards than this the statistics of the whole round are used."})
        .range(1, 100000));
    list.push_back(row(kSection, &TrainingConfig::groupSize, {"training.group_size", "Group size", "images",
        "Group advantage: images of one prompt in a round; must divide the images per round."})
        .range(2, 4096));
    list.push_back(row(kSection, &TrainingConfig::groupDeviation, {"training.group_deviation", "Group deviation", "",
        "Group advantage: what the difference from the group's mean is divided by.",
        "group: the deviation of the group's rewards, so that every prompt counts alike (GRPO); round: that of all rewards of the round, so that a group that "
        "differs by noise stays small (Flow-GRPO); none: nothing, so the learning rate depends on the reward's scale (Dr. GRPO)."}));
    list.push_back(row(kSection, &TrainingConfig::dropsFlatGroups, {"training.drop_flat_groups", "Leave out flat groups", "",
        "Group advantage: groups whose rewards are all equal, which teach nothing, leave the loss and what it is divided by.",
        "The gradient then does not shrink when rewards are sparse, and their rows are not computed again. A round without any other group makes no update."}));
    list.push_back(row(kSection, &TrainingConfig::groupNoise, {"training.group_noise", "Group noise", "",
        "Group advantage: what the images of a group have in common.",
        "own: nothing, as Flow-GRPO. start: the noise that they start from, so that they differ by the policy's own choices only. untrained: also the noise of "
        "every step that the round does not train, so that the trained steps get the whole credit; use it with a selection of steps."}));
    list.push_back(row(kSection, &TrainingConfig::skipLastSteps,
        {"training.skip_last_steps", "Final steps left out", "steps",
        "Leaves this many final steps out of the loss.",
        "The last DDIM steps are nearly noise-free and drown the others: 2 helps DDPO with 20 steps."}).range(0, 999));
    list.push_back(row(kSection, &TrainingConfig::stepSelection, {"training.step_selection", "Steps trained", "",
        "Which of the steps enter the loss of a round.",
        "all; first, last: always the same ones; random: drawn anew for every round, the same for all its images, because a step of its own for each would mix "
        "the differences between steps into the rewards. Fewer steps make updates cheaper, not better informed."}));
    list.push_back(row(kSection, &TrainingConfig::selectedSteps, {"training.selected_steps", "Steps trained: number", "steps",
        "How many steps a round trains where not all are.",
        "The loss is their mean, so the learning rate need not change."}).range(1, 1000));
}

void addTransform(std::vector<Field>& list) {
    constexpr auto kSection = &RunConfig::transform;
    list.push_back(row(kSection, &TransformConfig::kind, {"transform.kind", "Reward transform", "",
        "What is done to the rewards of a round before they become advantages.",
        "For questions of robustness; what is stored and evaluated is always the reward as it is. win_rate: the share of the round that an image beats. "
        "threshold, top_share: 1 for the good ones, 0 for the others. every_nth: a reward only every so many epochs, no update in the others. quantised: in a few "
        "levels. noisy: with noise. drifting: less with every epoch. switching: its opposite in every other period. delayed: so many epochs later, when the policy is another than the one that drew the images."}));
    list.push_back(row(kSection, &TransformConfig::threshold, {"transform.threshold", "Transform: threshold", "reward",
        "threshold: images with this reward or more get 1, the others 0."}));
    list.push_back(row(kSection, &TransformConfig::share, {"transform.share", "Transform: best share", "",
        "top_share: this share of a round, at least one image, gets 1, the others 0."}).above(0, 1));
    list.push_back(row(kSection, &TransformConfig::epochs, {"transform.epochs", "Transform: period", "epochs",
        "every_nth: epochs from one reward to the next; switching: epochs between switches; delayed: epochs until a reward arrives.",
        "Rounds that wait for their rewards are kept in memory and in checkpoints."}).range(1, 100000));
    list.push_back(row(kSection, &TransformConfig::levels, {"transform.levels", "Transform: levels", "",
        "quantised: levels between the lowest and the highest, both among them."}).range(2, 1000));
    list.push_back(row(kSection, &TransformConfig::low, {"transform.low", "Transform: lowest level", "reward",
        "quantised: rewards below count as this."}));
    list.push_back(row(kSection, &TransformConfig::high, {"transform.high", "Transform: highest level", "reward",
        "quantised: rewards above count as this."}));
    list.push_back(row(kSection, &TransformConfig::noise, {"transform.noise", "Transform: noise", "reward",
        "noisy: deviation of what is added to every reward.", "Compare it with the spread within prompts."}).range(0, 1e9));
    list.push_back(row(kSection, &TransformConfig::drift, {"transform.drift", "Transform: drift", "reward",
        "drifting: what every reward has less with each epoch.", "Only running statistics notice it: a shift of a whole round cancels."}));
}
// clang-format on

}  // namespace rlcm::run
