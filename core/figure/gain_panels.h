#pragma once
// A figure of over-optimisation: how far a policy has gone from the base model, and what reward and judges gained on the way.
#include <vector>

#include "core/figure/panels.h"

namespace rlcm::figure {

/// One panel: for each series and run the gain since before training over sqrt(path KL), in deviations between the images before training; for each measure the
/// fit over the points of all runs, dashed, and where it has a peak a vertical line. A measure whose spread between images is not known is left out, and so are
/// evaluations without a path KL. throws: Store for a run that is not there or when nothing is left to draw.
std::vector<Panel> readGainPanels(const store::StoreReader& reader, const FigureSpec& spec);
/// Measures whose gain can be drawn: the reward's mean, the judge model's agreement, and what the judges of a run say.
std::vector<std::string> gainMeasures(const store::StoreReader& reader, const run::RunId& id);

}  // namespace rlcm::figure
