#pragma once
// What watches a run. A rule is fed finished epochs and evaluations in order, live or from the store alike, and says when something is wrong.
#include <memory>
#include <optional>
#include <vector>

#include "core/run/run_event.h"

namespace rlcm::health {

/// Pure and streaming: what it says depends on the settings and on what it was fed alone. Not thread safe.
class Rule {
public:
    /// `action`: what is done when it raises an alert, by whoever feeds it.
    explicit Rule(run::AlarmAction action) : m_action(action) {}
    virtual ~Rule() = default;
    run::AlarmAction action() const { return m_action; }
    virtual std::optional<run::AlertRaised> feed(const run::EpochDone&) { return std::nullopt; }
    virtual std::optional<run::AlertRaised> feed(const run::EvaluationDone&) { return std::nullopt; }

private:
    run::AlarmAction m_action;
};

/// A loss, gradient or reward that is no number. Once a run.
std::unique_ptr<Rule> makeNotFinite(run::AlarmAction action);
/// The reward rises while a judge, which is never optimised, no longer recognises the prompts or gives lower scores: both as change since the judge's first
/// evaluation, in deviations between its images (core/health/hacking.cpp). Each judge has an alarm of its own; runs without one are not watched.
std::unique_ptr<Rule> makeHacking(const run::AlarmSetting& setting);
/// The rules that are one number with a level (core/health/level_rules.cpp), but those that are off.
std::vector<std::unique_ptr<Rule>> makeLevelRules(const run::RunConfig& config);

/// All rules that the settings have not switched off, fresh.
std::vector<std::unique_ptr<Rule>> makeRules(const run::RunConfig& config);

}  // namespace rlcm::health
