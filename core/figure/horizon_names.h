#pragma once
// Inside core/figure only: names of groups that have method and horizon in common.
#include <optional>
#include <span>

#include "core/figure/horizons.h"
#include "core/run/run_config.h"

namespace rlcm::figure {

/// Where several groups have one label, each gets the settings added in which they differ: `apart` "0.01", label "RLCM H4, learning_rate 0.01". Its id where
/// that does not tell them apart, or would be long. `configs`: of the groups, nothing where a run cannot be read.
void tellApart(std::span<HorizonGroup> groups, std::span<const std::optional<run::RunConfig>> configs);

}  // namespace rlcm::figure
