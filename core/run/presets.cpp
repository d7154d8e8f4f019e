// One small function per preset: it starts from the defaults of its family and changes a few settings.
#include "core/run/presets.h"

#include <algorithm>
#include <iterator>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/run/method_presets.h"

namespace rlcm::run {
namespace {

// --- families
// ---------------------------------------------------------------------------------------------------

/// RLCM on the bundled consistency model.
RunConfig smallRlcm(const std::string& reward, std::int64_t steps) {
    RunConfig c;
    c.sampling.steps = steps;
    c.sampling.guidance = 6.0;
    c.reward.terms = reward;
    c.training.epochs = 80;
    c.training.imagesPerRound = 32;
    c.training.learningRate = 3e-3;
    c.training.advantage = Advantage::Batch;
    c.training.advantageClip = 5.0;
    c.evaluation.every = 4;
    c.compute.dtype = Dtype::Fp32;  // the figures that are quoted, and horizons that are compared, are of one arithmetic
    return c;
}

/// DDPO on the bundled diffusion model.
RunConfig smallDdpo(const std::string& reward, std::int64_t steps) {
    RunConfig c = smallRlcm(reward, steps);
    c.model.path = "emoji-sd";
    c.algorithm.method = Method::Ddpo;
    c.sampling.guidance = 4.0;
    c.training.epochs = 50;
    c.training.optimizer = Optimizer::AdamW;
    c.training.weightDecay = 1e-4;
    c.training.maxGradNorm = 1.0;
    c.training.skipLastSteps = 2;
    return c;
}

/// Alignment needs many images of each prompt, and room to rise: at guidance 2 the base model follows prompts less than
/// it could. The evaluation set is larger, because the gain is small beside the spread between prompts.
RunConfig withAlignment(RunConfig c) {
    c.prompts.train = "animals-actions-backgrounds";
    c.reward.terms = "alignment";
    c.training.learningRate = 2e-3;
    c.training.imagesPerRound = 64;
    c.training.advantage = Advantage::Group;
    c.evaluation = {.every = 10, .trainPrompts = 36, .heldOutPrompts = 12};
    if (c.algorithm.method == Method::Rlcm) {
        c.sampling.guidance = 2.0;
        c.sampling.lastStep = LastStep::Deterministic;
    }
    return c;
}

/// Settings of the released RLCM code for compression.
RunConfig paperRlcm(const std::string& reward, std::int64_t steps) {
    RunConfig c;
    c.sampling.steps = steps;
    c.sampling.guidance = 8.0;
    c.prompts.train = "animal-nouns";
    c.reward.terms = reward;
    c.training.epochs = 100;
    c.training.roundsPerEpoch = 10;
    c.training.imagesPerRound = 16;
    c.training.learningRate = 1e-4;
    c.training.learningRateDecay = LearningRateDecay::TwoThirds;
    c.training.advantage = Advantage::PerPrompt;
    c.training.advantageClip = 10.0;
    c.training.statBufferSize = 16;
    c.training.statMinCount = 16;
    c.lora.rank = 16;
    c.lora.alpha = 32.0;
    c.evaluation.every = 10;
    c.checkpoint.every = 10;
    return c;
}

/// What both aesthetic tasks change. The scorer's files are named as their authors name them; give their places.
RunConfig withAesthetic(RunConfig c) {
    c.prompts.train = "simple-animals";
    c.reward.terms = "aesthetic";
    c.reward.aestheticModel = "clip-vit-large-patch14";
    c.reward.aestheticHead = "sac+logos+ava1-l14-linearMSE.pth";
    c.training.statBufferSize = 32;
    return c;
}

/// Settings of the DDPO authors' runs for compression (ddpo-pytorch, config/dgx.py).
RunConfig paperDdpo(const std::string& reward, std::int64_t steps) {
    RunConfig c = paperRlcm(reward, steps);
    c.model.path = "emoji-sd";
    c.algorithm.method = Method::Ddpo;
    c.sampling.guidance = 5.0;
    c.training.roundsPerEpoch = 1;
    c.training.imagesPerRound = 256;
    c.training.updatesPerRound = 4;
    c.training.learningRate = 3e-4;
    c.training.learningRateDecay = LearningRateDecay::None;
    c.training.optimizer = Optimizer::AdamW;
    c.training.weightDecay = 1e-4;
    c.training.maxGradNorm = 1.0;
    c.training.advantageClip = 5.0;
    c.lora.rank = 4;
    c.lora.alpha = 4.0;
    return c;
}

constexpr const char* kSetModel =
    " Choose the real checkpoint's folder as the model; with the bundled model it only shows the mechanics. "
    "Memory sizes of 12, 16, 24 or 80 GiB fit it to a GPU.";
constexpr const char* kSetScorer = " Set reward.aesthetic_model and reward.aesthetic_head to the scorer's files.";
constexpr const char* kSetServer = " For the authors' reward set reward.terms to server and start the vision-language server of resources/reward_servers.";

// --- bundled models
// ---------------------------------------------------------------------------------------------

Preset compressGentleRlcmH4() {
    RunConfig c = smallRlcm("compressibility", 4);
    c.training.learningRate = 1.5e-3;
    c.training.epochs = 60;  // with 80, one seed in eight tips over into blank images
    return {
        "compress-gentle-rlcm-h4", "First study: smaller files, still the same animals",
        "Teaches the bundled consistency model to draw images with smaller JPEG files, in one to two minutes on two CPU cores. "
        "Measured with seeds 11 to 18 on one thread: evaluation reward from -2.56 to -2.25 kB on average (-2.40 to -2.01), and the held-out judge still "
        "recognises 0.81 to 1.00 of the images (1.00 before); seeds 19 to 28, trained after that was written: -2.29 on average (-2.47 to -2.12), judge 0.81 "
        "to 1.00. Of a new seed expect -2.6 to -1.9 kB: three deviations about the mean of these eighteen. "
        "compress-rlcm-h4 learns faster and shows what becomes of the images then.",
        c};
}
Preset compressRlcmH4() {
    return {"compress-rlcm-h4", "Reward hacking: smaller files at any price",
            "Teaches the bundled consistency model to draw images with small JPEG files, twice as fast as is good for it. Measured with seeds 0 to 7 on one "
            "thread: evaluation reward from -2.56 to -1.34 kB on average (-1.99 to -0.97). "
            "Late in most runs the judge no longer recognises the animals and the images go blank: reward hacking as it is, plain to see. "
            "compress-gentle-rlcm-h4 stays away from it.",
            smallRlcm("compressibility", 4)};
}
Preset compressRlcmH2() {
    return {"compress-rlcm-h2", "Smaller files in two steps", "The same study with the shortest horizon that can learn.", smallRlcm("compressibility", 2)};
}
Preset compressRlcmH8() {
    return {"compress-rlcm-h8", "Smaller files in eight steps", "The same study with the paper's horizon; twice the cost of four steps.",
            smallRlcm("compressibility", 8)};
}
Preset compressRlcmH16() {
    return {"compress-rlcm-h16", "Smaller files in sixteen steps", "The same study with a long horizon; four times the cost of four steps.",
            smallRlcm("compressibility", 16)};
}
Preset incompressRlcmH4() {
    return {"incompress-rlcm-h4", "Larger files in four steps", "The opposite goal: images full of detail that JPEG cannot shrink.",
            smallRlcm("incompressibility", 4)};
}
Preset colourRlcmH4() {
    return {"colour-rlcm-h4", "Stronger colours in four steps", "Maximises colourfulness, a reward with plenty of room that is easy to see.",
            smallRlcm("colourfulness", 4)};
}
Preset alignRlcmH2() {
    RunConfig c = withAlignment(smallRlcm("alignment", 2));
    c.training.epochs = 60;
    c.training.imagesPerRound = 128;  // with 64 at twice the rate, five of eight seeds end no better than they began
    c.training.learningRate = 1e-3;
    return {"align-rlcm-h2", "Better agreement with the prompt in two steps",
            "Maximises the bundled CLIP's text-image cosine with the shortest horizon, which has the most to gain. Slow and small: measured with seeds "
            "0 to 7 on an NVIDIA H200, 36 images of training prompts go from 0.761 to 0.776 on average (0.767 to 0.782), twelve of held-out "
            "prompts from 0.775 to 0.768 (0.750 to 0.787): what is learnt does not carry over to them.",
            c};
}
Preset alignRlcmH4() {
    return {"align-rlcm-h4", "Better agreement with the prompt",
            "Maximises the bundled CLIP's text-image cosine; the held-out judge shows whether the gain is real.", withAlignment(smallRlcm("alignment", 4))};
}
Preset alignRlcmH8() {
    return {"align-rlcm-h8", "Better agreement with the prompt, eight steps", "The same with eight steps; twice the cost.",
            withAlignment(smallRlcm("alignment", 8))};
}
Preset compressDdpoT20() {
    return {"compress-ddpo-t20", "Baseline: smaller files with DDPO",
            "The diffusion baseline over 20 DDIM steps, the last two left out of the loss because their tiny noise drowns the others. "
            "Measured with seeds 0 to 7 on an NVIDIA H200: evaluation reward from -2.45 kB to -2.03 on average after 32 epochs (-2.17 to -1.86) and to -1.61 "
            "after 50 (-2.00 to -1.33), still rising; the judge recognises 0.81 of the images before, 0.62 to 0.81 after 32 epochs and 0 to 0.88 after 50: "
            "it ends as reward hacking too. Compare it with compress-rlcm-h4 at equal denoiser evaluations.",
            smallDdpo("compressibility", 20)};
}
Preset incompressDdpoT20() {
    return {"incompress-ddpo-t20", "Baseline: larger files with DDPO", "The diffusion baseline of incompress-rlcm-h4.", smallDdpo("incompressibility", 20)};
}
Preset colourDdpoT20() {
    return {"colour-ddpo-t20", "Baseline: stronger colours with DDPO", "The diffusion baseline of colour-rlcm-h4.", smallDdpo("colourfulness", 20)};
}
Preset alignDdpoT20() {
    return {"align-ddpo-t20", "Baseline: agreement with DDPO", "The diffusion baseline of align-rlcm-h4.", withAlignment(smallDdpo("alignment", 20))};
}

// --- the papers' settings
// ---------------------------------------------------------------------------------------

Preset paperCompressRlcmH8() {
    return {"paper-compress-rlcm-h8", "RLCM paper: compression",
            std::string("Settings of the released RLCM code: 1000 updates of 16 images on LCM_Dreamshaper_v7.") + kSetModel, paperRlcm("compressibility", 8)};
}
Preset paperIncompressRlcmH8() {
    return {"paper-incompress-rlcm-h8", "RLCM paper: incompression",
            std::string("Settings of the released RLCM code: 1000 updates of 16 images on LCM_Dreamshaper_v7.") + kSetModel, paperRlcm("incompressibility", 8)};
}
Preset paperAestheticRlcmH8() {
    RunConfig c = withAesthetic(paperRlcm("aesthetic", 8));
    c.training.imagesPerRound = 32;
    c.lora.rank = 8;
    c.lora.alpha = 8.0;
    return {"paper-aesthetic-rlcm-h8", "RLCM paper: aesthetic score",
            std::string("Settings of the released RLCM code: 1000 updates of 32 images on LCM_Dreamshaper_v7.") + kSetModel + kSetScorer, c};
}
Preset paperAlignRlcmH16() {
    RunConfig c = paperRlcm("alignment", 16);
    c.prompts.train = "animals-with-actions";
    c.training.epochs = 118;
    c.training.roundsPerEpoch = 6;
    c.training.imagesPerRound = 120;
    c.training.statBufferSize = 32;
    return {"paper-align-rlcm-h16", "RLCM paper: prompt-image alignment",
            std::string("Table 1 of the RLCM paper: 708 updates of 120 images. The reward is a CLIP cosine "
                        "instead of a vision-language server.") +
                kSetModel + kSetServer,
            c};
}
Preset paperCompressDdpoT50() {
    return {"paper-compress-ddpo-t50", "DDPO paper: compression",
            std::string("Settings of the DDPO authors' own runs: 256 images and 4 updates an epoch on Stable "
                        "Diffusion.") +
                kSetModel,
            paperDdpo("compressibility", 50)};
}
Preset paperIncompressDdpoT50() {
    return {"paper-incompress-ddpo-t50", "DDPO paper: incompression",
            std::string("Settings of the DDPO authors' own runs: 256 images and 4 updates an epoch on Stable "
                        "Diffusion.") +
                kSetModel,
            paperDdpo("incompressibility", 50)};
}
Preset paperAestheticDdpoT50() {
    RunConfig c = withAesthetic(paperDdpo("aesthetic", 50));
    c.training.epochs = 200;
    c.training.updatesPerRound = 2;
    return {"paper-aesthetic-ddpo-t50", "DDPO paper: aesthetic score",
            std::string("Settings of the DDPO authors' own runs: 256 images and 2 updates an epoch on Stable Diffusion.") + kSetModel + kSetScorer, c};
}
Preset paperAlignDdpoT50() {
    RunConfig c = paperDdpo("alignment", 50);
    c.prompts.train = "animals-with-actions";
    c.training.epochs = 200;
    c.training.imagesPerRound = 288;
    c.training.updatesPerRound = 2;
    c.training.statBufferSize = 32;
    return {"paper-align-ddpo-t50", "DDPO paper: prompt-image alignment",
            std::string("Settings of the DDPO authors' own runs: 288 images and 2 updates an epoch. The "
                        "reward is a CLIP cosine instead of a vision-language server.") +
                kSetModel + kSetServer,
            c};
}

}  // namespace

const std::vector<Preset>& presets() {
    static const std::vector<Preset> kPresets = [] {
        std::vector<Preset> all = {compressGentleRlcmH4(), compressRlcmH4(), compressRlcmH2(), compressRlcmH8(), compressRlcmH16(),
                                   incompressRlcmH4(),     colourRlcmH4(),   alignRlcmH2(),    alignRlcmH4(),    alignRlcmH8()};
        std::ranges::move(methodPresets({compressGentleRlcmH4().config, compressRlcmH4().config, alignRlcmH4().config}), std::back_inserter(all));
        std::ranges::move(std::vector<Preset>{compressDdpoT20(), incompressDdpoT20(), colourDdpoT20(), alignDdpoT20(), paperCompressRlcmH8(),
                                              paperIncompressRlcmH8(), paperAestheticRlcmH8(), paperAlignRlcmH16(), paperCompressDdpoT50(),
                                              paperIncompressDdpoT50(), paperAestheticDdpoT50(), paperAlignDdpoT50()},
                          std::back_inserter(all));
        return all;
    }();
    return kPresets;
}

const Preset& preset(std::string_view name) {
    std::vector<std::string_view> names;
    for (const Preset& candidate : presets()) {
        if (candidate.name == name) {
            return candidate;
        }
        names.push_back(candidate.name);
    }
    const std::string nearest = nearestName(name, names);
    throw Error(ErrorKind::Config, "there is no preset \"" + std::string(name) + '"' + (nearest.empty() ? "" : " (did you mean " + nearest + "?)"));
}

const Preset& firstStudy() {
    return presets().front();
}

}  // namespace rlcm::run
