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
            model.setRows({{.id = QStringLiteral("a"), .raw = last, .smoothed = last, .first = first}});
            return model.index(0, CursorModel::Delta).data().toString();
        };
        QCOMPARE(delta(-2.418, -2.41748), QStringLiteral("+0.001"));
        QCOMPARE(delta(-2.418, -2.4181), QStringLiteral("±0"));
        QCOMPARE(delta(5.1234, 4.6), QStringLiteral("−0.523"));
        QCOMPARE(delta(0.0123, 0.0456), QStringLiteral("+0.03330"));
        QCOMPARE(delta(0, 0.5), QStringLiteral("+0.5000"));
    }
    void shortNamesKeepWhatDiffers() {
        using Names = std::vector<QString>;
        QCOMPARE(shortNames({QStringLiteral("rlcm H4 size s0"), QStringLiteral("ddpo T20 size s0")}),
                 (Names{QStringLiteral("rlcm H4"), QStringLiteral("ddpo T20")}));
        QCOMPARE(shortNames({QStringLiteral("a b"), QStringLiteral("a")}), (Names{QStringLiteral("a b"), QStringLiteral("a")}));
        QCOMPARE(shortNames({QStringLiteral("only one")}), Names{QStringLiteral("only one")});
        QCOMPARE(shortNames({QStringLiteral("rlcm H8 size (3 seeds)"), QStringLiteral("ddpo T20 size (2 seeds)")}),
                 (Names{QStringLiteral("rlcm H8 (3 seeds)"), QStringLiteral("ddpo T20 (2 seeds)")}));
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
