#include "core/study/findings.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "core/figure/clock.h"
#include "core/run/measures.h"

namespace rlcm::study {
namespace {

/// The best value so far at which the judge was content, for each value; NaN before there is one.
std::vector<double> bestWhileRecognised(const std::vector<store::ScalarRow>& values, const std::vector<store::ScalarRow>& judge, bool isLowerBetter) {
    std::map<std::int64_t, double> recognised;
    for (const store::ScalarRow& row : judge) {
        recognised[row.counters.epoch] = row.value;
    }
    double best = std::numeric_limits<double>::quiet_NaN();
    std::vector<double> result;
    for (const store::ScalarRow& row : values) {
        const auto now = recognised.find(row.counters.epoch);
        const bool isContent = now != recognised.end() && now->second >= Findings::kJudgeShare * judge.front().value;
        const bool isBetter = std::isnan(best) || (isLowerBetter ? row.value < best : row.value > best);
        best = isContent && isBetter ? row.value : best;
        result.push_back(best);
    }
    return result;
}

/// By run; empty where there is none.
std::vector<std::string> machinesOf(const std::vector<std::optional<store::RunRow>>& runs) {
    std::vector<std::string> machines;
    std::transform(runs.begin(), runs.end(), std::back_inserter(machines), [](const auto& run) { return run ? figure::machineOf(*run) : std::string(); });
    return machines;
}

}  // namespace

Findings::Findings(Plan plan, const store::StoreReader& reader)
    : m_plan(std::move(plan)),
      m_reader(reader),
      m_runs(matchRuns(m_plan, reader.runs())),
      m_machines(machinesOf(m_runs)),
      m_clock(figure::clockOf(m_machines)) {}

bool Findings::isOnClock(std::size_t run) const {
    return m_runs.at(run) && m_machines[run] == m_clock;
}

std::vector<std::size_t> Findings::runsOf(std::size_t cell) const {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < m_runs.size(); ++i) {
        if (m_plan.runs[i].cell == cell && m_runs[i]) {
            places.push_back(i);
        }
    }
    return places;
}

const std::vector<store::ScalarRow>& Findings::values(std::size_t run, const std::string& measure) const {
    const auto [at, isNew] = m_values.try_emplace({run, measure});
    if (isNew && m_runs.at(run)) {
        at->second = m_reader.scalars(m_runs[run]->id, measure);
    }
    return at->second;
}

figure::Curve Findings::curve(std::size_t run, const std::string& measure, bool isJudgeControlled, const std::string& counter) const {
    const run::CounterField& axis = run::counterField(counter);
    if (axis.isSeconds() && !isOnClock(run)) {
        return {};
    }
    const std::vector<store::ScalarRow>& rows = values(run, measure);
    figure::Curve curve;
    for (const store::ScalarRow& row : rows) {
        curve.x.push_back(axis.value(row.counters));
        curve.y.push_back(row.value);
    }
    if (isJudgeControlled) {
        const run::Measure* known = run::findMeasure(measure);
        const auto& judge = values(run, std::string(run::measure::kEvalJudgeAccuracy));
        curve.y = bestWhileRecognised(rows, judge, known != nullptr && known->better == run::Better::Lower);
    }
    return curve;
}

}  // namespace rlcm::study
