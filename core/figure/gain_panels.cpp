#include "core/figure/gain_panels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>

#include "core/base/error.h"
#include "core/base/over_optimisation.h"
#include "core/run/measures.h"

namespace rlcm::figure {
namespace {

namespace measure = run::measure;

constexpr int kCurvePoints = 61;  // of a fit: more than are drawn with dots

/// The measure that says how unlike the images are in another.
std::optional<std::string> spreadOf(const std::string& name) {
    if (name == measure::kEvalRewardMean) {
        return std::string(measure::kEvalRewardStd);
    }
    if (name == measure::kEvalJudgeCosine) {
        return std::string(measure::kEvalJudgeCosineStd);
    }
    if (name.starts_with(measure::kEvalJudgePrefix)) {
        return std::string(measure::kEvalJudgeStdPrefix) + name.substr(measure::kEvalJudgePrefix.size());
    }
    return std::nullopt;
}

/// Gains of one measure of one run.
struct Gains {
    std::vector<double> kl, gain;  ///< by distance
};

Gains gainsOf(const store::StoreReader& reader, const run::RunId& id, const std::string& name) {
    const std::optional<std::string> spread = spreadOf(name);
    const std::vector<store::ScalarRow> values = reader.scalars(id, name);
    const std::vector<store::ScalarRow> spreads = spread ? reader.scalars(id, *spread) : std::vector<store::ScalarRow>{};
    if (values.empty() || spreads.empty() || !(spreads.front().value > 0)) {
        return {};
    }
    std::map<std::int64_t, double> kl;
    for (const store::ScalarRow& row : reader.scalars(id, measure::kEvalPathKl)) {
        kl[row.counters.epoch] = row.value;
    }
    std::vector<std::pair<double, double>> points;
    for (const store::ScalarRow& row : values) {
        const auto far = kl.find(row.counters.epoch);
        if (far != kl.end() && std::isfinite(far->second) && std::isfinite(row.value)) {
            points.emplace_back(std::max(0.0, far->second), (row.value - values.front().value) / spreads.front().value);
        }
    }
    std::sort(points.begin(), points.end());
    Gains gains;
    for (const auto& [distance, gain] : points) {
        gains.kl.push_back(distance);
        gains.gain.push_back(gain);
    }
    return gains;
}

DrawnLine lineOf(std::string id, std::string label, int colour, Gains points) {
    Line line;
    line.id = std::move(id);
    line.label = std::move(label);
    line.colour = colour;
    for (const double kl : points.kl) {
        line.x.push_back(std::sqrt(kl));
    }
    line.y = std::move(points.gain);
    const std::vector<double> shown = line.y;
    return {std::move(line), shown, true};
}

std::string numberText(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3g", value);
    return text.data();
}

Line dashed(const char* id, std::string label, int colour) {
    Line line;
    line.id = id;
    line.label = std::move(label);
    line.colour = colour;
    line.isDashed = true;
    return line;
}

/// The fit up to the farthest point, and a line down from its peak where that is in sight.
void addFit(const std::string& title, int colour, const Gains& all, std::vector<DrawnLine>& lines) {
    const std::optional<GainFit> fit = betterFit(all.kl, all.gain);
    if (!fit) {
        return;
    }
    const double farthest = std::sqrt(*std::max_element(all.kl.begin(), all.kl.end()));
    Line curve = dashed("fit", title + ", fit", colour);
    for (int i = 0; i < kCurvePoints; ++i) {
        curve.x.push_back(farthest * i / (kCurvePoints - 1));
        curve.y.push_back(gainAt(*fit, curve.x.back()));
    }
    const bool isRl = fit->form == GainForm::Rl;
    curve.label += isRl ? " d (a \u2212 b ln d)" : " d (a \u2212 b d)";
    const std::vector<double> shown = curve.y;
    lines.push_back({std::move(curve), shown, false});
    if (!fit->peak || !fit->peak->isPast) {
        return;
    }
    Line peak = dashed("peak", title + ", peak at " + numberText(fit->peak->distance), colour);
    for (int i = 0; i < kCurvePoints; ++i) {
        peak.x.push_back(fit->peak->distance);
        peak.y.push_back(fit->peak->gain * i / (kCurvePoints - 1));
    }
    const std::vector<double> drop = peak.y;
    lines.push_back({std::move(peak), drop, false});
}

}  // namespace

std::vector<std::string> gainMeasures(const store::StoreReader& reader, const run::RunId& id) {
    std::vector<std::string> measures;
    for (const std::string& name : reader.scalarNames(id)) {
        if (spreadOf(name)) {
            measures.push_back(name);
        }
    }
    return measures;
}

std::vector<Panel> readGainPanels(const store::StoreReader& reader, const FigureSpec& spec) {
    Panel panel{.title = "Gain since before training, in deviations between images", .lines = {}};
    int colour = 0;
    for (const Series& series : spec.series) {
        const std::string title = run::measureTitle(series.measure);
        Gains all;
        for (const run::RunId& id : series.runs) {
            const store::RunRow run = requireRun(reader, id);
            Gains gains = gainsOf(reader, id, series.measure);
            if (gains.kl.empty()) {
                continue;
            }
            all.kl.insert(all.kl.end(), gains.kl.begin(), gains.kl.end());
            all.gain.insert(all.gain.end(), gains.gain.begin(), gains.gain.end());
            panel.lines.push_back(lineOf(id, title + " \u2013 " + run.name + (series.runs.size() > 1 ? " " + id : ""), colour, std::move(gains)));
        }
        addFit(title, colour, all, panel.lines);
        ++colour;
    }
    if (panel.lines.empty()) {
        throw Error(ErrorKind::Store, "there is nothing to draw: none of the chosen runs has evaluations with a path KL (evaluation.path_kl) and " +
                                          spec.series.front().measure + " with its spread between images");
    }
    return {std::move(panel)};
}

}  // namespace rlcm::figure
