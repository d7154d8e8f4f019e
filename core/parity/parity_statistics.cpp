// Aggregates, intervals, curves, votes, fits and alarms (golden/statistics).
#include "core/parity/parity.h"

#include <algorithm>
#include <optional>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/base/over_optimisation.h"
#include "core/data/safetensors.h"
#include "core/figure/budget.h"
#include "core/figure/intervals.h"
#include "core/health/alarm.h"
#include "core/health/collapse.h"
#include "core/parity/gauge.h"
#include "core/tensor/torch.h"

namespace rlcm::parity {
namespace {

using figure::Scores;
using Measure = Gauge::Measure;
constexpr double kExact = 1e-12, kOutlier = 1e-11, kCurves = 1e-9, kFits = 1e-8;

/// [run][task] of the files -> [task][run].
Scores scoresOf(const Json& json) {
    const auto rows = json.get<std::vector<std::vector<double>>>();
    Scores scores(rows.empty() ? 0 : rows.front().size());
    for (const std::vector<double>& row : rows) {
        for (std::size_t task = 0; task < scores.size(); ++task) {
            scores[task].push_back(row.at(task));
        }
    }
    return scores;
}

/// null stands for a number that must not be there.
void addMaybe(Gauge& gauge, const std::optional<double>& ours, const Json& expected, const std::string& where) {
    if (ours.has_value() == expected.is_null()) {
        gauge.fail(where + (ours ? ": a number where there is none" : ": no number"));
    } else if (ours) {
        gauge.add(*ours, expected.get<double>(), where);
    } else {
        gauge.addMeasured(0, where);
    }
}

void addList(Gauge& gauge, const std::vector<double>& ours, const Json& expected, const std::string& where) {
    gauge.add(at::tensor(ours, at::kDouble), at::tensor(expected.get<std::vector<double>>(), at::kDouble), where);
}

void compareAggregates(const Json& json, Report& report) {
    Gauge gauge("aggregates", kExact), outlier("aggregates with an outlier", kOutlier);
    bool hasOutlier = false;
    for (const Json& one : json.at("aggregates")) {
        const auto name = one.at("name").get<std::string>();
        hasOutlier = hasOutlier || name == "outlier";
        Gauge& into = name == "outlier" ? outlier : gauge;
        const Scores scores = scoresOf(one.at("scores"));
        into.add(figure::interquartileMean(scores), one.at("iqm").get<double>(), name + " iqm");
        into.add(figure::medianOfTasks(scores), one.at("median").get<double>(), name + " median");
        into.add(figure::meanOfTasks(scores), one.at("mean").get<double>(), name + " mean");
        for (const auto& [gamma, gap] : one.at("optimality_gap").items()) {
            into.add(figure::optimalityGap(scores, std::stod(gamma)), gap.get<double>(), name + " gap at " + gamma);
        }
    }
    report.quantities.push_back(gauge.result());
    if (hasOutlier) {
        report.quantities.push_back(outlier.result());
    }
    Gauge improvement("probability of improvement", kExact);
    for (const Json& one : json.at("improvement")) {
        const auto side = [&](const std::string& key) {
            return scoresOf(one.contains(key) ? json.at("methods").at(one.at(key).get<std::string>()) : one.at(key + "_scores"));
        };
        const Scores x = side("x"), y = side("y");
        addList(improvement, figure::improvementPerTask(x, y), one.at("per_task"), one.value("x", "x"));
        improvement.add(figure::probabilityOfImprovement(x, y), one.at("probability").get<double>(), one.value("x", "x"));
    }
    report.quantities.push_back(improvement.result());
    Gauge profile("performance profile", kExact);
    const auto thresholds = json.at("profile").at("thresholds").get<std::vector<double>>();
    for (const auto& [name, shares] : json.at("profile").at("methods").items()) {
        const Scores scores = scoresOf(json.at("methods").at(name));
        addList(profile, figure::performanceProfile(scores, thresholds), shares.at("run_scores_above"), name);
        addList(profile, figure::taskProfile(scores, thresholds), shares.at("task_means_above"), name + " task means");
    }
    report.quantities.push_back(profile.result());
}

/// The statistic by its names in the file: aggregates, "probability_of_improvement", or "above 0.5" for a profile.
figure::Statistic statisticOf(const std::vector<std::string>& names) {
    return [names](std::span<const Scores> methods) {
        std::vector<double> numbers;
        for (const std::string& name : names) {
            if (name.starts_with("above ")) {
                const std::vector<double> threshold{std::stod(name.substr(6))};
                numbers.push_back(figure::performanceProfile(methods[0], threshold).front());
            } else if (name == "probability_of_improvement") {
                numbers.push_back(figure::probabilityOfImprovement(methods[0], methods[1]));
            } else if (name == "optimality_gap") {
                numbers.push_back(figure::optimalityGap(methods[0]));
            } else if (name == "iqm" || name == "median" || name == "mean") {
                numbers.push_back(name == "iqm"      ? figure::interquartileMean(methods[0])
                                  : name == "median" ? figure::medianOfTasks(methods[0])
                                                     : figure::meanOfTasks(methods[0]));
            } else {
                throw Error(ErrorKind::Format, "this build knows no statistic \"" + name + "\"");
            }
        }
        return numbers;
    };
}

/// What stands in for every run in one repetition. runs: I32 [repetition, run, task]; tasks: I32 [repetition, task] or undefined.
figure::Resample resampleOf(const at::Tensor& runs, const at::Tensor& tasks, std::int64_t repetition) {
    figure::Resample draw;
    for (std::int64_t task = 0; task < runs.size(2); ++task) {
        std::vector<std::size_t>& places = draw.runs.emplace_back();
        for (std::int64_t run = 0; run < runs.size(1); ++run) {
            places.push_back(static_cast<std::size_t>(runs[repetition][run][task].item<std::int64_t>()));
        }
        if (tasks.defined()) {
            draw.tasks.push_back(static_cast<std::size_t>(tasks[repetition][task].item<std::int64_t>()));
        }
    }
    return draw;
}

void compareRecordedDraws(const Json& one, const data::SafetensorsFile& tensors, Gauge& estimates, Gauge& intervals) {
    const auto name = one.at("name").get<std::string>();
    const figure::Statistic statistic = statisticOf(one.at("statistics").get<std::vector<std::string>>());
    std::vector<Scores> data;
    std::vector<at::Tensor> runs;
    for (const Json& scores : one.at("data")) {
        data.push_back(scoresOf(scores));
        runs.push_back(tensors.tensor(name + ".run_indices" + (one.at("data").size() == 1 ? "" : data.size() == 1 ? "_x" : "_y")));
    }
    const at::Tensor tasks = tensors.contains(name + ".task_indices") ? tensors.tensor(name + ".task_indices") : at::Tensor();
    addList(estimates, statistic(data), one.at("point"), name + " point");
    std::vector<std::vector<double>> ours;
    for (std::int64_t repetition = 0; repetition < runs.front().size(0); ++repetition) {
        std::vector<Scores> drawn;
        for (std::size_t i = 0; i < data.size(); ++i) {
            drawn.push_back(figure::resampled(data[i], resampleOf(runs[i], tasks, repetition)));
        }
        ours.push_back(statistic(drawn));
    }
    const at::Tensor expected = tensors.tensor(name + ".estimates_f64");
    for (std::size_t i = 0; i < ours.size(); ++i) {
        estimates.add(at::tensor(ours[i], at::kDouble), expected[static_cast<std::int64_t>(i)], name + " repetition " + std::to_string(i));
    }
    const std::vector<figure::Interval> ends = figure::percentileIntervals(ours, one.at("size").get<double>());
    for (std::size_t i = 0; i < ends.size(); ++i) {
        intervals.add(ends[i].low, one.at("interval").at(0).at(i).get<double>(), name + " low " + std::to_string(i));
        intervals.add(ends[i].high, one.at("interval").at(1).at(i).get<double>(), name + " high " + std::to_string(i));
    }
}

void compareBootstrap(const std::filesystem::path& folder, Report& report) {
    const Json json = readJsonFile(folder / "bootstrap.json");
    const data::SafetensorsFile tensors = data::SafetensorsFile(folder / "bootstrap.safetensors");
    Gauge estimates("bootstrap estimates", kExact), intervals("bootstrap intervals", kExact);
    for (const Json& one : json.at("exact")) {
        compareRecordedDraws(one, tensors, estimates, intervals);
    }
    report.quantities.push_back(estimates.result());
    report.quantities.push_back(intervals.result());
    for (const Json& one : json.at("own_random_numbers")) {
        const std::vector<Scores> data{scoresOf(one.at("scores"))};
        const auto names = one.at("statistics").get<std::vector<std::string>>();
        const auto ends = figure::bootstrapIntervals(data, statisticOf(names),
                                                     {.repetitions = one.value("own_repetitions", 20000), .confidence = one.at("size").get<double>()});
        for (std::size_t i = 0; i < names.size(); ++i) {
            Gauge gauge("own bootstrap " + one.at("name").get<std::string>() + " " + names[i], one.at("atol").at(i).get<double>());
            addMaybe(gauge, ends ? std::optional(ends->at(i).low) : std::nullopt, one.at("reference_interval").at(0).at(i), "low");
            addMaybe(gauge, ends ? std::optional(ends->at(i).high) : std::nullopt, one.at("reference_interval").at(1).at(i), "high");
            report.quantities.push_back(gauge.result());
        }
    }
}

void compareArrivals(const Json& json, const std::vector<figure::Curve>& curves, Gauge& gauge) {
    for (const auto& [key, median] : json.at("median_time_to").items()) {
        const std::size_t slash = key.find('/');
        std::vector<std::optional<double>> times;
        for (std::size_t i = 0; i < curves.size(); ++i) {
            times.push_back(figure::timeToThreshold(curves[i], std::stod(key.substr(0, slash)), std::stoi(key.substr(slash + 1))));
            addMaybe(gauge, times.back(), json.at("runs").at(i).at("time_to").at(key), "run " + std::to_string(i) + " to " + key);
        }
        const figure::ArrivalSummary ours = figure::summariseArrivals(times);
        addMaybe(gauge, ours.median, median, "median to " + key);
        gauge.add(ours.shareArrived, json.at("share_reached").at(key).get<double>(), "share to " + key);
    }
}

void compareCurves(const Json& json, Report& report) {
    Gauge values("values at budgets", kCurves), areas("areas", kCurves), arrivals("times to thresholds", kCurves);
    std::vector<figure::Curve> curves;
    for (const Json& run : json.at("runs")) {
        curves.push_back({run.at("budget").get<std::vector<double>>(), run.at("value").get<std::vector<double>>()});
    }
    const std::optional<figure::Range> common = figure::commonRange(curves);
    addMaybe(areas, common ? std::optional(common->from) : std::nullopt, json.at("common_range").at(0), "common range from");
    addMaybe(areas, common ? std::optional(common->to) : std::nullopt, json.at("common_range").at(1), "common range to");
    const auto targets = json.at("targets").get<std::vector<double>>();
    std::vector<double> counts(targets.size());
    for (std::size_t i = 0; i < curves.size(); ++i) {
        const Json& run = json.at("runs").at(i);
        const std::string where = "run " + std::to_string(i);
        for (std::size_t target = 0; target < targets.size(); ++target) {
            const std::optional<double> value = figure::valueAt(curves[i], targets[target]);
            addMaybe(values, value, run.at("at_targets").at(target), where);
            counts[target] += value ? 1 : 0;
        }
        if (common) {
            addMaybe(areas, figure::meanHeight(curves[i], *common), run.at("area_over_common_range"), where);
            addMaybe(areas, figure::meanHeight(curves[i], {0, common->to}), run.at("area_from_0"), where + " from 0");
        }
    }
    addList(values, counts, json.at("runs_at_target"), "runs at targets");
    compareArrivals(json, curves, arrivals);
    for (const Gauge& gauge : {values, areas, arrivals}) {
        report.quantities.push_back(gauge.result());
    }
}

void compareVotesAndFits(const Json& json, Report& report) {
    Gauge votes("intervals of votes", kCurves), fits("fits of the gain", kFits, Measure::Relative);
    for (const Json& one : json.at("votes")) {
        const figure::Interval ours = figure::wilsonInterval(one.at("wins").get<std::int64_t>(), one.at("votes").get<std::int64_t>());
        addList(votes, {ours.low, ours.high}, one.at("interval"), one.dump());
    }
    const Json& data = json.at("over_optimisation");
    const auto kl = data.at("kl_nats").get<std::vector<double>>();
    for (const std::string which : {"gold", "proxy"}) {
        const auto gain = data.at(which + "_gain").get<std::vector<double>>();
        for (const auto& [form, expected] : data.at(which + "_fit").items()) {
            const auto fit = fitGain(kl, gain, form == "rl" ? GainForm::Rl : GainForm::BestOfN);
            const std::string where = which + " " + form;
            if (!fit || fit->peak.has_value() == expected.at("peak_distance").is_null()) {
                fits.fail(where + ": no fit, or a peak on one side only");
                continue;
            }
            fits.add(fit->a, expected.at("a").get<double>(), where + " a");
            fits.add(fit->b, expected.at("b").get<double>(), where + " b");
            fits.add(fit->residual, expected.at("residual_sum_of_squares").get<double>(), where + " residual");
            if (fit->peak) {
                fits.add(fit->peak->distance, expected.at("peak_distance").get<double>(), where + " peak");
                fits.add(fit->peak->gain, expected.at("peak_gain").get<double>(), where + " height");
                fits.add(fit->peak->isPast ? 1 : 0, expected.at("past_peak").get<bool>() ? 1 : 0, where + " past");
            }
        }
    }
    report.quantities.push_back(votes.result());
    report.quantities.push_back(fits.result());
}

health::AlarmRule ruleOf(const Json& rule) {
    return {.side = rule.at("side") == "below" ? health::Side::Below : health::Side::Above,
            .enter = rule.at("enter").get<double>(),
            .leave = rule.at("leave").get<double>(),
            .patience = rule.at("patience").get<int>(),
            .release = rule.at("release").get<int>(),
            .warmup = rule.at("warmup").get<int>()};
}

/// [[index, "raised" | "released"], ...]
Json eventsOf(const health::AlarmRule& rule, const std::vector<std::optional<double>>& values) {
    health::Alarm alarm(rule);
    Json events = Json::array();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const health::AlarmChange change = alarm.feed(values[i]);
        if (change != health::AlarmChange::None) {
            events.push_back({i, change == health::AlarmChange::Raised ? "raised" : "released"});
        }
    }
    return events;
}

Json maybe(const std::optional<std::size_t>& index) {
    return index ? Json(*index) : Json(nullptr);
}

void compareCollapses(const Json& json, Gauge& labels) {
    constexpr health::AlarmRule kRule{.side = health::Side::Below, .enter = 0.9, .leave = 0.95, .patience = 2, .release = 2, .warmup = 1};
    for (const Json& run : json.at("runs")) {
        std::vector<health::CollapseEvidence> evidence;
        std::vector<std::optional<double>> relative;
        for (std::size_t i = 0; i < run.at("judge").size(); ++i) {
            const auto value = [&](const char* key) { return run.at(key).at(i).get<double>(); };
            evidence.push_back({value("judge"), value("judge_se"), value("pairwise"), value("sharpness")});
            relative.emplace_back(evidence.back().judge / evidence.front().judge);
        }
        labels.addMeasured(maybe(health::findCollapse(evidence)) == run.at("collapse") ? 0 : 1, "collapse");
        const Json events = eventsOf(kRule, relative);
        labels.addMeasured((events.empty() ? Json(nullptr) : events.at(0).at(0)) == run.at("first_alarm") ? 0 : 1, "first alarm");
    }
}

void compareAlarms(const Json& json, Report& report) {
    Gauge events("alarm events", 0, Measure::Exact), labels("collapse labels", 0, Measure::Exact), scores("alarm scores", 0, Measure::Exact);
    for (const Json& one : json.at("rules")) {
        std::vector<std::optional<double>> values;
        for (const Json& value : one.at("values")) {
            values.push_back(value.is_null() ? std::nullopt : std::optional(value.get<double>()));
        }
        events.addMeasured(eventsOf(ruleOf(one.at("rule")), values) == one.at("events") ? 0 : 1, one.at("name").get<std::string>());
    }
    compareCollapses(json, labels);
    const Json& expected = json.at("score");
    std::vector<health::LabelledRun> runs;
    const auto index = [](const Json& value) { return value.is_null() ? std::nullopt : std::optional(value.get<std::size_t>()); };
    for (const Json& pair : expected.at("pairs")) {
        runs.push_back({index(pair.at(0)), index(pair.at(1))});
    }
    const health::AlarmScore ours = health::scoreAlarms(runs, expected.at("lead").get<int>(), expected.at("lag").get<int>());
    const Json got{{"true", ours.right}, {"false", ours.wrong}, {"missed", ours.missed}, {"leads", ours.leads}};
    for (const auto& [key, value] : got.items()) {
        scores.addMeasured(value == expected.at(key) ? 0 : 1, key);
    }
    addMaybe(scores, ours.precision(), expected.at("precision"), "precision");
    addMaybe(scores, ours.recall(), expected.at("recall"), "recall");
    for (const Gauge& gauge : {events, labels, scores}) {
        report.quantities.push_back(gauge.result());
    }
}

}  // namespace

Report runStatistics(const std::filesystem::path& folder) {
    Report report{.kind = "statistics", .folder = folder, .quantities = {}};
    compareAggregates(readJsonFile(folder / "aggregates.json"), report);
    compareBootstrap(folder, report);
    const Json curves = readJsonFile(folder / "curves.json");
    compareCurves(curves.at("curves"), report);
    compareVotesAndFits(curves, report);
    compareAlarms(readJsonFile(folder / "alarms.json"), report);
    return report;
}

}  // namespace rlcm::parity
