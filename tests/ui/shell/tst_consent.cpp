// What the window asks before it goes on: a run whose inputs have changed, and one whose reward starts a program.
#include <QAction>
#include <QPushButton>
#include <QTest>

#include "tests/ui/shell/desk.h"
#include "ui/bridge/run_controller.h"
#include "ui/runs/runs_panel.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/state_badge.h"

using namespace rlcm;
using namespace std::chrono_literals;
using test::Desk;
using test::kWaitMs;

namespace {

/// Refuses to go on, as the trainer does whose prompts are others, until that is allowed.
class Particular : public run::Run {
public:
    Particular(const run::RunRequest& request, run::RunObserver& observer)
        : m_request(request), m_observer(observer), m_run(test::makeFakeRun(request, observer)) {}
    run::RunState execute(std::stop_token stop, run::RunCommands& commands) noexcept override {
        if (m_request.resumeFrom.empty() || m_request.allowsChangedInputs) {
            return m_run->execute(std::move(stop), commands);
        }
        m_observer.onEvent(
            run::RunFinished{m_request.id, run::RunState::Failed, "others", m_request.resumedCounters, {"prompts.train", "half.reward.clip_model"}});
        return run::RunState::Failed;
    }

private:
    run::RunRequest m_request;
    run::RunObserver& m_observer;
    std::unique_ptr<run::Run> m_run;
};

QPushButton* messageButton(ui::MainWindow& window) {
    return window.messages().findChild<QPushButton*>(QStringLiteral("messageBarAction"));
}

}  // namespace

class TestConsent : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aRunWithOtherInputsGoesOnOnceTheUserHasSeenThem() {
        Desk desk;
        run::RunConfig config = test::smallConfig(8);
        config.prompts.train = "animal-nouns";
        const run::RunId id = desk.workspace.addRun(config, {.failAtEpoch = 4});
        ui::WindowOptions options;
        options.workspace = desk.workspace.path();
        options.factory = [](const run::RunRequest& request, run::RunObserver& observer) { return std::make_unique<Particular>(request, observer); };
        options.library = std::make_shared<test::FakeLibrary>();
        options.settingsFile = desk.config.filePath(QStringLiteral("window.ini"));
        ui::MainWindow window(options);
        window.show();
        QTRY_COMPARE_WITH_TIMEOUT(window.runs().selected(), id, kWaitMs);
        QTRY_VERIFY_WITH_TIMEOUT(window.actions().resume->isEnabled(), kWaitMs);
        window.actions().resume->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(messageButton(window)->text(), QStringLiteral("Resume with the changed inputs…"), kWaitMs);
        QVERIFY2(window.messages().text().contains(QStringLiteral("half.reward.clip_model")), qPrintable(window.messages().text()));
        test::picture(window, QStringLiteral("consent-inputs"));
        QTRY_VERIFY_WITH_TIMEOUT(!window.controller().isActive(), kWaitMs);  // the first try has ended altogether

        ui::MessageBox::answerNext(1);
        messageButton(window)->click();
        QVERIFY2(ui::MessageBox::lastQuestion().text.contains(QStringLiteral("animal-nouns")), qPrintable(ui::MessageBox::lastQuestion().text));
        QCOMPARE(ui::MessageBox::lastQuestion().defaultButton, 1);
        QVERIFY2(!window.controller().isActive(), "cancelled is cancelled");

        window.actions().resume->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window.messages().isVisible() && !window.controller().isActive(), kWaitMs);
        ui::MessageBox::answerNext(0);
        messageButton(window)->click();
        QTRY_VERIFY_WITH_TIMEOUT(desk.row(id).state == run::RunState::Finished, kWaitMs);
        QTRY_VERIFY_WITH_TIMEOUT(!window.controller().isActive(), kWaitMs);
    }
    void aProgramThatARunNamesIsShownBeforeItStarts() {
        Desk desk;
        run::RunConfig config = test::smallConfig(8);
        config.reward.terms = "program";
        config.reward.program = "python3 score.py --strict";
        const run::RunId id = desk.workspace.addRun(config, {.failAtEpoch = 4});
        const QTemporaryDir elsewhere;  // another user, who has agreed to nothing
        const QByteArray before = qgetenv("XDG_DATA_HOME");
        qputenv("XDG_DATA_HOME", elsewhere.path().toUtf8());
        const auto window = desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(window->actions().resume->isEnabled(), kWaitMs);
        window->actions().resume->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(messageButton(*window)->text(), QStringLiteral("Trust and start…"), kWaitMs);
        QVERIFY(!window->controller().isActive());
        QVERIFY(desk.row(id).state == run::RunState::Failed);
        QCOMPARE(test::live(*window).findChild<ui::StateBadge*>()->accessibleName(), ui::stateText(run::RunState::Failed));
        test::picture(*window, QStringLiteral("consent-program"));

        ui::MessageBox::answerNext(1);
        messageButton(*window)->click();
        QVERIFY2(ui::MessageBox::lastQuestion().text.contains(QStringLiteral("`python3 score.py --strict`")), qPrintable(ui::MessageBox::lastQuestion().text));
        window->actions().resume->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window->messages().isVisible(), kWaitMs);
        QCOMPARE(messageButton(*window)->text(), QStringLiteral("Trust and start…"));
        ui::MessageBox::answerNext(0);
        messageButton(*window)->click();
        QTRY_VERIFY_WITH_TIMEOUT(desk.row(id).state == run::RunState::Finished, kWaitMs);
        QTRY_VERIFY_WITH_TIMEOUT(!window->controller().isActive(), kWaitMs);
        qputenv("XDG_DATA_HOME", before);
    }
    void whatHasBeenAskedForIsShownUntilItIsDone() {
        Desk desk;
        const auto window = desk.open({.epochTime = 900ms, .imageSize = 16});
        {
            store::StoreEditor editor(desk.workspace.path());
            editor.createRun(test::smallConfig(50));
        }
        QTRY_VERIFY_WITH_TIMEOUT(window->actions().resume->isEnabled(), kWaitMs);
        window->actions().resume->trigger();
        QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epochs > 0, kWaitMs);
        window->actions().sampleNow->trigger();
        QCOMPARE(window->actions().sampleNow->text(), QStringLiteral("Sample pending"));
        QVERIFY(!window->actions().sampleNow->isEnabled());
        QTRY_VERIFY_WITH_TIMEOUT(window->actions().sampleNow->isEnabled(), kWaitMs);
        window->controller().stopNow();
        QTRY_VERIFY_WITH_TIMEOUT(!window->controller().isActive(), kWaitMs);
    }
};

QTEST_MAIN(TestConsent)
#include "tst_consent.moc"
