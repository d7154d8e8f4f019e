// The window under a window manager: what real focus, frames and full screen do to it. Run by tests/support/with_screen.py.
#include <QAction>
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPointer>
#include <QPushButton>
#include <QScreen>
#include <QTableView>
#include <QTest>

#include "core/run/presets.h"
#include "tests/ui/shell/desk.h"
#include "ui/bridge/run_controller.h"
#include "ui/live/live_page.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/theme/theme.h"
#include "ui/vote/vote_ballot.h"

using namespace rlcm;
using namespace std::chrono_literals;
using test::Desk;
using test::find;
using test::kWaitMs;

namespace {

run::RunConfig ddpoConfig() {
    run::RunConfig config = run::preset("compress-ddpo-t20").config;
    config.training.epochs = 7;
    config.seed = 5;
    return config;
}

/// Makes a window the active one and waits until no request from before changes that again.
void settle(QWidget& window) {
    for (int calm = 0; calm < 3; ++calm) {
        if (!window.isActiveWindow()) {
            window.activateWindow();
            QVERIFY(QTest::qWaitForWindowActive(&window, kWaitMs));
            calm = 0;
        }
        QTest::qWait(100);
    }
}

/// Presses a key where the focus of a window is, as a keyboard does.
void press(QWidget& window, Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
    QTRY_VERIFY(QApplication::focusWidget() != nullptr && QApplication::focusWidget()->window() == &window);
    QTest::keyClick(QApplication::focusWidget(), key, modifiers);
}

}  // namespace

class TestFocus : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void aCloneKeepsTheSettingsWhereverTheFocusGoes();
    void returnInTheFormStartsNothing();
    void aNameIsTypedWhileTheRunTrains();
    void fullScreenTakesOneKeyAfterARestart();
    void theWindowFitsTheScreenAndKeepsItsWidth();
    void keysReachTheBallotWhateverWasShownMeanwhile();
};

void TestFocus::initTestCase() {
    if (QGuiApplication::platformName() != QLatin1String("xcb")) {
        QSKIP("needs an X server with a window manager");
    }
    ui::apply(*qApp, ui::Mode::Light);
}

void TestFocus::aCloneKeepsTheSettingsWhereverTheFocusGoes() {
    Desk desk;
    desk.workspace.addRun(ddpoConfig());
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    settle(*window);
    window->runs().cloneAction()->trigger();
    auto* dialog = find<ui::NewRunDialog>(*window, "newRunDialog");
    settle(*dialog);
    const auto settings = [&] { return run::toJson(*dialog->form().config()).dump(); };
    run::RunConfig expected = ddpoConfig();
    expected.name.clear();
    QCOMPARE(settings(), run::toJson(expected).dump());
    auto* presets = dialog->findChild<QListWidget*>(QStringLiteral("presetList"));
    bool hadFocus = false;
    for (int i = 0; i < 60; ++i) {  // once round
        press(*dialog, Qt::Key_Tab);
        hadFocus = hadFocus || presets->hasFocus();
    }
    QVERIFY(hadFocus);
    QCOMPARE(settings(), run::toJson(expected).dump());
    settle(*window);
    presets->setFocus();
    settle(*dialog);
    QTRY_VERIFY(presets->hasFocus());
    QCOMPARE(settings(), run::toJson(expected).dump());
    press(*dialog, Qt::Key_Down);  // a choice of the user's own
    QVERIFY(settings() != run::toJson(expected).dump());
}

void TestFocus::returnInTheFormStartsNothing() {
    const Desk desk;
    const auto window = desk.open();
    settle(*window);
    window->openNewRun();
    QPointer<ui::NewRunDialog> dialog = find<ui::NewRunDialog>(*window, "newRunDialog");
    settle(*dialog);
    for (const auto* name : {"settingsSearch", "alsoSeeds", "field:seed", "presetList"}) {
        dialog->findChild<QWidget*>(QLatin1String(name))->setFocus();
        press(*dialog, Qt::Key_Return);
    }
    QTest::qWait(300);
    QVERIFY(dialog && dialog->isVisible());
    QVERIFY(store::StoreReader(desk.workspace.path()).runs().empty());
    press(*dialog, Qt::Key_Return, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().isActive(), kWaitMs);
}

void TestFocus::aNameIsTypedWhileTheRunTrains() {
    const Desk desk;
    const auto window = desk.open();
    settle(*window);
    window->startStudy();
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epoch >= 1, kWaitMs);
    const run::RunId id = window->controller().activeRun();
    auto* table = find<QTableView>(*window, "runsTable");
    table->setFocus();
    QTRY_VERIFY(table->hasFocus());
    press(*window, Qt::Key_F2);
    const QPointer<QLineEdit> editor = table->findChild<QLineEdit*>();
    QVERIFY(editor);
    QTRY_VERIFY(editor->hasFocus());
    editor->selectAll();
    const QString name = QStringLiteral("typed slowly");
    for (const QChar letter : name) {
        const auto epoch = window->controller().progress().epoch;
        QTest::keyClick(editor, letter.toLatin1());
        QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epoch > epoch, kWaitMs);
        QVERIFY(editor);
    }
    QCOMPARE(editor->text(), name);
    press(*window, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(desk.row(id).name, name.toStdString(), kWaitMs);
    QVERIFY(window->controller().isActive());
}

void TestFocus::fullScreenTakesOneKeyAfterARestart() {
    const Desk desk;
    {
        const auto window = desk.open();
        settle(*window);
        QTest::keyClick(window.get(), Qt::Key_F11);
        QTRY_VERIFY_WITH_TIMEOUT(window->isFullScreen(), kWaitMs);
        window->close();
    }
    const auto window = desk.open();
    settle(*window);
    QTRY_VERIFY_WITH_TIMEOUT(window->isFullScreen(), kWaitMs);
    QTest::keyClick(window.get(), Qt::Key_F11);
    QTRY_VERIFY_WITH_TIMEOUT(!window->isFullScreen(), kWaitMs);
}

void TestFocus::theWindowFitsTheScreenAndKeepsItsWidth() {
    const Desk desk;
    const auto window = desk.openAsIs();
    settle(*window);
    const QRect room = window->screen()->availableGeometry();
    QTRY_VERIFY2(room.contains(window->frameGeometry()),
                 qPrintable(QStringLiteral("%1x%2").arg(window->frameGeometry().width()).arg(window->frameGeometry().height())));
    window->resize(window->minimumSizeHint().expandedTo(QSize(900, 600)));
    QTest::qWait(200);
    const int width = window->width();
    window->startStudy();
    QTRY_VERIFY_WITH_TIMEOUT(window->controller().progress().epoch >= 1, kWaitMs);
    window->controller().pause();
    QTest::qWait(300);
    QCOMPARE(window->width(), width);
    auto* table = find<QTableView>(*window, "runsTable");
    QVERIFY2(table->columnWidth(ui::RunsModel::Name) >= 90, qPrintable(QString::number(table->columnWidth(ui::RunsModel::Name))));
}

void TestFocus::keysReachTheBallotWhateverWasShownMeanwhile() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(4, 4));
    desk.workspace.addRun(test::smallConfig(4, 8));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    settle(*window);
    window->actions().vote->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    press(*window, Qt::Key_Return);
    auto* ballot = find<ui::VoteBallot>(*window, "voteBallot");
    const auto* count = find<QLabel>(*window, "voteCount");
    const auto vote = [&](Qt::Key key) {
        QTRY_VERIFY_WITH_TIMEOUT(ballot->hasFocus() && ballot->isSettled(), kWaitMs);
        press(*window, key);
    };
    vote(Qt::Key_Left);
    vote(Qt::Key_Space);
    QCOMPARE(count->text(), QStringLiteral("3 of 6"));
    QTRY_VERIFY_WITH_TIMEOUT(ballot->isSettled(), kWaitMs);
    QTest::mouseClick(find<QPushButton>(*window, "voteRight"), Qt::LeftButton);
    window->showPage(QStringLiteral("live"));
    window->showPage(QStringLiteral("vote"));
    vote(Qt::Key_Down);
    QCOMPARE(count->text(), QStringLiteral("5 of 6"));
    const int steps = window->steps().index();
    press(*window, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(count->text(), QStringLiteral("4 of 6"));
    QCOMPARE(window->steps().index(), steps);
    for (int i = 0; i < 3; ++i) {
        vote(Qt::Key_Right);
    }
    QVERIFY(find<QLabel>(*window, "voteResult")->isVisible());
    press(*window, Qt::Key_Space);  // one key too many starts nothing
    press(*window, Qt::Key_Return);
    QVERIFY(find<QLabel>(*window, "voteResult")->isVisible());
    press(*window, Qt::Key_Backspace);
    QCOMPARE(count->text(), QStringLiteral("6 of 6"));
}

QTEST_MAIN(TestFocus)
#include "tst_focus.moc"
