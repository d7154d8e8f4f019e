#pragma once
#include <QTemporaryDir>
#include <filesystem>
#include <utility>
#include <vector>

#include "core/study/answers.h"
#include "tests/core/study/study_fixture.h"

namespace rlcm::test {

/// A study of its own workspace, and the answers of its runs.
struct StudyDesk {
    explicit StudyDesk(Json studied) : json(std::move(studied)), workspace(std::filesystem::path(folder.path().toStdString()) / "w") {
        store::StoreEditor editor(workspace);  // makes it
    }
    study::Plan planWith(std::int64_t seeds) const {
        Json withSeeds = json;
        withSeeds["seeds"] = seeds;
        return study::makePlan(studyOf(withSeeds));
    }
    std::vector<study::Answer> answersIn(const study::Plan& plan) const {
        const store::StoreReader reader(workspace);
        return study::answersOf(study::Findings(plan, reader));
    }
    std::vector<study::Answer> answersTo(std::int64_t seeds, const OutcomeOf& outcome) const {
        const study::Plan plan = planWith(seeds);
        writeRuns(workspace, plan, outcome);
        return answersIn(plan);
    }

    QTemporaryDir folder;
    Json json;
    std::filesystem::path workspace;
};

}  // namespace rlcm::test
