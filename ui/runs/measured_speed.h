#pragma once
// How long earlier runs of a workspace took, against what was forecast for them.
#include <optional>
#include <string>
#include <vector>

#include "core/run/run_config.h"
#include "core/store/workspace.h"

namespace rlcm::ui {

/// One earlier run and its speed.
struct MeasuredSpeed {
    std::string run;                      ///< its name
    std::string model, device;            ///< a forecast holds for the same ones only
    run::Dtype dtype = run::Dtype::Fp32;  ///< and for this precision
    double factor = 1;                    ///< measured seconds for each forecast second
    bool operator==(const MeasuredSpeed&) const = default;
};

/// The newest run for each model, device and precision with at least three epochs, out of the newest 500.
std::vector<MeasuredSpeed> measuredSpeeds(const std::vector<store::RunRow>& runs);
/// The one that tells how long `config` will take.
std::optional<MeasuredSpeed> speedOf(const std::vector<MeasuredSpeed>& speeds, const run::RunConfig& config);

}  // namespace rlcm::ui
