// Which value of an axis comes out best: what is said, how surely, and what is said of values that have nothing to show.
#include <QtTest>

#include "core/study/report.h"
#include "tests/core/study/study_desk.h"

using namespace rlcm;
using namespace rlcm::test;
using study::RangeEnd;
using study::Verdict;

namespace {

/// Three rates of one method, ten epochs.
Json rateStudy() {
    Json json = smallStudy();
    json["axes"] = Json::parse(R"([{"name": "learning rate", "values": [
        {"name": "1e-3", "settings": {"training.learning_rate": 1e-3}},
        {"name": "3e-3", "settings": {"training": {"learning_rate": 3e-3}}},
        {"name": "1e-2", "settings": {"training.learning_rate": 1e-2}}]}])");
    json["answers"] = Json::parse(R"([{"ask": "best", "axis": "learning rate"}])");
    return json;
}

/// The middle rate gains most; every seed begins elsewhere.
Outcome middleIsBest(const run::RunConfig& config, std::int64_t epoch) {
    const double rate = config.training.learningRate, slope = rate == 3e-3 ? 1 : rate == 1e-2 ? 0.5 : 0.25;
    return {slope * static_cast<double>(epoch) + 10 * static_cast<double>(config.seed), 1};
}

/// The more the better.
Outcome moreIsBest(const run::RunConfig& config, std::int64_t epoch) {
    return {100 * config.training.learningRate * static_cast<double>(epoch), 1};
}

void verifySays(const study::Answer& answer, std::initializer_list<const char*> words) {
    for (const char* word : words) {
        QVERIFY2(answer.sentence.find(word) != std::string::npos, (std::string(word) + " is missing in: " + answer.sentence).c_str());
    }
}

void verifySaysNot(const study::Answer& answer, const char* word) {
    QVERIFY2(answer.sentence.find(word) == std::string::npos, answer.sentence.c_str());
}

}  // namespace

class TestBest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_desk = std::make_unique<StudyDesk>(rateStudy()); }
    void theBestIsComparedWithTheNextBest() {
        const study::Answer answer = m_desk->answersTo(5, middleIsBest).front();
        QCOMPARE(answer.asked.x, std::string("3e-3"));
        QCOMPARE(answer.asked.y, std::string("1e-2"));
        QVERIFY(answer.verdict == Verdict::Shown && answer.pairs == 5 && answer.missing == 0 && answer.end == RangeEnd::None);
        QCOMPARE(answer.effect, 5.0);  // though seeds lie 10 apart
        QVERIFY(answer.tried[0].mean == 30 && answer.tried[1].mean == 25 && answer.tried[2].mean == 22.5 && answer.tried[0].runs == 5);
        QVERIFY(answer.tried[0].interval->low < 30 && answer.tried[0].interval->high > 30);
        verifySays(answer, {"At 40 reward queries, of 3 values", "\u201Clearning rate\u201D tried with 15 runs", "3e-3 is better than the next best, 1e-2",
                            "(mean) 30.00 kB", "against 25.00 kB", "difference +5.000 kB", "5 runs", "5 pairs of seeds"});
        verifySaysNot(answer, "end of what");
    }
    void everyValueAndEveryPairSharesTheDoubt() {
        const study::Answer answer = m_desk->answersTo(2, middleIsBest).front();
        QCOMPARE(answer.confidence, 1 - 0.05 / 6);  // three means and three pairs
        verifySays(answer, {"99.17 % percentile interval"});
    }
    void fewSeedsAreNotEnough() {
        const study::Answer answer = m_desk->answersTo(3, middleIsBest).front();
        QVERIFY(answer.verdict == Verdict::Few);
        verifySays(answer, {"3e-3 looks better than the next best, 1e-2, but over too few seeds to be shown", "3 pairs of seeds"});
    }
    void oneSeedShowsNothing() {
        const study::Answer answer = m_desk->answersTo(1, middleIsBest).front();
        QVERIFY(answer.verdict == Verdict::NoInterval && !answer.interval && !answer.tried[0].interval && answer.pairs == 1);
        verifySays(answer, {"3e-3 comes out best", "only by one seed", "nothing is shown", "1 pair of seeds"});
        verifySaysNot(answer, "interval 1");
    }
    void anIntervalThatHoldsZeroShowsNothing() {
        const auto uneven = [](const run::RunConfig& config, std::int64_t epoch) {
            const double rate = config.training.learningRate, wave = config.seed % 2 == 0 ? 0.5 : -0.3;
            return Outcome{(rate == 3e-3 ? 1 + wave : rate == 1e-2 ? 1.0 : 0.1) * static_cast<double>(epoch), 1};
        };
        const study::Answer answer = m_desk->answersTo(6, uneven).front();
        QVERIFY(answer.verdict == Verdict::NotShown && answer.interval->low < 0 && answer.interval->high > 0);
        verifySays(answer, {"3e-3 comes out best, but that it is better than the next best, 1e-2, is not shown, the interval holds 0"});
    }
    void equalMeansHaveNoBest() {
        const auto twins = [](const run::RunConfig& config, std::int64_t epoch) {
            return Outcome{(config.training.learningRate < 2e-3 ? 0.5 : 1) * static_cast<double>(epoch) + 0.1 * static_cast<double>(config.seed), 1};
        };
        const study::Answer answer = m_desk->answersTo(5, twins).front();
        QVERIFY(answer.verdict == Verdict::NotShown && answer.alike == 2 && answer.effect == 0 && answer.end == RangeEnd::Highest);
        verifySays(answer, {"3e-3 and 1e-2 come out alike, so none of them is best", "One of them lies at the upper end", "try a higher one"});
    }
    void wholeTiesHaveNoEnd() {
        const auto flat = [](const run::RunConfig&, std::int64_t) { return Outcome{2, 1}; };
        const study::Answer answer = m_desk->answersTo(2, flat).front();
        QVERIFY(answer.alike == 3 && answer.end == RangeEnd::None && answer.verdict == Verdict::NotShown);
        verifySays(answer, {"1e-3, 3e-3 and 1e-2 come out alike"});
    }
    void aBestAtTheEndAsksForMore() {
        const study::Answer answer = m_desk->answersTo(2, moreIsBest).front();
        QVERIFY(answer.asked.x == "1e-2" && answer.end == RangeEnd::Highest && answer.isEndOpen);
        verifySays(answer, {"1e-2 lies at the upper end of what was tried: try a higher one."});
        const auto less = [](const run::RunConfig& config, std::int64_t epoch) { return Outcome{-moreIsBest(config, epoch).reward, 1}; };
        m_desk->workspace += "2";
        store::StoreEditor editor(m_desk->workspace);
        verifySays(m_desk->answersTo(2, less).front(), {"1e-3 looks better", "lower end of what was tried: try a lower one"});
    }
    void anAxisOfWordsHasNoEnd() {
        m_desk->json = smallStudy();
        m_desk->json["answers"] = Json::parse(R"([{"ask": "best", "axis": "method"}])");
        const auto steady = [](const run::RunConfig& config, std::int64_t epoch) {
            return Outcome{(config.sampling.steps == 2 ? 1 : 0.5) * static_cast<double>(epoch), 1};
        };
        const study::Answer answer = m_desk->answersTo(2, steady).front();
        QVERIFY(answer.asked.x == "H2" && answer.end == RangeEnd::None);
    }
    void valuesThatFailedAreNamed() {
        const study::Plan plan = m_desk->planWith(2);
        for (const study::PlannedRun& planned : plan.runs) {
            const bool isTooFast = planned.config.training.learningRate == 1e-2;
            writeRun(m_desk->workspace, planned.config, moreIsBest, isTooFast ? 5 : 10, isTooFast ? run::RunState::Failed : run::RunState::Finished);
        }
        const study::Answer answer = m_desk->answersIn(plan).front();
        QVERIFY(answer.asked.x == "3e-3" && answer.missing == 2 && answer.end == RangeEnd::Highest && !answer.isEndOpen);
        verifySays(answer,
                   {"of 3 values", "with 4 runs", "3e-3 lies at the upper end of what has a value there: nothing is known of the higher ones that were tried.",
                    "Without a value there: 1e-2 in 2 of 2 runs (2 failed)."});
        QVERIFY(study::toJson(answer).at("tried").back().at("mean").is_null());
    }
    void whatIsNotANumberTakesNoPart() {
        const auto partly = [](const run::RunConfig& config, std::int64_t epoch) {
            const bool isLost = config.training.learningRate == 3e-3 && config.seed == 0;
            return isLost ? Outcome{std::nan(""), 1} : middleIsBest(config, epoch);
        };
        const study::Answer answer = m_desk->answersTo(6, partly).front();
        QVERIFY(answer.asked.x == "3e-3" && answer.pairs == 5 && answer.missing == 1 && answer.verdict == Verdict::Shown);
        QCOMPARE(answer.effect, 5.0);  // over the seeds that both have
        verifySays(answer, {"Without a value there: 3e-3 in 1 of 6 runs."});
    }
    void seedsThatBothHaveCanContradictTheMeans() {
        // 3e-3 leads by its means only because its worst seed is lost.
        const auto lucky = [](const run::RunConfig& config, std::int64_t epoch) {
            const bool isLost = config.training.learningRate == 3e-3 && config.seed == 0;
            const double start = config.seed == 0 ? -100 : 0, slope = config.training.learningRate == 3e-3 ? 1 : 2;
            return isLost ? Outcome{std::nan(""), 1} : Outcome{start + slope * static_cast<double>(epoch), 1};
        };
        const study::Answer answer = m_desk->answersTo(6, lucky).front();
        QVERIFY(answer.asked.x == "3e-3" && answer.effect < 0 && answer.verdict == Verdict::NotShown);
        verifySays(answer, {"is not shown, the seeds that both have say the opposite"});
    }
    void withOneValueNothingIsCompared() {
        const study::Plan plan = m_desk->planWith(2);
        for (const study::PlannedRun& planned : plan.runs) {
            if (planned.config.training.learningRate == 1e-3) {
                writeRun(m_desk->workspace, planned.config, moreIsBest, 10);
            }
        }
        const study::Answer answer = m_desk->answersIn(plan).front();
        QVERIFY(answer.verdict == Verdict::NoInterval && answer.asked.y.empty() && answer.end == RangeEnd::None &&
                study::toJson(answer).at("effect").is_null());
        verifySays(answer, {"only 1e-3 has a value there, so nothing can be compared", "2 runs", "1e-2 in 2 of 2 runs"});
    }
    void withoutRunsThereIsNoAnswer() {
        const study::Answer answer = m_desk->answersIn(m_desk->planWith(2)).front();
        QVERIFY(answer.verdict == Verdict::NoValue && answer.missing == 6 && answer.asked.x.empty());
        verifySays(answer, {"no answer yet for \u201Clearning rate\u201D", "none of its 3 values"});
    }
    void whereLessIsBetterTheLeastIsBest() {
        m_desk->json["answers"][0]["measure"] = "eval_dead_share";
        const auto blank = [](const run::RunConfig& config, std::int64_t epoch) {
            return Outcome{.deadShare = config.training.learningRate * static_cast<double>(epoch)};
        };
        const study::Answer answer = m_desk->answersTo(2, blank).front();
        QVERIFY(answer.asked.x == "1e-3" && answer.asked.y == "3e-3" && answer.verdict == Verdict::Few && answer.effect < 0);
        verifySays(answer, {"1e-3 looks better than the next best, 3e-3", "try a lower one"});
    }
    void aMeasureWithoutDirectionHasAHighest() {
        m_desk->json["answers"][0]["measure"] = "eval_path_kl";
        const auto far = [](const run::RunConfig& config, std::int64_t epoch) {
            return Outcome{.pathKl = config.training.learningRate * static_cast<double>(epoch)};
        };
        verifySays(m_desk->answersTo(2, far).front(), {"1e-2 looks higher than the next, 3e-3"});
    }
    void theJudgeCanControlTheBest() {
        m_desk->json["answers"][0]["judge_controlled"] = true;
        const auto hacking = [](const run::RunConfig& config, std::int64_t epoch) {
            return Outcome{moreIsBest(config, epoch).reward, config.training.learningRate == 1e-2 && epoch > 0 ? 0.2 : 0.9};
        };
        const study::Answer answer = m_desk->answersTo(2, hacking).front();
        QVERIFY(answer.asked.x == "3e-3" && answer.tried.back().name == "1e-2");
        verifySays(answer, {"while the judge still recognises the images"});
    }
    void aGainLeavesOutWhereModelsBegin() {
        m_desk->json["answers"][0]["gain"] = true;
        const auto ahead = [](const run::RunConfig& config, std::int64_t epoch) {
            return Outcome{moreIsBest(config, epoch).reward + (config.training.learningRate == 1e-3 ? 100 : 0), 1};
        };
        const study::Answer answer = m_desk->answersTo(2, ahead).front();
        QVERIFY(answer.asked.x == "1e-2");
        verifySays(answer, {"gain in evaluation reward (mean) 10.00 kB"});
    }
    void theOtherAxesAreAskedOneByOne() {
        m_desk->json["axes"].push_back(smallStudy()["axes"][0]);
        const std::vector<study::Answer> answers = m_desk->answersTo(2, middleIsBest);
        QCOMPARE(answers.size(), std::size_t{2});
        QVERIFY(answers[0].task == "H2" && answers[1].task == "D20" && answers[1].asked.x == "3e-3");
        QCOMPARE(answers[0].confidence, 1 - 0.05 / 12);
        verifySays(answers[1], {"(D20)"});
    }
    void theReportTellsWhatWasWidened() {
        const study::Plan plan = m_desk->planWith(2);
        writeRuns(m_desk->workspace, plan, middleIsBest);
        const store::StoreReader reader(m_desk->workspace);
        const std::string html = study::reportHtml(study::Findings(plan, reader));
        QVERIFY(html.find("3e-3 looks better than the next best") != std::string::npos);
        QVERIFY(html.find("each of them and each pair of them counts as an interval") != std::string::npos &&
                html.find("There is 1 answer") != std::string::npos);
    }

private:
    std::unique_ptr<StudyDesk> m_desk;
};

QTEST_GUILESS_MAIN(TestBest)
#include "tst_best.moc"
