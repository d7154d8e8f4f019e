#include "ui/compare/compare_data.h"

#include <QStringList>
#include <algorithm>
#include <cmath>
#include <set>

#include "core/run/measures.h"
#include "ui/alarms/alarm_words.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"
#include "ui/widgets/short_names.h"

namespace rlcm::ui {

std::vector<const RunCurve*> comparableRuns(const CompareData& data, const std::string& measure, const std::string& rewardKey) {
    const bool isReward = run::isInRewardUnits(measure);
    std::vector<const RunCurve*> runs;
    for (const RunCurve& run : data.runs) {
        if (!isReward || run.rewardKey == rewardKey) {
            runs.push_back(&run);
        }
    }
    return runs;
}

bool areBetterGrouped(const std::vector<const RunCurve*>& runs) {
    std::set<std::string> groups;
    for (const RunCurve* run : runs) {
        groups.insert(run->groupKey);
    }
    return runs.size() > kManyCurves && groups.size() < runs.size();
}

std::vector<Series> makeSeries(const std::vector<const RunCurve*>& runs, const CurveOptions& options) {
    std::vector<figure::RunPoints> points;
    for (const RunCurve* run : runs) {
        const bool needsKey = options.isGrouped && run->groupKey.empty();
        points.push_back({run->run, run->points, needsKey ? figure::groupKey(run->run) : run->groupKey});
    }
    const figure::Grouping grouping = options.isGrouped ? figure::Grouping::Seeds : figure::Grouping::None;
    std::vector<Series> result;
    for (figure::Line& line : figure::makeLines(points, {run::counterField(options.axis), grouping, options.band})) {
        result.push_back({.id = QString::fromStdString(line.id),
                          .label = QString::fromStdString(line.label),
                          .colour = runColour(line.colour),
                          .x = std::move(line.x),
                          .y = std::move(line.y),
                          .bandLow = std::move(line.bandLow),
                          .bandHigh = std::move(line.bandHigh),
                          .counts = std::move(line.counts),
                          .runs = line.runs,
                          .isDashed = line.isDashed});
    }
    return result;
}

void nameBriefly(std::vector<Series>& all) {
    std::vector<QString> names;
    for (const Series& series : all) {
        names.push_back(series.label.chopped(static_cast<qsizetype>(figure::seedsText(series.runs).size())));
    }
    names = shortNames(names);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].brief = all[i].runs < 2 ? names[i] : QStringLiteral("%1 ×%2").arg(names[i]).arg(all[i].runs);
    }
}

double longestX(const CompareData& data, XAxis axis) {
    double longest = 0;
    for (const RunCurve& run : data.runs) {
        if (!run.points.empty()) {
            longest = std::max(longest, xOf(run.points.back().counters, axis));
        }
    }
    return longest;
}

double xAtEpoch(const RunCurve& run, std::int64_t epoch, XAxis axis) {
    if (axis == XAxis::Epoch) {
        return static_cast<double>(epoch);
    }
    const auto after = std::ranges::upper_bound(run.points, epoch, {}, [](const store::ScalarRow& point) { return point.counters.epoch; });
    return after == run.points.begin() ? 0 : xOf(std::prev(after)->counters, axis);
}

std::vector<ChartMark> makeMarks(const std::vector<const RunCurve*>& runs, XAxis axis) {
    std::vector<ChartMark> marks;
    for (const RunCurve* run : runs) {
        for (const store::EventRow& event : run->events) {
            const QString name = runs.size() < 2 ? QString() : oneLine(run->run.name) + QStringLiteral(": ");
            marks.push_back(markOf(event, xAtEpoch(*run, epochOf(event), axis), name));
        }
    }
    return marks;
}

double convertX(const CompareData& data, double x, XAxis from, XAxis to) {
    const auto longest =
        std::max_element(data.runs.begin(), data.runs.end(), [](const RunCurve& a, const RunCurve& b) { return a.points.size() < b.points.size(); });
    if (from == to || longest == data.runs.end() || longest->points.empty()) {
        return x;
    }
    // Counters never fall: the last point at or before x.
    const auto after = std::upper_bound(longest->points.begin() + 1, longest->points.end(), x,
                                        [from](double place, const store::ScalarRow& point) { return place < xOf(point.counters, from); });
    return xOf(std::prev(after)->counters, to);
}

ImageChoice imagesAt(const RunCurve& run, XAxis axis, double x) {
    const auto isAsked = [&](double at) { return !std::isfinite(x) || at <= x; };
    if (axis == XAxis::Epoch) {
        const auto after =
            std::partition_point(run.sampleEpochs.begin(), run.sampleEpochs.end(), [&](std::int64_t epoch) { return isAsked(static_cast<double>(epoch)); });
        if (after == run.sampleEpochs.begin()) {
            return {};
        }
        return {*std::prev(after), !std::isfinite(x) || static_cast<double>(*std::prev(after)) == x};
    }
    // From the newest evaluation in reach back to one that has images; an image without an evaluation has no place on this axis.
    auto row = std::partition_point(run.evaluations.begin(), run.evaluations.end(), [&](const store::ScalarRow& r) { return isAsked(xOf(r.counters, axis)); });
    while (row != run.evaluations.begin()) {
        --row;
        if (std::binary_search(run.sampleEpochs.begin(), run.sampleEpochs.end(), row->counters.epoch)) {
            return {row->counters.epoch, !std::isfinite(x) || xOf(row->counters, axis) == x};
        }
    }
    return {};
}

std::vector<ImageKey> imageKeys(const std::vector<const std::vector<store::SampleRow>*>& sets) {
    std::vector<ImageKey> keys;
    std::set<ImageKey> seen;
    for (const auto* samples : sets) {
        for (const store::SampleRow& sample : *samples) {
            if (ImageKey key = imageKeyOf(sample); seen.insert(key).second) {
                keys.push_back(std::move(key));
            }
        }
    }
    return keys;
}

}  // namespace rlcm::ui
