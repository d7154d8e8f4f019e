#include <algorithm>
#include <cmath>
#include <string>

#include "core/health/rule.h"
#include "core/run/measures.h"

namespace rlcm::health {
namespace {

class NotFinite : public Rule {
public:
    using Rule::feed;
    using Rule::Rule;
    std::optional<run::AlertRaised> feed(const run::EpochDone& event) override { return look(event.id, event.epoch + 1, event.scalars); }
    std::optional<run::AlertRaised> feed(const run::EvaluationDone& event) override { return look(event.id, event.epoch, event.scalars); }

private:
    std::optional<run::AlertRaised> look(const run::RunId& id, std::int64_t epoch, const std::vector<std::pair<std::string, double>>& scalars) {
        const auto bad =
            std::find_if(scalars.begin(), scalars.end(), [](const auto& scalar) { return !run::isOfJudge(scalar.first) && !std::isfinite(scalar.second); });
        if (m_isRaised || bad == scalars.end()) {
            return std::nullopt;
        }
        m_isRaised = true;
        return run::AlertRaised{.id = id,
                                .epoch = epoch,
                                .rule = "not_finite",
                                .measure = bad->first,
                                .before = std::nan(""),
                                .after = bad->second,
                                .goodEpoch = std::max<std::int64_t>(0, epoch - 1),
                                .text = bad->first + " is not a finite number after epoch " + std::to_string(epoch) +
                                        ": go on from an earlier checkpoint with a lower learning rate, or in fp32"};
    }

    bool m_isRaised = false;
};

}  // namespace

std::unique_ptr<Rule> makeNotFinite(run::AlarmAction action) {
    return std::make_unique<NotFinite>(action);
}

}  // namespace rlcm::health
