// The settings, one after the other, in the order of the form.
#include "core/run/field_list.h"

#include "core/run/field_row.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::run {
namespace {

constexpr double kLargestExactInteger = 9007199254740991.0;  // 2^53 - 1: what a JSON reader may hold in a double

/// "compressibility, incompressibility, ", with the comma behind each.
std::string kindList() {
    std::string all;
    for (const RewardKind& kind : rewardKinds()) {
        all += std::string(kind.id) + ", ";
    }
    return all;
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
        "Used by the terms alignment, clipscore and contrast."}));
    list.push_back(row(kSection, &RewardConfig::contrastToward, {"reward.contrast_toward", "More like", "",
        "What images are to become like, as {} on a beach; {} stands for the prompt.",
        "Used by the term contrast, with the description of the opposite. The two should differ in one thing alone."}));
    list.push_back(row(kSection, &RewardConfig::contrastAway, {"reward.contrast_away", "Less like", "",
        "What images are to become unlike, as {} on snow; {} stands for the prompt.",
        "Used by the term contrast."}));
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
    list.push_back(row(kSection, &RewardConfig::serverGroupWise, {"reward.server_group_wise", "Server compares images", "",
        "All images of a prompt in a round, or in an evaluation, go to the server in one request, for rewards that compare them, as ranks.",
        "For the protocol flow_factory. Rounds are then scored when all their images are drawn, and no score is remembered. Take training.advantage group, so that a "
        "prompt has several images."}));
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
        "In closed form, along the paths of the evaluation images."}));
    list.push_back(row(&RunConfig::evaluation, &EvaluationConfig::pathKlEvery,
        {"evaluation.path_kl_every", "Distance: every", "steps",
        "Asks the model without its adapter about every so manieth step of an image.",
        "The next image begins a step earlier, so that each step is measured at some images. 1: every step of every image, which takes nearly as long as drawing them; "
        "4: a quarter of that, and about twice the scatter."})
        .range(1, 1000));
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
    list.push_back(row(&RunConfig::checkpoint, &CheckpointConfig::best,
        {"checkpoint.best", "Best checkpoint", "",
        "Which evaluation makes the best checkpoint; it is saved and stays, and is reported beside the last.",
        "A rule that is chosen before the run cannot be bent to its result. last: there is no other. judge: where the judge model agrees most. reward: the highest "
        "reward, hacked or not. judged_reward: the highest reward while the judge model recognises at least 0.8 of what it did before training."}));
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
    list.push_back(row(&RunConfig::compute, &ComputeConfig::recordCalls,
        {"compute.record_calls", "Record calls (CUDA graphs)", "",
        "On a GPU the calls of the network are recorded once and replayed: small networks wait less, the memory of a call stays taken.",
        "auto records where a call takes less than an eighth of the memory there is. The numbers are the same: a record that gives others is not used. Off unless "
        "asked for, because no GPU has measured it yet."}));
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
    addTransform(list);
    addRest(list);
    addAlarms(list);
    return list;
}

}  // namespace rlcm::run
