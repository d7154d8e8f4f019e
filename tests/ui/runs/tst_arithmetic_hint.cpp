// What the form says of the precision before a run is started.
#include <QComboBox>
#include <QLabel>
#include <QTest>
#include <atomic>

#include "core/run/presets.h"
#include "tests/support/fake_library.h"
#include "ui/runs/config_form.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/theme/theme.h"

using namespace rlcm;

namespace {
constexpr int kWaitMs = 20000;
}  // namespace

class TestArithmeticHint : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void theFormSaysWhatAutoIsAndAsksOnceForAModel();
    void aSlowChoiceIsWarnedAboutBeforeTheStart();
    void theEstimateKnowsWhatAutoIs();

private:
    static QString hint(QWidget& dialog) { return dialog.findChild<QLabel*>(QStringLiteral("hint:compute.dtype"))->text(); }
    static void choose(QWidget& dialog, const char* path, const QString& text) {
        dialog.findChild<QComboBox*>(QStringLiteral("field:") + QLatin1String(path))->setCurrentText(text);
    }
};

void TestArithmeticHint::theFormSaysWhatAutoIsAndAsksOnceForAModel() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
    std::atomic<int> questions = 0;
    dialog.setArithmeticTimer([&](const run::RunConfig& config) {
        ++questions;
        return run::ArithmeticTimes{config.model.path == "emoji-sd" ? 0.5 : 16, {}};
    });
    choose(dialog, "compute.dtype", QStringLiteral("auto"));
    QTRY_COMPARE_WITH_TIMEOUT(hint(dialog), QStringLiteral("Auto is fp32 on this device: bf16 takes 16 times as long as fp32"), kWaitMs);
    choose(dialog, "compute.dtype", QStringLiteral("fp32"));
    QCOMPARE(hint(dialog), QStringLiteral("Fp32 is the fastest on this device: bf16 takes 16 times as long as fp32"));
    QCOMPARE(questions, 1);
    choose(dialog, "compute.dtype", QStringLiteral("auto"));
    choose(dialog, "model.path", QStringLiteral("emoji-sd"));
    QTRY_COMPARE_WITH_TIMEOUT(hint(dialog), QStringLiteral("Auto is bf16 on this device: bf16 takes 0.5 times as long as fp32"), kWaitMs);
    QCOMPARE(questions, 2);
}

void TestArithmeticHint::aSlowChoiceIsWarnedAboutBeforeTheStart() {
    ui::NewRunDialog dialog(test::fakeTrial, {});
    dialog.setArithmeticTimer([](const run::RunConfig&) { return run::ArithmeticTimes{16, {}}; });
    const auto* summary = dialog.findChild<QLabel*>(QStringLiteral("newRunSummary"));
    choose(dialog, "compute.dtype", QStringLiteral("bf16"));
    QTRY_VERIFY_WITH_TIMEOUT(summary->text().contains(QStringLiteral("bf16 takes 16 times as long as fp32")), kWaitMs);
    choose(dialog, "compute.dtype", QStringLiteral("fp32"));
    QVERIFY(!summary->text().contains(QStringLiteral("16 times")));
}

void TestArithmeticHint::theEstimateKnowsWhatAutoIs() {
    const auto memoryWith = [](double bf16, const QString& dtype) {
        ui::NewRunDialog dialog(test::fakeTrial, {});
        dialog.setArithmeticTimer([bf16](const run::RunConfig&) { return run::ArithmeticTimes{bf16, {}}; });
        choose(dialog, "compute.dtype", dtype);
        const QString waiting = QStringLiteral("16 times"), fast = QStringLiteral("0.5 times");
        [&] { QTRY_VERIFY_WITH_TIMEOUT(hint(dialog).contains(bf16 > 1 ? waiting : fast), kWaitMs); }();
        return dialog.findChild<QLabel*>(QStringLiteral("estimateMemory"))->text();
    };
    const QString full = memoryWith(16, QStringLiteral("fp32")), half = memoryWith(16, QStringLiteral("bf16"));
    QVERIFY(full != half);
    QCOMPARE(memoryWith(16, QStringLiteral("auto")), full);
    QCOMPARE(memoryWith(0.5, QStringLiteral("auto")), half);
}

QTEST_MAIN(TestArithmeticHint)
#include "tst_arithmetic_hint.moc"
