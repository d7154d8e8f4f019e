// One stack of steps: Ctrl+Z takes back what was changed last, be it in the list of runs or in the view, and says of what.
#include <QAction>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QTableView>
#include <QTest>

#include "core/store/workspace.h"
#include "tests/ui/shell/desk.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"
#include "ui/widgets/time_bar.h"

using namespace rlcm;
using test::Desk;
using test::find;
using test::kWaitMs;

namespace {

void rename(ui::MainWindow& window, const run::RunId& id, const QString& name) {
    window.runs().select(id);
    window.runs().renameAction()->trigger();
    auto* editor = find<QTableView>(window, "runsTable")->findChild<QLineEdit*>();
    QVERIFY(editor != nullptr);
    editor->selectAll();
    QTest::keyClicks(editor, name);
    QTest::keyClick(editor, Qt::Key_Return);
}

void pressUndo(ui::MainWindow& window) {
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
}
void pressRedo(ui::MainWindow& window) {
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier | Qt::ShiftModifier);
}

QString undoText(const ui::MainWindow& window) {
    return window.actions().undo->text().remove(QLatin1Char('&'));
}
QString redoText(const ui::MainWindow& window) {
    return window.actions().redo->text().remove(QLatin1Char('&'));
}

}  // namespace

class TestUndo : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void openingAWindowIsNoStep();
    void stepsOfAllKindsAreTakenBackInOrder();
    void aDeletedRunComesBackAndGoesAgain();
    void coloursAndEyesAreSteps();
    void aRefusedChangeIsNoStep();
    void theMenuHasBoth();
};

void TestUndo::openingAWindowIsNoStep() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QVERIFY2(!window->steps().canUndo(), qPrintable(window->steps().undoText()));
    QVERIFY(!window->actions().undo->isEnabled() && !window->actions().redo->isEnabled());
    QCOMPARE(undoText(*window), QStringLiteral("Undo"));
}

void TestUndo::stepsOfAllKindsAreTakenBackInOrder() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(12));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    const std::string before = desk.row(id).name;
    window->showPage(QStringLiteral("compare"));
    QCOMPARE(undoText(*window), QStringLiteral("Undo choice of page"));
    rename(*window, id, QStringLiteral("salt & pepper"));
    QTRY_COMPARE_WITH_TIMEOUT(undoText(*window), QStringLiteral("Undo rename of “salt  pepper”"), kWaitMs);
    QTest::keyClick(window.get(), Qt::Key_Home);
    QCOMPARE(window->timeBar().epoch(), 0);
    QCOMPARE(undoText(*window), QStringLiteral("Undo choice of epoch"));

    pressUndo(*window);
    QCOMPARE(window->timeBar().epoch(), 12);
    pressUndo(*window);
    QTRY_COMPARE_WITH_TIMEOUT(desk.row(id).name, before, kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(window->runs().model().at(0).name, before, kWaitMs);
    QCOMPARE(window->page(), QStringLiteral("compare"));
    QVERIFY(redoText(*window).startsWith(QStringLiteral("Redo rename of")));
    pressUndo(*window);
    QCOMPARE(window->page(), QStringLiteral("live"));
    QVERIFY(!window->actions().undo->isEnabled());

    pressRedo(*window);
    QCOMPARE(window->page(), QStringLiteral("compare"));
    pressRedo(*window);
    QTRY_COMPARE_WITH_TIMEOUT(window->runs().model().at(0).name, std::string("salt & pepper"), kWaitMs);
    pressRedo(*window);
    QCOMPARE(window->timeBar().epoch(), 0);
    QVERIFY(!window->actions().redo->isEnabled());
}

void TestUndo::aDeletedRunComesBackAndGoesAgain() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(4));
    const run::RunId id = desk.workspace.addRun(test::smallConfig(4, 4, 1));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    window->runs().select(id);
    window->runs().deleteAction()->trigger();
    const auto rows = [&] { return window->runs().model().rowCount(); };
    QTRY_COMPARE_WITH_TIMEOUT(rows(), 1, kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QVERIFY2(undoText(*window).startsWith(QStringLiteral("Undo delete of")), "that another run is selected now came by itself");
    pressUndo(*window);
    QTRY_COMPARE_WITH_TIMEOUT(rows(), 2, kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(window->runs().selected(), id, kWaitMs);
    pressRedo(*window);
    QTRY_COMPARE_WITH_TIMEOUT(rows(), 1, kWaitMs);
    pressUndo(*window);
    QTRY_COMPARE_WITH_TIMEOUT(rows(), 2, kWaitMs);
}

void TestUndo::coloursAndEyesAreSteps() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    const int colour = desk.row(id).colour;
    const auto menus = window->runs().contextMenu()->findChildren<QMenu*>();
    menus.front()->actions().at((colour + 3) % 8)->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(desk.row(id).colour != colour, kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(undoText(*window).startsWith(QStringLiteral("Undo colour of")), kWaitMs);
    window->runs().visibleAction()->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!desk.row(id).isVisible, kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(undoText(*window).startsWith(QStringLiteral("Undo hiding of")), kWaitMs);
    pressUndo(*window);
    QTRY_VERIFY_WITH_TIMEOUT(desk.row(id).isVisible, kWaitMs);
    pressUndo(*window);
    QTRY_COMPARE_WITH_TIMEOUT(desk.row(id).colour, colour, kWaitMs);
}

void TestUndo::aRefusedChangeIsNoStep() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    const std::string before = desk.row(id).name;
    ui::RunsModel& model = window->runs().model();
    model.setData(model.index(0, ui::RunsModel::Name), QStringLiteral("rings\a"), Qt::EditRole);
    QTRY_VERIFY_WITH_TIMEOUT(window->messages().isVisible(), kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(model.at(0).name, before, kWaitMs);
    QVERIFY(!window->steps().canUndo());
}

void TestUndo::theMenuHasBoth() {
    const Desk desk;
    const auto window = desk.open();
    const QList<QAction*> menus = window->menuBar()->actions();
    const auto edit = std::find_if(menus.begin(), menus.end(), [](const QAction* menu) { return menu->text() == QLatin1String("&Edit"); });
    QVERIFY(edit != menus.end());
    QVERIFY((*edit)->menu()->actions() == (QList<QAction*>{window->actions().undo, window->actions().redo}));
    QCOMPARE(window->actions().redo->shortcut(), QKeySequence(QStringLiteral("Ctrl+Shift+Z")));
}

QTEST_MAIN(TestUndo)
#include "tst_undo.moc"
