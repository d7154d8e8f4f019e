// The settings: one table, JSON, rules and presets.
#include <QtTest>

#include <limits>
#include <map>
#include <regex>
#include <set>

#include "core/base/error.h"
#include "core/run/derive.h"
#include "core/run/field_table.h"
#include "core/run/presets.h"

using namespace rlcm;
using namespace rlcm::run;

namespace {

/// Message of the Error{Config} that `action` throws, or "" when it throws none.
template <typename Action>
std::string configError(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::Config ? error.what() : "wrong kind: " + std::string(error.what());
    }
    return {};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A valid value of the field that differs from the default.
FieldValue otherValue(const Field& field, const FieldValue& value) {
    if (const auto* flag = std::get_if<bool>(&value)) {
        return !*flag;
    }
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        return *number + 1;
    }
    if (const auto* number = std::get_if<double>(&value)) {
        const double smaller = *number * 0.7 + 1e-9;
        return smaller >= field.minimum ? smaller : *number + 0.125;
    }
    if (!field.choices.empty()) {
        return field.choices.back() == std::get<std::string>(value) ? field.choices.front() : field.choices.back();
    }
    return std::get<std::string>(value) + "x \"\xc3\xa4\\";
}

}  // namespace

class TestConfig : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everySettingSurvivesJsonAndText();
    void jsonKeepsWhatItDoesNotMention();
    void jsonReportsEveryMistakeAtOnce();
    void everyFieldIsDescribed();
    void setFieldNamesWhatIsAllowed_data();
    void setFieldNamesWhatIsAllowed();
    void unknownPathsNameTheNearest_data();
    void unknownPathsNameTheNearest();
    void rulesNameTheField_data();
    void rulesNameTheField();
    void limitsOfTheRulesAreExact();
    void methodsNeedWhatTheyStandOn();
    void presetsAreValidAndNamedByThePattern();
    void presetsReadBackFromJson();
};

void TestConfig::everySettingSurvivesJsonAndText() {
    RunConfig changed;
    for (const Field& field : fieldTable()) {
        const FieldValue other = otherValue(field, field.get(changed));
        field.set(changed, other);
        QVERIFY2(field.get(changed) == other, field.path.c_str());
    }
    const RunConfig back = configFromJson(parseJson(toJson(changed).dump(), "test"), "test");
    RunConfig fromText;
    for (const Field& field : fieldTable()) {
        QVERIFY2(field.get(back) == field.get(changed), field.path.c_str());
        setField(fromText, field.path, fieldText(changed, field));
        QVERIFY2(field.get(fromText) == field.get(changed), field.path.c_str());
    }
    QCOMPARE(fieldText(RunConfig{}, fieldAt("training.learning_rate")), std::string("0.001"));
}

void TestConfig::jsonKeepsWhatItDoesNotMention() {
    RunConfig base;
    base.training.epochs = 7;
    base.seed = 3;
    const RunConfig read = configFromJson(Json::parse(R"({"training": {"learning_rate": 1}, "seed": 4.0})"), "x", base);
    QCOMPARE(read.training.epochs, 7);
    QCOMPARE(read.training.learningRate, 1.0);
    QCOMPARE(read.seed, 4);
}

void TestConfig::jsonReportsEveryMistakeAtOnce() {
    const Json json = Json::parse(
        R"({"trainig": {"epochs": 3}, "training": {"epoch": 3, "beta1": "a", "epochs": 2.5, "images_per_round": 1},
        "sampling": 4, "seed": null, "algorithm": {"method": "ppo"}})");
    const std::string message = configError([&] { configFromJson(json, "study.json"); });
    for (const char* part :
         {"study.json: trainig: unknown setting (did you mean training?)", "training.epoch: unknown setting (did you mean training.epochs?)",
          "training.beta1 must be a number, not \"a\"", "training.epochs must be a whole number, not 2.5", "training.images_per_round must be at least 2",
          "sampling must be an object, not 4", "seed must be a number, not null", "algorithm.method must be one of rlcm, ddpo, not \"ppo\""}) {
        QVERIFY2(contains(message, part), (std::string(part) + " is missing in:\n" + message).c_str());
    }
    QCOMPARE(std::count(message.begin(), message.end(), '\n'), 7);
    QVERIFY(contains(configError([] { configFromJson(Json::array(), "x"); }), "must be a JSON object"));
}

void TestConfig::everyFieldIsDescribed() {
    std::set<std::string> paths, labels;
    int basic = 0;
    for (const Field& field : fieldTable()) {
        QVERIFY2(std::regex_match(field.path, std::regex("[a-z_]+(\\.[a-z0-9_]+)?")), field.path.c_str());
        QVERIFY2(field.help.size() > 20 && field.help.back() == '.', field.path.c_str());
        QVERIFY2(field.summary.size() > 15 && field.summary.back() == '.' && field.help.starts_with(field.summary), field.path.c_str());
        QVERIFY2(paths.insert(field.path).second, field.path.c_str());
        QVERIFY2(labels.insert(field.label).second, field.label.c_str());
        basic += field.tier == FieldTier::Basic ? 1 : 0;
    }
    QCOMPARE(basic, 12);
    QVERIFY(validate(RunConfig{}).empty());
}

void TestConfig::setFieldNamesWhatIsAllowed_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* path, const char* text, const char* message) {
        QTest::newRow((std::string(path) + '=' + text).c_str()) << QString::fromUtf8(path) << QString::fromUtf8(text) << QString::fromUtf8(message);
    };
    row("training.epochs", "3.5", "training.epochs must be a whole number, not \"3.5\"");
    row("training.epochs", "4 ", "training.epochs must be a whole number, not \"4 \"");
    row("training.epochs", "0", "training.epochs must be at least 1 and at most 100000, not 0");
    row("training.epochs", "99999999999999999999", "training.epochs must be a whole number, not \"99999999999999999999\"");
    row("training.learning_rate", "fast", "training.learning_rate must be a number, not \"fast\"");
    row("training.learning_rate", "nan", "training.learning_rate must be a finite number, not nan");
    row("training.learning_rate", "-1e-3", "training.learning_rate must be more than 0 and at most 1, not -0.001");
    row("training.learning_rate", "0", "training.learning_rate must be more than 0 and at most 1, not 0");
    row("training.optimizer", "sgd", "training.optimizer must be one of adam, adamw, not \"sgd\"");
    row("seed", "-1", "seed must be at least 0 and at most 9007199254740991, not -1");
    row("name", "two\nlines", "name must be printable UTF-8 on one line");
}

void TestConfig::setFieldNamesWhatIsAllowed() {
    QFETCH(QString, path);
    QFETCH(QString, text);
    QFETCH(QString, message);
    RunConfig config;
    const std::string got = configError([&] { setField(config, path.toStdString(), text.toStdString()); });
    QCOMPARE(QString::fromStdString(got), message);
    QVERIFY(toJson(config) == toJson(RunConfig{}));
}

void TestConfig::unknownPathsNameTheNearest_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("nearest");
    QTest::newRow("typo") << QStringLiteral("training.learing_rate") << QStringLiteral("training.learning_rate");
    QTest::newRow("without section") << QStringLiteral("learning_rate") << QStringLiteral("training.learning_rate");
    QTest::newRow("wrong section") << QStringLiteral("algorithm.steps") << QStringLiteral("sampling.steps");
    QTest::newRow("typo without section") << QStringLiteral("guidence") << QStringLiteral("sampling.guidance");
}

void TestConfig::unknownPathsNameTheNearest() {
    QFETCH(QString, path);
    QFETCH(QString, nearest);
    const std::string message = configError([&] { fieldAt(path.toStdString()); });
    QCOMPARE(QString::fromStdString(message), QStringLiteral("there is no setting \"%1\" (did you mean %2?)").arg(path, nearest));
    QVERIFY(!contains(configError([] { fieldAt("qqqqqqqqqqqqqqqqqqqq"); }), "did you mean"));
}

void TestConfig::rulesNameTheField_data() {
    QTest::addColumn<QStringList>("settings");
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("part");
    const auto row = [](const char* name, QStringList settings, const char* path, const char* part) {
        QTest::newRow(name) << settings << QString::fromUtf8(path) << QString::fromUtf8(part);
    };
    const QString ddpo = QStringLiteral("algorithm.method=ddpo");
    row("rlcm horizon 1", {QStringLiteral("sampling.steps=1")}, "sampling.steps", "the reward does not depend on its only action");
    row("rlcm horizon 51", {QStringLiteral("sampling.steps=51")}, "sampling.steps", "at most 50 for rlcm");
    row("ddpo one step", {ddpo, QStringLiteral("sampling.steps=1")}, "sampling.steps", "at least 2 for ddpo");
    row("ddpo eta 0", {ddpo, QStringLiteral("sampling.eta=0")}, "sampling.eta", "no step is random");
    row("all steps skipped", {QStringLiteral("training.skip_last_steps=4")}, "training.skip_last_steps", "only 4 of the 4 steps");
    row("all random steps skipped", {QStringLiteral("sampling.last_step=deterministic"), QStringLiteral("training.skip_last_steps=3")},
        "training.skip_last_steps", "only 3 of the 4 steps");
    const auto needs = [&](const char* terms, const char* path, const char* part) {
        row(terms, {QStringLiteral("reward.terms=") + QString::fromUtf8(terms)}, path, part);
    };
    row("aesthetic without model", {QStringLiteral("reward.terms=aesthetic"), QStringLiteral("reward.aesthetic_head=head.pth")}, "reward.aesthetic_model",
        "clip-vit-large-patch14");
    row("aesthetic without head", {QStringLiteral("reward.terms=0.5*aesthetic"), QStringLiteral("reward.aesthetic_model=folder")}, "reward.aesthetic_head",
        "sac+logos+ava1-l14-linearMSE.pth");
    needs("pickscore", "reward.pickscore_model", "PickScore_v1");
    needs("hpsv2", "reward.hps_model", "open_clip_to_transformers.py");
    needs("compressibility - program", "reward.program", "command line");
    row("server without address", {QStringLiteral("reward.terms=server"), QStringLiteral("reward.server_url=")}, "reward.server_url", "http://");
    row("clipscore without model", {QStringLiteral("reward.terms=clipscore"), QStringLiteral("reward.clip_model= ")}, "reward.clip_model", "clipscore");
    const auto atSteps = [&](const char* name, const char* steps, const char* part) {
        row(name, {QStringLiteral("evaluation.steps=") + QString::fromUtf8(steps)}, "evaluation.steps", part);
    };
    atSteps("evaluated at no number", "1,two", "as 1,2,4,8,16, not \"1,two\"");
    atSteps("evaluated at nothing between commas", "1,,2", "as 1,2,4,8,16");
    atSteps("evaluated with a comma at the end", "1,2,", "as 1,2,4,8,16");
    atSteps("evaluated twice at a count", "2,4,2", "different step counts");
    atSteps("evaluated at no step", "0", "as 1,2,4,8,16");
    atSteps("evaluated at more than the model knows", "4,51", "1 to 50 for rlcm, not 51");
    row("ddpo evaluated at one step", {ddpo, QStringLiteral("evaluation.steps=1")}, "evaluation.steps", "2 to 1000 for ddpo");
    row("updates", {QStringLiteral("training.updates_per_round=5")}, "training.updates_per_round", "must divide the round of 32 images");
    row("groups", {QStringLiteral("training.advantage=group"), QStringLiteral("training.group_size=5")}, "training.group_size",
        "must divide the round of 32 images");
    row("levels", {QStringLiteral("transform.kind=quantised"), QStringLiteral("transform.low=1")}, "transform.high", "more than transform.low");
    row("buffer", {QStringLiteral("training.stat_min_count=17")}, "training.stat_min_count", "per-prompt statistics are never used");
    row("decay with adam", {QStringLiteral("training.weight_decay=0.1")}, "training.weight_decay", "needs the optimiser adamw");
    row("reward", {QStringLiteral("reward.terms=compresibility")}, "reward.terms", "did you mean compressibility?");
    row("no reward", {QStringLiteral("reward.terms=")}, "reward.terms", "a reward is missing");
    row("no clip model", {QStringLiteral("reward.terms=alignment"), QStringLiteral("reward.clip_model=")}, "reward.clip_model", "must name a CLIP model");
    row("no model", {QStringLiteral("model.path= ")}, "model.path", "must name a bundled model");
    row("no prompts", {QStringLiteral("prompts.train=")}, "prompts.train", "must name a bundled list");
    row("no held-out prompts", {QStringLiteral("prompts.held_out=")}, "prompts.held_out", "evaluation.held_out_prompts must be 0");
    row("device", {QStringLiteral("compute.device=cuda:x")}, "compute.device", "must be auto, cpu, cuda or cuda:N");
    row("targets", {QStringLiteral("lora.targets=to_q,,to_k")}, "lora.targets", "separated by commas");
}

void TestConfig::rulesNameTheField() {
    QFETCH(QStringList, settings);
    QFETCH(QString, path);
    QFETCH(QString, part);
    RunConfig config;
    for (const QString& setting : settings) {
        setField(config, setting.section(u'=', 0, 0).toStdString(), setting.section(u'=', 1).toStdString());
    }
    const std::vector<Problem> problems = validate(config);
    QCOMPARE(problems.size(), std::size_t{1});
    QCOMPARE(QString::fromStdString(problems[0].path), path);
    QVERIFY2(QString::fromStdString(problems[0].message).contains(part), problems[0].message.c_str());
    QVERIFY(contains(configError([&] { requireValid(config); }), problems[0].message));
    QVERIFY(!configError([&] { derive(config); }).empty());
}

void TestConfig::limitsOfTheRulesAreExact() {
    RunConfig config;
    config.sampling.steps = 50;
    config.training.skipLastSteps = 49;
    QVERIFY(validate(config).empty());
    config.sampling.steps = 2;
    config.sampling.lastStep = LastStep::Deterministic;
    config.training.skipLastSteps = 0;
    QVERIFY(validate(config).empty());
    config.training.learningRate = std::numeric_limits<double>::quiet_NaN();
    config.training.beta1 = 1.0;
    config.training.imagesPerRound = -4;
    QCOMPARE(validate(config).size(), std::size_t{3});
    config = {};
    config.algorithm.method = Method::Ddpo;
    config.sampling.steps = 1000;
    QVERIFY(validate(config).empty());
    config.evaluation.heldOutPrompts = 0;
    config.prompts.heldOut = "";
    config.reward.clipModel = "";
    config.evaluation.judgeModel = "";
    QVERIFY(validate(config).empty());
}

void TestConfig::methodsNeedWhatTheyStandOn() {
    RunConfig config;
    config.training.stepSelection = StepSelection::Random;
    config.training.selectedSteps = 4;
    QVERIFY(validate(config).empty());
    config.sampling.lastStep = LastStep::Deterministic;  // three are random
    QCOMPARE(validate(config)[0].path, std::string("training.selected_steps"));
    config.training.stepSelection = StepSelection::All;
    QVERIFY(validate(config).empty());
    config = {};
    config.training.termNormalisation = TermNormalisation::Separate;
    QVERIFY(validate(config).empty());
    config.transform.kind = RewardTransform::Noisy;  // of a sum that is not learned from
    QCOMPARE(validate(config)[0].path, std::string("transform.kind"));
    config = {};
    config.training.klShare = 0.1;
    QCOMPARE(validate(config)[0].path, std::string("training.kl_share"));
    config.training.klWeight = 1;
    config.evaluation.judges = "clipscore";
    QVERIFY(validate(config).empty());
    config.training.klShareAdapts = true;
    QVERIFY(validate(config).empty());
    config.training.klShare = 1;
    QCOMPARE(validate(config)[0].path, std::string("training.kl_share"));
    config = {};
    config.training.objective = Objective::Rebel;
    QVERIFY(validate(config).empty());
    config.training.updatesPerRound = 32;  // one image each
    QCOMPARE(validate(config)[0].path, std::string("training.updates_per_round"));
    config.training.updatesPerRound = 1;
    config.training.advantage = Advantage::Group;
    config.training.imagesPerRound = 30;
    config.training.groupSize = 3;
    QCOMPARE(validate(config)[0].path, std::string("training.group_size"));
    config = {};
    config.transform = {.kind = RewardTransform::Delayed, .epochs = 80};
    QCOMPARE(validate(config)[0].path, std::string("transform.epochs"));
    config.transform.epochs = 79;
    QVERIFY(validate(config).empty());
}

void TestConfig::presetsAreValidAndNamedByThePattern() {
    std::set<std::string> names;
    const std::regex pattern(
        "(paper-)?(compress-align|compress|incompress|colour|align|aesthetic)(-gentle|-group|-held|-sparse|-steps|-delayed|-trailed|-watched|-rebel|-sdpo|-"
        "gradient)?-(rlcm-h|"
        "ddpo-t)([0-9]+)");
    for (const Preset& candidate : presets()) {
        std::smatch match;
        QVERIFY2(std::regex_match(candidate.name, match, pattern), candidate.name.c_str());
        QVERIFY2(names.insert(candidate.name).second, candidate.name.c_str());
        const auto problems = validate(candidate.config);
        QVERIFY2(problems.empty(), (candidate.name + ": " + (problems.empty() ? "" : problems[0].path + problems[0].message)).c_str());
        const std::map<std::string, std::string> rewards = {{"compress", "compressibility"}, {"incompress", "incompressibility"},
                                                            {"colour", "colourfulness"},     {"compress-align", "compressibility + alignment"},
                                                            {"align", "alignment"},          {"aesthetic", "aesthetic"}};
        QCOMPARE(candidate.config.reward.terms, rewards.at(match[2]));
        QCOMPARE(std::string(toString(candidate.config.algorithm.method)), match[4].str().substr(0, 4));
        QCOMPARE(std::to_string(candidate.config.sampling.steps), match[5].str());
        QVERIFY(!candidate.title.empty() && !candidate.note.empty());
        QVERIFY(&preset(candidate.name) == &candidate);
    }
    QCOMPARE(firstStudy().name, std::string("compress-gentle-rlcm-h4"));
    QVERIFY(contains(configError([] { preset("compress-rlcm-h44"); }), "did you mean compress-rlcm-h4?"));
}

void TestConfig::presetsReadBackFromJson() {
    for (const Preset& candidate : presets()) {
        QVERIFY(toJson(configFromJson(toJson(candidate.config), candidate.name)) == toJson(candidate.config));
    }
}

QTEST_GUILESS_MAIN(TestConfig)
#include "tst_config.moc"
