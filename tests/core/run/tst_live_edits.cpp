// Settings that change while a run trains.
#include <QTest>

#include <algorithm>

#include "core/base/error.h"
#include "core/run/presets.h"
#include "core/run/run.h"

using namespace rlcm;
using namespace rlcm::run;

class TestLiveEdits : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void someSettingsCanChangeAndAreChecked() {
        const RunConfig config = firstStudy().config;
        QCOMPARE(withLiveEdit(config, {"training.learning_rate", "3e-4"}, 5).training.learningRate, 3e-4);
        QCOMPARE(withLiveEdit(config, {"training.clip_range_per_element", "2e-4"}, 5).training.clipRangePerElement, 2e-4);
        QCOMPARE(withLiveEdit(config, {"training.epochs", "6"}, 5).training.epochs, std::int64_t{6});
        QCOMPARE(withLiveEdit(config, {"evaluation.every", "1"}, 5).evaluation.every, std::int64_t{1});
        for (const std::string_view path : liveSettings()) {
            QVERIFY_EXCEPTION_THROWN(withLiveEdit(config, {std::string(path), "-1"}, 0), Error);
            QVERIFY_EXCEPTION_THROWN(withLiveEdit(config, {std::string(path), "much"}, 0), Error);
        }
    }
    void whatWasLearnedFromAndWhatIsPastCannotChange() {
        const RunConfig config = firstStudy().config;
        QVERIFY_EXCEPTION_THROWN(withLiveEdit(config, {"training.epochs", "5"}, 5), Error);
        QVERIFY_EXCEPTION_THROWN(withLiveEdit(config, {"sampling.steps", "8"}, 5), Error);
        QVERIFY_EXCEPTION_THROWN(withLiveEdit(config, {"no.such_setting", "8"}, 5), Error);
    }
    void theLatestChangeOfASettingCounts() {
        RunCommands commands;
        commands.edit({"training.learning_rate", "1"});
        commands.edit({"evaluation.every", "3"});
        commands.edit({"training.learning_rate", "2"});
        const auto edits = commands.takeEdits();
        QVERIFY((edits == std::vector<LiveEdit>{{"evaluation.every", "3"}, {"training.learning_rate", "2"}}));
        QVERIFY(commands.takeEdits().empty());
    }
};

QTEST_GUILESS_MAIN(TestLiveEdits)
#include "tst_live_edits.moc"
