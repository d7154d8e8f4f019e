// source: the schedulers of diffusers 0.42.1 and StableDiffusionPipeline.__init__.
#include "core/models/scheduler_config.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/shapes/config_reader.h"

namespace rlcm::models {
namespace {

/// Class defaults that differ. All of these sample the same model: they share the noise schedule that it was trained on.
struct SchedulerClass {
    std::string_view name;
    Spacing spacing;
    bool endsClean, clips;
};
constexpr std::array<SchedulerClass, 20> kClasses{{
    {"LCMScheduler", Spacing::Leading, true, false},
    {"DDIMScheduler", Spacing::Leading, true, true},
    {"DDIMParallelScheduler", Spacing::Leading, true, true},
    {"DDIMInverseScheduler", Spacing::Leading, true, true},
    {"DDPMScheduler", Spacing::Leading, true, true},
    {"DDPMParallelScheduler", Spacing::Leading, true, true},
    {"PNDMScheduler", Spacing::Leading, false, false},
    {"DEISMultistepScheduler", Spacing::Linspace, true, false},
    {"DPMSolverMultistepScheduler", Spacing::Linspace, true, false},
    {"DPMSolverMultistepInverseScheduler", Spacing::Linspace, true, false},
    {"DPMSolverSDEScheduler", Spacing::Linspace, true, false},
    {"DPMSolverSinglestepScheduler", Spacing::Leading, true, false},
    {"EulerAncestralDiscreteScheduler", Spacing::Linspace, true, false},
    {"EulerDiscreteScheduler", Spacing::Linspace, true, false},
    {"HeunDiscreteScheduler", Spacing::Linspace, true, false},
    {"KDPM2AncestralDiscreteScheduler", Spacing::Linspace, true, false},
    {"KDPM2DiscreteScheduler", Spacing::Linspace, true, false},
    {"LMSDiscreteScheduler", Spacing::Linspace, true, false},
    {"SASolverScheduler", Spacing::Linspace, true, false},
    {"UniPCMultistepScheduler", Spacing::Linspace, true, false},
}};

const SchedulerClass& readClass(const shapes::ConfigReader& reader) {
    const std::string name = reader.text("_class_name", "");
    const auto found = std::find_if(kClasses.begin(), kClasses.end(), [&](const SchedulerClass& one) { return one.name == name; });
    if (found == kClasses.end()) {
        reader.refuse("_class_name",
                      "only LCMScheduler, DDIMScheduler and the schedulers that sample the same models (PNDM, DDPM, DPMSolver, Euler, Heun, LMS, KDPM2, UniPC, "
                      "DEIS, SASolver) are supported");
    }
    return *found;
}

Spacing readSpacing(const shapes::ConfigReader& reader, Spacing fallback) {
    reader.only("timestep_spacing", {"leading", "linspace", "trailing"});
    const std::string name = reader.text("timestep_spacing", "");
    return name.empty() ? fallback : name == "leading" ? Spacing::Leading : name == "linspace" ? Spacing::Linspace : Spacing::Trailing;
}

double readBeta(const shapes::ConfigReader& reader, const char* key, double fallback) {
    const double beta = reader.number(key, fallback);
    if (beta <= 0.0 || beta >= 1.0) {
        reader.refuse(key, "a number between 0 and 1 is wanted");
    }
    return beta;
}

/// The schedule itself and what the network predicts.
void readSchedule(const shapes::ConfigReader& reader, SchedulerConfig& config) {
    // The class defaults differ: LCM's are those of Stable Diffusion, the others' are the original paper's.
    config.trainSteps = reader.integer("num_train_timesteps", 1000, 2, 1'000'000);
    config.betaStart = readBeta(reader, "beta_start", config.isLcm() ? 0.00085 : 0.0001);
    config.betaEnd = readBeta(reader, "beta_end", config.isLcm() ? 0.012 : 0.02);
    if (config.betaEnd < config.betaStart) {
        reader.refuse("beta_end", "it must not be smaller than beta_start");
    }
    reader.only("beta_schedule", {"scaled_linear"});
    if (!config.isLcm() && !reader.has("beta_schedule")) {
        reader.refuse("beta_schedule", "without it the schedule is linear, and only scaled_linear is supported");
    }
    reader.only("trained_betas", {});
    reader.only("rescale_betas_zero_snr", {false});
    reader.only("prediction_type", {"epsilon"});
    reader.only("variance_type", {"fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log"});
    reader.only("thresholding", {false});
}

std::string_view adviceFor(std::string_view key) {
    struct Row {
        std::string_view key, advice;
    };
    constexpr std::array<Row, 8> kRows{{
        {"prediction_type", "The model predicts something else than the noise; take one that was trained with prediction_type epsilon."},
        {"variance_type", "The model predicts variances too; take one that predicts the noise alone."},
        {"beta_schedule",
         "Models shaped like Stable Diffusion were trained with beta_schedule scaled_linear: write that if this one was, else take another model."},
        {"trained_betas", "The noise schedule is one of its own; take a model that was trained with beta_schedule scaled_linear."},
        {"rescale_betas_zero_snr", "The model was trained on a schedule that ends in pure noise; take one without."},
        {"clip_sample", "Write \"clip_sample\": false there: latents are not bounded by 1."},
        {"thresholding", "Write \"thresholding\": false there: it is for models of pixels, not of latents."},
        {"_class_name",
         "Save the pipeline with a scheduler of the same model: pipe.scheduler = DDIMScheduler.from_config(pipe.scheduler.config), then "
         "pipe.save_pretrained(FOLDER)."},
    }};
    const auto found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) { return row.key == key; });
    return found != kRows.end() ? found->advice : "Correct that value, or take scheduler_config.json from where the model is from.";
}

}  // namespace

SchedulerConfig SchedulerConfig::fromJson(const Json& json, std::string_view where, std::string_view pipelineClass) {
    const shapes::ConfigReader reader(json, where, adviceFor);
    const SchedulerClass& defaults = readClass(reader);
    SchedulerConfig config;
    config.className = defaults.name;
    readSchedule(reader, config);
    const bool isCorrected = pipelineClass == "StableDiffusionPipeline";
    const std::int64_t offset = reader.integer("steps_offset", 0, 0, config.trainSteps);
    config.stepsOffset = isCorrected ? 1 : offset;
    if (!isCorrected && reader.boolean("clip_sample", defaults.clips)) {
        reader.refuse("clip_sample", "latents are not clipped here, so only false is supported");
    }
    if (config.isLcm()) {
        config.originalInferenceSteps = reader.integer("original_inference_steps", 50, 1, config.trainSteps);
        config.timestepScaling = reader.number("timestep_scaling", 10.0);
        return config;
    }
    config.spacing = readSpacing(reader, defaults.spacing);
    config.endsClean = reader.boolean("set_alpha_to_one", defaults.endsClean);
    return config;
}

SchedulerConfig SchedulerConfig::load(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "scheduler" / "scheduler_config.json", indexFile = folder / "model_index.json";
    const Json index = readPythonJsonFile(indexFile);
    Json json = readPythonJsonFile(file);
    const Json entry = index.value("scheduler", Json::array());
    const std::string named = entry.is_array() && entry.size() == 2 && entry[1].is_string() ? entry[1].get<std::string>() : "";
    if (json.is_object() && !json.contains("_class_name")) {
        json["_class_name"] = named;
    }
    const SchedulerConfig config = fromJson(json, file.string(), shapes::ConfigReader(index, indexFile.string()).text("_class_name", ""));
    if (named.empty() || named == config.className) {
        return config;
    }
    if ((named == "LCMScheduler") != config.isLcm()) {
        throw Error(
            ErrorKind::Format,
            file.string() + ": the scheduler is said to be " + config.className + " here and " + named + " in model_index.json; write the same class in both",
            {.advice = kSchedulerClassAdvice});
    }
    // The index decides, as in the library; its class has defaults of its own.
    json["_class_name"] = named;
    return fromJson(json, indexFile.string() + ", scheduler with the settings of " + file.string(), index.value("_class_name", ""));
}

}  // namespace rlcm::models
