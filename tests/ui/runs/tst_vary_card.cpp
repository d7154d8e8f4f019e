// The matrix of runs in the form for new ones.
#include <QApplication>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableWidget>
#include <QTest>
#include <algorithm>
#include <memory>
#include <set>

#include "core/run/presets.h"
#include "tests/support/fake_library.h"
#include "tests/support/temp_workspace.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/vary_card.h"
#include "ui/theme/theme.h"

using namespace rlcm;

class TestVaryCard : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void init() {
        m_dialog = std::make_unique<ui::NewRunDialog>(test::fakeTrial, nullptr);
        m_dialog->setAttribute(Qt::WA_DeleteOnClose, false);
        m_dialog->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_dialog.get()));
    }
    void cleanup() { m_dialog.reset(); }

    void aSingleRunShowsNoMatrix() {
        QVERIFY(!matrix()->isVisibleTo(m_dialog.get()));
        QCOMPARE(made().size(), std::size_t{1});
    }
    void theFormsOwnSeedAndHorizonAreAmongThem() {
        type("alsoSeeds", "1, 2");
        type("alsoHorizons", "2, 8");
        QVERIFY(matrix()->isVisibleTo(m_dialog.get()));
        QCOMPARE(matrix()->rowCount(), 3);
        QCOMPARE(matrix()->columnCount(), 3);
        QCOMPARE(matrix()->verticalHeaderItem(1)->text(), QStringLiteral("RLCM H4"));
        QCOMPARE(matrix()->horizontalHeaderItem(0)->text(), QStringLiteral("seed 0"));
        const auto runs = made();
        QCOMPARE(runs.size(), std::size_t{9});
        std::set<std::pair<std::int64_t, std::int64_t>> cells;
        for (const run::RunConfig& run : runs) {
            cells.insert({run.sampling.steps, run.seed});
        }
        QCOMPARE(cells.size(), std::size_t{9});
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(runs[static_cast<std::size_t>(i)].seed, std::int64_t{0});  // an early end leaves a whole comparison
        }
    }
    void cellsTellWhatARunCosts() {
        type("alsoHorizons", "8");
        const QString four = matrix()->item(0, 0)->text(), eight = matrix()->item(1, 0)->text();
        QVERIFY2(four.contains(QStringLiteral("images")) && four != eight, qPrintable(four));
        const QString tip = matrix()->item(0, 0)->toolTip();
        QVERIFY(tip.contains(QStringLiteral("training images")) && tip.contains(QStringLiteral("reward queries")) && tip.contains(QStringLiteral("about")));
        const auto* queries = m_dialog->findChild<QLabel*>(QStringLiteral("estimateQueries"));
        const QString both = queries->text();
        matrix()->item(1, 0)->setCheckState(Qt::Unchecked);
        QVERIFY(queries->text() != both);
    }
    void aCellThatIsNotTickedIsNotRun() {
        type("alsoSeeds", "1");
        type("alsoHorizons", "2");
        matrix()->item(1, 0)->setCheckState(Qt::Unchecked);  // H4, seed 0
        auto runs = made();
        QCOMPARE(runs.size(), std::size_t{3});
        QVERIFY(std::ranges::none_of(runs, [](const run::RunConfig& run) { return run.sampling.steps == 4 && run.seed == 0; }));
        type("alsoSeeds", "1, 2");  // and stays left out when more is added
        QCOMPARE(made().size(), std::size_t{5});
        for (int row = 0; row < 2; ++row) {
            for (int column = 0; column < 3; ++column) {
                matrix()->item(row, column)->setCheckState(Qt::Unchecked);
            }
        }
        QVERIFY(!button("startNow")->isEnabled() && !button("addToQueue")->isEnabled());
        QVERIFY(hint()->text().contains(QStringLiteral("ticked")));
    }
    void theOtherMethodComesFromItsPreset() {
        type("otherMethodSteps", "20");
        QCOMPARE(matrix()->rowCount(), 2);
        QCOMPARE(matrix()->verticalHeaderItem(1)->text(), QStringLiteral("DDPO 20"));
        const auto runs = made();
        QVERIFY(runs[1].algorithm.method == run::Method::Ddpo && runs[1].model.path == "emoji-sd" && runs[1].sampling.steps == 20);
        QCOMPARE(runs[1].training.epochs, runs[0].training.epochs);
    }
    void anySettingCanBeVaried() {
        auto* setting = m_dialog->findChild<QComboBox*>(QStringLiteral("variedSetting0"));
        setting->setCurrentIndex(setting->findData(QStringLiteral("training.learning_rate")));
        type("variedValues0", "1e-3, 2e-3, 15e-4");
        const auto runs = made();
        QCOMPARE(runs.size(), std::size_t{3});  // with the form's own
        QVERIFY(runs[0].training.learningRate == 1.5e-3 && runs[2].training.learningRate == 2e-3);
        QVERIFY(runs[2].name.find("learning_rate=0.002") != std::string::npos);
    }
    void allThatIsWrongIsToldAtOnce() {
        type("alsoSeeds", "1, x");
        type("alsoHorizons", "2, two");
        type("otherMethodSteps", "1");
        const QStringList lines = hint()->text().split(QLatin1Char('\n'));
        QCOMPARE(lines.size(), 3);
        QVERIFY(lines[0].contains(QStringLiteral("“x”")) && lines[1].contains(QStringLiteral("“two”")) && lines[2].contains(QStringLiteral("“1”")));
        QVERIFY(!button("addToQueue")->isEnabled());
        type("alsoSeeds", "");
        type("alsoHorizons", "4, 99");
        type("otherMethodSteps", "");
        QVERIFY2(hint()->text().startsWith(QStringLiteral("RLCM H99")), qPrintable(hint()->text()));
    }
    void keysInTheMatrixTickAndStartNothing() {
        type("alsoSeeds", "1");
        QSignalSpy submitted(m_dialog.get(), &ui::NewRunDialog::submitted);
        matrix()->setFocus();
        matrix()->setCurrentCell(0, 1);
        QTest::keyClick(matrix(), Qt::Key_Return);
        QTest::keyClick(matrix(), Qt::Key_Enter);
        QCOMPARE(submitted.count(), 0);
        QTest::keyClick(matrix(), Qt::Key_Space);
        QCOMPARE(matrix()->item(0, 1)->checkState(), Qt::Unchecked);
        QVERIFY(matrix()->currentColumn() == 1);
        if (const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !folder.isEmpty()) {
            type("alsoHorizons", "2, 8");
            type("otherMethodSteps", "20");
            QTest::qWait(200);
            m_dialog->grab().save(folder + QStringLiteral("/matrix.png"));
        }
    }

private:
    void type(const char* name, const char* text) { m_dialog->findChild<QLineEdit*>(QLatin1String(name))->setText(QLatin1String(text)); }
    QTableWidget* matrix() const { return m_dialog->findChild<QTableWidget*>(QStringLiteral("runMatrix")); }
    QLabel* hint() const { return m_dialog->findChild<QLabel*>(QStringLiteral("alsoHint")); }
    QPushButton* button(const char* name) const { return m_dialog->findChild<QPushButton*>(QLatin1String(name)); }
    std::vector<run::RunConfig> made() const { return m_dialog->findChild<ui::VaryCard*>()->configs(); }

    std::unique_ptr<ui::NewRunDialog> m_dialog;
};

QTEST_MAIN(TestVaryCard)
#include "tst_vary_card.moc"
