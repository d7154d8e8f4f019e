#include "core/health/watch.h"

#include <exception>

#include "core/base/log.h"

namespace rlcm::health {
namespace {

template <typename Event>
void feedAll(std::vector<std::unique_ptr<Rule>>& rules, const Event& event, run::RunObserver& alerts) {
    for (const std::unique_ptr<Rule>& rule : rules) {
        if (const std::optional<run::AlertRaised> alert = rule->feed(event)) {
            alerts.onEvent(*alert);
            alerts.onEvent(run::LogLine{alert->id, log::Level::Warning, alert->text});
        }
    }
}

}  // namespace

std::vector<std::unique_ptr<Rule>> makeRules() {
    std::vector<std::unique_ptr<Rule>> rules;
    rules.push_back(makeNotFinite());
    rules.push_back(makeHacking());
    return rules;
}

void Watch::onEvent(const run::RunEvent& event) noexcept {
    try {
        if (const auto* epoch = std::get_if<run::EpochDone>(&event)) {
            feedAll(m_rules, *epoch, m_alerts);
        } else if (const auto* evaluation = std::get_if<run::EvaluationDone>(&event)) {
            feedAll(m_rules, *evaluation, m_alerts);
        }
    } catch (const std::exception& problem) {  // memory: training goes on
        log::warning("health", problem.what());
    }
}

}  // namespace rlcm::health
