#pragma once
// The trainer seen from a front end: no tensor is named here.
#include <memory>

#include "core/run/run.h"

namespace rlcm::train {

/// Makes a run (a run::RunFactory). throws: Config when the config is not valid.
std::unique_ptr<run::Run> makeRun(const run::RunRequest& request, run::RunObserver& observer);

}  // namespace rlcm::train
