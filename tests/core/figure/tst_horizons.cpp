// Reward at an equal budget against what an image costs: groups, values, fronts, times and tables.
#include <cmath>
#include <fstream>
#include <limits>
#include <random>

#include <QTemporaryDir>
#include <QTest>

#include "core/base/error.h"
#include "core/figure/clock.h"
#include "core/figure/horizon_table.h"
#include "core/figure/lines.h"
#include "core/run/field_table.h"

using namespace rlcm;
using figure::Band;

namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

store::RunRow row(const std::string& id, run::Method method, std::int64_t steps, std::int64_t seed, std::int64_t epochs = 20) {
    run::RunConfig config;
    config.name = id;
    config.seed = seed;
    config.compute.dtype = run::Dtype::Fp32;
    config.algorithm.method = method;
    config.model.path = method == run::Method::Rlcm ? "emoji-lcm" : "emoji-sd";
    config.sampling.steps = steps;
    config.training.epochs = epochs;
    store::RunRow run;
    run.id = id;
    run.method = method;
    run.steps = steps;
    run.seed = seed;
    run.configJson = run::toJson(config).dump();
    return run;
}

/// Values at 0, 100, 200, ... reward queries.
std::vector<store::ScalarRow> points(const std::vector<double>& values) {
    std::vector<store::ScalarRow> rows;
    for (const double value : values) {
        const auto n = static_cast<std::int64_t>(rows.size());
        rows.push_back({{.epoch = 5 * n, .rewardQueries = 100 * n}, value});
    }
    return rows;
}

const run::CounterField& queries() {
    return run::counterField("reward_queries");
}

figure::HorizonGroup group(std::vector<figure::Curve> curves) {
    figure::HorizonGroup one;
    one.curves = std::move(curves);
    return one;
}

}  // namespace

class TestHorizons : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void seedsOfOneHorizonAreOnePointAndOtherSettingsAnother() {
        const std::vector<store::RunRow> runs{row("r1", run::Method::Ddpo, 20, 0), row("r2", run::Method::Rlcm, 8, 0), row("r3", run::Method::Rlcm, 2, 0),
                                              row("r4", run::Method::Rlcm, 8, 1, 40), row("r5", run::Method::Rlcm, 4, 0)};
        const auto values = points({1, 2}), none = points({kNan, kNan});
        store::RunRow other = row("r6", run::Method::Rlcm, 2, 3);
        run::RunConfig config = run::configFromJson(parseJson(other.configJson, "r6"), "r6");
        config.training.learningRate = 0.5;
        other.configJson = run::toJson(config).dump();
        const auto groups = figure::horizonGroups(
            std::vector<figure::EvaluatedRun>{{runs[0], values}, {runs[1], values}, {runs[2], values}, {runs[3], values}, {runs[4], none}, {other, values}},
            queries());
        QCOMPARE(groups.size(), std::size_t{4});
        QCOMPARE(groups[0].label, std::string("RLCM H2, learning_rate 0.001"));
        QCOMPARE(groups[1].label, std::string("RLCM H2, learning_rate 0.5"));
        QCOMPARE(groups[1].apart, std::string("0.5"));
        QCOMPARE(groups[2].apart, std::string());
        QCOMPARE(groups[2].label, std::string("RLCM H8"));
        QCOMPARE(groups[2].runs, (std::vector<run::RunId>{"r2", "r4"}));  // planned to be longer, the same so far
        QCOMPARE(groups[2].denoiserEvaluations, 8);
        QCOMPARE(groups[3].label, std::string("DDPO 20"));
        QCOMPARE(groups[3].denoiserEvaluations, 40);  // guidance takes two rows
        QCOMPARE(groups[3].timing, std::string("emoji-sd ddpo 20 x2 fp32"));
    }
    void aRunThatEndsByTheClockOfItsLearningRateIsOfAnotherGroup() {
        store::RunRow shortRun = row("r1", run::Method::Rlcm, 4, 0, 20), longRun = row("r2", run::Method::Rlcm, 4, 1, 40);
        for (store::RunRow* run : {&shortRun, &longRun}) {
            run::RunConfig config = run::configFromJson(parseJson(run->configJson, run->id), run->id);
            config.training.learningRateDecay = run::LearningRateDecay::TwoThirds;
            run->configJson = run::toJson(config).dump();
        }
        const auto values = points({1, 2});
        QCOMPARE(figure::horizonGroups(std::vector<figure::EvaluatedRun>{{shortRun, values}, {longRun, values}}, queries()).size(), std::size_t{2});
    }
    void groupsThatSettingsDoNotTellApartAreNamedByTheirRun() {
        std::vector<store::RunRow> runs{row("r1", run::Method::Rlcm, 4, 0), row("r2", run::Method::Rlcm, 4, 1)};
        runs[0].configJson = R"({"of": "another version"})";
        runs[1].configJson = R"({"of": "yet another"})";
        const auto values = points({1, 2});
        const auto groups = figure::horizonGroups(std::vector<figure::EvaluatedRun>{{runs[0], values}, {runs[1], values}}, queries());
        QCOMPARE(groups[0].label, std::string("RLCM H4 \u00B7 r1"));
        QCOMPARE(groups[1].label, std::string("RLCM H4 \u00B7 r2"));
        QCOMPARE(groups[1].apart, std::string("r2"));
    }
    void aRunOfAnOlderVersionIsASeedOfTheSameGroup() {
        std::vector<store::RunRow> runs{row("r1", run::Method::Rlcm, 4, 0), row("r2", run::Method::Rlcm, 4, 1)};
        Json older = Json::parse(runs[0].configJson);
        older.at("evaluation").erase("path_kl_every");  // settings that came later
        older.at("reward").erase("server_group_wise");
        runs[0].configJson = older.dump();
        const auto values = points({1, 2});
        const auto groups = figure::horizonGroups(std::vector<figure::EvaluatedRun>{{runs[0], values}, {runs[1], values}}, queries());
        QCOMPARE(groups.size(), std::size_t{1});
        QCOMPARE(figure::rewardKey(runs[0]), figure::rewardKey(runs[1]));
        QCOMPARE(figure::groupKey(runs[0]), figure::groupKey(runs[1]));
    }
    void secondsOfAnotherMachineAreLeftOut() {
        std::vector<store::RunRow> runs{row("r1", run::Method::Rlcm, 4, 0), row("r2", run::Method::Rlcm, 4, 1), row("r3", run::Method::Rlcm, 4, 2)};
        runs[0].environmentJson = runs[2].environmentJson = R"({"processor": "this", "torch": "torch 2.13.0, AVX2"})";
        runs[1].environmentJson = R"({"processor": "that", "torch": "torch 2.13.0, cuda:0", "gpu": "one", "cores": 4})";
        QCOMPARE(figure::machineOf(runs[0]), std::string("this, torch 2.13.0, AVX2, all cores"));
        QCOMPARE(figure::machineOf(runs[1]), std::string("that, one, torch 2.13.0, cuda:0, all cores"));
        QCOMPARE(figure::clockOf(std::vector<std::string>{}), std::string());
        const auto values = points({1, 2});
        const std::vector<figure::EvaluatedRun> evaluated{{runs[0], values}, {runs[1], values}, {runs[2], values}};
        QCOMPARE(figure::horizonGroups(evaluated, queries()).front().runs.size(), std::size_t{3});
        const auto timed = figure::horizonGroups(evaluated, run::counterField("active_seconds"));
        QCOMPARE(timed.front().runs, (std::vector<run::RunId>{"r1", "r3"}));
    }
    void valuesBetweenEvaluationsAreInterpolatedAndTheIntervalIsThatOfTheSeeds() {
        // Seeds at 150: 2.5, 3.5, 6. Mean 4, sample standard deviation sqrt(3.25), t(2) = 4.303.
        const auto three = group({{{0, 100, 200}, {1, 2, 3}}, {{0, 100, 200}, {1, 3, 4}}, {{0, 100, 200}, {1, 5, 7}}});
        const figure::HorizonValue value = figure::valueAt(three, 150, Band::Confidence95);
        QCOMPARE(value.mean, 4.0);
        QCOMPARE(value.runs, 3);
        QCOMPARE(value.high - value.mean, 4.303 * std::sqrt(3.25) / std::sqrt(3.0));
        QCOMPARE(value.mean - value.low, value.high - value.mean);
        QCOMPARE(value.base, 1.0);
        QVERIFY(!value.hasEnded);
        QCOMPARE(value.at, 150.0);
        QCOMPARE(figure::valueAt(three, 150, Band::MinMax).high, 6.0);
        QCOMPARE(figure::valueAt(three, -1, Band::MinMax).mean, 1.0);
    }
    void aGroupThatHasEndedStaysWhereItWasAndSaysSo() {
        const auto one = group({{{0, 100}, {1, 2}}});
        const figure::HorizonValue value = figure::valueAt(one, 250, Band::Confidence95);
        QVERIFY(value.hasEnded);
        QCOMPARE(value.at, 100.0);
        QCOMPARE(value.mean, 2.0);
        QCOMPARE(value.low, value.high);
        QVERIFY(!figure::valueAt(one, 100 * (1 + 1e-12), Band::MinMax).hasEnded);
    }
    void seedsThatTookAlittleLongerStayTogetherAndOneThatHasOnlyBegunIsLeftOut() {
        const auto seconds = group({{{0, 60}, {1, 2}}, {{0, 63}, {1, 4}}, {{0, 5}, {1, 9}}});
        const figure::HorizonValue value = figure::valueAt(seconds, 63, Band::MinMax);
        QCOMPARE(value.runs, 2);
        QCOMPARE(value.mean, 3.0);
        QCOMPARE(figure::valueAt(seconds, 4, Band::MinMax).runs, 3);
    }
    void theSharedBudgetIsThatOfTheGroupThatEndsFirst() {
        const std::vector<figure::HorizonGroup> groups{group({{{3, 100}, {1, 2}}}), group({{{1, 40}, {1, 2}}, {{2, 50}, {1, 2}}})};
        const figure::BudgetRange range = figure::budgetRange(groups);
        QCOMPARE(range.first, 1.0);
        QCOMPARE(range.shared, 50.0);
        QCOMPARE(range.longest, 100.0);
        QCOMPARE(figure::budgetRange({}).longest, 0.0);
    }
    void theFrontIsWhatNoOtherBeats() {
        QCOMPARE(figure::paretoFront(std::vector<double>{1, 2, 3, 3, 4, 2}, std::vector<double>{1, 3, 3, 5, 4, kNan}),
                 (std::vector<bool>{true, true, false, true, false, false}));
        QCOMPARE(figure::paretoFront(std::vector<double>{2, 2}, std::vector<double>{7, 7}), (std::vector<bool>{true, true}));  // equals beat neither
        QVERIFY(figure::paretoFront({}, {}).empty());
    }
    void theFrontAgreesWithItsDefinitionOnRandomPoints() {
        std::mt19937 random(7);
        std::uniform_int_distribution<int> any(0, 9);
        for (int round = 0; round < 200; ++round) {
            std::vector<double> cost, worth;
            for (int i = 0; i < 12; ++i) {
                cost.push_back(any(random));
                worth.push_back(any(random));
            }
            const std::vector<bool> front = figure::paretoFront(cost, worth);
            for (std::size_t i = 0; i < cost.size(); ++i) {
                double cheaper = -1, alike = -1;  // the best of those that cost less, and as much
                for (std::size_t j = 0; j < cost.size(); ++j) {
                    cheaper = cost[j] < cost[i] ? std::max(cheaper, worth[j]) : cheaper;
                    alike = cost[j] == cost[i] ? std::max(alike, worth[j]) : alike;
                }
                QCOMPARE(bool(front[i]), worth[i] > cheaper && worth[i] == alike);
            }
        }
    }
    void timesAreKeptOncePerSettings() {
        const QTemporaryDir dir;
        const std::filesystem::path folder = dir.path().toStdString();
        QVERIFY(figure::readInferenceTimes(folder).empty());
        figure::InferenceTime time{"emoji-lcm rlcm 4 x1 fp32", 48.5, 47, 51, 30, 1, "a processor", "fp32", 0, false, 5};
        figure::keepInferenceTime(folder, time);
        figure::InferenceTime other = time;
        other.key = "emoji-lcm rlcm 8 x1 fp32";
        other.isBusy = true;
        figure::keepInferenceTime(folder, other);
        time.medianMs = 40;
        figure::keepInferenceTime(folder, time);
        const auto all = figure::readInferenceTimes(folder);
        QCOMPARE(all.size(), std::size_t{2});
        QVERIFY(figure::findTime(all, time.key) == time);
        QVERIFY(figure::findTime(all, other.key) == other);
        QVERIFY(!figure::findTime(all, "else"));
    }
    void aDamagedListOfTimesIsNamed() {
        const QTemporaryDir dir;
        const std::filesystem::path folder = dir.path().toStdString();
        for (const char* text : {"{", "[]", R"({"version": 9, "times": []})", R"({"version": 1, "times": [{"key": "x"}]})"}) {
            std::ofstream(figure::inferenceTimesFile(folder)) << text;
            try {
                figure::readInferenceTimes(folder);
                QFAIL(text);
            } catch (const Error& problem) {
                QVERIFY2(std::string(problem.what()).find("inference.json") != std::string::npos, problem.what());
            }
        }
    }
    void tablesHoldWhatTheChartShows() {
        figure::HorizonRow four;
        four.group = group({{{0, 100}, {-2.5, -1.5}}, {{0, 100}, {-2.5, -1.3}}});
        four.group.label = "RLCM H4";
        four.group.steps = four.group.denoiserEvaluations = 4;
        four.value = figure::valueAt(four.group, 100, Band::Confidence95);
        four.time = figure::InferenceTime{"k", 48.48696, 48, 50, 30, 1, "a processor", "fp32", 0, false, 5};
        four.isOnFront = true;
        figure::HorizonRow twenty;
        twenty.group = group({{{0, 50}, {-2.5, -2}}});
        twenty.group.label = "DDPO 20";
        twenty.group.method = run::Method::Ddpo;
        twenty.group.steps = 20;
        twenty.group.denoiserEvaluations = 40;
        twenty.value = figure::valueAt(twenty.group, 100, Band::Confidence95);
        const figure::HorizonCaption caption{.value = "Reward_mean (kB)", .budget = "100 reward queries", .band = "95 % t interval", .timing = ""};

        const std::string csv = figure::horizonCsv({four, twenty});
        QVERIFY2(csv.find("\nRLCM H4,RLCM,4,4,48.48696,48,50,-1.4,") != std::string::npos, csv.c_str());
        QVERIFY2(csv.find("\nDDPO 20,DDPO,20,40,,,,-2,-2,-2,1,50,yes,-2.5,no\n") != std::string::npos, csv.c_str());
        const std::string markdown = figure::markdown(figure::horizonTable({four, twenty}, caption));
        QVERIFY2(markdown.find("| RLCM | 4 | 4 | 48.49 | \u22121.400 \u00B11.271 | 2 | yes |\n") != std::string::npos, markdown.c_str());
        QVERIFY2(markdown.find("| DDPO | 20 | 40 | \u2013 | \u22122.000 (ended at 50.00) | 1 |  |\n") != std::string::npos, markdown.c_str());
        const std::string latex = figure::latex(figure::horizonTable({four, twenty}, caption));
        QVERIFY2(latex.find("RLCM & 4 & 4 & 48.49 & $-$1.400 $\\pm$1.271 & 2 & yes \\\\\n") != std::string::npos, latex.c_str());
        QVERIFY2(latex.find("\\caption{Reward\\_mean (kB) at 100 reward queries; 95 \\% t interval; time of an image not measured.}") != std::string::npos,
                 latex.c_str());
    }
};

QTEST_GUILESS_MAIN(TestHorizons)
#include "tst_horizons.moc"
