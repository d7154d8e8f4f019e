// rlcm score
#include <filesystem>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/commands.h"
#include "app/cli/config_options.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/image/codec.h"
#include "core/rewards/sanity.h"
#include "core/rewards/trial.h"
#include "core/run/field_table.h"
#include "core/tools/sample.h"

namespace rlcm::cli {
namespace {

struct ScoreOptions {
    std::string terms;
    std::vector<std::string> settings, images, prompts;
    std::string device = "auto";
    int threads = 0;
    bool isJson = false, isSanity = false;
    std::string model;
};

run::RewardConfig rewardOf(const ScoreOptions& options) {
    run::RunConfig config;
    run::setField(config, "reward.terms", options.terms);
    for (const std::string& setting : options.settings) {
        const auto [path, value] = splitSetting(setting);
        if (!path.starts_with("reward.")) {
            throw Error(ErrorKind::Config, "--set " + path + ": only the settings of the reward count here, as reward.clip_model");
        }
        run::setField(config, path, value);
    }
    return config.reward;
}

std::vector<image::Rgb8Image> readImages(const std::vector<std::string>& files) {
    std::vector<image::Rgb8Image> images;
    for (const std::string& file : files) {
        const std::string bytes = readFile(file);
        try {
            images.push_back(image::decodeImage(bytes));
        } catch (const Error& problem) {
            throw Error(problem.kind(), file + ": " + problem.what());
        }
    }
    return images;
}

/// One prompt per image; a single one serves all.
std::vector<std::string> promptsOf(const ScoreOptions& options) {
    if (options.prompts.size() == 1) {
        return std::vector<std::string>(options.images.size(), options.prompts.front());
    }
    if (options.prompts.size() != options.images.size()) {
        throw Error(ErrorKind::Config, std::to_string(options.prompts.size()) + " prompts for " + std::to_string(options.images.size()) +
                                           " images; give one prompt for all or one for each");
    }
    return options.prompts;
}

void printJson(const ScoreOptions& options, const std::vector<std::string>& prompts, const run::RewardTrial& trial) {
    Json images = Json::array();
    for (std::size_t i = 0; i < trial.totals.size(); ++i) {
        Json terms = Json::object();
        for (const auto& [name, scores] : trial.terms) {
            terms[name] = scores[i];
        }
        images.push_back({{"file", options.images[i]}, {"prompt", prompts[i]}, {"total", trial.totals[i]}, {"terms", terms}});
    }
    const Json json{{"reward", options.terms}, {"images", images}, {"load_seconds", trial.loadSeconds}, {"milliseconds_per_image", trial.millisecondsPerImage}};
    std::cout << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

void printTable(const ScoreOptions& options, const std::vector<std::string>& prompts, const run::RewardTrial& trial) {
    constexpr int kDigits = 6;
    std::vector<std::vector<std::string>> rows{{"image", "prompt"}};
    for (const auto& [name, scores] : trial.terms) {
        rows[0].push_back(name);
    }
    rows[0].push_back("total");
    for (std::size_t i = 0; i < trial.totals.size(); ++i) {
        std::vector<std::string> row{std::filesystem::path(options.images[i]).filename().string(), prompts[i]};
        for (const auto& [name, scores] : trial.terms) {
            row.push_back(shortNumber(scores[i], kDigits));
        }
        row.push_back(shortNumber(trial.totals[i], kDigits));
        rows.push_back(std::move(row));
    }
    std::cout << textTable(rows) << "loaded in " << shortNumber(trial.loadSeconds, 3) << " s, " << shortNumber(trial.millisecondsPerImage, 3)
              << " ms per image\n";
}

Json sanityJson(const ScoreOptions& options, const rewards::Sanity& sanity) {
    Json kinds = Json::array();
    for (const rewards::SanityKind& kind : sanity.kinds) {
        kinds.push_back({{"kind", kind.name}, {"lowest", kind.lowest}, {"mean", kind.mean}, {"highest", kind.highest}, {"is_below", kind.isBelow}});
    }
    return {{"reward", options.terms},
            {"base",
             {{"lowest", sanity.baseLowest},
              {"mean", sanity.baseMean},
              {"highest", sanity.baseHighest},
              {"tenth", sanity.baseTenth},
              {"spread", sanity.baseSpread}}},
            {"kinds", kinds},
            {"noise_floor", sanity.noiseFloor},
            {"is_above_floor", sanity.isAboveFloor()}};
}

void printSanity(const rewards::Sanity& sanity) {
    std::vector<std::vector<std::string>> rows{{"pictures", "lowest", "mean", "highest", ""}};
    rows.push_back({"base images", shortNumber(sanity.baseLowest), shortNumber(sanity.baseMean), shortNumber(sanity.baseHighest),
                    "a tenth is below " + shortNumber(sanity.baseTenth)});
    for (const rewards::SanityKind& kind : sanity.kinds) {
        rows.push_back({kind.name, shortNumber(kind.lowest), shortNumber(kind.mean), shortNumber(kind.highest),
                        kind.isBelow ? "below, as it should be" : "not all below that: training may end here"});
    }
    std::cout << textTable(rows) << "noise floor: " << shortNumber(sanity.noiseFloor)
              << ", the deviation of an image's reward under changes that keep what it shows\n"
              << "spread between base images: " << shortNumber(sanity.baseSpread)
              << (sanity.isAboveFloor() ? "\n" : ", less than two noise floors: differences between images are hardly more than noise\n");
}

/// What the reward says of pictures that show nothing, beside images of the model or those that were given.
void runSanity(const ScoreOptions& options) {
    const run::RewardConfig config = rewardOf(options);
    const bool isDrawn = options.images.empty();
    const auto score = [&](const run::RewardConfig& reward, const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts) {
        return rewards::tryReward(reward, images, prompts, options.device, options.threads);
    };
    const std::vector<image::Rgb8Image> images =
        isDrawn ? tools::sampleImages({.model = options.model, .prompts = options.prompts, .device = options.device, .threads = options.threads}).images
                : readImages(options.images);
    const rewards::Sanity sanity = rewards::checkSanity(config, images, isDrawn ? options.prompts : promptsOf(options), score);
    if (options.isJson) {
        std::cout << sanityJson(options, sanity).dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    } else {
        printSanity(sanity);
    }
}

void runScore(const ScoreOptions& options) {
    if (options.isSanity) {
        runSanity(options);
        return;
    }
    const run::RewardConfig config = rewardOf(options);
    const std::vector<std::string> prompts = promptsOf(options);
    const run::RewardTrial trial = rewards::tryReward(config, readImages(options.images), prompts, options.device, options.threads);
    (options.isJson ? printJson : printTable)(options, prompts, trial);
}

}  // namespace

void addScore(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<ScoreOptions>();
    CLI::App* command = program.add_subcommand("score", "Score images with a reward, as training would");
    command->add_option("--reward", options->terms, "As the setting reward.terms: \"aesthetic\" or \"alignment + 0.1*colourfulness\"")->required();
    command->add_option("--set", options->settings, "Another setting of the reward, as reward.clip_model=FOLDER")->allow_extra_args(false);
    CLI::Option* images = command->add_option("--images", options->images, "PNG or JPEG files");
    command->add_option("--prompt", options->prompts, "One prompt for all images, or one for each")->required();
    command->add_option("--device", options->device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    command->add_option("--threads", options->threads, "CPU threads; 0: all cores")->check(CLI::Range(0, 4096))->capture_default_str();
    CLI::Option* sanity = command->add_flag(
        "--sanity", options->isSanity, "Before a run: what it says of noise, grey, black, inverted and shuffled pictures, and of images that hardly change");
    CLI::Option* model =
        command->add_option("--model", options->model, "Draws the base images of --sanity with this model, one for each prompt")->excludes(images);
    model->needs(sanity);
    command->add_flag("--json", options->isJson, "One JSON document");
    command->callback([options, images, model, &exitCode] {
        if (!*images && !*model) {
            throw CLI::RequiredError("--images");
        }
        runScore(*options);
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
