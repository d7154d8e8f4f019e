#include "ui/compare/compare_data.h"

#include <QCoreApplication>
#include <QRegularExpression>
#include <QSet>
#include <QStringList>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/base/json.h"
#include "core/report/report.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Compare", text);
}

Curve curveOf(const RunCurve& run, XAxis axis) {
    Curve curve;
    curve.x.reserve(run.points.size());
    curve.y.reserve(run.points.size());
    for (const store::ScalarRow& row : run.points) {
        curve.x.push_back(xOf(row.counters, axis));
        curve.y.push_back(row.value);
    }
    return curve;
}

/// A run's name without the trailing seed that default names carry.
QString nameWithoutSeed(const store::RunRow& run) {
    QString name = QString::fromStdString(run.name);
    const QString tail = QStringLiteral(" s%1").arg(run.seed);
    if (name.endsWith(tail)) name.chop(tail.size());
    return name;
}

void makeLabelsUnique(std::vector<Series>& all) {
    std::map<QString, int> uses;
    for (const Series& series : all) ++uses[series.label];
    for (Series& series : all) {
        if (uses[series.label] > 1) series.label += QStringLiteral(" · %1").arg(series.id);
    }
}

Series groupSeries(const std::vector<const RunCurve*>& members, const CurveOptions& options) {
    std::vector<Curve> curves;
    for (const RunCurve* run : members) curves.push_back(curveOf(*run, options.axis));
    GroupCurve group = groupCurves(curves, options.band);
    const store::RunRow& first = members.front()->run;
    Series series{.id = QString::fromStdString(first.id),
                  .label = nameWithoutSeed(first),
                  .colour = runColour(first.colour)};
    series.isDashed = first.method == run::Method::Ddpo;
    series.x = std::move(group.x);
    series.y = std::move(group.mean);
    series.runs = std::max(1, group.runs);
    if (group.runs > 1) {
        series.bandLow = std::move(group.low);
        series.bandHigh = std::move(group.high);
        series.counts = std::move(group.counts);
    }
    return series;
}

std::vector<Series> groupedSeries(const std::vector<const RunCurve*>& runs, const CurveOptions& options) {
    std::map<std::string, std::size_t> places;
    std::vector<std::vector<const RunCurve*>> groups;  // in the order of their first runs
    for (const RunCurve* run : runs) {
        const std::string key = run->groupKey.empty() ? groupKey(run->run) : run->groupKey;
        const auto [at, isNew] = places.emplace(key, groups.size());
        if (isNew) groups.emplace_back();
        groups[at->second].push_back(run);
    }
    std::vector<Series> result;
    for (const auto& members : groups) result.push_back(groupSeries(members, options));
    return result;
}

}  // namespace

double xOf(const run::Counters& counters, XAxis axis) {
    switch (axis) {
        case XAxis::Epoch:
            return static_cast<double>(counters.epoch);
        case XAxis::OptimizerSteps:
            return static_cast<double>(counters.optimizerSteps);
        case XAxis::Images:
            return static_cast<double>(counters.images);
        case XAxis::RewardQueries:
            return static_cast<double>(counters.rewardQueries);
        case XAxis::DenoiserEvaluations:
            return static_cast<double>(counters.denoiserEvaluations);
        case XAxis::ActiveTime:
            return counters.activeSeconds;
        case XAxis::WallTime:
            return counters.wallSeconds;
    }
    return 0;
}

QString axisTitle(XAxis axis) {
    switch (axis) {
        case XAxis::Epoch:
            return tr("Epoch");
        case XAxis::OptimizerSteps:
            return tr("Optimizer steps");
        case XAxis::Images:
            return tr("Training images");
        case XAxis::RewardQueries:
            return tr("Reward queries");
        case XAxis::DenoiserEvaluations:
            return tr("Denoiser evaluations");
        case XAxis::ActiveTime:
            return tr("Active time");
        case XAxis::WallTime:
            return tr("Wall time");
    }
    return {};
}

QString axisUnit(XAxis axis) {
    switch (axis) {
        case XAxis::Epoch:
            return tr("epochs");
        case XAxis::OptimizerSteps:
            return tr("steps");
        case XAxis::Images:
            return tr("images");
        case XAxis::RewardQueries:
            return tr("queries");
        case XAxis::DenoiserEvaluations:
            return tr("evals");
        case XAxis::ActiveTime:
        case XAxis::WallTime:
            return tr("s");
    }
    return {};
}

bool isTime(XAxis axis) {
    return axis == XAxis::ActiveTime || axis == XAxis::WallTime;
}

QString axisValue(XAxis axis, double x) {
    if (isTime(axis)) return formatDuration(x);
    return axis == XAxis::Epoch ? QString::number(std::llround(x)) : formatCount(std::llround(x));
}

QString placeText(XAxis axis, double x) {
    if (isTime(axis)) return formatDuration(x);
    const qlonglong count = std::llround(x);
    return axis == XAxis::Epoch ? tr("ep %1").arg(count) : QStringLiteral("%1 %2").arg(count).arg(axisUnit(axis));
}

QString scalarTitle(const std::string& name) {
    return QString::fromStdString(report::scalarTitle(name));
}

std::string groupKey(const store::RunRow& run) {
    Json config = parseJson(run.configJson.empty() ? "{}" : run.configJson, run.id);
    config.erase("seed");
    config.erase("name");
    config.erase("compute");
    return config.dump();
}

std::string rewardKey(const store::RunRow& run) {
    Json reward = parseJson(run.configJson.empty() ? "{}" : run.configJson, run.id).value("reward", Json::object());
    // How it is computed changes no value.
    for (const char* name : {"server_parallel", "server_timeout", "server_patience", "program_timeout", "workers"}) reward.erase(name);
    reward["terms"] = run.reward;
    return reward.dump();
}

QString rewardTitle(const store::RunRow& run) {
    return QString::fromStdString(run.reward + report::rewardUnit(run.reward));
}

QString seedsText(int runs) {
    return runs < 2 ? QString() : tr(" (%1 seeds)").arg(runs);
}

std::vector<Series> makeSeries(const std::vector<const RunCurve*>& runs, const CurveOptions& options) {
    std::vector<Series> result;
    if (options.isGrouped) {
        result = groupedSeries(runs, options);
    } else {
        for (const RunCurve* run : runs) {
            Curve curve = curveOf(*run, options.axis);
            result.push_back({.id = QString::fromStdString(run->run.id),
                              .label = QString::fromStdString(run->run.name),
                              .colour = runColour(run->run.colour),
                              .x = std::move(curve.x),
                              .y = std::move(curve.y),
                              .isDashed = run->run.method == run::Method::Ddpo});
        }
    }
    makeLabelsUnique(result);
    for (Series& series : result) series.label += seedsText(series.runs);
    return result;
}

std::vector<QString> shortNames(const std::vector<QString>& names) {
    if (names.size() < 2) return names;
    static const QRegularExpression kEnd(QStringLiteral(" \\([^()]*\\)$"));  // "(3 seeds)" is one word
    std::vector<QStringList> words;
    QSet<QString> shared;
    for (const QString& name : names) {
        const QString end = kEnd.match(name).captured();
        words.push_back(name.chopped(end.size()).split(QLatin1Char(' ')));
        if (!end.isEmpty()) words.back() << end.mid(1);
        const QSet<QString> own(words.back().begin(), words.back().end());
        shared = words.size() == 1 ? own : shared & own;
    }
    std::vector<QString> result;
    QSet<QString> different;
    for (QStringList& kept : words) {
        kept.removeIf([&](const QString& word) { return shared.contains(word); });
        result.push_back(kept.join(QLatin1Char(' ')));
        different.insert(result.back());
    }
    const bool isUseful =
        !different.contains(QString()) && different.size() == static_cast<qsizetype>(names.size());
    return isUseful ? result : names;
}

double longestX(const CompareData& data, XAxis axis) {
    double longest = 0;
    for (const RunCurve& run : data.runs) {
        if (!run.points.empty()) longest = std::max(longest, xOf(run.points.back().counters, axis));
    }
    return longest;
}

double convertX(const CompareData& data, double x, XAxis from, XAxis to) {
    const auto longest =
        std::max_element(data.runs.begin(), data.runs.end(), [](const RunCurve& a, const RunCurve& b) {
            return a.points.size() < b.points.size();
        });
    if (from == to || longest == data.runs.end() || longest->points.empty()) return x;
    // Counters never fall: the last point at or before x.
    const auto after = std::upper_bound(longest->points.begin() + 1, longest->points.end(), x, [from](double place, const store::ScalarRow& point) {
        return place < xOf(point.counters, from);
    });
    return xOf(std::prev(after)->counters, to);
}

ImageChoice imagesAt(const RunCurve& run, XAxis axis, double x) {
    const auto isAsked = [&](double at) { return !std::isfinite(x) || at <= x; };
    if (axis == XAxis::Epoch) {
        const auto after = std::partition_point(run.sampleEpochs.begin(), run.sampleEpochs.end(), [&](std::int64_t epoch) { return isAsked(static_cast<double>(epoch)); });
        if (after == run.sampleEpochs.begin()) return {};
        return {*std::prev(after), !std::isfinite(x) || static_cast<double>(*std::prev(after)) == x};
    }
    // From the newest evaluation in reach back to one that has images; an image without an evaluation has no place on this axis.
    auto row = std::partition_point(run.evaluations.begin(), run.evaluations.end(), [&](const store::ScalarRow& r) { return isAsked(xOf(r.counters, axis)); });
    while (row != run.evaluations.begin()) {
        --row;
        if (std::binary_search(run.sampleEpochs.begin(), run.sampleEpochs.end(), row->counters.epoch))
            return {row->counters.epoch, !std::isfinite(x) || xOf(row->counters, axis) == x};
    }
    return {};
}

std::vector<ImageKey> imageKeys(const std::vector<const std::vector<store::SampleRow>*>& sets) {
    std::vector<ImageKey> keys;
    std::set<ImageKey> seen;
    for (const auto* samples : sets) {
        for (const store::SampleRow& sample : *samples) {
            if (ImageKey key = imageKeyOf(sample); seen.insert(key).second) keys.push_back(std::move(key));
        }
    }
    return keys;
}

}  // namespace rlcm::ui
