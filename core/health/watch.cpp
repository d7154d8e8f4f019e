#include "core/health/watch.h"

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

#include "core/base/log.h"

namespace rlcm::health {
namespace {

const char* consequence(run::AlarmAction action) {
    return action == run::AlarmAction::Pause ? " The run pauses." : action == run::AlarmAction::Stop ? " The run stops after this epoch." : "";
}

/// Calls back for every event.
class Listener : public run::RunObserver {
public:
    explicit Listener(std::function<void(const run::RunEvent&)> hear) : m_hear(std::move(hear)) {}
    void onEvent(const run::RunEvent& event) noexcept override { m_hear(event); }

private:
    std::function<void(const run::RunEvent&)> m_hear;
};

}  // namespace

std::vector<std::unique_ptr<Rule>> makeRules(const run::RunConfig& config) {
    std::vector<std::unique_ptr<Rule>> rules;
    if (config.health.notFinite != run::AlarmAction::Off) {
        rules.push_back(makeNotFinite(config.health.notFinite));
    }
    if (config.health.hacking.action != run::AlarmAction::Off) {
        rules.push_back(makeHacking(config.health.hacking));
    }
    std::ranges::move(makeLevelRules(config), std::back_inserter(rules));
    return rules;
}

Watch::Watch(run::RunObserver& alerts, const run::RunConfig& config, run::RunCommands* commands, History history)
    : m_alerts(alerts), m_commands(commands), m_history(std::move(history)), m_rules(makeRules(config)) {}

void Watch::tell(const run::AlertRaised& alert, run::AlarmAction action) {
    run::AlertRaised raised = alert;
    raised.isTold = action != run::AlarmAction::Mark;
    m_alerts.onEvent(raised);
    if (raised.isTold) {
        m_alerts.onEvent(run::LogLine{alert.id, log::Level::Warning, alert.text + (m_commands != nullptr ? consequence(action) : "")});
    }
    if (m_commands != nullptr && action == run::AlarmAction::Pause) {
        m_commands->pause();
    } else if (m_commands != nullptr && action == run::AlarmAction::Stop) {
        m_commands->stopAfterEpoch();
    }
}

template <typename Event>
void Watch::feedAll(const Event& event, bool isHistory) {
    for (const std::unique_ptr<Rule>& rule : m_rules) {
        const std::optional<run::AlertRaised> alert = rule->feed(event);
        if (alert && !isHistory) {
            tell(*alert, rule->action());
        }
    }
}

void Watch::hear(const run::RunEvent& event, bool isHistory) {
    if (const auto* epoch = std::get_if<run::EpochDone>(&event)) {
        feedAll(*epoch, isHistory);
    } else if (const auto* evaluation = std::get_if<run::EvaluationDone>(&event)) {
        feedAll(*evaluation, isHistory);
    }
}

void Watch::onEvent(const run::RunEvent& event) noexcept {
    try {
        const auto* started = std::get_if<run::RunStarted>(&event);
        if (started != nullptr && started->firstEpoch > 0 && m_history) {
            Listener listener([this](const run::RunEvent& earlier) { hear(earlier, true); });
            m_history(started->id, listener);
        }
        hear(event, false);
    } catch (const std::exception& problem) {  // a store that cannot be read, memory: training goes on
        log::warning("health", problem.what());
    }
}

}  // namespace rlcm::health
