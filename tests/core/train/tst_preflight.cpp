// What a config names that is not there is told before the start, at its setting.
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/run/presets.h"
#include "core/train/preflight.h"

using namespace rlcm;

namespace {

std::vector<std::string> paths(const run::RunConfig& config) {
    std::vector<std::string> found;
    for (const run::Problem& problem : train::missingParts(config)) {
        found.push_back(problem.path);
    }
    return found;
}

using Paths = std::vector<std::string>;

}  // namespace

class TestPreflight : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void bundledPresetsLackNothing();
    void eachMissingPartIsToldAtItsSetting();
    void onlyWhatIsUsedIsLookedAt();
    void filesOfTheUserAreFound();
};

void TestPreflight::bundledPresetsLackNothing() {
    for (const run::Preset& preset : run::presets()) {
        if (!preset.name.starts_with("paper-")) {
            QVERIFY2(train::missingParts(preset.config).empty(), preset.name.c_str());
        }
    }
}

void TestPreflight::eachMissingPartIsToldAtItsSetting() {
    run::RunConfig config;
    config.model.path = "no/such/model";
    config.prompts.train = "simple-animal";
    config.prompts.heldOut = "nonsense";
    config.reward.terms = "alignment";
    config.reward.clipModel = "clip-vit-large-patch14";
    config.evaluation.judgeModel = "nobody";
    config.lora.start = "/no/such/lora.safetensors";
    QCOMPARE(paths(config), (Paths{"model.path", "prompts.train", "prompts.held_out", "reward.clip_model", "evaluation.judge_model", "lora.start"}));
    const auto problems = train::missingParts(config);
    QVERIFY2(problems[1].message.find("simple-animals") != std::string::npos, "names the nearest list");
}

void TestPreflight::onlyWhatIsUsedIsLookedAt() {
    run::RunConfig config;
    config.reward.clipModel = "nobody";
    config.reward.pickscoreModel = "nobody";
    config.evaluation.heldOutPrompts = 0;
    config.prompts.heldOut = "nonsense";
    config.evaluation.judgeModel.clear();
    QVERIFY(paths(config).empty());
    config.reward.terms = "compressibility + pickscore";
    QCOMPARE(paths(config), Paths{"reward.pickscore_model"});
    config.reward.terms = "compressibility";
    config.evaluation.judges = "taste=alignment[clip_model=nowhere] + hpsv2[hps_model=emoji-clip] + pickscore";
    QCOMPARE(paths(config), (Paths{"evaluation.judges", "evaluation.judges"}));
    QVERIFY(train::missingParts(config)[0].message.find("nowhere") != std::string::npos);
    config.evaluation.judges.clear();
    config.reward.terms = "half typ";
    QVERIFY2(paths(config).empty(), "told by the rules between settings");
}

void TestPreflight::filesOfTheUserAreFound() {
    const QTemporaryDir folder;
    const std::filesystem::path file = std::filesystem::path(folder.path().toStdString()) / "prompts.txt";
    run::RunConfig config;
    config.prompts.train = file.string();
    QCOMPARE(paths(config), Paths{"prompts.train"});
    std::ofstream(file) << "a cat\n";
    QVERIFY(paths(config).empty());
    config.model.path = folder.path().toStdString();  // a folder, but no model
    QCOMPARE(paths(config), Paths{"model.path"});
}

QTEST_GUILESS_MAIN(TestPreflight)
#include "tst_preflight.moc"
