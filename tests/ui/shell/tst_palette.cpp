// The command palette: everything by some of its letters, with the keyboard alone.
#include <QApplication>
#include <QLineEdit>
#include <QListWidget>
#include <QTest>

#include "tests/ui/shell/desk.h"
#include "ui/bridge/run_controller.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/fuzzy_match.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"
#include "ui/widgets/time_bar.h"

using namespace rlcm;
using test::Desk;
using test::find;
using test::kWaitMs;

namespace {

QLineEdit* openPalette(ui::MainWindow& window) {
    QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier);
    return find<QLineEdit>(window, "commandSearch");
}
QString firstOf(const ui::MainWindow& window) {
    return find<QListWidget>(window, "commandList")->item(0)->text();
}

}  // namespace

class TestPalette : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void lettersFitInTheirOrder();
    void aWholeWordFitsBetterThanScatteredLetters();
    void aPageAnActionAndARunAreFound();
    void measuresAndAxesAreFound();
    void whatIsNotPossibleIsShownAndDoesNothing();
    void settingsAndPresetsOpenTheForm();
    void escapeGivesTheFocusBack();
};

void TestPalette::lettersFitInTheirOrder() {
    QVERIFY(ui::fuzzyScore(QStringLiteral("cmp"), QStringLiteral("Compare")).has_value());
    QVERIFY(ui::fuzzyScore(QStringLiteral("H8 s1"), QStringLiteral("rlcm H8 compressibility s1")).has_value());
    QVERIFY(ui::fuzzyScore(QString(), QStringLiteral("anything")).has_value());
    QVERIFY(!ui::fuzzyScore(QStringLiteral("pmc"), QStringLiteral("Compare")).has_value());
    QVERIFY(!ui::fuzzyScore(QStringLiteral("comparee"), QStringLiteral("Compare")).has_value());
    QVERIFY(!ui::fuzzyScore(QStringLiteral("a"), QString()).has_value());
}

void TestPalette::aWholeWordFitsBetterThanScatteredLetters() {
    const auto score = [](const char* typed, const char* text) { return ui::fuzzyScore(QLatin1String(typed), QLatin1String(text)).value(); };
    QVERIFY(score("live", "Live") > score("live", "List or vector entry"));
    QVERIFY(score("kl", "KL jump") > score("kl", "Keep last"));
    QVERIFY(score("fs", "Full screen") > score("fs", "offset"));
    QVERIFY(score("stop", "Stop now") > score("stop", "Stop after this epoch"));
}

void TestPalette::aPageAnActionAndARunAreFound() {
    Desk desk;
    const run::RunId id = desk.workspace.addRun(test::smallConfig(4, 8, 3));
    desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QLineEdit* search = openPalette(*window);
    QVERIFY(search != nullptr && search->isVisible());
    test::picture(*window, QStringLiteral("palette"));
    QTest::keyClicks(search, QStringLiteral("compare"));
    QCOMPARE(firstOf(*window), QStringLiteral("Compare"));
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(window->page(), QStringLiteral("compare"));
    QTRY_VERIFY_WITH_TIMEOUT(find<QLineEdit>(*window, "commandSearch") == nullptr, kWaitMs);

    search = openPalette(*window);
    QTest::keyClicks(search, QStringLiteral("h8 s3"));
    QCOMPARE(firstOf(*window), QString::fromStdString(desk.row(id).name));
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(window->runs().selected(), id);
    QTRY_VERIFY_WITH_TIMEOUT(find<QLineEdit>(*window, "commandSearch") == nullptr, kWaitMs);

    search = openPalette(*window);
    QTest::keyClicks(search, QStringLiteral("before training"));
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(window->timeBar().epoch(), 0);
}

void TestPalette::measuresAndAxesAreFound() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QLineEdit* search = openPalette(*window);
    QTest::keyClicks(search, QStringLiteral("measure loss"));
    QTRY_COMPARE_WITH_TIMEOUT(firstOf(*window), ui::scalarTitle("loss"), kWaitMs);
    QTest::keyClick(search, Qt::Key_Return);
    QCOMPARE(window->view().state().live.panels.back().measures, std::vector<std::string>{"loss"});
    QTRY_VERIFY_WITH_TIMEOUT(find<QLineEdit>(*window, "commandSearch") == nullptr, kWaitMs);
    search = openPalette(*window);
    QTest::keyClicks(search, QStringLiteral("axis images"));
    QTest::keyClick(search, Qt::Key_Return);
    QVERIFY(window->view().state().live.axis == ui::XAxis::Images);
    QTRY_VERIFY_WITH_TIMEOUT(find<QLineEdit>(*window, "commandSearch") == nullptr, kWaitMs);
    window->showPage(QStringLiteral("compare"));
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    search = openPalette(*window);
    QTest::keyClicks(search, QStringLiteral("axis queries"));
    QTest::keyClick(search, Qt::Key_Return);
    QVERIFY(window->view().state().compare.axis == ui::XAxis::RewardQueries);
}

void TestPalette::whatIsNotPossibleIsShownAndDoesNothing() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QLineEdit* search = openPalette(*window);
    QTest::keyClicks(search, QStringLiteral("checkpoint now"));
    QVERIFY(!find<QListWidget>(*window, "commandList")->item(0)->flags().testFlag(Qt::ItemIsEnabled));
    QTest::keyClick(search, Qt::Key_Return);
    QVERIFY2(search->isVisible(), "nothing was chosen");
    search->setText(QStringLiteral("zzzzqq"));
    QCOMPARE(firstOf(*window), QStringLiteral("Nothing is called so."));
    QTest::keyClick(search, Qt::Key_Return);
    QVERIFY(search->isVisible());
    search->clear();
    auto* list = find<QListWidget>(*window, "commandList");
    QTest::keyClick(search, Qt::Key_Down);
    QTest::keyClick(search, Qt::Key_Down);
    QCOMPARE(list->currentRow(), 2);
    QTest::keyClick(search, Qt::Key_Up);
    QCOMPARE(list->currentRow(), 1);
}

void TestPalette::settingsAndPresetsOpenTheForm() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QLineEdit* search = openPalette(*window);
    QTest::keyClicks(search, QStringLiteral("setting learning rate"));
    QTest::keyClick(search, Qt::Key_Return);
    auto* dialog = window->findChild<ui::NewRunDialog*>();
    QTRY_VERIFY_WITH_TIMEOUT(dialog != nullptr && dialog->isVisible(), kWaitMs);
    QCOMPARE(dialog->findChild<QLineEdit*>(QStringLiteral("settingsSearch"))->text(), QStringLiteral("Learning rate"));
}

void TestPalette::escapeGivesTheFocusBack() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    test::activate(*window);
    QWidget* before = QApplication::focusWidget();
    QVERIFY(before != nullptr);
    QLineEdit* search = openPalette(*window);
    QTRY_COMPARE_WITH_TIMEOUT(QApplication::focusWidget(), search, kWaitMs);
    QVERIFY2(openPalette(*window) == search, "a second call opens no second one");
    QTest::keyClick(search, Qt::Key_Escape);
    QTRY_COMPARE_WITH_TIMEOUT(QApplication::focusWidget(), before, kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(find<QLineEdit>(*window, "commandSearch") == nullptr, kWaitMs);
}

QTEST_MAIN(TestPalette)
#include "tst_palette.moc"
