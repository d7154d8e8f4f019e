#include "core/figure/panels.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/figure/gain_panels.h"
#include "core/run/measures.h"

namespace rlcm::figure {
namespace {

/// What may share an axis: rewards of the same kind, and values of the same measure.
std::string unitOf(const std::string& measure, const store::RunRow& run) {
    return run::isInRewardUnits(measure) ? "reward " + rewardKey(run) : measure;
}

/// Runs and points of one series, kept while its lines are made.
struct SeriesData {
    std::vector<store::RunRow> rows;
    std::vector<std::vector<store::ScalarRow>> points;
};

SeriesData readSeries(const store::StoreReader& reader, const Series& series) {
    SeriesData data;
    for (const run::RunId& id : series.runs) {
        data.rows.push_back(requireRun(reader, id));
        data.points.push_back(reader.scalars(id, series.measure));
    }
    return data;
}

std::vector<Line> linesOf(const SeriesData& data, const FigureSpec& spec) {
    std::vector<RunPoints> runs;
    for (std::size_t i = 0; i < data.rows.size(); ++i) {
        runs.push_back({data.rows[i], data.points[i], spec.grouping == Grouping::Seeds ? groupKey(data.rows[i]) : std::string()});
    }
    return makeLines(runs, {run::counterField(spec.axis), spec.grouping, spec.band});
}

DrawnLine drawn(Line line, const std::string& measure, const Smoothing& smoothing) {
    std::vector<double> shown = shownValues({line.x, line.y, line.bandLow, line.bandHigh, line.counts}, smoothing);
    const run::Measure* known = run::findMeasure(measure);
    return {std::move(line), std::move(shown), known != nullptr && known->at == run::MeasuredAt::Evaluation};
}

std::size_t countMeasures(const FigureSpec& spec) {
    std::set<std::string> measures;
    for (const Series& series : spec.series) {
        measures.insert(series.measure);
    }
    return measures.size();
}

}  // namespace

store::RunRow requireRun(const store::StoreReader& reader, const run::RunId& id) {
    auto row = reader.run(id);
    if (!row) {
        throw Error(ErrorKind::Store, "the workspace " + reader.workspace().string() + " has no run " + id);
    }
    return *std::move(row);
}

std::string valueTitle(const std::string& measure, const store::RunRow& run) {
    return run::measureTitle(measure) + (run::isInRewardUnits(measure) ? ", " + rewardTitle(run) : "");
}

std::vector<Panel> readPanels(const store::StoreReader& reader, const FigureSpec& spec) {
    requireValid(spec);
    if (spec.kind == FigureKind::OverOptimisation) {
        return readGainPanels(reader, spec);
    }
    const bool hasMeasures = countMeasures(spec) > 1;
    std::vector<Panel> panels;
    std::map<std::string, std::size_t> places;      // of the panel of each unit
    std::vector<std::set<std::string>> measuresOf;  // of each panel
    for (const Series& series : spec.series) {
        const SeriesData data = readSeries(reader, series);
        for (Line& line : linesOf(data, spec)) {
            if (line.x.empty()) {
                continue;
            }
            const store::RunRow& run = *std::find_if(data.rows.begin(), data.rows.end(), [&](const store::RunRow& row) { return row.id == line.id; });
            const auto [place, isNew] = places.emplace(unitOf(series.measure, run), panels.size());
            if (isNew) {
                panels.push_back({valueTitle(series.measure, run), {}});
                measuresOf.emplace_back();
            }
            measuresOf[place->second].insert(series.measure);
            if (measuresOf[place->second].size() == 2) {
                panels[place->second].title = "Reward, " + rewardTitle(run);
            }
            line.label += hasMeasures ? " \u2013 " + run::measureTitle(series.measure) : "";
            panels[place->second].lines.push_back(drawn(std::move(line), series.measure, {spec.halfLife, spec.smoother}));
        }
    }
    if (panels.empty()) {
        throw Error(ErrorKind::Store, "there is nothing to draw: none of the chosen runs has a value of " + spec.series.front().measure);
    }
    return panels;
}

std::vector<std::string> notesOf(const FigureSpec& spec, const std::vector<Panel>& panels) {
    const bool hasBand = std::any_of(panels.begin(), panels.end(), [](const Panel& panel) {
        return std::any_of(panel.lines.begin(), panel.lines.end(), [](const DrawnLine& drawn) { return !drawn.line.bandLow.empty(); });
    });
    std::vector<std::string> notes;
    if (hasBand) {
        notes.push_back(bandNote(spec.band));
    }
    if (spec.halfLife > 0) {
        notes.push_back(smoothingNote({spec.halfLife, spec.smoother}, run::counterField(spec.axis).unit) + (hasBand ? ", kept inside its band" : ""));
    }
    return notes;
}

}  // namespace rlcm::figure
