// What the page of comparisons works out before it shows anything: names, images, numbers in words.
#include <QTest>
#include <cmath>
#include <vector>

#include "ui/compare/compare_data.h"
#include "ui/compare/cursor_table.h"

using namespace rlcm;
using namespace rlcm::ui;

class TestCompareData : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void changesInTheTableAreAsExactAsTheValues() {
        CursorModel model;
        const auto delta = [&](double first, double last) {
            model.setRows({{.id = QStringLiteral("a"), .raw = last, .smoothed = last, .best = last, .against = first}});
            return model.index(0, CursorModel::Delta).data().toString();
        };
        QCOMPARE(delta(-2.418, -2.41748), QStringLiteral("+0.001"));
        QCOMPARE(delta(-2.418, -2.4181), QStringLiteral("±0"));
        QCOMPARE(delta(5.1234, 4.6), QStringLiteral("−0.523"));
        QCOMPARE(delta(0.0123, 0.0456), QStringLiteral("+0.03330"));
        QCOMPARE(delta(0, 0.5), QStringLiteral("+0.5000"));
    }
    void manyRunsOfFewKindsAreBetterGrouped() {
        std::vector<RunCurve> all(9);
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].groupKey = "kind " + std::to_string(i / 3);
        }
        std::vector<const RunCurve*> runs;
        for (const RunCurve& run : all) {
            runs.push_back(&run);
        }
        QVERIFY(areBetterGrouped(runs));
        runs.pop_back();
        QVERIFY(!areBetterGrouped(runs));  // eight can be told apart
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].groupKey = "kind " + std::to_string(i);
        }
        runs.push_back(&all.back());
        QVERIFY(!areBetterGrouped(runs));  // nothing to group
    }
    void curvesAreNamedByWhatDiffersAndHowManyRunsTheyAre() {
        std::vector<Series> all(2);
        all[0].label = QStringLiteral("RLCM H4 · study (3 seeds)");
        all[0].runs = 3;
        all[1].label = QStringLiteral("DDPO 20 · study");
        nameBriefly(all);
        QCOMPARE(all[0].brief, QStringLiteral("RLCM H4 ×3"));
        QCOMPARE(all[1].brief, QStringLiteral("DDPO 20"));
    }
    void imagesAreChosenAtEqualBudget() {
        RunCurve run;
        run.sampleEpochs = {0, 10, 20};
        for (std::int64_t epoch : run.sampleEpochs) {
            run.evaluations.push_back({{.epoch = epoch, .rewardQueries = epoch * 64}, 0});
        }
        QCOMPARE(imagesAt(run, XAxis::RewardQueries, 1279).epoch, std::int64_t{10});
        QVERIFY(imagesAt(run, XAxis::RewardQueries, 1280).isExact);
        QCOMPARE(imagesAt(run, XAxis::Epoch, -1).epoch, std::int64_t{-1});
        QCOMPARE(imagesAt(run, XAxis::WallTime, std::nan("")).epoch, std::int64_t{20});
    }
};

QTEST_MAIN(TestCompareData)
#include "tst_compare_data.moc"
