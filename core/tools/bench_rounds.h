#pragma once
// Training rounds of a config without store or files, one after the other. Private to core/tools.
#include <stop_token>

#include "core/learn/learner.h"
#include "core/run/run.h"
#include "core/sampling/session.h"

namespace rlcm::tools {

struct TimedRound {
    double seconds = 0;  ///< by the clock
    learn::RoundResult result;
};

/// Loads the model when it is made. thread: one. throws: as a run.
class BenchRounds {
public:
    explicit BenchRounds(const run::RunConfig& config);

    /// The next round, counted from 0, which its random numbers depend on.
    TimedRound next();
    std::string planText() const { return m_learner.planText(); }

private:
    double m_learningRate;
    run::RunCommands m_commands;
    sampling::Gate m_gate;
    sampling::Session m_session;
    models::Pipeline m_pipeline;
    learn::Learner m_learner;
    std::uint64_t m_round = 0;
};

}  // namespace rlcm::tools
