#include "core/run/reward_catalogue.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/run/field_table.h"

namespace rlcm::run {
namespace {

using Path = std::string_view;

constexpr std::array kClipNeeds{RewardNeed{"reward.clip_model", &RewardConfig::clipModel, "must name a CLIP model for the term alignment"}};
constexpr std::array kContrastNeeds{
    RewardNeed{"reward.clip_model", &RewardConfig::clipModel, "must name a CLIP model for the term contrast"},
    RewardNeed{"reward.contrast_toward", &RewardConfig::contrastToward, "must say what images are to become like, as {} on a beach, for the term contrast"},
    RewardNeed{"reward.contrast_away", &RewardConfig::contrastAway, "must say what they are to become unlike, as {} on snow, for the term contrast"}};
constexpr std::array kClipScoreNeeds{RewardNeed{"reward.clip_model", &RewardConfig::clipModel,
                                                "must name a CLIP model for the term clipscore; published scores use openai/clip-vit-base-patch32"}};
constexpr std::array kAestheticNeeds{
    RewardNeed{"reward.aesthetic_model", &RewardConfig::aestheticModel,
               "must name the folder of openai/clip-vit-large-patch14 (config.json, model.safetensors, preprocessor_config.json) for the term aesthetic"},
    RewardNeed{"reward.aesthetic_head", &RewardConfig::aestheticHead,
               "must name the score head's file, sac+logos+ava1-l14-linearMSE.pth or its .safetensors, for the term aesthetic"}};
constexpr std::array kPickScoreNeeds{
    RewardNeed{"reward.pickscore_model", &RewardConfig::pickscoreModel,
               "must name the folder of PickScore_v1 (with the tokenizer and preprocessor_config.json of laion/CLIP-ViT-H-14-laion2B-s32B-b79K beside its "
               "model.safetensors) for the term pickscore"}};
constexpr std::array kHpsNeeds{RewardNeed{"reward.hps_model", &RewardConfig::hpsModel,
                                          "must name the folder of HPSv2 or HPSv2.1 in the CLIPModel layout for the term hpsv2; "
                                          "resources/convert/open_clip_to_transformers.py makes it from the published file"}};
constexpr std::array kServerNeeds{
    RewardNeed{"reward.server_url", &RewardConfig::serverUrl, "must be the address of a reward server, as http://127.0.0.1:8085, for the term server"}};
constexpr std::array kProgramNeeds{
    RewardNeed{"reward.program", &RewardConfig::program, "must be a command line, as python3 my_reward.py, for the term program"}};

constexpr std::array<Path, 3> kContrastSettings{"reward.clip_model", "reward.contrast_toward", "reward.contrast_away"};
constexpr std::array<Path, 1> kClipSettings{"reward.clip_model"};
constexpr std::array<Path, 2> kAestheticSettings{"reward.aesthetic_model", "reward.aesthetic_head"};
constexpr std::array<Path, 1> kPickScoreSettings{"reward.pickscore_model"};
constexpr std::array<Path, 1> kHpsSettings{"reward.hps_model"};
constexpr std::array<Path, 8> kServerSettings{"reward.server_url",        "reward.server_protocol", "reward.server_reward",  "reward.server_metric",
                                              "reward.server_group_wise", "reward.server_parallel", "reward.server_timeout", "reward.server_patience"};
constexpr std::array<Path, 2> kProgramSettings{"reward.program", "reward.program_timeout"};

constexpr Better kHigher = Better::Higher;
constexpr std::array kKinds{
    RewardKind{"compressibility", "Smaller JPEG file", "kB", kHigher, false, false, {}, {}},
    RewardKind{"incompressibility", "Larger JPEG file", "kB", kHigher, false, false, {}, {}},
    RewardKind{"colourfulness", "Colourfulness", "", kHigher, true, false, {}, {}},
    RewardKind{"subject_size", "Size of the subject (share of the picture)", "", kHigher, false, false, {}, {}},
    RewardKind{"subject_x", "Subject to the right (0 to 1)", "", kHigher, false, false, {}, {}},
    RewardKind{"subject_y", "Subject further down (0 to 1)", "", kHigher, false, false, {}, {}},
    RewardKind{"alignment", "Agreement with the prompt (CLIP cosine)", "", kHigher, true, false, kClipNeeds, kClipSettings},
    RewardKind{"aesthetic", "Aesthetic score (LAION)", "", kHigher, true, false, kAestheticNeeds, kAestheticSettings},
    RewardKind{"clipscore", "CLIPScore", "", kHigher, true, false, kClipScoreNeeds, kClipSettings},
    RewardKind{"contrast", "One description against another (CLIP cosines)", "", kHigher, true, false, kContrastNeeds, kContrastSettings},
    RewardKind{"pickscore", "PickScore", "", kHigher, true, false, kPickScoreNeeds, kPickScoreSettings},
    RewardKind{"hpsv2", "Human preference score v2", "", kHigher, true, false, kHpsNeeds, kHpsSettings},
    RewardKind{"server", "Reward server", "", kHigher, false, true, kServerNeeds, kServerSettings},
    RewardKind{"program", "Reward program", "", kHigher, false, false, kProgramNeeds, kProgramSettings},
};

}  // namespace

std::span<const RewardKind> rewardKinds() {
    return kKinds;
}

const RewardKind& rewardKind(std::string_view id) {
    const auto found = std::find_if(kKinds.begin(), kKinds.end(), [&](const RewardKind& kind) { return kind.id == id; });
    ensure(found != kKinds.end(), "there is no reward \"" + std::string(id) + '"');
    return *found;
}

RewardConfig settingsOf(const RewardTerm& term, const RewardConfig& reward) {
    RunConfig config;
    config.reward = reward;
    for (const auto& [name, value] : term.params) {
        setField(config, "reward." + name, value);
    }
    return config.reward;
}

std::vector<TermNeed> needsOf(const RewardConfig& reward) {
    return needsOf(parseRewardTerms(reward.terms), reward);
}

std::vector<TermNeed> needsOf(std::span<const RewardTerm> terms, const RewardConfig& reward) {
    std::vector<TermNeed> needs;
    for (const RewardTerm& term : terms) {
        const RewardConfig own = settingsOf(term, reward);
        for (const RewardNeed& need : rewardKind(term.kind).needs) {
            needs.push_back({term.id, &need, own.*need.value});
        }
    }
    return needs;
}

std::string judgeMeasure(const RewardTerm& judge) {
    return judge.kind + (judge.id == judge.kind ? "" : '.' + judge.id);
}

std::string rewardUnit(std::string_view terms) {
    std::vector<RewardTerm> parsed;
    try {
        parsed = parseRewardTerms(terms);
    } catch (const Error&) {
        return "";
    }
    const std::string_view unit = rewardKind(parsed.front().kind).unit;
    const bool isOne = std::ranges::all_of(parsed, [&](const RewardTerm& term) { return rewardKind(term.kind).unit == unit && term.weight == 1.0; });
    return isOne ? std::string(unit) : "";
}

}  // namespace rlcm::run
