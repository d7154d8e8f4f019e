// Layouts that are kept by name, and the list of runs that gives way.
#include <QAction>
#include <QMenu>
#include <QScrollArea>
#include <QScrollBar>
#include <QTabWidget>
#include <QTest>

#include "tests/support/temp_workspace.h"
#include "tests/ui/shell/desk.h"
#include "ui/live/chart_panels.h"
#include "ui/live/live_page.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/main_window.h"
#include "ui/shell/work_split.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;
using test::Desk;
using test::find;
using test::kWaitMs;
using test::live;

namespace {

QAction* entry(const QMenu* menu, const QString& text) {
    for (QAction* action : menu->actions()) {
        if (action->text() == text) {
            return action;
        }
    }
    return nullptr;
}

/// The menu as it is when it is opened.
QMenu* layouts(const ui::MainWindow& window) {
    auto* menu = find<QMenu>(window, "layoutsMenu");
    Q_EMIT menu->aboutToShow();
    return menu;
}
QMenu* deleteMenu(const ui::MainWindow& window) {
    return layouts(window)->findChild<QMenu*>(QStringLiteral("deleteLayoutMenu"));
}

/// Something to keep: another page, an axis, three charts, a narrow list.
void arrange(ui::MainWindow& window) {
    window.view().apply({[](ui::ViewState& state) {
        state.live.axis = ui::XAxis::Images;
        state.live.panels.push_back({{"loss"}, {}});
        state.layout[QStringLiteral("window/listWidth")] = "300";
        state.page = QStringLiteral("compare");
    }});
}

void save(ui::MainWindow& window, const QString& name) {
    ui::NameDialog::answerNext(name);
    window.actions().saveLayout->trigger();
}

}  // namespace

class TestLayouts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { ui::apply(*qApp, ui::Mode::Light); }

    void aLayoutComesBackByNameAndWhatIsLookedAtStays() {
        Desk desk;
        const run::RunId first = desk.workspace.addRun(test::smallConfig(12)), second = desk.workspace.addRun(test::smallConfig(12, 4, 1));
        {
            const auto window = desk.open();
            QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
            window->runs().select(first);
            arrange(*window);
            save(*window, QStringLiteral("three & charts"));
            QVERIFY(window->messages().text().contains(QStringLiteral("three & charts")));
            window->close();
        }
        const auto window = desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        window->view().apply({[](ui::ViewState& state) {
            state.page = QStringLiteral("live");
            state.live = {};
            state.layout.clear();
        }});
        window->runs().select(second);
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        const ui::ViewState before = window->view().state();
        entry(layouts(*window), QStringLiteral("three && charts"))->trigger();
        QCOMPARE(window->page(), QStringLiteral("compare"));
        QCOMPARE(live(*window).charts().count(), std::size_t{3});
        QCOMPARE(find<ui::WorkSplit>(*window, "mainSplit")->listWidth(), 300);
        QCOMPARE(window->runs().selected(), second);
        window->steps().undo();
        QVERIFY(window->view().state() == before);
    }
    void aNameIsReplacedOnlyWhenTheUserSaysSo() {
        Desk desk;
        desk.workspace.addRun(test::smallConfig(4));
        const auto window = desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        save(*window, QStringLiteral("mine"));
        arrange(*window);
        ui::MessageBox::answerNext(1);
        save(*window, QStringLiteral("mine"));
        entry(layouts(*window), QStringLiteral("mine"))->trigger();
        QCOMPARE(window->page(), QStringLiteral("live"));
        arrange(*window);
        ui::MessageBox::answerNext(0);
        save(*window, QStringLiteral("mine"));
        window->showPage(QStringLiteral("live"));
        entry(layouts(*window), QStringLiteral("mine"))->trigger();
        QCOMPARE(window->page(), QStringLiteral("compare"));
        save(*window, QStringLiteral("   "));  // no name
        QCOMPARE(deleteMenu(*window)->actions().size(), 1);
    }
    void aDeletedLayoutCanBeBroughtBack() {
        Desk desk;
        desk.workspace.addRun(test::smallConfig(4));
        const auto window = desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        QVERIFY(!deleteMenu(*window)->isEnabled());
        save(*window, QStringLiteral("mine"));
        deleteMenu(*window)->actions().front()->trigger();
        QVERIFY(entry(layouts(*window), QStringLiteral("mine")) == nullptr);
        Q_EMIT window->messages().actionTriggered();
        QVERIFY(entry(layouts(*window), QStringLiteral("mine")) != nullptr);
    }
    void theListGivesWayBeforePagesScrollSideways() {
        Desk desk;
        desk.workspace.addStudy();
        const auto window = desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        auto* split = find<ui::WorkSplit>(*window, "mainSplit");
        const int wide = window->runs().width();
        window->resize(853, 533);  // 1280 x 800 at one and a half times the size
        const auto* area = qobject_cast<QScrollArea*>(find<QTabWidget>(*window, "pages")->parentWidget()->parentWidget());
        QVERIFY(area != nullptr);
        for (const QString& key : window->pageKeys()) {
            window->showPage(key);
            QTest::qWait(50);
            const auto* tabs = find<QTabWidget>(*window, "pages");
            QString widths = key + QStringLiteral(" has %1, the pages need").arg(area->viewport()->width());
            for (int page = 0; page < tabs->count(); ++page) {
                widths += QStringLiteral(" %1").arg(tabs->widget(page)->minimumSizeHint().width());
            }
            QVERIFY2(!area->horizontalScrollBar()->isVisible(), qPrintable(widths));
        }
        QVERIFY(window->runs().width() < wide);
        QCOMPARE(split->listWidth(), wide);
        window->resize(1280, 800);
        QTRY_COMPARE(window->runs().width(), wide);
    }
    void theListIsHiddenAndShownAndThatCanBeUndone() {
        Desk desk;
        desk.workspace.addRun(test::smallConfig(4));
        const auto window = desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        window->actions().showRuns->trigger();
        QVERIFY(!window->runs().isVisible());
        window->steps().undo();
        QVERIFY(window->runs().isVisible() && window->actions().showRuns->isChecked());
    }
};

QTEST_MAIN(TestLayouts)
#include "tst_layouts.moc"
