#include "app/cli/study_run.h"

#include <algorithm>
#include <iostream>

#include "app/cli/commands.h"
#include "app/cli/run_session.h"
#include "app/cli/text_table.h"
#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/plain_text.h"
#include "core/run/run_event.h"
#include "core/store/workspace.h"

namespace rlcm::cli {
namespace {

using FoundRuns = std::vector<std::optional<store::RunRow>>;

FoundRuns findRuns(const study::Plan& plan, const std::filesystem::path& workspace) {
    return study::matchRuns(plan, store::StoreReader(workspace).runs());
}

/// Makes the planned runs that are not there.
void createMissing(const study::Plan& plan, const std::filesystem::path& workspace) {
    store::StoreEditor editor(workspace, store::Patience::Minutes);
    const FoundRuns found = findRuns(plan, workspace);
    for (std::size_t i = 0; i < plan.runs.size(); ++i) {
        if (!found[i]) {
            editor.createRun(plan.runs[i].config);
        }
    }
}

/// ", about 12:30 left", shared with the processes that train runs of the study already.
std::string timeLeft(const study::Progress& progress, const FoundRuns& runs) {
    const auto others = std::count_if(runs.begin(), runs.end(), [](const auto& run) { return run && run::isLive(run->state); });
    const std::string text = ", about " + durationText(progress.secondsLeft / static_cast<double>(others + 1)) + " left";
    return progress.secondsLeft > 0 ? text + (others > 0 ? " with " + std::to_string(others + 1) + " at work" : "") : "";
}

void tellProgress(const study::Plan& plan, const FoundRuns& runs, bool isJson) {
    const study::Progress progress = study::progressOf(plan, runs);
    if (isJson) {
        std::cout << Json{{"event", "study"},          {"study", plan.study.name},
                          {"runs", plan.runs.size()},  {"finished", progress.finished},
                          {"failed", progress.failed}, {"seconds_left", progress.secondsLeft}}
                         .dump()
                  << std::endl;
        return;
    }
    std::cerr << plan.study.name << ": " << progress.finished << " of " << plan.runs.size() << " runs finished"
              << (progress.failed > 0 ? ", " + std::to_string(progress.failed) + " failed" : "") << timeLeft(progress, runs) << '\n';
}

/// Whether this process has nothing to do for a run, and says why if that is not plain.
bool isLeftOut(const store::RunRow& row, bool retriesFailed) {
    if (row.state == run::RunState::Finished) {
        return true;
    }
    if (run::isLive(row.state)) {
        std::cerr << row.id << " is running in another process and is left to it\n";
        return true;
    }
    if (row.state == run::RunState::Failed && !retriesFailed) {
        std::cerr << row.id << " has failed before (" << printable(row.error) << "); `rlcm study resume` tries it again\n";
        return true;
    }
    return false;
}

int trainOne(const run::RunId& id, const StudyRunOptions& options) {
    const auto adjust = [&](run::RunConfig& config) {
        config.compute.device = options.device.value_or(config.compute.device);
        config.compute.threads = options.threads.value_or(config.compute.threads);
    };
    try {
        return trainRun(id, {options.workspace, options.isJson, false, adjust});
    } catch (const Error& problem) {
        std::cerr << "rlcm: " << id << ": " << problem.what() << '\n';
        return kFailed;
    }
}

}  // namespace

int runStudy(const study::Plan& plan, const StudyRunOptions& options) {
    for (const std::string& note : plan.notes) {
        std::cerr << note << '\n';
    }
    createMissing(plan, options.workspace);
    for (std::size_t i = 0; i < plan.runs.size(); ++i) {
        // Asked again each time: another process may have worked on the same study meanwhile.
        const FoundRuns runs = findRuns(plan, options.workspace);
        if (!runs[i] || isLeftOut(*runs[i], options.retriesFailed)) {
            continue;
        }
        tellProgress(plan, runs, options.isJson);
        if (trainOne(runs[i]->id, options) == kStopped) {
            std::cerr << "the study was stopped; `rlcm study run` goes on where it was\n";
            return kStopped;
        }
    }
    const FoundRuns runs = findRuns(plan, options.workspace);
    tellProgress(plan, runs, options.isJson);
    return study::progressOf(plan, runs).finished == static_cast<int>(plan.runs.size()) ? kDone : kFailed;
}

}  // namespace rlcm::cli
