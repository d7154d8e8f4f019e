// Rewards that only watch: how they are written, what they need, what they measure, and that they are trusted as rewards are.
#include <QTemporaryDir>
#include <QtTest>

#include "core/base/error.h"
#include "core/run/field_table.h"
#include "core/run/reward_catalogue.h"
#include "core/run/reward_trust.h"

using namespace rlcm;
using namespace rlcm::run;

namespace {

RunConfig watchedBy(const std::string& judges) {
    RunConfig config;
    config.evaluation.judges = judges;
    return config;
}

}  // namespace

class TestJudges : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void judgesAreTermsWithoutWeights();
    void aListOfObjectsIsTheSameAsItsText();
    void aConfigFromBeforeHasTheJudgeModelAlone();
    void badJudgesAreExplainedAtTheirSetting_data();
    void badJudgesAreExplainedAtTheirSetting();
    void theirMeasuresComeFromTheCatalogue();
    void aJudgeThatIsAProgramIsTrustedAsARewardIs();
};

void TestJudges::judgesAreTermsWithoutWeights() {
    QVERIFY(parseJudges("").empty() && parseJudges("  ").empty());
    const std::vector<RewardTerm> expected = {{"clipscore", 1.0, "clipscore", {}}, {"alignment", 1.0, "look", {{"clip_model", "F"}}}};
    QVERIFY(parseJudges("clipscore + look=alignment[clip_model=F]") == expected);
}

void TestJudges::aListOfObjectsIsTheSameAsItsText() {
    const Json list = Json::parse(R"([{"kind": "clipscore"}, {"kind": "alignment", "id": "look", "params": {"clip_model": "F"}}])");
    const RunConfig config = configFromJson({{"evaluation", {{"judges", list}}}}, "file");
    QCOMPARE(config.evaluation.judges, std::string("clipscore + look=alignment[clip_model=F]"));
    QCOMPARE(configFromJson(toJson(config), "file").evaluation.judges, config.evaluation.judges);
    QCOMPARE(configFromJson({{"evaluation", {{"judges", Json::array()}}}}, "file").evaluation.judges, std::string());
}

void TestJudges::aConfigFromBeforeHasTheJudgeModelAlone() {
    Json old = toJson(RunConfig());
    old["evaluation"].erase("judges");
    const RunConfig config = configFromJson(old, "file");
    QCOMPARE(config.evaluation.judgeModel, std::string("emoji-clip-judge"));
    QVERIFY(config.evaluation.judges.empty() && validate(config).empty());
}

void TestJudges::badJudgesAreExplainedAtTheirSetting_data() {
    QTest::addColumn<QString>("judges");
    QTest::addColumn<QString>("part");
    QTest::newRow("weight") << QStringLiteral("0.5*clipscore") << QStringLiteral("no weight");
    QTest::newRow("difference") << QStringLiteral("clipscore - colourfulness") << QStringLiteral("no weight");
    QTest::newRow("unknown") << QStringLiteral("clipscor") << QStringLiteral("did you mean clipscore?");
    QTest::newRow("twice") << QStringLiteral("clipscore + clipscore") << QStringLiteral("appears twice");
    QTest::newRow("no model") << QStringLiteral("taste=pickscore") << QStringLiteral("taste");
    QTest::newRow("no program") << QStringLiteral("program") << QStringLiteral("reward.program must be a command line");
    QTest::newRow("bad value") << QStringLiteral("server[server_parallel=many]") << QStringLiteral("many");
}
void TestJudges::badJudgesAreExplainedAtTheirSetting() {
    QFETCH(QString, judges);
    QFETCH(QString, part);
    const std::vector<Problem> problems = validate(watchedBy(judges.toStdString()));
    QCOMPARE(problems.size(), std::size_t{1});
    QCOMPARE(problems[0].path, std::string(kJudges));
    QVERIFY2(QString::fromStdString(problems[0].message).contains(part), problems[0].message.c_str());
}

void TestJudges::theirMeasuresComeFromTheCatalogue() {
    const std::vector<RewardTerm> judges = parseJudges("compressibility + look=clipscore");
    const std::string plain = std::string(measure::kEvalJudgePrefix) + judgeMeasure(judges[0]),
                      own = std::string(measure::kEvalJudgePrefix) + judgeMeasure(judges[1]);
    QCOMPARE(plain, std::string("eval_judge.compressibility"));
    QCOMPARE(own, std::string("eval_judge.clipscore.look"));
    QCOMPARE(measureTitle(plain), std::string("Judge: Smaller JPEG file (kB)"));
    QCOMPARE(measureTitle(own), std::string("Judge look: CLIPScore"));
    QCOMPARE(measureTitle("eval_judge_std.clipscore.look"), std::string("Judge's spread look: CLIPScore"));
    QVERIFY(findMeasure(plain)->unit == "kB" && findMeasure(plain)->better == Better::Higher && findMeasure(plain)->at == MeasuredAt::Evaluation);
    QVERIFY(findMeasure("eval_judge_std.clipscore")->better == Better::Neither);
    QVERIFY(isOfJudge(own) && !isOfJudge(measure::kEvalJudgeAccuracy) && !isInRewardUnits(plain));
    QVERIFY(findMeasure("eval_judge.") == nullptr && findMeasure("eval_judge.of_a_newer_version") == nullptr);
    QCOMPARE(measureTitle("eval_judge.of_a_newer_version"), std::string("eval_judge.of_a_newer_version"));
}

void TestJudges::aJudgeThatIsAProgramIsTrustedAsARewardIs() {
    const QTemporaryDir data, workspace;
    qputenv("XDG_DATA_HOME", data.path().toUtf8());
    const RunConfig config = watchedBy("look=program[program=./look --fast] + server[server_url=http://far:1]");
    QCOMPARE(outsideReward(config), std::string("the program `./look --fast` and the server http://far:1"));
    const std::filesystem::path folder = workspace.path().toStdString();
    QVERIFY(!isTrusted(folder, config));
    trust(folder, config);
    QVERIFY(isTrusted(folder, config));
    QVERIFY(!isTrusted(folder, watchedBy("look=program[program=./other] + server[server_url=http://far:1]")));
    RunConfig trained;  // what was agreed to as a judge is the same program as a reward
    trained.reward.terms = "program + server";
    trained.reward.program = "./look --fast";
    trained.reward.serverUrl = "http://far:1";
    QVERIFY(isTrusted(folder, trained));
}

QTEST_GUILESS_MAIN(TestJudges)
#include "tst_judges.moc"
