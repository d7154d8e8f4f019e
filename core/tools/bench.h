#pragma once
// Measurements for `rlcm bench`. No tensor is named here.
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/base/json.h"
#include "core/run/run_config.h"

namespace rlcm::tools {

/// Runs `warmup` and then `rounds` training rounds of a config without store or files and returns medians: images_per_s, seconds by
/// phase, counters per round, grad_norm, ratio_max_deviation. throws: as a run.
Json benchRounds(const run::RunConfig& config, int warmup, int rounds);
/// Plain sampling without training: latency and images per second for each batch size.
Json benchSampling(const run::RunConfig& config, const std::vector<int>& batches, int repeats);

/// How often timeImages() calls the sampler.
struct TimedCalls {
    int warmup = 5;  ///< not counted
    int timed = 30;
    int batch = 1;  ///< images of a call
};
/// Seconds an image takes to sample and decode with the settings' model, horizon and guidance, one for each timed call. `onCall` hears the number of calls done.
/// throws: Config, Io, Format, Device.
std::vector<double> timeImages(const run::RunConfig& config, const TimedCalls& calls, const std::function<void(int)>& onCall);
/// Threads that the settings compute with on this machine.
std::int64_t threadsOf(const run::RunConfig& config);

}  // namespace rlcm::tools
