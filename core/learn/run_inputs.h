#pragma once
// What a run reads besides its settings: prompts, weights, scorers. A resume with other contents would draw one curve of two runs.
#include <future>
#include <map>
#include <string>
#include <vector>

#include "core/run/run_config.h"

namespace rlcm::learn {

/// Name of the setting -> SHA-256 over the contents that it names: prompt lists as they are read, the files of model folders, score heads,
/// and the script or binary of a reward program. What a server answers cannot be known. throws: Io, Config, Format.
using RunInputs = std::map<std::string, std::string>;
RunInputs readRunInputs(const run::RunConfig& config);

/// The settings whose contents differ; a setting that one side does not know is not compared (older checkpoints have none).
std::vector<std::string> changedInputs(const RunInputs& before, const RunInputs& now);

/// readRunInputs() beside the loading of the models: gigabytes take seconds.
std::shared_future<RunInputs> readRunInputsBeside(const run::RunConfig& config);

}  // namespace rlcm::learn
