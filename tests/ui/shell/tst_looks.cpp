// How the window looks: its pages, dialogs, messages and themes, at several sizes.
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QScreen>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>
#include <memory>

#include "core/run/presets.h"
#include "core/store/workspace.h"
#include "tests/support/temp_workspace.h"
#include "tests/ui/shell/clipped.h"
#include "tests/ui/shell/desk.h"
#include "ui/charts/chart_widget.h"
#include "ui/gallery/evaluation_panel.h"
#include "ui/gallery/export_dialog.h"
#include "ui/live/live_page.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/shell/watchdog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/time_bar.h"

using namespace rlcm;
using test::activate;
using test::clipped;
using test::Desk;
using test::find;
using test::kWaitMs;
using test::live;
using test::picture;

class TestLooks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { ui::apply(*qApp, ui::Mode::Light); }
    void exportByKeyWritesTheGrid();
    void comparePageShowsTheStudy();
    void modelsAreReachedFromEverywhereAndStartARun();
    void messagesMoveNothing();
    void shortcutSheetListsEveryKey();
    void onASmallScreenCurvesHaveRoom();
    void themeSwitchesWhileOpen();
    void nothingIsClipped_data();
    void nothingIsClipped();
    void watchdogWritesItsReport();
};

void TestLooks::exportByKeyWritesTheGrid() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(12));
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    activate(*window);
    QTest::keyClick(window.get(), Qt::Key_E, Qt::ControlModifier);
    auto* dialog = find<ui::ExportDialog>(*window, "exportDialog");
    QVERIFY(dialog != nullptr);
    picture(*dialog, QStringLiteral("export"));
    const QString file = desk.config.filePath(QStringLiteral("grid.png"));
    ui::FileDialog::answerNext(file);
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("exportSave")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(window->messages().isVisible() && window->messages().text().contains(QStringLiteral("grid.png")), kWaitMs);
    QVERIFY(!QImage(file).isNull());
}

void TestLooks::comparePageShowsTheStudy() {
    Desk desk;
    desk.workspace.addStudy();
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    activate(*window);
    QTest::keyClick(window.get(), Qt::Key_2, Qt::AltModifier);
    QCOMPARE(window->page(), QStringLiteral("compare"));
    const auto hasCurves = [&] {
        for (const auto* chart : window->findChildren<ui::ChartWidget*>()) {
            if (chart->isVisible() && !chart->series().empty()) {
                return true;
            }
        }
        return false;
    };
    QTRY_VERIFY_WITH_TIMEOUT(hasCurves(), kWaitMs);
    picture(*window, QStringLiteral("compare"));
    QTest::keyClick(window.get(), Qt::Key_1, Qt::AltModifier);
    QCOMPARE(window->page(), QStringLiteral("live"));
}

void TestLooks::modelsAreReachedFromEverywhereAndStartARun() {
    Desk desk;
    {
        const auto empty = desk.open();
        QTRY_COMPARE_WITH_TIMEOUT(empty->page(), QStringLiteral("welcome"), kWaitMs);
        QTest::mouseClick(find<QPushButton>(*empty, "welcomeModels"), Qt::LeftButton);
        QCOMPARE(empty->page(), QStringLiteral("models"));
        QTRY_VERIFY_WITH_TIMEOUT(empty->isShowingData(), kWaitMs);
        empty->runs().refresh();
        QTest::qWait(200);
        QCOMPARE(empty->page(), QStringLiteral("models"));  // there are still no runs, and that is no reason to leave
        empty->close();
    }
    desk.workspace.addRun(test::smallConfig(4));
    const auto window = desk.open();
    activate(*window);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QTest::keyClick(window.get(), Qt::Key_1, Qt::AltModifier);
    QVERIFY(window->timeBar().isVisible());
    QTest::keyClick(window.get(), Qt::Key_8, Qt::AltModifier);
    QCOMPARE(window->page(), QStringLiteral("models"));
    QVERIFY(!window->timeBar().isVisible());  // models have no time
    window->view().apply({[](ui::ViewState& state) { state.model = QStringLiteral("tiny-sd"); }});
    QTRY_VERIFY_WITH_TIMEOUT(find<QPushButton>(*window, "trainModel")->isEnabled(), kWaitMs);
    picture(*window, QStringLiteral("models"));
    QCOMPARE(clipped(*window).join(QLatin1Char('\n')), QString());
    QTest::mouseClick(find<QPushButton>(*window, "trainModel"), Qt::LeftButton);
    auto* dialog = find<ui::NewRunDialog>(*window, "newRunDialog");
    QVERIFY(dialog != nullptr && dialog->isVisible());
    auto* model = dialog->findChild<QComboBox*>(QStringLiteral("field:model.path"));
    QCOMPARE(model->currentText(), QStringLiteral("tiny-sd"));
    QVERIFY(model->findText(QStringLiteral("tiny-lcm")) >= 0);
    QCOMPARE(dialog->findChild<QComboBox*>(QStringLiteral("field:algorithm.method"))->currentText(), QStringLiteral("ddpo"));
    auto* reward = dialog->findChild<QComboBox*>(QStringLiteral("field:reward.terms"));
    reward->setCurrentText(QStringLiteral("aesthetic + 0.1*server"));
    dialog->findChild<QWidget*>(QStringLiteral("field:reward.aesthetic_head"))->setFocus();
    QTest::qWait(50);
    picture(*dialog, QStringLiteral("new-run-aesthetic"));
    QCOMPARE(clipped(*dialog).join(QLatin1Char('\n')), QString());
    reward->setCurrentText(QStringLiteral("compressibility"));
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("testReward")), Qt::LeftButton);
    auto* trial = dialog->findChild<QWidget*>(QStringLiteral("rewardTrial"));
    QVERIFY(trial != nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(trial->findChild<QLabel*>(QStringLiteral("trialStatus"))->text().contains(QLatin1String("for one image")), kWaitMs);
    QCOMPARE(trial->findChild<QComboBox*>(QStringLiteral("trialSource"))->currentIndex(), 0);  // the evaluation of the run
    picture(*trial, QStringLiteral("reward-trial"));
    QCOMPARE(clipped(*trial).join(QLatin1Char('\n')), QString());
}

void TestLooks::messagesMoveNothing() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(4), {.failAtEpoch = 2});
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    const auto places = [&] {
        QList<QRect> all;
        for (const QWidget* one : {static_cast<QWidget*>(&live(*window)), static_cast<QWidget*>(&window->runs()), static_cast<QWidget*>(&window->timeBar())}) {
            all << QRect(one->mapTo(window.get(), QPoint()), one->size());
        }
        return all;
    };
    const QList<QRect> before = places();
    window->messages().showMessage(ui::MessageLevel::Error, QStringLiteral("Something long went wrong. ").repeated(20), QStringLiteral("Do it"));
    QTest::qWait(50);
    QVERIFY(window->messages().isVisible());
    picture(*window, QStringLiteral("message"));
    QCOMPARE(places(), before);
    const QRect bar(window->messages().mapTo(window.get(), QPoint()), window->messages().size());
    QVERIFY(window->rect().contains(bar));
    QVERIFY(bar.bottom() < before[2].top());  // the time bar stays free
    window->messages().dismiss();
    QCOMPARE(places(), before);
}

void TestLooks::shortcutSheetListsEveryKey() {
    const Desk desk;
    const auto window = desk.open();
    activate(*window);
    QTest::keyClick(window.get(), Qt::Key_F1);
    auto* list = find<QTreeWidget>(*window, "shortcutList");
    QVERIFY(list != nullptr);
    QStringList keys;
    for (int row = 0; row < list->topLevelItemCount(); ++row) {
        keys << list->topLevelItem(row)->text(0);
        QVERIFY2(!list->topLevelItem(row)->text(2).isEmpty(), qPrintable(list->topLevelItem(row)->text(1)));
    }
    for (const auto* key : {"Ctrl+N", "Ctrl+R", "Ctrl+P", "Ctrl+.", "Ctrl+I", "Ctrl+S", "Ctrl+E", "Ctrl+F", "Ctrl+K", "Alt+1", "Alt+2", "Alt+3", "Left",
                            "Space", "A, B", "F2", "V", "Del", "Ctrl+Q"}) {
        QVERIFY2(keys.contains(QLatin1String(key)), key);
    }
    QVERIFY2(list->columnWidth(2) > list->columnWidth(1), "what it does is cut first, if anything is");
    const QSize room = list->window()->screen()->availableSize();
    QVERIFY(list->window()->width() <= room.width() && list->window()->height() <= room.height());
    picture(*list->window(), QStringLiteral("shortcuts"));
}

/// 1280 x 800 pixels, enlarged by a half.
void TestLooks::onASmallScreenCurvesHaveRoom() {
    Desk desk;
    desk.workspace.addStudy();
    const auto window = desk.openAsIs();
    window->resize(837, 501);
    window->showPage(QStringLiteral("compare"));
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    QVERIFY(find<ui::ChartWidget>(*window, "compareChart")->height() >= 240);
    picture(*window, QStringLiteral("small-screen"));
}

void TestLooks::themeSwitchesWhileOpen() {
    Desk desk;
    desk.workspace.addRun(test::smallConfig(12), {.imageSize = 64});
    const auto window = desk.open();
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    window->actions().themeDark->trigger();
    QVERIFY(ui::isDark());
    picture(*window, QStringLiteral("dark"));
    const QImage dark = window->grab().toImage();
    QVERIFY(qGray(dark.pixel(dark.width() / 2, 20)) < 80);
    window->actions().themeLight->trigger();
    QVERIFY(qGray(window->grab().toImage().pixel(dark.width() / 2, 20)) > 180);
}

void TestLooks::nothingIsClipped_data() {
    QTest::addColumn<QSize>("size");
    QTest::newRow("1280x800") << QSize(1280, 800);
    QTest::newRow("1024x640") << QSize(1024, 640);
    QTest::newRow("1920x1080") << QSize(1920, 1080);
}

void TestLooks::nothingIsClipped() {
    QFETCH(QSize, size);
    Desk desk;
    run::RunConfig config = run::firstStudy().config;
    config.training.epochs = 40;
    desk.workspace.addRun(config, {.imageSize = 64});
    desk.workspace.addStudy();
    const auto window = desk.open();
    window->resize(size);
    QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
    window->runs().select("r0001");
    QTRY_VERIFY_WITH_TIMEOUT(live(*window).shownRun() == "r0001" && window->isShowingData(), kWaitMs);
    picture(*window, QStringLiteral("live-%1").arg(size.width()));
    QCOMPARE(window->size(), size);
    QCOMPARE(clipped(*window).join(QLatin1Char('\n')), QString());
    window->openNewRun();
    auto* dialog = find<ui::NewRunDialog>(*window, "newRunDialog");
    QVERIFY(QTest::qWaitForWindowExposed(dialog));
    picture(*dialog, QStringLiteral("new-run-%1").arg(size.width()));
    QCOMPARE(clipped(*dialog).join(QLatin1Char('\n')), QString());
}

void TestLooks::watchdogWritesItsReport() {
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("watch.json"));
    {
        const ui::Watchdog watchdog(file);
        QTest::qWait(100);
        QTest::qSleep(90);
        QTest::qWait(50);
    }
    QFile report(file);
    QVERIFY(report.open(QIODevice::ReadOnly));
    const QByteArray text = report.readAll();
    QVERIFY2(text.contains("over_50_ms") && !text.contains("\"over_50_ms\": [\n    ]"), text.constData());
}

QTEST_MAIN(TestLooks)
#include "tst_looks.moc"
