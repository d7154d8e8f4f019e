#pragma once
// One training run on the calling thread, recorded in a workspace and told on the console.
#include <filesystem>
#include <functional>

#include "core/run/run.h"

namespace rlcm::cli {

struct SessionOptions {
    std::filesystem::path workspace;
    bool isJson = false;                          ///< events on standard output instead of a progress line
    bool allowsChangedInputs = false;             ///< a resume goes on although files that it reads are others now
    std::function<void(run::RunConfig&)> adjust;  ///< changes to the stored config for this process (device, threads); may be empty
};

/// Claims the run, trains it to its end (or resumes it from its newest checkpoint) and returns an ExitCode. The first SIGINT ends
/// it after the current epoch; SIGTERM, SIGHUP and a second signal end it now. Finished epochs stay.
/// throws: Store when another live process owns it, Config.
int trainRun(const run::RunId& id, const SessionOptions& options);

}  // namespace rlcm::cli
