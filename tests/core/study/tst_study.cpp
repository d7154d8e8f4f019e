// Study files: what they may say, and what is said about those that are wrong.
#include <QTemporaryDir>
#include <QtTest>

#include "core/base/files.h"
#include "core/store/recorded.h"
#include "core/study/answers.h"
#include "core/study/library.h"
#include "core/study/plan.h"
#include "tests/core/study/study_fixture.h"
#include "tests/support/message_of.h"

using namespace rlcm;
using namespace rlcm::test;

namespace {

/// The complaint about the small study with one value replaced.
QString problemWith(const char* pointer, const Json& value) {
    Json json = smallStudy();
    json[Json::json_pointer(pointer)] = value;
    return messageOf([&] { study::makePlan(studyOf(json)); });
}

void verifyHolds(const QString& message, std::initializer_list<const char*> words) {
    for (const char* word : words) {
        QVERIFY2(message.contains(QString::fromUtf8(word)), qPrintable(message));
    }
}

}  // namespace

class TestStudy : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyShippedStudyCanBePlanned() {
        int shipped = 0;
        for (const study::StudyFile& file : study::studyFiles()) {
            const study::Plan plan = study::makePlan(study::readStudy(file.file));
            QVERIFY2(!plan.runs.empty() && plan.study.seeds >= 3, file.name.c_str());
            shipped += file.isShipped ? 1 : 0;
        }
        QVERIFY(shipped >= 7);
        QCOMPARE(study::findStudy("few-steps-kept").axes.front().values.size(), std::size_t{3});
    }
    void theRecordedStudyIsWholeAndNamesNoMachine() {
        const std::filesystem::path folder = resourceFolder() / "studies/results/first-study";
        QVERIFY(store::isRecorded(folder));
        const store::StoreReader reader(folder);
        const study::Findings findings(study::makePlan(study::findStudy("first-study")), reader);
        QCOMPARE(study::progressOf(findings.plan(), findings.runs()).finished, 30);
        for (const auto& run : findings.runs()) {
            const std::vector<std::int64_t> epochs = reader.sampleEpochs(run->id);
            QCOMPARE(epochs.size(), std::size_t{6});
            const std::vector<store::SampleRow> samples = reader.samples(run->id, epochs.back());
            QVERIFY(samples.size() == 4 && std::filesystem::exists(samples.back().file));
            QVERIFY(reader.log(run->id).empty() && reader.checkpoints(run->id).empty());
            QVERIFY((run->configJson + run->environmentJson).find("\"/") == std::string::npos);  // no path of a machine
        }
        // What resources/studies/README.md says of it.
        const study::Answer answer = study::answersOf(findings).front();
        QVERIFY(answer.verdict == study::Verdict::Few && answer.pairs == 3 && std::abs(answer.effect + 0.0585) < 1e-3);
    }
    void aFileIsRead() {
        const study::Study study = studyOf(smallStudy());
        QCOMPARE(study.name, std::string("small"));
        QVERIFY(study.seeds == 2 && study.axes.size() == 1 && study.axes[0].values[1].preset == "compress-ddpo-t20");
        QVERIFY(study.budgets[0].counter == "reward_queries" && study.budgets[0].value == 40);
        QVERIFY(study.asked[0].ask == study::Ask::Difference && study.asked[0].measure == "eval_reward_mean" && !study.asked[0].isJudgeControlled);
    }
    void unknownKeysNameTheNearestOne() {
        verifyHolds(problemWith("/questions", "?"), {"small.json", "unknown key \"questions\"", "did you mean \"question\"?"});
        verifyHolds(problemWith("/axes/0/value", 1), {"axis 1", "did you mean \"values\"?"});
        verifyHolds(problemWith("/axes/0/values/0/setings", 1), {"axis 1 \"method\"", "value 1", "did you mean \"settings\"?"});
        verifyHolds(problemWith("/answers/0/judge", true), {"answer 1", "unknown key"});
        verifyHolds(problemWith("/budgets/0/values", 4), {"budget 1", "did you mean \"value\"?"});
        verifyHolds(problemWith("/settings/training.epoch", 4), {"settings", "training.epochs"});
        verifyHolds(problemWith("/axes/0/values/0/settings", {{"sampling.step", 2}}), {"\"H2\"", "sampling.steps"});
    }
    void whatMustBeThereIsAskedFor() {
        for (const char* key : {"title", "question", "preset", "axes", "answers"}) {
            Json json = smallStudy();
            json.erase(key);
            verifyHolds(messageOf([&] { studyOf(json); }), {"small.json", key, "is missing or empty"});
        }
        verifyHolds(problemWith("/axes/0/values", Json::array()), {"the axis \"method\" has no values"});
        verifyHolds(messageOf([] { studyOf(Json::array()); }), {"must be an object"});
    }
    void impossibleAxesAreNamed() {
        verifyHolds(problemWith("/axes/0/values/0/settings", {{"sampling.steps", 1}}), {"small, \"H2\"", "sampling.steps", "must be at least 2"});
        verifyHolds(problemWith("/axes/0/values/0/settings", {{"sampling.steps", "two"}}), {"\"H2\"", "must be a number"});
        verifyHolds(problemWith("/axes/0/values/1/name", "H2"), {"the value \"H2\" twice"});
        verifyHolds(problemWith("/axes/0/values/0/settings", {{"seed", 4}}), {"\"seed\" is given by the study"});
        verifyHolds(problemWith("/axes/0/values/0/preset", "compress-rlcm"), {"there is no preset", "did you mean compress-rlcm-h"});
        verifyHolds(problemWith("/axes/1", {{"name", "end"}, {"values", {{{"name", "a"}}, {{"name", "b"}}}}}), {"have the same settings", "H2, a"});
        const Json second{{"name", "start"}, {"values", {{{"name", "p"}, {"preset", "compress-rlcm-h2"}}}}};
        verifyHolds(problemWith("/axes/1", second), {"\"D20, p\"", "two axes name a preset"});
        verifyHolds(problemWith("/axes/1", smallStudy()["axes"][0]), {"two axes \"method\""});
        verifyHolds(problemWith("/seeds", 6000), {"1 to 1000"});
    }
    void answersMustBeAnswerable() {
        verifyHolds(problemWith("/answers/0/measure", "eval_reward"), {"there is no measure \"eval_reward\"", "did you mean"});
        verifyHolds(problemWith("/answers/0/axis", "methods"), {"there is no axis \"methods\""});
        verifyHolds(problemWith("/answers/0/y", "D200"), {"no value \"D200\"", "did you mean \"D20\"?"});
        verifyHolds(problemWith("/answers/0/y", "H2"), {"two unlike values"});
        verifyHolds(problemWith("/answers/0", {{"ask", "change"}, {"gain", true}}), {"\"gain\" belongs to difference, cost and best"});
        verifyHolds(problemWith("/answers/0/ask", "why"), {"difference, change, cost or best"});
        verifyHolds(problemWith("/answers/0", {{"ask", "best"}}), {"a best needs \"axis\""});
        verifyHolds(problemWith("/answers/0", {{"ask", "best"}, {"axis", "methods"}}), {"there is no axis \"methods\""});
        verifyHolds(problemWith("/answers/0", {{"ask", "best"}, {"axis", "method"}, {"x", "H2"}}), {"answer 1", "unknown key \"x\""});
        Json single = smallStudy();
        single["axes"][0]["values"].erase(1);
        single["answers"] = {{{"ask", "best"}, {"axis", "method"}}};
        verifyHolds(messageOf([&] { studyOf(single); }), {"two values or more", "\"method\" has one"});
        verifyHolds(problemWith("/budgets/0/counter", "querys"), {"budget 1", "unknown x axis"});
        verifyHolds(problemWith("/budgets/0/value", -1), {"above 0"});
    }
    void budgetsAndAxesCanBeGivenAnew() {
        study::Study study = studyOf(smallStudy());
        study::setBudget(study, "reward_queries=80");
        study::setBudget(study, "active_seconds=9.5");
        QVERIFY(study.budgets.size() == 2 && study.budgets[0].value == 80 && study.budgets[1].value == 9.5);
        for (const char* bad : {"reward_queries", "reward_queries=", "reward_queries=x", "reward_queries=-4", "reward_queries=1e999"}) {
            verifyHolds(messageOf([&] { study::setBudget(study, bad); }), {"as reward_queries=640", bad});
        }
        Json json = smallStudy();
        json["axes"][0]["values"] = {{{"name", "2"}, {"settings", {{"sampling.steps", 2}}}}};
        json["answers"] = {{{"ask", "change"}}};
        study = studyOf(json);
        study::setAxis(study, "method=2,8");
        QCOMPARE(study::makePlan(study).cells[1].config.sampling.steps, std::int64_t{8});
        verifyHolds(messageOf([&] { study::setAxis(study, "method=2,x"); }), {"sampling.steps", "x"});
        verifyHolds(messageOf([&] { study::setAxis(study, "metod=2"); }), {"the study has method"});
    }
    void aStudyIsFoundByNameOrFile() {
        const QTemporaryDir folder;
        const std::filesystem::path file = std::filesystem::path(folder.path().toStdString()) / "mine.json";
        writeFileAtomically(file, smallStudy().dump());
        QCOMPARE(study::findStudy(file.string()).name, std::string("mine"));
        verifyHolds(messageOf([] { study::findStudy("horizons"); }), {"no study \"horizons\"", "did you mean horizon?"});
        writeFileAtomically(file, "{");
        verifyHolds(messageOf([&] { study::findStudy(file.string()); }), {"mine.json"});
    }
};

QTEST_GUILESS_MAIN(TestStudy)
#include "tst_study.moc"
