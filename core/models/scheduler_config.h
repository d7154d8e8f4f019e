#pragma once
// What scheduler/scheduler_config.json of a pipeline says.
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/json.h"

namespace rlcm::models {

/// Where DDIM's timesteps lie, as the file names it.
enum class Spacing { Leading, Linspace, Trailing };

/// What to do when the scheduler's class does not suit the model, or its files name two.
constexpr const char* kSchedulerClassAdvice =
    "Write the class that the model is made for in both files, LCMScheduler for one that skips steps, or take unet and scheduler from one model.";

/// The noise schedule of a model and the rule that it is sampled with: that of LCMScheduler where the file names it, else DDIM's as
/// DDIMScheduler.from_config(file) has it.
struct SchedulerConfig {
    std::string className;  ///< LCMScheduler, DDIMScheduler, PNDMScheduler, ...
    std::int64_t trainSteps = 1000;
    double betaStart = 0.00085, betaEnd = 0.012;
    std::int64_t stepsOffset = 1;
    Spacing spacing = Spacing::Leading;
    bool endsClean = false;  ///< set_alpha_to_one; DDIM only
    std::int64_t originalInferenceSteps = 50;
    double timestepScaling = 10.0;
    bool isLcm() const { return className == "LCMScheduler"; }
    /// `pipelineClass`: StableDiffusionPipeline sets steps_offset to 1 and clip_sample to false, whatever the file says.
    /// throws: Format naming file, key and value for classes and settings that are not honoured.
    static SchedulerConfig fromJson(const Json& json, std::string_view where, std::string_view pipelineClass = "StableDiffusionPipeline");
    /// Of a pipeline's folder. model_index.json names the class too; the two must agree on the rule. throws: Io, Format.
    static SchedulerConfig load(const std::filesystem::path& folder);
};

}  // namespace rlcm::models
