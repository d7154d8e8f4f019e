#pragma once
#include <memory>
#include <vector>

#include "core/health/rule.h"
#include "core/run/run.h"

namespace rlcm::health {

/// Feeds all rules with a run's events and sends what they raise, with a line for the log, to `alerts`. As the last observer of a fan-out that is `alerts` too, an alert
/// follows the event that raised it, after the store has that one. thread: as RunObserver.
class Watch : public run::RunObserver {
public:
    explicit Watch(run::RunObserver& alerts) : m_alerts(alerts), m_rules(makeRules()) {}
    void onEvent(const run::RunEvent& event) noexcept override;

private:
    run::RunObserver& m_alerts;
    std::vector<std::unique_ptr<Rule>> m_rules;
};

}  // namespace rlcm::health
