// What a study's runs say, and how surely.
#include <QtTest>

#include "core/study/report.h"
#include "tests/core/study/study_desk.h"

using namespace rlcm;
using namespace rlcm::test;
using study::Verdict;

namespace {

/// H2 gains 1 an epoch, D20 half as much; every seed begins elsewhere.
Outcome steady(const run::RunConfig& config, std::int64_t epoch) {
    const double slope = config.sampling.steps == 2 ? 1 : 0.5;
    return {slope * static_cast<double>(epoch) + 10 * static_cast<double>(config.seed), 1};
}

bool holds(const study::Answer& answer, const char* words) {
    return answer.sentence.find(words) != std::string::npos;
}

}  // namespace

class TestAnswers : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_desk = std::make_unique<StudyDesk>(smallStudy()); }
    void seedsAreComparedInPairs() {
        const study::Answer answer = m_desk->answersTo(5, steady).front();
        QCOMPARE(answer.budget, 40.0);
        QVERIFY(answer.pairs == 5 && answer.missing == 0 && answer.verdict == Verdict::Shown);
        QCOMPARE(answer.effect, 5.0);  // though seeds lie 10 apart
        QCOMPARE(answer.interval->low, 5.0);
        QVERIFY(holds(answer, "At 40 reward queries H2 is better than D20") && holds(answer, "+5.000 kB") && holds(answer, "95 % percentile interval"));
        QVERIFY(holds(answer, "5 pairs of seeds, sign test p = 0.06250"));
    }
    void fewSeedsAreNotEnough() {
        const study::Answer answer = m_desk->answersTo(2, steady).front();
        QVERIFY(answer.verdict == Verdict::Few && holds(answer, "looks better") && holds(answer, "too few seeds") && holds(answer, "50 of 100"));
    }
    void oneSeedGivesNoInterval() {
        const study::Answer answer = m_desk->answersTo(1, steady).front();
        QVERIFY(answer.verdict == Verdict::NoInterval && !answer.interval && holds(answer, "no interval") && holds(answer, "1 pair of seeds"));
    }
    void anIntervalThatHoldsZeroShowsNothing() {
        const auto uneven = [](const run::RunConfig& config, std::int64_t epoch) {
            const bool isAhead = config.seed % 2 == 0 && config.sampling.steps == 2;
            return Outcome{(isAhead ? 1.1 : config.sampling.steps == 2 ? 0.9 : 1.0) * static_cast<double>(epoch), 1};
        };
        const study::Answer answer = m_desk->answersTo(6, uneven).front();
        QVERIFY(answer.verdict == Verdict::NotShown && holds(answer, "not shown") && answer.interval->low < 0 && answer.interval->high > 0);
        QVERIFY2(holds(answer, "(mean) 0 kB"), answer.sentence.c_str());  // what cancels is told as nothing, not as a rounding error
    }
    void seedsWithoutANumberAreCounted() {
        const auto partly = [](const run::RunConfig& config, std::int64_t epoch) {
            return config.seed == 3 ? Outcome{std::nan(""), 1} : steady(config, epoch);
        };
        const study::Answer answer = m_desk->answersTo(6, partly).front();
        QVERIFY(answer.pairs == 5 && answer.missing == 1 && holds(answer, "1 without a value there"));
    }
    void runsThatEndBeforeTheBudgetTakeNoPart() {
        const study::Plan plan = m_desk->planWith(5);
        for (const study::PlannedRun& planned : plan.runs) {
            writeRun(m_desk->workspace, planned.config, steady, planned.config.seed == 0 ? 5 : 10,
                     planned.config.seed == 0 ? run::RunState::Failed : run::RunState::Finished);
        }
        const study::Answer answer = m_desk->answersIn(plan).front();
        QVERIFY(answer.pairs == 4 && answer.missing == 1);
    }
    void withoutRunsThereIsNoAnswer() {
        const study::Answer answer = m_desk->answersIn(m_desk->planWith(3)).front();
        QVERIFY(answer.verdict == Verdict::NoValue && answer.pairs == 0 && answer.missing == 3 && holds(answer, "no answer yet"));
        QVERIFY(study::toJson(answer).at("effect").is_null());
    }
    void secondsOfAnotherMachineTakeNoPart() {
        m_desk->json["budgets"] = Json::parse(R"([{"counter": "reward_queries", "value": 40}, {"counter": "active_seconds"}])");
        const study::Plan plan = m_desk->planWith(5);
        for (const study::PlannedRun& planned : plan.runs) {
            run::RunConfig config = planned.config;
            config.compute.threads = config.seed < 3 ? 1 : 7;
            writeRun(m_desk->workspace, config, steady, config.training.epochs);
        }
        const std::vector<study::Answer> answers = m_desk->answersIn(plan);
        QVERIFY(answers[0].pairs == 5 && answers[0].missing == 0);
        QVERIFY(answers[1].pairs == 3 && answers[1].missing == 2 && answers[1].budget == 20.0);
        const store::StoreReader reader(m_desk->workspace);
        const std::string html = study::reportHtml(study::Findings(plan, reader));
        QVERIFY(html.find("So 4 of the 10 runs take no part in what is told in seconds: they were not made on test processor, 1 thread.") != std::string::npos);
    }
    void aBudgetWithoutAValueIsWhereTheShortestRunEnds() {
        m_desk->json["budgets"] = Json::parse(R"([{"counter": "active_seconds"}])");
        m_desk->json["settings"]["training.epochs"] = 10;
        const study::Answer answer = m_desk->answersTo(2, steady).front();
        QVERIFY(answer.budget == 20.0 && holds(answer, "20.00 s of active time"));
    }
    void aChangeIsAgainstTheSameRunBeforeTraining() {
        m_desk->json["answers"] = Json::parse(R"([{"ask": "change"}, {"ask": "change", "axis": "method", "x": "D20", "measure": "eval_judge_accuracy"}])");
        const std::vector<study::Answer> answers = m_desk->answersTo(5, steady);
        QCOMPARE(answers.size(), std::size_t{3});
        QVERIFY(answers[0].task == "H2" && answers[0].effect == 10 && answers[1].task == "D20" && answers[1].effect == 5);
        QVERIFY(holds(answers[0], "H2 is better than before training") && holds(answers[0], "5 runs"));
        QVERIFY(answers[2].verdict == Verdict::NotShown && answers[2].effect == 0);
    }
    void severalAnswersShareTheirDoubt() {
        m_desk->json["budgets"].push_back({{"counter", "active_seconds"}});
        const std::vector<study::Answer> answers = m_desk->answersTo(5, steady);
        QCOMPARE(answers.size(), std::size_t{2});
        QCOMPARE(answers[0].confidence, 0.975);
        QVERIFY(holds(answers[1], "97.5 % percentile interval"));
    }
    void theJudgeCanControlTheReward() {
        m_desk->json["answers"][0]["judge_controlled"] = true;
        const auto hacking = [](const run::RunConfig& config, std::int64_t epoch) {
            return Outcome{config.sampling.steps == 2 ? static_cast<double>(epoch) : 0.5 * static_cast<double>(epoch),
                           config.sampling.steps == 2 && epoch > 5 ? 0.7 : 0.9};
        };
        const study::Answer answer = m_desk->answersTo(2, hacking).front();
        QCOMPARE(answer.effect, 0.0);  // 5 of the epoch at which H2 was last recognised, 5 of D20's end
        QVERIFY(holds(answer, "while the judge still recognises"));
    }
    void aGainLeavesOutWhereModelsBegin() {
        m_desk->json["answers"][0]["gain"] = true;
        const auto ahead = [](const run::RunConfig& config, std::int64_t epoch) {
            return Outcome{steady(config, epoch).reward + (config.sampling.steps == 2 ? 0 : 100), 1};
        };
        const study::Answer answer = m_desk->answersTo(5, ahead).front();
        QVERIFY(answer.verdict == Verdict::Shown && holds(answer, "H2 is better than D20: gain in evaluation reward (mean) +5.000 kB"));
        QCOMPARE(answer.effect, 5.0);
    }
    void aCostIsHowMuchLessOneTakes() {
        m_desk->json["answers"][0]["ask"] = "cost";
        m_desk->json["settings"]["evaluation.every"] = 5;
        m_desk->json["budgets"][0]["value"] = 80;
        const study::Answer answer = m_desk->answersTo(5, steady).front();
        QVERIFY(answer.verdict == Verdict::Shown && answer.pairs == 5);
        QCOMPARE(answer.effect, 2.0);  // H2 gains twice as fast, and is there at 40 of 80
        QVERIFY(holds(answer, "that D20 has at 80 reward queries: H2 takes less") && holds(answer, "median 2.000 times less"));
    }
    void whoNeverArrivesTakesInfinitelyMuch() {
        m_desk->json["answers"][0] = Json::parse(R"({"ask": "cost", "axis": "method", "x": "D20", "y": "H2"})");
        const study::Answer answer = m_desk->answersTo(5, steady).front();
        QVERIFY(answer.verdict == Verdict::Shown && answer.effect == 0 && holds(answer, "D20 takes more"));
    }
    void theOtherAxesAreAskedOneByOne() {
        m_desk->json["axes"].push_back(
            Json::parse(R"({"name": "reward", "values": [{"name": "size"}, {"name": "colour", "settings": {"reward.terms": "colourfulness"}}]})"));
        const std::vector<study::Answer> answers = m_desk->answersTo(2, steady);
        QCOMPARE(answers.size(), std::size_t{2});
        QVERIFY(answers[0].task == "size" && holds(answers[0], "(size)") && answers[1].task == "colour" && !holds(answers[1], "kB"));
    }

private:
    std::unique_ptr<StudyDesk> m_desk;
};

QTEST_GUILESS_MAIN(TestAnswers)
#include "tst_answers.moc"
