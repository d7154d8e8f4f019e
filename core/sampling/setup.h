#pragma once
// What a run computes with, made from its config: models, policy, prompts, adapter.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <ATen/core/Tensor.h>

#include "core/diffusion/policy.h"
#include "core/models/pipeline.h"
#include "core/run/run_config.h"

namespace rlcm::sampling {

/// Threads a config asks for: its number, or all cores.
int threadCount(const run::RunConfig& config);
/// throws: Config when a precision cannot be used on a device: fp16 wants a GPU, and auto has to be decided before.
void requireDtype(run::Dtype dtype, at::Device device);
/// Loads the model of a config, `kept` merged into its UNet. throws: Config when its kind does not fit the algorithm (RLCM wants a consistency model, DDPO a
/// diffusion model), Io, Format.
models::Pipeline loadModel(const run::RunConfig& config, const models::LoraModules& kept = {});
/// DDIM on the timesteps of a model's scheduler, with the last step as in training.
diffusion::DdimOptions ddimOptions(const models::SchedulerConfig& scheduler, std::int64_t steps, double eta);
/// The policy of a config on a device.
std::unique_ptr<diffusion::Policy> makePolicy(const run::RunConfig& config, const models::Pipeline& pipeline, at::Device device);
/// throws: Config when a step that may be trained has no noise: the log-probability of what it does is infinite or no number.
void requireTrainable(const run::RunConfig& config, const diffusion::Policy& policy, at::Device device);
/// Steps of a trajectory that may enter the loss: 0 .. n-1.
std::int64_t trainableSteps(const run::RunConfig& config, const diffusion::Policy& policy);

/// Prompts of a run with their embeddings and statistics keys.
struct PromptTable {
    std::vector<std::string> texts;
    std::vector<std::string> keys;        ///< text of the first 50 tokens: the key of per-prompt statistics
    std::string tooLong;                  ///< a sentence about prompts whose ends the model does not read; empty when there are none
    models::PromptEmbeddings embeddings;  ///< [P,...] f32 on the run's device
    models::PromptEmbeddings none;        ///< one row: no prompt
};
PromptTable makePromptTable(const models::Pipeline& pipeline, std::vector<std::string> texts, at::Device device);

}  // namespace rlcm::sampling
