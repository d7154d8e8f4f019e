// rlcm sample
#include <array>
#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>

#include "app/cli/choice_option.h"
#include "app/cli/commands.h"
#include "core/base/error.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/image/codec.h"
#include "core/tools/sample.h"

namespace rlcm::cli {
namespace {

namespace fs = std::filesystem;

struct SampleOptions {
    tools::SampleRequest request;
    fs::path out;
    bool isJson = false;
};

std::string fileName(std::size_t index) {
    std::array<char, 32> name{};
    std::snprintf(name.data(), name.size(), "%03zu.png", index);
    return name.data();
}

Json sampleJson(const tools::SampleRequest& request, const tools::SampleResult& result) {
    Json images = Json::array();
    for (std::size_t i = 0; i < result.images.size(); ++i) {
        images.push_back({{"file", fileName(i)}, {"prompt", request.prompts[i]}, {"width", result.images[i].width}, {"height", result.images[i].height}});
    }
    return {{"model", request.model},
            {"lora", request.lora.empty() ? Json() : Json(request.lora.string())},
            {"lora_scale", request.lora.empty() ? Json() : Json(request.loraScale)},
            {"lora_alpha", request.loraAlpha ? Json(*request.loraAlpha) : Json()},
            {"lora_read_as", result.loraText.empty() ? Json() : Json(result.loraText)},
            {"steps", request.steps},
            {"guidance", request.guidance},
            {"seed", request.seed},
            {"eta", request.eta},
            {"timestep_rule", toString(request.timestepRule)},
            {"latents", request.latents.empty() ? Json() : Json(request.latents.string())},
            {"device", request.device},
            {"dtype", toString(result.dtype)},
            {"seconds", {{"load", result.secondsLoad}, {"sample", result.secondsSample}, {"decode", result.secondsDecode}}},
            {"images", images}};
}

std::vector<std::pair<std::string, std::string>> textEntries(const tools::SampleRequest& request, std::size_t index) {
    return {{"Software", "rlcm-workbench"},
            {"rlcm:model", request.model},
            {"rlcm:prompt", request.prompts[index]},
            {"rlcm:steps", std::to_string(request.steps)},
            {"rlcm:seed", std::to_string(request.seed)}};
}

void runSample(const SampleOptions& options) {
    std::error_code problem;
    fs::create_directories(options.out, problem);
    if (problem) {
        throw Error(ErrorKind::Io, "cannot make the folder " + options.out.string() + ": " + problem.message());
    }
    const tools::SampleResult result = tools::sampleImages(options.request);
    if (!result.promptText.empty()) {
        std::cerr << "warning: " << result.promptText << '\n';
    }
    if (!result.loraText.empty()) {
        std::cerr << "LoRA: " << result.loraText << '\n';
    }
    for (std::size_t i = 0; i < result.images.size(); ++i) {
        const fs::path file = options.out / fileName(i);
        writeFileAtomically(file, image::encodePng(result.images[i], textEntries(options.request, i)));
        if (!options.isJson) {
            std::cout << file.string() << '\n';
        }
    }
    const Json json = sampleJson(options.request, result);
    writeFileAtomically(options.out / "sample.json", json.dump(2) + "\n");
    if (options.isJson) {
        std::cout << json.dump(2) << '\n';
    }
}

}  // namespace

void addSample(CLI::App& program, int& exitCode) {
    auto options = std::make_shared<SampleOptions>();
    tools::SampleRequest& request = options->request;
    CLI::App* command = program.add_subcommand("sample", "Make images with a model and optionally a LoRA");
    command->footer(
        "The scheduler of the model decides the rule: LCMScheduler the LCM rule, every other one DDIM on its noise schedule.\n"
        "Words that were added to a tokenizer, as by textual inversion, are read as their own tokens. A prompt that is longer than the\n"
        "model reads is cut, with a warning.");
    command->add_option("--model", request.model, "Name of a bundled model, or a folder in the diffusers layout")->required();
    CLI::Option* lora = command->add_option("--lora", request.lora, "LoRA: a .safetensors file of kohya, diffusers or PEFT, or a folder");
    command->add_option("--lora-scale", request.loraScale, "Factor on what the LoRA changes")->needs(lora)->capture_default_str();
    command->add_option("--lora-alpha", request.loraAlpha, "Alpha of a LoRA that states none (its change is scaled by alpha / rank)")->needs(lora);
    command->add_option("--prompt", request.prompts, "One or more prompts; one image each")->required();
    command->add_option("--steps", request.steps, "Denoiser steps")->capture_default_str();
    command->add_option("--guidance", request.guidance, "Guidance scale")->capture_default_str();
    command->add_option("--seed", request.seed, "Random seed")->capture_default_str();
    command->add_option("--eta", request.eta, "Share of random noise in DDIM")->capture_default_str();
    addChoice(*command, "--timestep-rule", request.timestepRule, "Timesteps of models whose scheduler is LCMScheduler");
    command->add_option(
        "--latents", request.latents,
        "Safetensors file with tensor `latents` [N,4,h,w]: the initial noise, one row per prompt; and, if it is to be given too, `noise` [N,H,4,h,w]: what "
        "each of the H steps adds");
    command->add_option("--out", options->out, "Folder for 000.png, 001.png, ... and sample.json")->required();
    command->add_option("--device", request.device, "auto, cpu, cuda or cuda:N")->capture_default_str();
    addChoice(*command, "--dtype", request.dtype, "Arithmetic of the networks; fp16 needs a GPU");
    command->add_option("--threads", request.threads, "CPU threads; 0: all cores")->capture_default_str();
    command->add_flag("--json", options->isJson, "One JSON document");
    command->callback([options, &exitCode] {
        runSample(*options);
        exitCode = kDone;
    });
}

}  // namespace rlcm::cli
