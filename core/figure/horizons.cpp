#include "core/figure/horizons.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <map>
#include <optional>

#include "core/base/json.h"
#include "core/figure/clock.h"
#include "core/figure/horizon_names.h"
#include "core/figure/inference_times.h"
#include "core/figure/lines.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"

namespace rlcm::figure {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();
constexpr double kFarEnough = 0.9;       // share of the place that a run must have reached
constexpr double kSamePlace = 1 - 1e-9;  // seconds are sums of many

/// Equal for runs that are points of one group.
std::string keyOf(const store::RunRow& run) {
    Json settings = completeSettings(run);
    for (const char* name : {"seed", "name", "compute", "checkpoint"}) {
        settings.erase(name);
    }
    Json& training = settings["training"];
    if (training.is_object() && training.value("learning_rate_decay", "none") == "none") {
        training.erase("epochs");  // the run would have been the same so far
    }
    return settings.dump();
}

/// Only where the run names settings of this version.
std::optional<run::RunConfig> readConfig(const store::RunRow& run) {
    try {
        return run::configFromJson(completeSettings(run), run.id);
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

bool isRlcm(run::Method method) {
    return method == run::Method::Rlcm;
}

HorizonGroup groupOf(const store::RunRow& run, const std::optional<run::RunConfig>& config) {
    HorizonGroup group{.id = run.id, .label = (isRlcm(run.method) ? "RLCM H" : "DDPO ") + std::to_string(run.steps), .method = run.method, .steps = run.steps};
    group.denoiserEvaluations = config ? run.steps * run::rowsPerStep(*config) : run.steps;
    group.timing = config ? timingKey(*config) : "";
    group.colour = run.colour;
    return group;
}

/// Empty when no value is finite.
Curve curveOf(const EvaluatedRun& run, const run::CounterField& budget) {
    Curve curve;
    for (const store::ScalarRow& row : run.values) {
        if (std::isfinite(row.value)) {
            curve.x.push_back(budget.value(row.counters));
            curve.y.push_back(row.value);
        }
    }
    return curve;
}

/// Mean and band of a few numbers, by the one rule for curves.
GroupCurve summaryOf(const std::vector<double>& values, Band band) {
    std::vector<Curve> points;
    for (const double value : values) {
        points.push_back({.x = {0}, .y = {value}});
    }
    return groupCurves(points, band);
}

double meanStart(const HorizonGroup& group) {
    double sum = 0;
    for (const Curve& curve : group.curves) {
        sum += curve.y.front();
    }
    return sum / static_cast<double>(group.curves.size());
}

double farthest(const HorizonGroup& group) {
    double end = -std::numeric_limits<double>::infinity();
    for (const Curve& curve : group.curves) {
        end = std::max(end, curve.x.back());
    }
    return end;
}

}  // namespace

std::vector<HorizonGroup> horizonGroups(std::span<const EvaluatedRun> runs, const run::CounterField& budget) {
    std::map<std::string, std::size_t> places;
    std::vector<HorizonGroup> groups;
    std::vector<std::optional<run::RunConfig>> configs;  // of the groups
    std::vector<std::string> machines(runs.size());      // asked for over a time only
    if (budget.isSeconds()) {
        std::transform(runs.begin(), runs.end(), machines.begin(), [](const EvaluatedRun& run) { return machineOf(run.run); });
    }
    const std::string clock = clockOf(machines);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const EvaluatedRun& run = runs[i];
        Curve curve = curveOf(run, budget);
        if (curve.x.empty() || machines[i] != clock) {
            continue;
        }
        const auto [at, isNew] = places.emplace(keyOf(run.run), groups.size());
        if (isNew) {
            configs.push_back(readConfig(run.run));
            groups.push_back(groupOf(run.run, configs.back()));
        }
        groups[at->second].runs.push_back(run.run.id);
        groups[at->second].curves.push_back(std::move(curve));
    }
    tellApart(groups, configs);
    std::stable_sort(groups.begin(), groups.end(),
                     [](const HorizonGroup& a, const HorizonGroup& b) { return isRlcm(a.method) != isRlcm(b.method) ? isRlcm(a.method) : a.steps < b.steps; });
    return groups;
}

HorizonValue valueAt(const HorizonGroup& group, double budget, Band band) {
    HorizonValue result{.mean = kNoValue, .low = kNoValue, .high = kNoValue, .base = kNoValue};
    if (group.curves.empty()) {
        return result;
    }
    const double end = farthest(group);
    const double place = std::min(budget, end);
    std::vector<double> values;
    for (const Curve& curve : group.curves) {
        if (curve.x.back() >= kFarEnough * place) {
            values.push_back(interpolate(curve, std::clamp(place, curve.x.front(), curve.x.back())));
        }
    }
    const GroupCurve summary = summaryOf(values, band);
    result.mean = summary.mean.front();
    result.low = summary.low.front();
    result.high = summary.high.front();
    result.runs = static_cast<int>(values.size());
    result.at = place;
    result.hasEnded = end < kSamePlace * budget;
    result.base = meanStart(group);
    return result;
}

BudgetRange budgetRange(std::span<const HorizonGroup> groups) {
    if (groups.empty()) {
        return {};
    }
    BudgetRange range{.first = std::numeric_limits<double>::infinity(), .shared = std::numeric_limits<double>::infinity()};
    for (const HorizonGroup& group : groups) {
        for (const Curve& curve : group.curves) {
            range.first = std::min(range.first, curve.x.front());
        }
        range.shared = std::min(range.shared, farthest(group));
        range.longest = std::max(range.longest, farthest(group));
    }
    return range;
}

std::vector<bool> paretoFront(std::span<const double> cost, std::span<const double> worth) {
    std::vector<bool> isOnFront(cost.size());
    for (std::size_t i = 0; i < cost.size(); ++i) {
        bool isBeaten = !std::isfinite(cost[i]) || !std::isfinite(worth[i]);
        for (std::size_t j = 0; j < cost.size() && !isBeaten; ++j) {
            const bool isReal = std::isfinite(cost[j]) && std::isfinite(worth[j]);
            isBeaten = isReal && cost[j] <= cost[i] && worth[j] >= worth[i] && (cost[j] < cost[i] || worth[j] > worth[i]);
        }
        isOnFront[i] = !isBeaten;
    }
    return isOnFront;
}

}  // namespace rlcm::figure
