#include "ui/studies/study_cards.h"

#include "core/base/error.h"
#include "core/study/library.h"

namespace rlcm::ui {
namespace {

/// A record that no longer fits the study answers nothing.
std::optional<RecordedAnswers> readRecord(const std::string& name) {
    const std::optional<std::filesystem::path> folder = study::recordOf(name);
    if (!folder) {
        return std::nullopt;
    }
    const store::StoreReader reader(*folder);
    const study::Findings findings(study::makePlan(study::findStudy(name)), reader);
    const int finished = study::progressOf(findings.plan(), findings.runs()).finished;
    return finished == 0 ? std::nullopt : std::optional(RecordedAnswers{*folder, findings.plan(), finished, study::answersOf(findings)});
}

}  // namespace

std::vector<StudyCard> readStudies(const store::StoreReader& reader) {
    const std::vector<store::RunRow> rows = reader.runs();
    std::vector<StudyCard> cards;
    for (const study::StudyFile& file : study::studyFiles()) {
        StudyCard card{.name = file.name, .title = file.name, .error = {}, .plan = {}, .progress = {}, .isRecorded = study::recordOf(file.name).has_value()};
        try {
            card.plan = study::makePlan(study::readStudy(file.file));
            card.title = card.plan->study.title;
            card.progress = study::progressOf(*card.plan, study::matchRuns(*card.plan, rows));
        } catch (const Error& error) {
            card.error = error.what();
        }
        cards.push_back(std::move(card));
    }
    return cards;
}

StudyDetail readStudy(const store::StoreReader& reader, const std::string& name, int seeds) {
    study::Study study = study::findStudy(name);
    study.seeds = seeds > 0 ? seeds : study.seeds;
    const study::Findings findings(study::makePlan(study), reader);
    StudyDetail detail{.plan = findings.plan(), .runs = findings.runs(), .progress = {}, .answers = {}, .record = {}};
    detail.progress = study::progressOf(detail.plan, detail.runs);
    if (detail.progress.finished > 0) {
        detail.answers = study::answersOf(findings);
    } else {
        detail.record = readRecord(name);
    }
    return detail;
}

std::vector<std::size_t> openRuns(const StudyDetail& detail) {
    std::vector<std::size_t> open;
    for (std::size_t i = 0; i < detail.runs.size(); ++i) {
        const std::optional<store::RunRow>& run = detail.runs[i];
        const bool isSettled = run && (run->state == run::RunState::Finished || run->state == run::RunState::Failed);
        if (!isSettled && !(run && (run::isLive(run->state) || run->queuePosition > 0))) {
            open.push_back(i);
        }
    }
    return open;
}

int queueStudy(store::StoreEditor& editor, const StudyDetail& detail) {
    const std::vector<std::size_t> open = openRuns(detail);
    for (const std::size_t i : open) {
        editor.enqueue(detail.runs[i] ? detail.runs[i]->id : editor.createRun(detail.plan.runs[i].config));
    }
    return static_cast<int>(open.size());
}

}  // namespace rlcm::ui
