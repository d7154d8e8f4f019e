#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/image/codec.h"
#include "core/report/figure.h"
#include "core/report/report.h"
#include "core/report/series.h"

namespace rlcm::report {
namespace {

/// Runs with equal names are told apart by their ids.
std::string nameOf(const store::RunRow& row, const std::vector<store::RunRow>& all) {
    const auto uses = std::count_if(all.begin(), all.end(), [&](const store::RunRow& other) { return other.name == row.name; });
    return uses > 1 ? row.name + " \u00B7 " + row.id : row.name;
}

/// What may share an axis: rewards of the same kind, and values of the same scalar.
std::string unitOf(const store::RunRow& row, const std::string& scalar) {
    return isInRewardUnits(scalar) ? "reward " + row.reward : scalar;
}

std::string titleOf(const store::RunRow& row, const std::string& scalar) {
    if (!isInRewardUnits(scalar)) {
        return scalarTitle(scalar);
    }
    return row.reward + " reward" + rewardUnit(row.reward);
}

/// Lines of a panel with the same colour and weight get dashes of their own.
void setDashes(std::vector<Panel>& panels) {
    for (Panel& panel : panels) {
        std::set<std::tuple<double, double, double, bool, int>> used;
        for (Line& line : panel.lines) {
            const auto key = [&] { return std::tuple(line.colour.red, line.colour.green, line.colour.blue, line.isSparse, line.dash); };
            while (!used.insert(key()).second) {
                ++line.dash;
            }
        }
    }
}

std::vector<Panel> collectPanels(const store::StoreReader& reader, const std::vector<store::RunRow>& rows, const std::vector<std::string>& scalars,
                                 const CounterInfo& counter) {
    std::vector<Panel> panels;
    std::map<std::string, std::size_t> places;  // of the panel of each unit
    for (const store::RunRow& row : rows) {
        for (const std::string& scalar : scalars) {
            Line line;
            line.label = nameOf(row, rows) + (scalars.size() > 1 ? " \u2013 " + scalarTitle(scalar) : "");
            line.colour = paletteColour(row.colour);
            line.isSparse = scalar.starts_with("eval_");
            line.dash = row.method == run::Method::Ddpo ? 1 : 0;  // as on the screen
            for (const store::ScalarRow& point : reader.scalars(row.id, scalar)) {
                line.x.push_back(counter.value(point.counters));
                line.y.push_back(point.value);
            }
            if (line.x.empty()) {
                continue;
            }
            const auto [place, isNew] = places.emplace(unitOf(row, scalar), panels.size());
            if (isNew) {
                panels.push_back({titleOf(row, scalar), {}});
            }
            panels[place->second].lines.push_back(std::move(line));
        }
    }
    if (panels.empty()) {
        throw Error(ErrorKind::Store, "there is nothing to draw: none of the chosen runs has a value of " + scalars.front());
    }
    setDashes(panels);
    return panels;
}

/// Seconds become minutes or hours when the axis is long. Returns the axis title.
std::string scaleTime(std::vector<Panel>& panels, const CounterInfo& counter) {
    if (!counter.isSeconds) {
        return std::string(counter.title);
    }
    double longest = 0;
    for (const Panel& panel : panels) {
        for (const Line& line : panel.lines) {
            longest = std::max(longest, line.x.back());
        }
    }
    const double unit = longest > 4 * 3600 ? 3600 : longest > 300 ? 60 : 1;
    for (Panel& panel : panels) {
        for (Line& line : panel.lines) {
            std::transform(line.x.begin(), line.x.end(), line.x.begin(), [unit](double seconds) { return seconds / unit; });
        }
    }
    return std::string(counter.title) + (unit == 1 ? " (s)" : unit == 60 ? " (min)" : " (h)");
}

Canvas::Kind kindOf(const std::filesystem::path& file) {
    const std::string extension = file.extension().string();
    if (extension == ".pdf" || extension == ".PDF") {
        return Canvas::Kind::Pdf;
    }
    if (extension == ".svg" || extension == ".SVG") {
        return Canvas::Kind::Svg;
    }
    if (extension == ".png" || extension == ".PNG") {
        return Canvas::Kind::Raster;
    }
    throw Error(ErrorKind::Config, "a curve is written as .pdf, .svg or .png, not \"" + file.string() + "\"");
}

}  // namespace

void exportCurve(const store::StoreReader& reader, const std::vector<run::RunId>& ids, const std::filesystem::path& file, const CurveOptions& options) {
    const Canvas::Kind kind = kindOf(file);
    const CounterInfo& counter = counterInfo(options.xAxis);
    if (ids.empty()) {
        throw Error(ErrorKind::Config, "choose at least one run to draw");
    }
    std::vector<store::RunRow> rows;
    for (const run::RunId& id : ids) {
        rows.push_back(requireRun(reader, id));
    }
    const std::vector<std::string> scalars = options.scalars.empty() ? std::vector<std::string>{"reward_mean", "eval_reward_mean"} : options.scalars;
    Figure figure;
    figure.panels = collectPanels(reader, rows, scalars, counter);
    figure.xTitle = scaleTime(figure.panels, counter);
    Canvas canvas(kind, options.widthPx, options.heightPx);
    drawFigure(canvas, figure, options.widthPx, options.heightPx);
    writeFileAtomically(file, kind == Canvas::Kind::Raster ? image::encodePng(canvas.image()) : canvas.document());
}

}  // namespace rlcm::report
