#pragma once
// Everything that decides a run. Plain values; what a field means, its range and its JSON path stand once, in the
// field table (core/run/field_table.h). JSON keys are the same words in snake_case.
#include <cstdint>
#include <string>

#include "core/run/choices.h"

namespace rlcm::run {

struct ModelConfig {
    std::string path = "emoji-lcm";  ///< name of a bundled model, or a folder in the diffusers layout
};

struct AlgorithmConfig {
    Method method = Method::Rlcm;
};

struct SamplingConfig {
    std::int64_t steps = 4;                          ///< horizon H: denoiser steps per image
    double guidance = 6.0;                           ///< guidance scale; RLCM: w = scale - 1 is embedded, DDPO: classifier-free
    double eta = 1.0;                                ///< DDPO only: share of the DDPM noise
    TimestepRule timestepRule = TimestepRule::Rlcm;  ///< RLCM only
    LastStep lastStep = LastStep::Faithful;          ///< RLCM only
};

struct PromptConfig {
    std::string train = "simple-animals";  ///< name of a bundled list, or a text file with one prompt a line
    std::string heldOut = "objects";       ///< prompts never trained on, for evaluation only
};

struct RewardConfig {
    std::string terms = "compressibility";            ///< weighted sum, as "compressibility" or "alignment + 0.1*colourfulness"
    std::string clipModel = "emoji-clip";             ///< CLIPModel of the terms alignment, clipscore and contrast
    std::string contrastToward, contrastAway;         ///< of the term contrast: two descriptions, {} for the prompt
    std::string aestheticModel;                       ///< CLIP ViT-L/14 of the term aesthetic
    std::string aestheticHead;                        ///< its score head, .safetensors or .pth: a path, or a name of the model list
    std::string pickscoreModel;                       ///< CLIPModel of the term pickscore
    std::string hpsModel;                             ///< CLIPModel of the term hpsv2
    std::string serverUrl = "http://127.0.0.1:8085";  ///< of the term server
    ServerProtocol serverProtocol = ServerProtocol::V1;
    std::string serverReward;         ///< which of UniRL's rewards
    std::string serverMetric;         ///< which of that reward's numbers; empty where it has one
    bool serverGroupWise = false;     ///< the server compares the images of a prompt: they go in one request
    std::int64_t serverParallel = 4;  ///< requests in flight
    double serverTimeout = 120.0;     ///< seconds for one request
    double serverPatience = 600.0;    ///< seconds of failing attempts before the run gives up
    std::string program;              ///< of the term program: a command line, split without a shell
    double programTimeout = 120.0;    ///< seconds for one batch
    std::int64_t workers = 1;         ///< threads that score beside the trainer
};

struct TrainingConfig {
    std::int64_t epochs = 80;
    std::int64_t roundsPerEpoch = 1;  ///< independent sample-and-train rounds in an epoch
    std::int64_t imagesPerRound = 32;
    std::int64_t updatesPerRound = 1;  ///< optimiser steps per pass over the round; must divide imagesPerRound
    std::int64_t innerEpochs = 1;      ///< passes over the round
    double learningRate = 1e-3;
    LearningRateDecay learningRateDecay = LearningRateDecay::None;
    Optimizer optimizer = Optimizer::Adam;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weightDecay = 0.0;  ///< decoupled; adamw only
    double maxGradNorm = 5.0;
    double emaDecay = 0.0;        ///< of the average of the adapter's weights that is evaluated too; 0: none
    std::int64_t emaEvery = 8;    ///< optimiser steps
    std::int64_t emaWarmup = 10;  ///< the first steps count more
    Objective objective = Objective::PolicyGradient;
    double rebelScale = 1.0;            ///< rebel only: of the change of log-probabilities that is to equal the difference of advantages
    double stepDiscount = 0.99;         ///< sdpo only: of the reward of a later step in the return of a step
    double stepWeight = 0.99;           ///< sdpo only: of the change of log-probabilities of a later step
    double rewardGradientWeight = 0.0;  ///< of the reward's own gradient, through the last step, beside the policy's; 0: none
    double rewardGradientRatio = 0.0;   ///< in place of the weight: as long as so many of the policy's in the first update; 0: the weight
    TrustRegion trustRegion = TrustRegion::Clip;
    double divergenceLimit = 1e-5;      ///< divergence mask only; of a step from the one that was sampled, for each latent element
    double clipRangePerElement = 1e-4;  ///< PPO clip on the ratio of the mean-over-elements log-probabilities
    double clipRangeHigher = 0.0;       ///< the same above 1; 0: as below
    double klWeight = 0.0;              ///< of the divergence from the reference, at first the model without its adapter, in the loss
    double klShare = 1.0;               ///< of a round's images, the most suspicious by the judges, are held near the reference; 1: all
    bool klShareAdapts = false;         ///< the share follows the suspicion
    std::int64_t klResetEpochs = 0;     ///< after so many the policy of then becomes the reference; 0: never
    Advantage advantage = Advantage::PerPrompt;
    TermNormalisation termNormalisation = TermNormalisation::Sum;
    double advantageClip = 10.0;
    std::int64_t statBufferSize = 16;  ///< rewards kept per prompt
    std::int64_t statMinCount = 16;    ///< below this many the round's statistics are used
    std::int64_t groupSize = 8;        ///< images per prompt in a round; advantage = group only
    GroupDeviation groupDeviation = GroupDeviation::Group;
    bool dropsFlatGroups = false;  ///< groups whose rewards are all equal are left out of the loss and of what it is divided by
    GroupNoise groupNoise = GroupNoise::Own;
    std::int64_t skipLastSteps = 0;  ///< leave this many final steps out of the loss
    StepSelection stepSelection = StepSelection::All;
    std::int64_t selectedSteps = 1;  ///< trained in a round where not all are
};

/// What is done to the rewards of a round before they become advantages; stored and evaluated is the reward as it is.
struct TransformConfig {
    RewardTransform kind = RewardTransform::None;
    double threshold = 0.0;   ///< threshold: 1 from here on, else 0
    double share = 0.3;       ///< top_share: of the round
    std::int64_t epochs = 2;  ///< every_nth: from one reward to the next; switching: between switches; delayed: until a reward arrives
    std::int64_t levels = 5;  ///< quantised
    double low = -1.0, high = 1.0;
    double noise = 0.1;  ///< noisy: deviation, in units of the reward
    double drift = 0.1;  ///< drifting: in units of the reward, for each epoch
};

struct LoraConfig {
    std::int64_t rank = 8;
    double alpha = 8.0;
    std::string targets = "to_q,to_k,to_v,to_out.0";  ///< suffixes of the UNet's linear layers
    std::string start;                                ///< LoRA file or folder that training starts from; empty: zero change
};

struct EvaluationConfig {
    std::int64_t every = 5;                       ///< epochs between evaluations; the state before training is always evaluated
    std::int64_t trainPrompts = 12;               ///< fixed prompts taken from the training list
    std::int64_t heldOutPrompts = 4;              ///< fixed prompts taken from the held-out list
    std::int64_t seedsPerPrompt = 1;              ///< fixed starting noises per prompt
    std::string judgeModel = "emoji-clip-judge";  ///< CLIPModel that only watches whether prompts are recognised; empty: none
    std::string steps{};                          ///< step counts at which the set is drawn too, as "1,2,4,8,16"; empty: only at the horizon
    bool hasPathKl = true;                        ///< how far the policy is from the model without its adapter, asked for states of the evaluation's paths
    std::int64_t pathKlEvery = 5;                 ///< of each image's states every so manieth, another one of the next image
    std::string judges{};                         ///< rewards that only watch, as "alignment + look=program[program=./look]"; empty: none
};

struct CheckpointConfig {
    std::int64_t every = 1;  ///< epochs between checkpoints
    std::int64_t keep = 2;   ///< newest ones kept, besides the last
    BestRule best = BestRule::Last;
};

/// What a rule of core/health does, and from where on.
struct AlarmSetting {
    AlarmAction action = AlarmAction::Notify;
    double level = 0;
};
/// Ratios are to the evaluation before training, "deviations" those between its images.
struct HealthConfig {
    AlarmAction notFinite = AlarmAction::Notify;          ///< a loss, gradient or reward that is no number
    AlarmSetting hacking{.level = 1.0};                   ///< deviations that the reward gains while a judge falls
    AlarmSetting deadImages{.level = 0.05};               ///< share of images without contrast
    AlarmSetting diversity{.level = 0.75};                ///< ratio, within prompts
    AlarmSetting sameness{.level = 0.75};                 ///< ratio, over all images
    AlarmSetting blur{.level = 0.75};                     ///< ratio of sharpness
    AlarmSetting noise{.level = 2.0};                     ///< ratio of sharpness or high frequencies
    AlarmSetting grid{.level = 3.0};                      ///< ratio of the decoder's pattern
    AlarmSetting colour{.level = 1.0};                    ///< deviations of saturation or contrast
    AlarmSetting heldOut{.level = 0.5};                   ///< deviations that training prompts gain more
    AlarmSetting speed{AlarmAction::Mark, 1.0};           ///< deviations of reward in 10 updates
    AlarmSetting precision{.level = 1e-5};                ///< deviation of a first update's ratio from 1
    AlarmSetting klJump{AlarmAction::Mark, 10.0};         ///< over the median of 20 epochs
    AlarmSetting clipFraction{.level = 0.5};              ///< share of trained steps
    AlarmSetting zeroSpread{.level = 0.5};                ///< share of prompts whose rewards are all the same
    AlarmSetting gradientSpike{AlarmAction::Mark, 10};    ///< over the median of 20 epochs
    AlarmSetting throughput{AlarmAction::Mark, 0.6};      ///< over the median of 20 epochs
    AlarmSetting diskFree{.level = 5.0};                  ///< GB left where the run is stored
    AlarmSetting vanishedSpread{AlarmAction::Mark, 0.1};  ///< ratio of the spread within prompts to that of the first epoch
    AlarmSetting klBudget{AlarmAction::Off, 10.0};        ///< nats from the base model
    AlarmSetting pastPeak{AlarmAction::Mark, 1.1};        ///< distance over that of the fitted peak of the judge's gain
};

struct ComputeConfig {
    std::string device = "auto";                  ///< auto | cpu | cuda | cuda:N
    Dtype dtype = Dtype::Auto;                    ///< the frozen networks' arithmetic; LoRA and log-probabilities stay fp32
    std::int64_t threads = 0;                     ///< 0: all cores
    std::int64_t chunkImages = 0;                 ///< rows in one denoiser call; 0: chosen
    Switch keepGraph = Switch::Auto;              ///< go backward through the sampling graph in the first update
    Switch gradientCheckpointing = Switch::Auto;  ///< compute each block again on the way back
    Switch recordCalls = Switch::Off;             ///< on a GPU record the calls of the network and replay them
    double memoryGib = 0.0;                       ///< memory that activations may use; 0: what the device has free
};

struct RunConfig {
    std::string name;  ///< shown in lists; empty: made from algorithm, horizon, reward and seed
    std::int64_t seed = 0;
    ModelConfig model;
    AlgorithmConfig algorithm;
    SamplingConfig sampling;
    PromptConfig prompts;
    RewardConfig reward;
    TrainingConfig training;
    TransformConfig transform;
    LoraConfig lora;
    EvaluationConfig evaluation;
    CheckpointConfig checkpoint;
    HealthConfig health;
    ComputeConfig compute;
};

}  // namespace rlcm::run
