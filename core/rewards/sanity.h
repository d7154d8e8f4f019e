#pragma once
// What a reward says of pictures that show nothing, and how much it changes when nothing changes: to be looked at before a run.
#include <string>
#include <vector>

#include "core/image/rgb8_image.h"
#include "core/run/reward_trial.h"

namespace rlcm::rewards {

/// Pictures of one kind against the base images.
struct SanityKind {
    std::string name;  ///< "white noise", "grey", "black", "inverted", "shuffled"
    double lowest = 0, mean = 0, highest = 0;
    bool isBelow = false;  ///< every one is below the 10th percentile of the base images
};
struct Sanity {
    double baseLowest = 0, baseMean = 0, baseHighest = 0, baseTenth = 0;
    double baseSpread = 0;  ///< population deviation between base images; of those of one prompt, mean over prompts, where prompts have several
    std::vector<SanityKind> kinds;
    /// Mean over base images of the population deviation of their scores under changes that keep what they show: JPEG of quality 95, a shift by a pixel in each
    /// of four directions, 9/8 of the size and back, one level brighter and darker.
    double noiseFloor = 0;
    /// A spread of less than two floors is hardly more than noise.
    bool isAboveFloor() const { return baseSpread >= 2 * noiseFloor; }
};

/// The changed pictures of one image, eight.
std::vector<image::Rgb8Image> unchangedInMeaning(const image::Rgb8Image& image);
/// Scores 14 pictures for each image, `score` as tryReward. `images`: of the model before training, one prompt each. throws: as `score`; Config without an image.
Sanity checkSanity(const run::RewardConfig& reward, const std::vector<image::Rgb8Image>& images, const std::vector<std::string>& prompts,
                   const run::RewardTester& score);

}  // namespace rlcm::rewards
