#pragma once
#include <chrono>
#include <limits>
#include <string>

#include "core/run/run.h"

namespace rlcm::cli {

/// Tells a person on standard error how a run goes: one line that renews itself on a terminal, one line per epoch elsewhere.
class ConsolePrinter : public run::RunObserver {
public:
    /// `name`: of the run, shown once. `epochs`: planned.
    ConsolePrinter(std::string name, std::int64_t epochs);
    void onEvent(const run::RunEvent& event) noexcept override;

private:
    void print(const run::RunEvent& event);
    void printAbove(const std::string& line);
    void redraw(bool isForced);
    std::string epochLine(const run::EpochDone& event) const;
    std::string progressLine() const;

    std::string m_name;
    std::int64_t m_epochs;
    bool m_isTerminal;
    run::Progress m_progress;
    double m_reward = std::numeric_limits<double>::quiet_NaN();
    double m_evaluation = std::numeric_limits<double>::quiet_NaN(), m_firstEvaluation = m_evaluation;
    std::int64_t m_evaluatedEpoch = -1;
    bool m_hasLine = false;
    std::chrono::steady_clock::time_point m_lastDraw{};
};

}  // namespace rlcm::cli
