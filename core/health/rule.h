#pragma once
// What watches a run. A rule is fed finished epochs and evaluations in order, live or from the store alike, and says when something is wrong.
#include <memory>
#include <optional>
#include <vector>

#include "core/run/run_event.h"

namespace rlcm::health {

/// Pure and streaming: what it says depends on what it was fed alone. Not thread safe.
class Rule {
public:
    virtual ~Rule() = default;
    virtual std::optional<run::AlertRaised> feed(const run::EpochDone&) { return std::nullopt; }
    virtual std::optional<run::AlertRaised> feed(const run::EvaluationDone&) { return std::nullopt; }
};

/// A loss, gradient or reward that is no number. Once a run.
std::unique_ptr<Rule> makeNotFinite();
/// The reward rises while a judge, which is never optimised, no longer recognises the prompts or gives lower scores: both as change since the judge's first
/// evaluation, in deviations between its images (core/health/hacking.cpp). Each judge has an alarm of its own; runs without one are not watched.
std::unique_ptr<Rule> makeHacking();

/// All rules, fresh. A new rule is a file here and a line in makeRules().
std::vector<std::unique_ptr<Rule>> makeRules();

}  // namespace rlcm::health
