#include "core/run/counters.h"

#include <array>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace rlcm::run {
namespace {

constexpr std::array<CounterField, 8> kFields{{
    {"epoch", "Epoch", "epochs", &Counters::epoch},
    {"optimizer_steps", "Optimizer steps", "steps", &Counters::optimizerSteps},
    {"images", "Training images", "images", &Counters::images},
    {"reward_queries", "Reward queries", "queries", &Counters::rewardQueries},
    {"denoiser_evaluations", "Denoiser evaluations", "evals", &Counters::denoiserEvaluations},
    {"nominal_denoiser_evaluations", "Denoiser evaluations, nominal", "evals", &Counters::nominalDenoiserEvaluations},
    {"active_seconds", "Active time", "s", &Counters::activeSeconds},
    {"wall_seconds", "Wall time", "s", &Counters::wallSeconds},
}};

}  // namespace

double CounterField::value(const Counters& counters) const {
    return std::visit([&](auto field) { return static_cast<double>(counters.*field); }, member);
}

void CounterField::set(Counters& counters, double value) const {
    std::visit([&]<typename Number>(Number Counters::* field) { counters.*field = static_cast<Number>(value); }, member);
}

std::span<const CounterField> counterFields() {
    return kFields;
}

const CounterField& counterField(std::string_view name) {
    std::vector<std::string_view> names;
    for (const CounterField& field : kFields) {
        if (field.name == name) {
            return field;
        }
        names.push_back(field.name);
    }
    const std::string near = nearestName(name, names);
    throw Error(ErrorKind::Config, "unknown x axis \"" + std::string(name) + "\"" + (near.empty() ? "; use epoch" : "; did you mean " + near + "?"));
}

}  // namespace rlcm::run
