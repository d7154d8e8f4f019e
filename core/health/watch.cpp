#include "core/health/watch.h"

#include <exception>
#include <utility>

#include "core/base/log.h"

namespace rlcm::health {
namespace {

template <typename Event>
void feedAll(std::vector<std::unique_ptr<Rule>>& rules, const Event& event, run::RunObserver* alerts) {
    for (const std::unique_ptr<Rule>& rule : rules) {
        const std::optional<run::AlertRaised> alert = rule->feed(event);
        if (alert && alerts != nullptr) {
            alerts->onEvent(*alert);
            alerts->onEvent(run::LogLine{alert->id, log::Level::Warning, alert->text});
        }
    }
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

std::vector<std::unique_ptr<Rule>> makeRules() {
    std::vector<std::unique_ptr<Rule>> rules;
    rules.push_back(makeNotFinite());
    rules.push_back(makeHacking());
    return rules;
}

Watch::Watch(run::RunObserver& alerts, History history) : m_alerts(alerts), m_history(std::move(history)), m_rules(makeRules()) {}

void Watch::hear(const run::RunEvent& event, run::RunObserver* alerts) {
    if (const auto* epoch = std::get_if<run::EpochDone>(&event)) {
        feedAll(m_rules, *epoch, alerts);
    } else if (const auto* evaluation = std::get_if<run::EvaluationDone>(&event)) {
        feedAll(m_rules, *evaluation, alerts);
    }
}

void Watch::onEvent(const run::RunEvent& event) noexcept {
    try {
        const auto* started = std::get_if<run::RunStarted>(&event);
        if (started != nullptr && started->firstEpoch > 0 && m_history) {
            Listener listener([this](const run::RunEvent& earlier) { hear(earlier, nullptr); });
            m_history(started->id, listener);
        }
        hear(event, &m_alerts);
    } catch (const std::exception& problem) {  // a store that cannot be read, memory: training goes on
        log::warning("health", problem.what());
    }
}

}  // namespace rlcm::health
