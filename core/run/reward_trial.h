#pragma once
// What scoring a handful of images tells about a reward: asked for by the window and by `rlcm score`.
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/run/run_config.h"

namespace rlcm::image {
struct Rgb8Image;
}

namespace rlcm::run {

/// Somebody waits for the answer of a trial: it gives up on a silent server or program much sooner than a run does. In seconds, at most:
inline constexpr double kTrialPatience = 10.0;      ///< of failing attempts
inline constexpr double kShownTrialPatience = 5.0;  ///< the same where the window shows the trial
inline constexpr double kShownTrialAnswer = 30.0;   ///< for one answer there

/// Scores of a few images, same order.
struct RewardTrial {
    std::vector<double> totals;                                      ///< weighted sums, as the trainer maximises them
    std::vector<std::pair<std::string, std::vector<double>>> terms;  ///< the unweighted terms
    double loadSeconds = 0;                                          ///< opening files, starting programs
    double millisecondsPerImage = 0;                                 ///< scoring alone
};

/// Scores images under a reward, one prompt an image. Blocks until done: call it on a thread of its own.
/// throws: Error naming setting, file or image.
using RewardTester = std::function<RewardTrial(const RewardConfig&, const std::vector<image::Rgb8Image>&, const std::vector<std::string>& prompts)>;

}  // namespace rlcm::run
