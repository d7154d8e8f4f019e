// The settings, one after the other, in the order of the form.
#include "core/run/field_list.h"

#include <utility>

#include "core/base/error.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::run {
namespace {

constexpr double kLargestExactInteger = 9007199254740991.0;  // 2^53 - 1: what a JSON reader may hold in a double

struct Words {
    const char* path;
    const char* label;
    const char* unit;
    std::string summary;  ///< one sentence
    std::string more{};   ///< what else should be known
};

/// "compressibility, incompressibility, ", with the comma behind each.
std::string kindList() {
    std::string all;
    for (const RewardKind& kind : rewardKinds()) {
        all += std::string(kind.id) + ", ";
    }
    return all;
}

/// One row under construction; the setters return the builder so that a row reads as one sentence.
class Row {
public:
    template <typename Get, typename Set>
    Row(const Words& words, Get get, Set set) {
        m_field.path = words.path;
        m_field.label = words.label;
        m_field.unit = words.unit;
        m_field.summary = words.summary;
        m_field.help = words.summary + (words.more.empty() ? "" : ' ' + words.more);
        m_field.get = std::move(get);
        m_field.set = std::move(set);
    }
    Row& basic() {
        m_field.tier = FieldTier::Basic;
        return *this;
    }
    Row& range(double minimum, double maximum) {
        m_field.minimum = minimum;
        m_field.maximum = maximum;
        return *this;
    }
    Row& above(double minimum, double maximum) {
        m_field.isMinimumExclusive = true;
        return range(minimum, maximum);
    }
    void addChoice(std::string_view name) { m_field.choices.emplace_back(name); }
    operator Field() const { return m_field; }

private:
    Field m_field;
};

template <typename T>
Row row(T RunConfig::* member, const Words& words) {
    return {words, [member](const RunConfig& c) { return FieldValue(c.*member); }, [member](RunConfig& c, const FieldValue& v) { c.*member = std::get<T>(v); }};
}

/// A setting that is one of a few words; the table's checks have let only those pass.
template <typename Section, Choice T>
Row row(Section RunConfig::* section, T Section::* member, const Words& words) {
    Row choice(
        words, [=](const RunConfig& c) { return FieldValue(std::string(toString(c.*section.*member))); },
        [=](RunConfig& c, const FieldValue& v) {
            const std::optional<T> value = choiceOf<T>(std::get<std::string>(v));
            ensure(value.has_value(), "a setting was given a word that it does not have");
            c.*section.*member = *value;
        });
    for (const std::string_view name : namesOf(T{})) {
        choice.addChoice(name);
    }
    return choice;
}

template <typename Section, typename T>
Row row(Section RunConfig::* section, T Section::* member, const Words& words) {
    return {words, [=](const RunConfig& c) { return FieldValue(c.*section.*member); },
            [=](RunConfig& c, const FieldValue& v) { c.*section.*member = std::get<T>(v); }};
}

// clang-format off
void addGeneral(std::vector<Field>& list) {
    list.push_back(row(&RunConfig::name, {"name", "Name", "",
        "Shown in lists and legends.",
        "Left empty, it is made from algorithm, horizon, reward and seed."})
        .basic());
    list.push_back(row(&RunConfig::seed, {"seed", "Seed", "",
        "Decides every random number of the run.",
        "Same seed, settings, build and device: same curve. Repeat with several seeds before believing a difference."}).basic().range(0, kLargestExactInteger));
    list.push_back(row(&RunConfig::model, &ModelConfig::path, {"model.path", "Model", "",
        "emoji-lcm or emoji-sd (bundled), a name of the model list, or a folder in the diffusers layout.",
        "RLCM needs a consistency model with a guidance embedding, DDPO an ordinary diffusion model."}).basic());
    list.push_back(row(&RunConfig::algorithm, &AlgorithmConfig::method, {"algorithm.method", "Method", "",
        "rlcm fine-tunes a consistency model over its few steps; ddpo fine-tunes a diffusion model over a DDIM trajectory "
        "and is the baseline."}).basic());
}

void addSampling(std::vector<Field>& list) {
    list.push_back(row(&RunConfig::sampling, &SamplingConfig::steps, {"sampling.steps", "Horizon", "steps",
        "Denoiser steps per image, and so the length of the decision process.",
        "Fewer steps: faster inference and training; more: a better start. RLCM 2 to 50, DDPO 2 to 1000."})
        .basic().range(1, 1000));
    list.push_back(row(&RunConfig::sampling, &SamplingConfig::guidance, {"sampling.guidance", "Guidance", "",
        "Strength of the prompt.",
        "RLCM embeds it (distilled models saw about 5 to 15); DDPO computes two predictions per step, 1 switches that off "
        "and halves the cost."}).basic().range(1, 30));
    list.push_back(row(&RunConfig::sampling, &SamplingConfig::eta, {"sampling.eta", "DDIM noise (eta)", "",
        "DDPO only: share of the DDPM noise put back at each step.",
        "1 as published; 0 would leave nothing random to learn from."}).range(0, 1));
    list.push_back(row(&RunConfig::sampling, &SamplingConfig::timestepRule,
        {"sampling.timestep_rule", "Timestep rule", "",
        "RLCM only: which timesteps a horizon visits.",
        "rlcm as in the paper's code; diffusers as current libraries sample, so choose it when the result is to be used "
        "there."}));
    list.push_back(row(&RunConfig::sampling, &SamplingConfig::lastStep,
        {"sampling.last_step", "Last step", "",
        "RLCM only: whether the last step adds noise and enters the loss.",
        "faithful: both, although the image never depends on that noise, as in the released code. deterministic: neither, "
        "which removes pure variance."}));
}

void addTask(std::vector<Field>& list) {
    list.push_back(row(&RunConfig::prompts, &PromptConfig::train, {"prompts.train", "Training prompts", "",
        "A bundled list (simple-animals, animal-nouns, animals-with-actions, animals-actions-backgrounds) or a text file "
        "with one prompt a line.",
        "Prompts are drawn at random with replacement; one that stands there twice is drawn twice as often. Blank lines, "
        "and lines that start with # and a blank, are skipped; the end of a prompt that is longer than the model reads "
        "has no effect. The log says so."}).basic());
    list.push_back(row(&RunConfig::prompts, &PromptConfig::heldOut,
        {"prompts.held_out", "Held-out prompts", "",
        "Prompts that are evaluated but never trained on; they show whether the improvement generalises."}));
}

void addReward(std::vector<Field>& list) {
    constexpr auto kSection = &RunConfig::reward;
    list.push_back(row(kSection, &RewardConfig::terms, {"reward.terms", "Reward", "",
        "What is maximised: " + kindList() + "or a weighted sum such as alignment + 0.1*colourfulness."}).basic());
    list.push_back(row(kSection, &RewardConfig::clipModel, {"reward.clip_model", "CLIP model", "",
        "CLIP model that scores text-image agreement: emoji-clip (bundled) or a folder.",
        "Used by the terms alignment and clipscore."}));
    list.push_back(row(kSection, &RewardConfig::aestheticModel, {"reward.aesthetic_model", "Aesthetic CLIP", "",
        "Folder of openai/clip-vit-large-patch14, on whose embeddings the aesthetic head was trained.",
        "Used by the term aesthetic."}));
    list.push_back(row(kSection, &RewardConfig::aestheticHead, {"reward.aesthetic_head", "Aesthetic head", "",
        "The LAION score head: the file sac+logos+ava1-l14-linearMSE.pth, its .safetensors, or a name of the model list.",
        "Used by the term aesthetic."}));
    list.push_back(row(kSection, &RewardConfig::pickscoreModel, {"reward.pickscore_model", "PickScore model", "",
        "Folder of PickScore_v1 (a CLIP ViT-H/14).",
        "Used by the term pickscore."}));
    list.push_back(row(kSection, &RewardConfig::hpsModel, {"reward.hps_model", "HPSv2 model", "",
        "Folder of HPSv2 or HPSv2.1 in the CLIPModel layout (a CLIP ViT-H/14).",
        "Used by the term hpsv2."}));
    list.push_back(row(kSection, &RewardConfig::serverUrl, {"reward.server_url", "Reward server", "",
        "Address of a server that scores images, as http://127.0.0.1:8085.",
        "Used by the term server."}));
    list.push_back(row(kSection, &RewardConfig::serverProtocol, {"reward.server_protocol", "Server protocol", "",
        "What the server speaks: v1, the protocol of resources/reward_servers; unirl, the RewardService of UniRL (CLIP, PickScore, HPSv2 and v3, "
        "ImageReward, UnifiedReward, OCR, GenEval2); flow_factory, the reward server of Flow-Factory.",
        "Servers that exchange Python's pickles are not spoken to."}));
    list.push_back(row(kSection, &RewardConfig::serverReward, {"reward.server_reward", "Reward of the server", "",
        "The name of one of the rewards that a server of the protocol unirl holds, as hpsv3.",
        "GET /rewards of the server lists them."}));
    list.push_back(row(kSection, &RewardConfig::serverMetric, {"reward.server_metric", "Number of the reward", "",
        "Where one of unirl's rewards gives several numbers: which of them, as alignment. Empty where it gives one."}));
    list.push_back(row(kSection, &RewardConfig::serverParallel,
        {"reward.server_parallel", "Requests in flight", "",
        "Requests that the server answers at the same time."}).range(1, 64));
    list.push_back(row(kSection, &RewardConfig::serverTimeout, {"reward.server_timeout", "Request time limit", "s",
        "A request without an answer for this long counts as failed and is sent again."}).above(0, 86400));
    list.push_back(row(kSection, &RewardConfig::serverPatience, {"reward.server_patience", "Server patience", "s",
        "A server that fails is asked again, ever less often, for this long; then the run fails with its last checkpoint "
        "kept."}).range(0, 604800));
    list.push_back(row(kSection, &RewardConfig::program, {"reward.program", "Reward program", "",
        "Command line of a program that reads requests and writes scores as JSON lines.",
        "It is started without a shell; quote arguments with spaces. Used by the term program."}));
    list.push_back(row(kSection, &RewardConfig::programTimeout,
        {"reward.program_timeout", "Program time limit", "s",
        "A program that takes longer for one batch is ended and started again."}).above(0, 86400));
    list.push_back(row(kSection, &RewardConfig::workers, {"reward.workers", "Reward threads", "",
        "Threads that score images while the device goes on sampling.",
        "More help only when the reward is slow."}).range(1, 64));
}

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
    list.push_back(row(kSection, &TrainingConfig::clipRangePerElement,
        {"training.clip_range_per_element", "PPO clip range", "",
        "How far the ratio of new to old probability, taken per latent element, may leave 1.",
        "It acts only when a round has several updates."}).above(0, 1));
    list.push_back(row(kSection, &TrainingConfig::advantage, {"training.advantage", "Advantage", "",
        "Baseline of the reward.",
        "per_prompt: running z-score for each prompt (RLCM, DDPO); batch: z-score over the round; group: z-score among "
        "several images of one prompt (GRPO)."}));
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
    list.push_back(row(kSection, &TrainingConfig::skipLastSteps,
        {"training.skip_last_steps", "Final steps left out", "steps",
        "Leaves this many final steps out of the loss.",
        "The last DDIM steps are nearly noise-free and drown the others: 2 helps DDPO with 20 steps."}).range(0, 999));
}

void addRest(std::vector<Field>& list) {
    list.push_back(row(&RunConfig::lora, &LoraConfig::rank, {"lora.rank", "LoRA rank", "",
        "Width of the trained matrices.",
        "More: more capacity and larger files."}).range(1, 1024));
    list.push_back(row(&RunConfig::lora, &LoraConfig::alpha, {"lora.alpha", "LoRA alpha", "",
        "The change is scaled by alpha / rank."}).above(0, 1e6));
    list.push_back(row(&RunConfig::lora, &LoraConfig::targets, {"lora.targets", "LoRA layers", "",
        "Comma-separated endings of the names of the linear layers that get a LoRA."}));
    list.push_back(row(&RunConfig::lora, &LoraConfig::start, {"lora.start", "Start from LoRA", "",
        "A LoRA file or folder (kohya, PEFT or diffusers) for the same model; training goes on from it.",
        "In attention layers its rank must be the rank above; other layers stay as it has them. Empty: start from the "
        "model as it is."}));
    list.push_back(row(&RunConfig::evaluation, &EvaluationConfig::every,
        {"evaluation.every", "Evaluate every", "epochs",
        "Epochs between evaluations on the fixed prompts and noises.",
        "The state before training is always evaluated."}).basic().range(1, 100000));
    list.push_back(row(&RunConfig::evaluation, &EvaluationConfig::trainPrompts,
        {"evaluation.train_prompts", "Evaluated training prompts", "",
        "Fixed prompts from the training list that are drawn at every evaluation."}).range(1, 4096));
    list.push_back(row(&RunConfig::evaluation, &EvaluationConfig::heldOutPrompts,
        {"evaluation.held_out_prompts", "Evaluated held-out prompts", "",
        "Fixed prompts from the held-out list; 0 for none."}).range(0, 4096));
    list.push_back(row(&RunConfig::evaluation, &EvaluationConfig::seedsPerPrompt,
        {"evaluation.seeds_per_prompt", "Noises per prompt", "",
        "Fixed starting noises for each evaluated prompt."}).range(1, 256));
    list.push_back(row(&RunConfig::evaluation, &EvaluationConfig::judgeModel,
        {"evaluation.judge_model", "Judge model", "",
        "CLIP model that watches whether the evaluation images still show their prompts; it is never optimised, so it "
        "exposes reward hacking.",
        "Empty: none."}));
    list.push_back(row(&RunConfig::evaluation, &EvaluationConfig::steps,
        {"evaluation.steps", "Evaluated at steps", "",
        "Step counts at which the same prompts and noises are drawn too, separated by commas: 1,2,4,8,16.",
        "Shows whether the few steps stay good steps: reward, judge and sharpness at each are curves of their own. Each costs its "
        "denoiser steps and one reward query for each image. Empty: only at the horizon."}));
    list.push_back(row(&RunConfig::evaluation, &EvaluationConfig::hasPathKl,
        {"evaluation.path_kl", "Distance from the base model", "",
        "Measures at every evaluation how far the policy has gone from the model without its adapter, in nats.",
        "Exact, along the paths of the evaluation images. Costs a second call of the network at each of their steps."}));
    list.push_back(row(&RunConfig::evaluation, &EvaluationConfig::judges,
        {"evaluation.judges", "Judges", "",
        "Rewards that score the evaluation images and are never trained on.",
        "Written as in reward.terms, without weights: clipscore + look=alignment[clip_model=/models/clip]. Each draws a "
        "curve of its own and is watched for reward hacking; one that fails leaves a gap and the run goes on. Empty: none "
        "besides the judge model."}));
    list.push_back(row(&RunConfig::checkpoint, &CheckpointConfig::every,
        {"checkpoint.every", "Checkpoint every", "epochs",
        "Epochs between checkpoints, and so the most that a crash can cost."}).range(1, 100000));
    list.push_back(row(&RunConfig::checkpoint, &CheckpointConfig::keep,
        {"checkpoint.keep", "Checkpoints kept", "",
        "Older checkpoints are deleted, but for those of the last four evaluations, to which an alarm leads back."}).range(1, 100000));
    list.push_back(row(&RunConfig::compute, &ComputeConfig::device, {"compute.device", "Device", "",
        "auto (the first GPU, else the CPU), cpu, cuda (the first GPU) or cuda:N."}));
    list.push_back(row(&RunConfig::compute, &ComputeConfig::dtype, {"compute.dtype", "Precision", "",
        "Arithmetic of the frozen networks; auto takes the fastest of this device.",
        "LoRA weights and log-probabilities stay in fp32. fp16 needs a GPU. auto measures once what the model's layers take "
        "here in each; what it becomes is told in the log, stored with the run and used again by a resume or clone."}));
    list.push_back(row(&RunConfig::compute, &ComputeConfig::threads, {"compute.threads", "CPU threads", "",
        "Chunks of a round that are computed at once; 0 uses all cores.",
        "Sums are made in another order with another number, so the last digits differ and after some epochs the curve "
        "does: what was used is stored with the run, and a resume or clone uses it again."}).range(0, 1024));
    list.push_back(row(&RunConfig::compute, &ComputeConfig::chunkImages,
        {"compute.chunk_images", "Images per call", "images",
        "Rows in one denoiser call; lower it when memory is short.",
        "As with threads, another number rounds otherwise; the one that was used is stored. 0: chosen."}).range(0, 65536));
    list.push_back(row(&RunConfig::compute, &ComputeConfig::keepGraph,
        {"compute.keep_graph", "Reuse the sampling graph", "",
        "Goes backward through the sampling pass in the first update instead of computing it again: faster, more memory.",
        "auto decides by the memory there is. While less than a tenth of the machine's is free it is not kept."}));
    list.push_back(row(&RunConfig::compute, &ComputeConfig::gradientCheckpointing,
        {"compute.gradient_checkpointing", "Gradient checkpointing", "",
        "Keeps only the input of every block and computes its inside again on the way back: about a third slower, several "
        "times less memory.",
        "auto decides by the memory there is."}));
    list.push_back(row(&RunConfig::compute, &ComputeConfig::memoryGib, {"compute.memory_gib", "Memory limit", "GiB",
        "Memory that activations may take; chunks are chosen to fit.",
        "0: what the device has free."})
        .range(0, 4096));
}
// clang-format on

}  // namespace

std::vector<Field> makeFieldList() {
    std::vector<Field> list;
    addGeneral(list);
    addSampling(list);
    addTask(list);
    addReward(list);
    addTraining(list);
    addRest(list);
    addAlarms(list);
    return list;
}

}  // namespace rlcm::run
