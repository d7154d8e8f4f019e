#pragma once
// What a workspace knows of a study's runs, read once.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/figure/statistics.h"
#include "core/run/best_evaluation.h"
#include "core/run/counters.h"
#include "core/store/workspace.h"
#include "core/study/plan.h"

namespace rlcm::study {

/// The runs of a plan in a workspace. Belongs to the reader's thread; the reader must outlive it.
class Findings {
public:
    Findings(Plan plan, const store::StoreReader& reader);

    const Plan& plan() const { return m_plan; }
    /// As plan().runs; nothing where a run has not been made.
    const std::vector<std::optional<store::RunRow>>& runs() const { return m_runs; }
    const store::StoreReader& reader() const { return m_reader; }
    /// Places in runs() of a cell's runs that exist, by seed.
    std::vector<std::size_t> runsOf(std::size_t cell) const;
    /// What was measured in a run; empty for one that does not exist.
    const std::vector<store::ScalarRow>& values(std::size_t run, const std::string& measure) const;
    /// The machine on which most of the runs were made, see figure::clockOf.
    const std::string& clock() const { return m_clock; }
    /// Whether a run exists and its seconds can be compared with those of the others: it was made on clock().
    bool isOnClock(std::size_t run) const;
    /// The same over a counter; empty over seconds of another machine than clock(). `isJudgeControlled`: at each evaluation the best value so far at which the judge model still recognised kJudgeShare of what it
    /// did before training; no points without a judge.
    figure::Curve curve(std::size_t run, const std::string& measure, bool isJudgeControlled, const std::string& counter) const;

    static constexpr double kJudgeShare = run::kRecognisedShare;

private:
    Plan m_plan;
    const store::StoreReader& m_reader;
    std::vector<std::optional<store::RunRow>> m_runs;
    std::vector<std::string> m_machines;  // as m_runs
    std::string m_clock;
    mutable std::map<std::pair<std::size_t, std::string>, std::vector<store::ScalarRow>> m_values;  // what has been read
};

}  // namespace rlcm::study
