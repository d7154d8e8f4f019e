#pragma once
// The runs of a study, one after the other, recorded in a workspace.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "core/study/plan.h"

namespace rlcm::cli {

struct StudyRunOptions {
    std::filesystem::path workspace;
    std::optional<std::string> device;
    std::optional<std::int64_t> threads;
    bool retriesFailed = false;  ///< goes on with runs that have failed
    bool isJson = false;
};

/// Makes the runs that the workspace lacks and trains all that are not finished; those of another living process are left to it. Tells what is done and what
/// is left before each of them. Returns an ExitCode: stopped after Ctrl+C, failed when a run of the study has failed. throws: Store, Config.
int runStudy(const study::Plan& plan, const StudyRunOptions& options);

}  // namespace rlcm::cli
