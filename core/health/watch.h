#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "core/health/rule.h"
#include "core/run/run.h"

namespace rlcm::health {

/// Tells a run's earlier epochs, as StoreReader::replay.
using History = std::function<void(const run::RunId&, run::RunObserver&)>;

/// Feeds all rules with a run's events and sends what they raise to `alerts`; unless a rule only marks, with a line for the log. As the last observer of a
/// fan-out that is `alerts` too, an alert follows the event that raised it, after the store has that one. A resumed run's rules first hear its `history` (may be
/// empty), whose alerts are known already. Rules that pause or stop do so by `commands` (may be null: a recorded run). thread: as RunObserver.
class Watch : public run::RunObserver {
public:
    Watch(run::RunObserver& alerts, const run::RunConfig& config, run::RunCommands* commands = nullptr, History history = {});
    void onEvent(const run::RunEvent& event) noexcept override;

private:
    void hear(const run::RunEvent& event, bool isHistory);
    template <typename Event>
    void feedAll(const Event& event, bool isHistory);
    void tell(const run::AlertRaised& alert, run::AlarmAction action);

    run::RunObserver& m_alerts;
    run::RunCommands* m_commands;
    History m_history;
    std::vector<std::unique_ptr<Rule>> m_rules;
};

}  // namespace rlcm::health
