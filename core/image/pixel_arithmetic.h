#pragma once
// Two pictures of one size against each other, number by number. Pure functions; thread: any. throws: Shape for pictures of unlike sizes.
#include "core/image/rgb8_image.h"

namespace rlcm::image {

/// |a - b| times `gain` in each channel, 255 at most.
Rgb8Image absoluteDifference(const Rgb8Image& a, const Rgb8Image& b, int gain = 1);
/// Mean of |a - b| over all channels of all pixels, 0 (the same) to 1 (black against white).
double meanAbsoluteDifference(const Rgb8Image& a, const Rgb8Image& b);
/// a (1 - share) + b share, rounded; `share` 0..1.
Rgb8Image blended(const Rgb8Image& a, const Rgb8Image& b, double share);

}  // namespace rlcm::image
