// The catalogue of rewards, and the text that says which of them a run maximises.
#include <QtTest>

#include <cmath>
#include <set>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/run/field_table.h"
#include "core/run/reward_catalogue.h"
#include "core/run/reward_trust.h"

using namespace rlcm;
using namespace rlcm::run;

namespace {

template <typename Call>
Error configError(Call call) {
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    return {ErrorKind::Io, "no error"};
}

}  // namespace

class TestRewardTerms : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKindIsWhole();
    void rewardTermsRoundTrip();
    void rewardTermsReadSigns();
    void badRewardTermsAreExplained_data();
    void badRewardTermsAreExplained();
    void termsMayHaveNamesAndSettingsOfTheirOwn();
    void aListOfObjectsIsTheSameAsItsText();
    void badListsAreExplained();
    void needsNameTheSettingsOfEachTerm();
    void anErrorKnowsItsSetting();
    void unitsAreThoseOfTheTerms();
    void everyProgramIsNamedBeforeItIsTrusted();
};

void TestRewardTerms::everyKindIsWhole() {
    const std::string& terms = fieldAt(kRewardTerms).help;
    std::set<std::string_view> ids, titles;
    for (const RewardKind& kind : rewardKinds()) {
        QVERIFY2(terms.find(std::string(kind.id) + ", ") != std::string::npos, "the help names every kind");
        QVERIFY(ids.insert(kind.id).second && titles.insert(kind.title).second && !kind.title.empty());
        for (const RewardNeed& need : kind.needs) {
            QVERIFY2(std::ranges::find(kind.settings, need.path) != kind.settings.end(), std::string(need.path).c_str());
            RunConfig config;
            config.reward.*need.value = "mark";
            QCOMPARE(fieldText(config, fieldAt(need.path)), std::string("mark"));  // the path is that of the value
        }
        for (const std::string_view path : kind.settings) {
            QVERIFY(path.starts_with("reward.") && !fieldAt(path).help.empty());
        }
    }
}

void TestRewardTerms::rewardTermsRoundTrip() {
    Random random(7);
    for (int i = 0; i < 500; ++i) {
        std::vector<RewardTerm> terms;
        std::string text;
        for (const std::int64_t index : random.permutation(4)) {
            const double weight = (random.uniform() - 0.5) * std::pow(10.0, static_cast<double>(random.below(8)) - 4.0);
            if (random.below(3) == 0 || weight == 0.0) {
                continue;
            }
            const std::string kind(rewardKinds()[static_cast<std::size_t>(index)].id);
            RewardTerm term{kind, weight, kind};
            char number[40];
            std::snprintf(number, sizeof number, "%.17g", std::abs(weight));
            const std::string space(random.below(3), ' ');
            const std::string factor = random.below(2) == 0 ? number + space + "*" + space + term.kind : term.kind + space + "*" + number;
            text += std::string(weight < 0 ? "-" : text.empty() ? "" : "+") + space + factor + space;
            terms.push_back(term);
        }
        if (!terms.empty()) {
            QVERIFY2(parseRewardTerms(text) == terms, text.c_str());
        }
    }
}

void TestRewardTerms::rewardTermsReadSigns() {
    const std::vector<RewardTerm> expected = {
        {"alignment", 1.0, "alignment"}, {"colourfulness", 0.1, "colourfulness"}, {"compressibility", -2.0, "compressibility"}};
    QVERIFY(parseRewardTerms("alignment + 0.1*colourfulness - 2*compressibility") == expected);
    QVERIFY(parseRewardTerms("+alignment+1e-1*colourfulness-compressibility*2.0") == expected);
    const std::vector<RewardTerm> difference = {{"compressibility", -1.0, "compressibility"}, {"alignment", -1.0, "alignment"}};
    QVERIFY(parseRewardTerms("-compressibility-alignment") == difference);
}

void TestRewardTerms::badRewardTermsAreExplained_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("part");
    QTest::newRow("empty") << QString() << QStringLiteral("a reward is missing");
    QTest::newRow("spelling") << QStringLiteral("colorfulness") << QStringLiteral("did you mean colourfulness?");
    QTest::newRow("unknown") << QStringLiteral("politeness") << QStringLiteral("there are compressibility, incompressibility");
    QTest::newRow("zero") << QStringLiteral("0*alignment") << QStringLiteral("must not be zero");
    QTest::newRow("overflow") << QStringLiteral("1e999*alignment") << QStringLiteral("cannot read the number");
    QTest::newRow("infinite") << QStringLiteral("inf*alignment") << QStringLiteral("there is no reward \"inf\"");
    QTest::newRow("twice") << QStringLiteral("alignment + 2*alignment") << QStringLiteral("appears twice");
    QTest::newRow("dangling") << QStringLiteral("alignment +") << QStringLiteral("a reward is missing at the end");
    QTest::newRow("no star") << QStringLiteral("2 alignment") << QStringLiteral("must be followed by *");
    QTest::newRow("no sign") << QStringLiteral("alignment colourfulness") << QStringLiteral("expected + or -");
    QTest::newRow("star only") << QStringLiteral("alignment*") << QStringLiteral("a number must follow");
    QTest::newRow("other's setting") << QStringLiteral("colourfulness[clip_model=x]") << QStringLiteral("has no setting \"clip_model\"");
    QTest::newRow("misspelt setting") << QStringLiteral("alignment[clip_modle=x]") << QStringLiteral("did you mean clip_model?");
    QTest::newRow("open bracket") << QStringLiteral("alignment[clip_model=x") << QStringLiteral("a ] is missing");
    QTest::newRow("open quote") << QStringLiteral("alignment[clip_model=\"x]") << QStringLiteral("no closing quote");
    QTest::newRow("no value") << QStringLiteral("alignment[clip_model]") << QStringLiteral("= and a value must follow");
    QTest::newRow("same name") << QStringLiteral("a=alignment + a=colourfulness") << QStringLiteral("a appears twice");
    QTest::newRow("double sign") << QStringLiteral("alignment + -colourfulness") << QStringLiteral("expected a reward");
}

void TestRewardTerms::badRewardTermsAreExplained() {
    QFETCH(QString, text);
    QFETCH(QString, part);
    const std::string message = configError([&] { parseRewardTerms(text.toStdString()); }).what();
    QVERIFY2(QString::fromStdString(message).contains(part), message.c_str());
}

void TestRewardTerms::termsMayHaveNamesAndSettingsOfTheirOwn() {
    const auto terms = parseRewardTerms("look=alignment[clip_model=/models/a b] - 0.5 * strict = alignment [ clip_model = \"x;y]\" ]");
    const std::vector<RewardTerm> expected = {{"alignment", 1.0, "look", {{"clip_model", "/models/a b"}}},
                                              {"alignment", -0.5, "strict", {{"clip_model", "x;y]"}}}};
    QVERIFY(terms == expected);
    RewardConfig reward;
    reward.clipModel = "of-the-run";
    reward.workers = 3;
    const RewardConfig own = settingsOf(terms[0], reward);
    QCOMPARE(own.clipModel, std::string("/models/a b"));
    QCOMPARE(own.workers, 3);
    QCOMPARE(settingsOf(parseRewardTerms("alignment")[0], reward).clipModel, std::string("of-the-run"));
    QVERIFY(configError([&] { settingsOf(parseRewardTerms("server[server_parallel=many]")[0], reward); }).setting() == "reward.server_parallel");
}

void TestRewardTerms::aListOfObjectsIsTheSameAsItsText() {
    const Json list = Json::parse(
        R"([{"kind": "alignment", "id": "look", "weight": 0.5, "params": {"clip_model": "a;b"}}, {"kind": "server", "weight": -1, "params": {"server_parallel": 2}}])");
    const std::string text = rewardTermsText(list);
    QCOMPARE(text, std::string("0.5*look=alignment[clip_model=\"a;b\"] - server[server_parallel=2]"));
    const RunConfig config = configFromJson({{"reward", {{"terms", list}}}}, "file");
    QCOMPARE(config.reward.terms, text);
    QCOMPARE(configFromJson(toJson(config), "file").reward.terms, text);
    QCOMPARE(parseRewardTerms(text)[1].params[0].second, std::string("2"));
}

void TestRewardTerms::badListsAreExplained() {
    const auto message = [](const char* json) {
        return std::string(configError([&] { configFromJson({{"reward", {{"terms", Json::parse(json)}}}}, "file"); }).what());
    };
    QVERIFY(message(R"(["alignment"])").find("a list of objects with a kind") != std::string::npos);
    QVERIFY(message(R"([{"kind": "alignmend"}])").find("did you mean alignment?") != std::string::npos);
    QVERIFY(message(R"([{"kind": "alignment", "wieght": 2}])").find("not wieght: 2") != std::string::npos);
    QVERIFY(message("[]").find("a reward is missing") != std::string::npos);
    QVERIFY(message(R"([{"kind": 3}])").starts_with("file: reward.terms must be"));
}

void TestRewardTerms::needsNameTheSettingsOfEachTerm() {
    RewardConfig reward;
    reward.terms = "alignment + look=alignment[clip_model=b] + aesthetic";
    const std::vector<TermNeed> needs = needsOf(reward);
    QCOMPARE(needs.size(), std::size_t{4});
    QCOMPARE(needs[0].value, std::string("emoji-clip"));
    QVERIFY(needs[1].term == "look" && needs[1].value == "b" && needs[1].need->path == "reward.clip_model");
    QVERIFY(needs[3].need->path == "reward.aesthetic_head" && needs[3].value.empty());
}

void TestRewardTerms::anErrorKnowsItsSetting() {
    const Error terms = configError([] { parseRewardTerms("politeness"); });
    QVERIFY(terms.setting() == "reward.terms" && terms.message().starts_with("\"politeness\""));
    QCOMPARE(std::string(terms.what()), "reward.terms: " + terms.message());
    RunConfig config;
    const Error epochs = configError([&] { setField(config, "training.epochs", "0"); });
    QVERIFY(epochs.setting() == "training.epochs" && epochs.message().starts_with("must be at least 1"));
    QVERIFY(std::string(epochs.what()).starts_with("training.epochs must be at least 1"));
}

void TestRewardTerms::unitsAreThoseOfTheTerms() {
    QCOMPARE(rewardUnit("compressibility"), std::string("kB"));
    QCOMPARE(rewardUnit("2*compressibility"), std::string());
    QCOMPARE(rewardUnit("compressibility + alignment"), std::string());
    QCOMPARE(rewardUnit("of a newer version"), std::string());
}

void TestRewardTerms::everyProgramIsNamedBeforeItIsTrusted() {
    RunConfig config;
    config.reward.program = "one";
    QCOMPARE(outsideReward(config), std::string());
    config.reward.terms = "program + other=program[program=two] + server[server_url=http://far:1]";
    QCOMPARE(outsideReward(config), std::string("the program `one`, `two` and the server http://far:1"));
}

QTEST_GUILESS_MAIN(TestRewardTerms)
#include "tst_reward_terms.moc"
