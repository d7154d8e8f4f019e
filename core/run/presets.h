#pragma once
// Named starting points: `<reward>-<method>-<horizon>` for the bundled models, `paper-*` for the paper's settings.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/run/run_config.h"

namespace rlcm::run {

struct Preset {
    std::string name;   ///< as "compress-rlcm-h4"
    std::string title;  ///< for people
    std::string note;   ///< what it is for, what was measured with it (seeds, threads), what it costs
    RunConfig config;
};

/// All presets, the two-minute study first. thread: any.
const std::vector<Preset>& presets();
/// throws: Config naming the nearest preset.
const Preset& preset(std::string_view name);
/// The preset that the welcome page starts: "compress-gentle-rlcm-h4".
const Preset& firstStudy();

}  // namespace rlcm::run
