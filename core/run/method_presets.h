#pragma once
#include <vector>

#include "core/run/presets.h"

namespace rlcm::run {

/// Studies whose settings methods change.
struct MethodStudies {
    RunConfig gentle;   ///< the first one
    RunConfig hasty;    ///< of reward hacking
    RunConfig aligned;  ///< of agreement with the prompt, a reward that has a gradient
};
/// Presets that change one thing about a study.
std::vector<Preset> methodPresets(const MethodStudies& studies);

}  // namespace rlcm::run
