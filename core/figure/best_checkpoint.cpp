#include "core/figure/best_checkpoint.h"

#include <map>

#include "core/base/json.h"
#include "core/run/field_table.h"
#include "core/run/measures.h"

namespace rlcm::figure {
namespace {

/// The rule alone is read: settings of another version must not keep a list of runs from being shown.
run::BestRule ruleOf(const store::RunRow& run) {
    const Json config = Json::parse(run.configJson, nullptr, false);
    const Json word = config.is_object() ? config.value(Json::json_pointer("/checkpoint/best"), Json()) : Json();
    return word.is_string() ? run::choiceOf<run::BestRule>(word.get<std::string>()).value_or(run::BestRule::Last) : run::BestRule::Last;
}

}  // namespace

std::optional<run::BestEvaluation> bestOf(const store::StoreReader& reader, const store::RunRow& run) {
    const run::BestRule rule = ruleOf(run);
    if (rule == run::BestRule::Last) {
        return std::nullopt;
    }
    std::map<std::int64_t, std::vector<std::pair<std::string, double>>> evaluations;
    for (const std::string_view name : {run::measure::kEvalRewardMean, run::measure::kEvalJudgeAccuracy, run::measure::kEvalJudgeCosine}) {
        for (const store::ScalarRow& row : reader.scalars(run.id, name)) {
            evaluations[row.counters.epoch].emplace_back(name, row.value);
        }
    }
    std::optional<run::BestEvaluation> best;
    for (const auto& [epoch, scalars] : evaluations) {
        run::takeIfBetter(best, rule, epoch, evaluations.begin()->second, scalars);
    }
    return best;
}

std::optional<double> valueAtEpoch(const store::StoreReader& reader, const run::RunId& id, std::string_view measure, std::int64_t epoch) {
    for (const store::ScalarRow& row : reader.scalars(id, measure, epoch)) {
        if (row.counters.epoch == epoch) {
            return row.value;
        }
    }
    return std::nullopt;
}

}  // namespace rlcm::figure
