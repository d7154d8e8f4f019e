#include <QTest>

#include "core/run/config_diff.h"

using namespace rlcm::run;

class TestConfigDiff : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsWhereConfigsDiffer();
    void findsTheNearestPreset();
    void theCommandMakesTheConfigAgain();
};

void TestConfigDiff::tellsWhereConfigsDiffer() {
    RunConfig a, b, c;
    b.training.learningRate = 0.5;
    c.seed = 3;
    c.compute.threads = 9;
    const std::vector<RunConfig> configs{a, b, c};
    std::vector<std::string> different;
    for (const SettingRow& row : compareSettings(configs)) {
        QCOMPARE(row.texts.size(), std::size_t{3});
        QCOMPARE(row.texts[1], fieldText(b, *row.field));
        if (row.differs) {
            different.push_back(row.field->path + (row.isNoise ? " (noise)" : ""));
        }
    }
    QCOMPARE(different, (std::vector<std::string>{"seed (noise)", "training.learning_rate", "compute.threads (noise)"}));
}

void TestConfigDiff::findsTheNearestPreset() {
    for (const Preset& preset : presets()) {
        RunConfig config = preset.config;
        config.seed = 99;
        config.name = "mine";
        const NearestPreset nearest = nearestPreset(config);
        QVERIFY(nearest.changed.empty());
        config.training.learningRate *= 7;
        QVERIFY(nearestPreset(config).changed.size() <= 1);
    }
}

void TestConfigDiff::theCommandMakesTheConfigAgain() {
    RunConfig config = preset("compress-rlcm-h4").config;
    config.name = "it's mine, with blanks";
    config.training.learningRate = 1.25e-3;
    config.seed = 12;
    const std::string command = trainCommand(config);
    const std::string begin = "rlcm train --preset ";
    QVERIFY(command.starts_with(begin) && command.ends_with(" --out WORKSPACE"));
    RunConfig again = preset(command.substr(begin.size(), command.find(' ', begin.size()) - begin.size())).config;
    QVERIFY(command.find("--set 'name=it'\\''s mine, with blanks'") != std::string::npos);
    setField(again, "name", config.name);
    for (const char* path : {"training.learning_rate", "seed"}) {
        const std::string key = std::string("--set ") + path + "=";
        const std::size_t at = command.find(key);
        QVERIFY2(at != std::string::npos, command.c_str());
        setField(again, path, command.substr(at + key.size(), command.find(' ', at + key.size()) - at - key.size()));
    }
    QVERIFY(toJson(again) == toJson(config));
}

QTEST_GUILESS_MAIN(TestConfigDiff)
#include "tst_config_diff.moc"
