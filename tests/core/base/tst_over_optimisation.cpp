// Values are compared with those of the reference in tests/core/parity.
#include <QtTest>

#include <cmath>
#include <vector>

#include "core/base/over_optimisation.h"

using namespace rlcm;

class TestOverOptimisation : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aFitNeedsPointsThatDiffer() {
        QVERIFY(!fitGain(std::vector{1.0}, std::vector{1.0}, GainForm::Rl));
        QVERIFY(!fitGain(std::vector{4.0, 4.0, 0.0}, std::vector{1.0, 2.0, 5.0}, GainForm::BestOfN));
    }
    void theBetterFormIsTakenOfPointsFarEnough() {
        std::vector<double> kl, gain;
        const auto add = [&](double d) {
            kl.push_back(d * d);
            gain.push_back(d * (3 - d));
        };
        for (const double d : {0.1, 0.2, 0.3, 0.5, 1.0, 1.5, 2.0, 2.5}) {
            add(d);
        }
        QVERIFY(!betterFit(kl, gain));  // five
        gain[0] = 100;                  // too near to count
        add(2.8);
        const auto fit = betterFit(kl, gain);
        QVERIFY(fit && fit->form == GainForm::BestOfN && fit->peak);
        QVERIFY(std::abs(fit->peak->distance - 1.5) < 1e-9 && std::abs(gainAt(*fit, 1.5) - 2.25) < 1e-9 && gainAt(*fit, 0) == 0);
    }
    void aLineWithoutABendHasNoPeak() {
        const std::vector<double> kl{1, 4, 9, 16};
        const std::vector<double> gain{1, 2, 3, 4 - 1e-6};  // a / b is about a million
        const auto fit = fitGain(kl, gain, GainForm::Rl);
        QVERIFY(fit && fit->a > 0 && fit->b > 0 && !fit->peak);
    }
};

QTEST_APPLESS_MAIN(TestOverOptimisation)
#include "tst_over_optimisation.moc"
