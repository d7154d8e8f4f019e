#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "core/health/rule.h"
#include "core/run/run.h"

namespace rlcm::health {

/// Tells a run's earlier epochs, as StoreReader::replay.
using History = std::function<void(const run::RunId&, run::RunObserver&)>;

/// Feeds all rules with a run's events and sends what they raise, with a line for the log, to `alerts`. As the last observer of a fan-out that is `alerts` too, an alert
/// follows the event that raised it, after the store has that one. A resumed run's rules first hear its `history` (may be empty), whose alerts are known already.
/// thread: as RunObserver.
class Watch : public run::RunObserver {
public:
    explicit Watch(run::RunObserver& alerts, History history = {});
    void onEvent(const run::RunEvent& event) noexcept override;

private:
    void hear(const run::RunEvent& event, run::RunObserver* alerts);

    run::RunObserver& m_alerts;
    History m_history;
    std::vector<std::unique_ptr<Rule>> m_rules;
};

}  // namespace rlcm::health
