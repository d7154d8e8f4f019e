#include "core/figure/lines.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "core/run/field_table.h"
#include "core/run/reward_catalogue.h"

namespace rlcm::figure {
namespace {

Curve curveOf(const RunPoints& run, const run::CounterField& axis) {
    Curve curve;
    curve.x.reserve(run.points.size());
    curve.y.reserve(run.points.size());
    for (const store::ScalarRow& row : run.points) {
        curve.x.push_back(axis.value(row.counters));
        curve.y.push_back(row.value);
    }
    return curve;
}

/// A run's name without the trailing seed that default names carry.
std::string nameWithoutSeed(const store::RunRow& run) {
    const std::string tail = " s" + std::to_string(run.seed);
    return run.name.ends_with(tail) ? run.name.substr(0, run.name.size() - tail.size()) : run.name;
}

Line lineOf(const store::RunRow& run, std::string label) {
    return {.id = run.id,
            .label = std::move(label),
            .colour = run.colour,
            .isDashed = run.method == run::Method::Ddpo,
            .x = {},
            .y = {},
            .bandLow = {},
            .bandHigh = {},
            .counts = {}};
}

Line singleLine(const RunPoints& run, const LineOptions& options) {
    Line line = lineOf(run.run, run.run.name);
    Curve curve = curveOf(run, options.axis);
    line.x = std::move(curve.x);
    line.y = std::move(curve.y);
    return line;
}

Line groupLine(const std::vector<const RunPoints*>& members, const LineOptions& options) {
    std::vector<Curve> curves;
    for (const RunPoints* run : members) {
        curves.push_back(curveOf(*run, options.axis));
    }
    GroupCurve group = groupCurves(curves, options.band);
    Line line = lineOf(members.front()->run, nameWithoutSeed(members.front()->run));
    line.x = std::move(group.x);
    line.y = std::move(group.mean);
    line.runs = std::max(1, group.runs);
    if (group.runs > 1) {
        line.bandLow = std::move(group.low);
        line.bandHigh = std::move(group.high);
        line.counts = std::move(group.counts);
    }
    return line;
}

std::vector<Line> groupLines(std::span<const RunPoints> runs, const LineOptions& options) {
    std::map<std::string, std::size_t> places;
    std::vector<std::vector<const RunPoints*>> groups;  // in the order of their first runs
    for (const RunPoints& run : runs) {
        const auto [at, isNew] = places.emplace(run.group, groups.size());
        if (isNew) {
            groups.emplace_back();
        }
        groups[at->second].push_back(&run);
    }
    std::vector<Line> lines;
    for (const auto& members : groups) {
        lines.push_back(groupLine(members, options));
    }
    return lines;
}

void makeLabelsUnique(std::vector<Line>& lines) {
    std::map<std::string, int> uses;
    for (const Line& line : lines) {
        ++uses[line.label];
    }
    for (Line& line : lines) {
        if (uses[line.label] > 1) {
            line.label += " \u00B7 " + line.id;
        }
    }
}

/// `stored` over the defaults of this version, so that runs of an older one, which lacks some settings, are told apart by none of those.
Json completed(const Json& stored, const Json& defaults) {
    Json settings = defaults;
    if (stored.is_object()) {
        settings.update(stored, true);
    }
    return settings;
}

const Json& defaultSettings() {
    static const Json settings = run::toJson(run::RunConfig{});
    return settings;
}

Json storedSettings(const store::RunRow& run) {
    return parseJson(run.configJson.empty() ? "{}" : run.configJson, run.id);
}

}  // namespace

Json completeSettings(const store::RunRow& run) {
    return completed(storedSettings(run), defaultSettings());
}

std::vector<Line> makeLines(std::span<const RunPoints> runs, const LineOptions& options) {
    std::vector<Line> lines;
    if (options.grouping == Grouping::Seeds) {
        lines = groupLines(runs, options);
    } else {
        for (const RunPoints& run : runs) {
            lines.push_back(singleLine(run, options));
        }
    }
    makeLabelsUnique(lines);
    for (Line& line : lines) {
        line.label += seedsText(line.runs);
    }
    return lines;
}

std::string seedsText(int runs) {
    return runs < 2 ? std::string() : " (" + std::to_string(runs) + " seeds)";
}

std::string groupKey(const store::RunRow& run) {
    Json config = completeSettings(run);
    for (const char* name : {"seed", "name", "compute", "health"}) {
        config.erase(name);
    }
    return config.dump();
}

std::string rewardKey(const store::RunRow& run) {
    Json reward = completed(storedSettings(run).value("reward", Json::object()), defaultSettings().at("reward"));
    // How it is computed changes no value.
    for (const char* name : {"server_parallel", "server_timeout", "server_patience", "program_timeout", "workers"}) {
        reward.erase(name);
    }
    reward["terms"] = run.reward;
    return reward.dump();
}

std::string rewardTitle(const store::RunRow& run) {
    const std::string unit = run::rewardUnit(run.reward);
    return run.reward + (unit.empty() ? "" : " (" + unit + ")");
}

std::string smoothingNote(const Smoothing& smoothing, std::string_view unit) {
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "%.3g", smoothing.width);
    const std::string width = std::string(number.data()) + " " + std::string(unit);
    switch (smoothing.smoother) {
        case Smoother::Exponential:
            return "smoothed, half-life " + width;
        case Smoother::Mean:
            return "smoothed, mean within " + width + " either side";
        case Smoother::Median:
            return "smoothed, median within " + width + " either side";
    }
    return {};
}

std::vector<double> shownValues(const Points& points, const Smoothing& smoothing) {
    std::vector<double> shown = smoothed(points.x, points.y, smoothing);
    if (smoothing.width <= 0 || points.low.size() != shown.size()) {
        return shown;
    }
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const bool isMean = i >= points.counts.size() || points.counts[i] > 1;
        if (isMean && points.low[i] <= points.high[i]) {
            shown[i] = std::clamp(shown[i], points.low[i], points.high[i]);
        }
    }
    return shown;
}

std::string bandNote(Band band) {
    switch (band) {
        case Band::MinMax:
            return "band: min to max of the seeds";
        case Band::StandardDeviation:
            return "band: \u00B1 standard deviation of the seeds";
        case Band::Confidence95:
            return "band: 95 % t interval of the seeds' mean";
    }
    return {};
}

}  // namespace rlcm::figure
