#pragma once
// What the page of studies shows, read in the background.
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/store/workspace.h"
#include "core/study/answers.h"
#include "core/study/plan.h"

namespace rlcm::ui {

/// A study of the list and how far a workspace is with it.
struct StudyCard {
    std::string name, title;
    std::string error;                ///< why it cannot be planned; then there is no plan
    std::optional<study::Plan> plan;  ///< with the seeds of its file
    study::Progress progress;
    bool isRecorded = false;  ///< runs of it came with the program
};
/// All studies that there are, shipped and the user's own. throws: Io, Store.
std::vector<StudyCard> readStudies(const store::StoreReader& reader);

/// What the runs that came with the program answer.
struct RecordedAnswers {
    std::filesystem::path workspace;
    study::Plan plan;
    int runs = 0;  ///< finished ones
    std::vector<study::Answer> answers;
};

/// One study in full, with so many seeds; 0: as its file says.
struct StudyDetail {
    study::Plan plan;
    std::vector<std::optional<store::RunRow>> runs;  ///< as plan.runs
    study::Progress progress;
    std::vector<study::Answer> answers;     ///< empty while no run has finished
    std::optional<RecordedAnswers> record;  ///< until then, where there is one
};
/// throws: Config, Io, Format, Store.
StudyDetail readStudy(const store::StoreReader& reader, const std::string& name, int seeds);

/// Places in the plan of runs that nobody has begun or goes on with: missing, stopped or interrupted ones. What has failed stays as it is.
std::vector<std::size_t> openRuns(const StudyDetail& detail);
/// Makes those of them that are not there, and queues them all in the order of the plan. How many. throws: Store.
int queueStudy(store::StoreEditor& editor, const StudyDetail& detail);

}  // namespace rlcm::ui
