#include "core/train/preflight.h"

#include <algorithm>
#include <filesystem>

#include "core/base/error.h"
#include "core/data/prompt_set.h"
#include "core/models/pipeline.h"

namespace rlcm::train {
namespace {

namespace fs = std::filesystem;

/// Runs `look` and keeps what it complains about for the setting at `path`.
template <typename Look>
void check(std::vector<run::Problem>& problems, const char* path, Look look) {
    try {
        look();
    } catch (const std::exception& problem) {
        problems.push_back({path, problem.what()});
    }
}

void findClip(const std::string& nameOrFolder) {
    const fs::path folder = models::findModel(nameOrFolder);
    if (!fs::exists(folder / "config.json")) {
        throw Error(ErrorKind::Config, folder.string() + " is no CLIP model: a folder with config.json is wanted");
    }
}

void checkRewards(const run::RewardConfig& reward, std::vector<run::Problem>& problems) {
    std::vector<run::RewardTerm> terms;
    try {
        terms = run::parseRewardTerms(reward.terms);
    } catch (const Error&) {
        return;  // told by validate()
    }
    const auto uses = [&](const char* name) { return std::any_of(terms.begin(), terms.end(), [&](const run::RewardTerm& term) { return term.name == name; }); };
    const auto checkClip = [&](const char* path, const std::string& model) {
        if (!model.empty()) {
            check(problems, path, [&] { findClip(model); });
        }
    };
    if (uses("alignment") || uses("clipscore")) {
        checkClip("reward.clip_model", reward.clipModel);
    }
    if (uses("pickscore")) {
        checkClip("reward.pickscore_model", reward.pickscoreModel);
    }
    if (uses("hpsv2")) {
        checkClip("reward.hps_model", reward.hpsModel);
    }
    if (uses("aesthetic")) {
        checkClip("reward.aesthetic_model", reward.aestheticModel);
        if (!reward.aestheticHead.empty()) {
            check(problems, "reward.aesthetic_head", [&] { models::findModel(reward.aestheticHead); });
        }
    }
}

}  // namespace

std::vector<run::Problem> missingParts(const run::RunConfig& config) {
    std::vector<run::Problem> problems;
    if (!config.model.path.empty()) {
        check(problems, "model.path", [&] { models::unetFolderOf(models::findModel(config.model.path)); });
    }
    check(problems, "prompts.train", [&] { data::loadPrompts(config.prompts.train); });
    if (config.evaluation.heldOutPrompts > 0) {
        check(problems, "prompts.held_out", [&] { data::loadPrompts(config.prompts.heldOut); });
    }
    checkRewards(config.reward, problems);
    if (!config.evaluation.judgeModel.empty()) {
        check(problems, "evaluation.judge_model", [&] { findClip(config.evaluation.judgeModel); });
    }
    if (!config.lora.start.empty()) {
        check(problems, "lora.start", [&] {
            if (!fs::exists(config.lora.start)) {
                throw Error(ErrorKind::Config, "there is no LoRA file or folder " + config.lora.start);
            }
        });
    }
    return problems;
}

}  // namespace rlcm::train
