#pragma once
// Whose seconds can be compared. Pure functions; thread: any.
#include <span>
#include <string>

#include "core/store/workspace.h"

namespace rlcm::figure {

/// What the seconds of a run depend on, in words: processor, GPU, torch with its device, and threads. What a run does not say is left out.
std::string machineOf(const store::RunRow& run);
/// Of the machines of some runs, empty where there is no run, the one that most were made on, of equals the first in the alphabet: only seconds of its runs are
/// compared. Empty without runs.
std::string clockOf(std::span<const std::string> machines);

}  // namespace rlcm::figure
