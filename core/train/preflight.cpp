#include "core/train/preflight.h"

#include <filesystem>
#include <string_view>

#include "core/base/error.h"
#include "core/data/prompt_set.h"
#include "core/models/pipeline.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::train {
namespace {

namespace fs = std::filesystem;

/// Runs `look` and keeps what it complains about for the setting at `path`.
template <typename Look>
void check(std::vector<run::Problem>& problems, std::string_view path, Look look) {
    try {
        look();
    } catch (const Error& problem) {
        problems.push_back({std::string(path), problem.message()});
    } catch (const std::exception& problem) {
        problems.push_back({std::string(path), problem.what()});
    }
}

void findClip(const std::string& nameOrFolder) {
    const fs::path folder = models::findModel(nameOrFolder);
    if (!fs::exists(folder / "config.json")) {
        throw Error(ErrorKind::Config, folder.string() + " is no CLIP model: a folder with config.json is wanted");
    }
}

/// Looks for what one term needs; an empty setting is told by validate(). throws: Config, Io.
void findNeed(const run::TermNeed& need) {
    const std::string_view path = need.need->path;
    if (!need.value.empty() && path.ends_with("_model")) {
        findClip(need.value);
    } else if (!need.value.empty() && path.ends_with("_head")) {
        models::findModel(need.value);
    }
}

void checkScorers(const run::RunConfig& config, std::vector<run::Problem>& problems) {
    try {
        for (const run::TermNeed& need : run::needsOf(config.reward)) {
            check(problems, need.need->path, [&] { findNeed(need); });
        }
        for (const run::TermNeed& need : run::needsOf(run::parseJudges(config.evaluation.judges), config.reward)) {
            check(problems, run::kJudges, [&] { findNeed(need); });
        }
    } catch (const Error&) {  // terms that cannot be read are told by validate()
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
    checkScorers(config, problems);
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
