#include "core/rewards/trial.h"

#include <algorithm>
#include <chrono>

#include "core/base/error.h"
#include "core/base/machine.h"
#include "core/run/field_table.h"
#include "core/tensor/device.h"
#include "core/tensor/torch.h"

namespace rlcm::rewards {
namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

run::RewardTrial tryReward(const run::RewardConfig& config, const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts,
                           const std::string& device, int threads) {
    if (images.empty() || images.size() != prompts.size()) {
        throw Error(ErrorKind::Config, std::to_string(images.size()) + " images and " + std::to_string(prompts.size()) +
                                           " prompts: at least one image, and one prompt for each, are needed");
    }
    run::RunConfig settings;
    settings.reward = config;
    run::requireValid(settings);

    const int cores = usableCores();
    const Place place{tensor::parseDevice(device.empty() ? "auto" : device).str(), threads > 0 ? threads : cores};
    run::RewardTrial trial;
    run::RewardConfig hasty = config;
    hasty.serverPatience = std::min(config.serverPatience, run::kTrialPatience);
    const Clock::time_point start = Clock::now();
    RewardPool pool(hasty, place);
    trial.loadSeconds = secondsSince(start);

    const Clock::time_point loaded = Clock::now();
    Scores scores = pool.submit(images, prompts).get();
    trial.millisecondsPerImage = 1000 * secondsSince(loaded) / static_cast<double>(images.size());
    trial.totals = std::move(scores.total);
    trial.terms = std::move(scores.terms);
    return trial;
}

}  // namespace rlcm::rewards
