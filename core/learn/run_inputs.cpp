#include "core/learn/run_inputs.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "core/base/sha256.h"
#include "core/data/prompt_set.h"
#include "core/models/pipeline.h"
#include "core/rewards/command_line.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::learn {
namespace {

namespace fs = std::filesystem;

/// Endings of the files that our readers open; a model folder may hold previews, checkpoints of other programs and caches beside them.
bool isRead(const fs::path& file) {
    static constexpr std::array<std::string_view, 5> kEndings{".json", ".safetensors", ".txt", ".pth", ".pt"};
    return std::find(kEndings.begin(), kEndings.end(), file.extension().string()) != kEndings.end();
}

/// Digest of one file, or of the names and contents of all files in a folder that our readers open.
std::string digestOf(const fs::path& path) {
    if (!fs::is_directory(path)) {
        return sha256OfFile(path);
    }
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
        if (entry.is_regular_file() && isRead(entry.path())) {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    Sha256 all;
    for (const fs::path& file : files) {
        all.update(file.lexically_relative(path).generic_string() + ' ' + sha256OfFile(file) + '\n');
    }
    return all.hex();
}

std::string digestOf(const std::vector<std::string>& prompts) {
    Sha256 all;
    for (const std::string& prompt : prompts) {
        all.update(prompt);
        all.update("\n");
    }
    return all.hex();
}

/// The program itself: the first file on the command line that is no interpreter. Files after it may be its notes, which it changes.
std::string digestOfProgram(const std::string& commandLine) {
    static constexpr std::array<std::string_view, 9> kInterpreters{"python", "bash", "sh", "env", "perl", "ruby", "node", "julia", "Rscript"};
    std::error_code absent;
    for (const std::string& word : rewards::splitCommandLine(commandLine)) {
        const std::string name = fs::path(word).filename().string();
        const bool isInterpreter = std::any_of(kInterpreters.begin(), kInterpreters.end(), [&](std::string_view one) {
            return name.starts_with(one) && name.find_first_not_of("0123456789.", one.size()) == std::string::npos;  // python3.11 too
        });
        if (!isInterpreter && fs::is_regular_file(word, absent)) {
            return sha256OfFile(word);
        }
    }
    return "";
}

void addScorer(const run::TermNeed& need, const std::string& key, RunInputs& inputs) {
    const std::string_view path = need.need->path;
    if (path == "reward.program") {
        inputs[key] = digestOfProgram(need.value);
    } else if (path.ends_with("_model") || path.ends_with("_head")) {
        inputs[key] = digestOf(models::findModel(need.value));
    }
}

void addScorers(const run::RunConfig& config, RunInputs& inputs) {
    for (const run::TermNeed& need : run::needsOf(config.reward)) {
        const std::string path(need.need->path);
        // Terms with settings of their own stand under their names.
        addScorer(need, need.value == config.reward.*need.need->value ? path : need.term + '.' + path, inputs);
    }
    for (const run::TermNeed& need : run::needsOf(run::parseJudges(config.evaluation.judges), config.reward)) {
        const std::string_view leaf = need.need->path.substr(need.need->path.find('.'));
        addScorer(need, std::string(run::kJudges).append(".").append(need.term).append(leaf), inputs);
    }
}

}  // namespace

RunInputs readRunInputs(const run::RunConfig& config) {
    RunInputs inputs;
    inputs["prompts.train"] = digestOf(data::loadPrompts(config.prompts.train).texts);
    if (config.evaluation.heldOutPrompts > 0) {
        inputs["prompts.held_out"] = digestOf(data::loadPrompts(config.prompts.heldOut).texts);
    }
    inputs["model.path"] = digestOf(models::findModel(config.model.path));
    if (!config.evaluation.judgeModel.empty()) {
        inputs["evaluation.judge_model"] = digestOf(models::findModel(config.evaluation.judgeModel));
    }
    addScorers(config, inputs);
    return inputs;
}

std::vector<std::string> changedInputs(const RunInputs& before, const RunInputs& now) {
    std::vector<std::string> changed;
    for (const auto& [setting, digest] : now) {
        const auto found = before.find(setting);
        if (found != before.end() && found->second != digest) {
            changed.push_back(setting);
        }
    }
    return changed;
}

std::shared_future<RunInputs> readRunInputsBeside(const run::RunConfig& config) {
    return std::async(std::launch::async, [config] { return readRunInputs(config); }).share();
}

}  // namespace rlcm::learn
