#pragma once
#include <vector>

#include "core/run/presets.h"

namespace rlcm::run {

/// Presets that change one thing about the first study, `gentle`, or about that of reward hacking, `hasty`.
std::vector<Preset> methodPresets(const RunConfig& gentle, const RunConfig& hasty);

}  // namespace rlcm::run
