// Changing settings of the run that trains: pending, taken up, marked, stored.
#include <QAction>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTest>
#include <chrono>

#include "core/run/field_table.h"
#include "core/store/workspace.h"
#include "tests/support/temp_workspace.h"
#include "tests/ui/shell/desk.h"
#include "ui/bridge/run_controller.h"
#include "ui/charts/chart_widget.h"
#include "ui/live/live_page.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"

using namespace rlcm;
using test::Desk;
using test::find;
using test::kWaitMs;
using test::live;
using test::picture;

namespace {
const test::FakeScript kSlow{.epochTime = std::chrono::milliseconds(600), .imageSize = 32};
}

class TestLiveSettings : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        ui::apply(*qApp, ui::Mode::Light);
        m_desk = std::make_unique<Desk>();
        store::StoreEditor editor(m_desk->workspace.path());
        m_id = editor.createRun(test::smallConfig(6));
        m_window = m_desk->open(kSlow);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->runs().hasLoaded(), kWaitMs);
        QVERIFY2(!m_window->actions().liveSettings->isEnabled(), "nothing trains");
        m_window->controller().start(m_id);
        QTRY_VERIFY_WITH_TIMEOUT(m_window->controller().progress().epochs > 0, kWaitMs);
        m_window->actions().liveSettings->trigger();
    }
    void cleanup() {
        m_window->controller().stopNow();
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->controller().isActive(), kWaitMs);
        m_window.reset();
        m_desk.reset();
    }
    void aChangeIsPendingUntilTheNextEpochThenMarkedAndStored() {
        edit("training.learning_rate")->setText(QStringLiteral("5e-4"));
        edit("training.epochs")->setText(QStringLiteral("7"));
        apply();
        QCOMPARE(m_window->controller().pendingEdits().size(), std::size_t{2});
        QVERIFY2(state("training.learning_rate")->text().contains(QStringLiteral("5e-04 from epoch")), qPrintable(state("training.learning_rate")->text()));
        const auto* facts = find<QLabel>(*m_window, "liveFacts");
        QVERIFY2((facts->toolTip() + facts->text()).contains(QStringLiteral("from the next epoch")), qPrintable(facts->text()));
        picture(*dialog(), QStringLiteral("live-settings"));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->controller().pendingEdits().empty(), kWaitMs);
        QCOMPARE(state("training.learning_rate")->text(), QStringLiteral("now 5e-04"));
        QTRY_VERIFY_WITH_TIMEOUT(!live(*m_window).rewardChart().marks().empty(), kWaitMs);
        QVERIFY(live(*m_window).rewardChart().marks().front().kind == ui::ChartMark::Kind::Edit);
        const store::RunRow row = m_desk->row(m_id);
        QCOMPARE(row.epochs, std::int64_t{7});
        QCOMPARE(run::configFromJson(parseJson(row.configJson, m_id), m_id).training.learningRate, 5e-4);
        QTRY_COMPARE_WITH_TIMEOUT(m_desk->row(m_id).counters.epoch, std::int64_t{7}, kWaitMs);
    }
    void allThatIsWrongIsToldAndNothingIsApplied() {
        edit("training.learning_rate")->setText(QStringLiteral("much"));
        edit("training.epochs")->setText(QStringLiteral("0"));
        edit("evaluation.every")->setText(QStringLiteral("2"));
        apply();
        const QString problem = dialog()->findChild<QLabel*>(QStringLiteral("liveProblem"))->text();
        QCOMPARE(problem.split(QLatin1Char('\n')).size(), 2);
        QVERIFY2(problem.startsWith(QStringLiteral("Learning rate must be")) && problem.contains(QStringLiteral("\nEpochs must be")), qPrintable(problem));
        QVERIFY(m_window->controller().pendingEdits().empty());
    }
    void aPendingChangeCanBeTakenBack() {
        const QString before = edit("training.learning_rate")->text();
        edit("training.learning_rate")->setText(QStringLiteral("5e-4"));
        apply();
        edit("training.learning_rate")->setText(before);
        apply();
        QVERIFY(m_window->controller().pendingEdits().empty());
        const std::int64_t epoch = m_window->controller().progress().epoch;
        QTRY_VERIFY_WITH_TIMEOUT(m_window->controller().progress().epoch > epoch + 1, kWaitMs);
        QVERIFY(store::StoreReader(m_desk->workspace.path()).events(m_id).empty());
    }
    void openedBeforeTheRunIsReadItShowsThatRunsSettings() {
        m_window->controller().stopNow();
        QTRY_VERIFY_WITH_TIMEOUT(!m_window->controller().isActive() && dialog() == nullptr, kWaitMs);
        store::StoreEditor editor(m_desk->workspace.path());
        const run::RunId next = editor.createRun(test::smallConfig(11));
        m_window->controller().start(next);
        m_window->actions().liveSettings->trigger();  // the store has not answered yet
        QVERIFY(dialog() != nullptr);
        QTRY_COMPARE_WITH_TIMEOUT(edit("training.epochs")->text(), QStringLiteral("11"), kWaitMs);
    }
    void theDialogGoesWithTheRun() {
        QVERIFY(dialog()->isVisible());
        m_window->controller().stopNow();
        QTRY_VERIFY_WITH_TIMEOUT(dialog() == nullptr, kWaitMs);
        QVERIFY(!m_window->actions().liveSettings->isEnabled());
    }

private:
    QDialog* dialog() const { return find<QDialog>(*m_window, "liveSettings"); }
    QLineEdit* edit(const char* path) const { return dialog()->findChild<QLineEdit*>(QStringLiteral("live:") + QLatin1String(path)); }
    QLabel* state(const char* path) const { return dialog()->findChild<QLabel*>(QStringLiteral("liveState:") + QLatin1String(path)); }
    void apply() { dialog()->findChild<QPushButton*>(QStringLiteral("applyLive"))->click(); }

    std::unique_ptr<Desk> m_desk;
    std::unique_ptr<ui::MainWindow> m_window;
    run::RunId m_id;
};

QTEST_MAIN(TestLiveSettings)
#include "tst_live_settings.moc"
