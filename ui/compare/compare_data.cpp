#include "ui/compare/compare_data.h"

#include <QCoreApplication>
#include <QSet>
#include <QStringList>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/base/json.h"
#include "ui/theme/theme.h"
#include "ui/widgets/format.h"

namespace rlcm::ui {
namespace {

QString tr(const char* text) {
    return QCoreApplication::translate("Compare", text);
}

Curve curveOf(const RunCurve& run, XAxis axis) {
    Curve curve;
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
    series.isDashed = first.method == "ddpo";
    series.x = std::move(group.x);
    series.y = std::move(group.mean);
    if (group.runs > 1) {
        series.bandLow = std::move(group.low);
        series.bandHigh = std::move(group.high);
        series.label += tr(" (%1 seeds)").arg(group.runs);
    }
    return series;
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

QString scalarTitle(const std::string& name) {
    static const std::map<std::string, const char*> kTitles{
        {"reward_mean", "Training reward (mean)"},
        {"reward_std", "Training reward (std)"},
        {"reward_p10", "Training reward (10 %)"},
        {"reward_p50", "Training reward (median)"},
        {"reward_p90", "Training reward (90 %)"},
        {"eval_reward_mean", "Evaluation reward (mean)"},
        {"eval_reward_std", "Evaluation reward (std)"},
        {"eval_train_reward_mean", "Evaluation reward, training prompts"},
        {"eval_held_out_reward_mean", "Evaluation reward, held-out prompts"},
        {"eval_judge_accuracy", "Judge accuracy"},
        {"eval_judge_cosine", "Judge agreement (cosine)"},
        {"eval_diversity", "Diversity"},
        {"eval_images", "Evaluation images"},
        {"loss", "Loss"},
        {"approx_kl", "Approximate KL"},
        {"clip_fraction", "Clipped fraction"},
        {"grad_norm", "Gradient norm"},
        {"ratio_max_deviation", "Largest ratio deviation"},
        {"learning_rate", "Learning rate"},
        {"images_per_second", "Images per second"},
    };
    const auto found = kTitles.find(name);
    if (found != kTitles.end()) return tr(found->second);
    if (name.rfind("reward.", 0) == 0)
        return tr("Reward term: %1").arg(QString::fromStdString(name.substr(7)));
    return QString::fromStdString(name);
}

std::string groupKey(const store::RunRow& run) {
    Json config = parseJson(run.configJson.empty() ? "{}" : run.configJson, run.id);
    config.erase("seed");
    config.erase("name");
    config.erase("compute");
    return config.dump();
}

std::vector<Series> makeSeries(const CompareData& data, const CurveOptions& options) {
    std::vector<Series> result;
    if (options.isGrouped) {
        std::vector<std::pair<std::string, std::vector<const RunCurve*>>>
            groups;  // in the order of their first runs
        for (const RunCurve& run : data.runs) {
            const std::string key = groupKey(run.run);
            const auto at = std::find_if(
                groups.begin(), groups.end(), [&](const auto& group) { return group.first == key; });
            if (at == groups.end())
                groups.push_back({key, {&run}});
            else
                at->second.push_back(&run);
        }
        for (const auto& [key, members] : groups) result.push_back(groupSeries(members, options));
    } else {
        for (const RunCurve& run : data.runs) {
            Curve curve = curveOf(run, options.axis);
            result.push_back({.id = QString::fromStdString(run.run.id),
                              .label = QString::fromStdString(run.run.name),
                              .colour = runColour(run.run.colour),
                              .x = std::move(curve.x),
                              .y = std::move(curve.y),
                              .isDashed = run.run.method == "ddpo"});
        }
    }
    makeLabelsUnique(result);
    return result;
}

std::vector<QString> shortNames(const std::vector<QString>& names) {
    if (names.size() < 2) return names;
    QSet<QString> shared;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const QStringList words = names[i].split(QLatin1Char(' '));
        const QSet<QString> own(words.begin(), words.end());
        shared = i == 0 ? own : shared & own;
    }
    std::vector<QString> result;
    QSet<QString> different;
    for (const QString& name : names) {
        QStringList kept = name.split(QLatin1Char(' '));
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
    const store::ScalarRow* best = &longest->points.front();
    for (const store::ScalarRow& point : longest->points) {
        if (xOf(point.counters, from) <= x) best = &point;
    }
    return xOf(best->counters, to);
}

ImageChoice imagesAt(const RunCurve& run, XAxis axis, double x) {
    ImageChoice choice;
    for (std::int64_t epoch : run.sampleEpochs) {
        double at = static_cast<double>(epoch);
        if (axis != XAxis::Epoch) {
            const auto row = std::find_if(run.evaluations.begin(), run.evaluations.end(), [&](const auto& r) {
                return r.counters.epoch == epoch;
            });
            if (row == run.evaluations.end())
                continue;  // an evaluation without counters has no place on this axis
            at = xOf(row->counters, axis);
        }
        if (std::isfinite(x) && at > x) break;
        choice = {epoch, !std::isfinite(x) || at == x};
    }
    return choice;
}

}  // namespace rlcm::ui
