#include "ui/runs/measured_speed.h"

#include <algorithm>
#include <exception>

#include "core/base/json.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"

namespace rlcm::ui {

namespace {

constexpr std::size_t kMostRuns = 500;  // each costs the reading of its settings
constexpr std::int64_t kFewestEpochs = 3;

std::optional<MeasuredSpeed> measure(const store::RunRow& row) {
    try {
        run::RunConfig config = run::configFromJson(parseJson(row.configJson, row.name), row.name);
        const MeasuredSpeed key{row.name, config.model.path, config.compute.device, config.compute.dtype};
        config.training.epochs = row.counters.epoch;
        const double forecast = run::estimate(config).seconds;
        return forecast > 0 ? std::optional(MeasuredSpeed{key.run, key.model, key.device, key.dtype, row.counters.activeSeconds / forecast}) : std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt;  // settings of another version tell nothing
    }
}

}  // namespace

std::vector<MeasuredSpeed> measuredSpeeds(const std::vector<store::RunRow>& runs) {
    std::vector<MeasuredSpeed> speeds;
    for (std::size_t i = 0; i < std::min(runs.size(), kMostRuns); ++i) {
        if (runs[i].counters.epoch < kFewestEpochs || runs[i].counters.activeSeconds <= 0) {
            continue;
        }
        const auto speed = measure(runs[i]);
        const auto isSame = [&](const MeasuredSpeed& one) { return one.model == speed->model && one.device == speed->device && one.dtype == speed->dtype; };
        if (speed && std::none_of(speeds.begin(), speeds.end(), isSame)) {
            speeds.push_back(*speed);
        }
    }
    return speeds;
}

std::optional<MeasuredSpeed> speedOf(const std::vector<MeasuredSpeed>& speeds, const run::RunConfig& config) {
    const auto found = std::find_if(speeds.begin(), speeds.end(), [&](const MeasuredSpeed& one) {
        return one.model == config.model.path && one.device == config.compute.device && one.dtype == config.compute.dtype;
    });
    return found == speeds.end() ? std::nullopt : std::optional(*found);
}

}  // namespace rlcm::ui
