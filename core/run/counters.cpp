#include "core/run/counters.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/base/json.h"

namespace rlcm::run {
namespace {

constexpr std::array<CounterField, 8> kFields{{
    {Counter::Epoch, "epoch", "Epoch", "epochs", &Counters::epoch},
    {Counter::OptimizerSteps, "optimizer_steps", "Optimizer steps", "steps", &Counters::optimizerSteps},
    {Counter::Images, "images", "Training images", "images", &Counters::images},
    {Counter::RewardQueries, "reward_queries", "Reward queries", "queries", &Counters::rewardQueries},
    {Counter::DenoiserEvaluations, "denoiser_evaluations", "Denoiser evaluations", "evals", &Counters::denoiserEvaluations},
    {Counter::NominalDenoiserEvaluations, "nominal_denoiser_evaluations", "Nominal denoiser evaluations", "evals", &Counters::nominalDenoiserEvaluations},
    {Counter::ActiveTime, "active_seconds", "Active time", "s", &Counters::activeSeconds},
    {Counter::WallTime, "wall_seconds", "Wall time", "s", &Counters::wallSeconds},
}};
static_assert(std::ranges::all_of(kFields, [](const CounterField& field) { return &field == &kFields[static_cast<std::size_t>(field.counter)]; }),
              "the table stands in the order of Counter");

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

const CounterField& counterField(Counter counter) {
    return kFields[static_cast<std::size_t>(counter)];
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
