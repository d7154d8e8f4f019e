// The window on recorded runs: everything can be looked at, nothing can be changed, and one button leads to a workspace of one's own.
#include <QAction>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>
#include <QtTest>

#include <fstream>
#include <map>

#include "tests/ui/shell/desk.h"
#include "ui/bridge/run_controller.h"
#include "ui/runs/runs_panel.h"

using namespace rlcm;
using namespace rlcm::test;
using namespace rlcm::ui;

namespace {

namespace fs = std::filesystem;

/// Every file of a workspace and when it was written.
std::map<std::string, fs::file_time_type> filesIn(const fs::path& folder) {
    std::map<std::string, fs::file_time_type> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            files[entry.path().string()] = entry.last_write_time();
        }
    }
    return files;
}

struct RecordedDesk : Desk {
    RecordedDesk() {
        workspace.addStudy();
        std::ofstream(workspace.path() / "recorded") << "a record\n";
    }
    std::unique_ptr<MainWindow> look(const QString& recorded = {}) const {
        WindowOptions options;
        options.workspace = workspace.path();
        options.factory = fakeRunFactory(kPaced);
        options.library = std::make_shared<FakeLibrary>();
        options.rewardTester = fakeTrial;
        options.settingsFile = config.filePath(QStringLiteral("window.ini"));
        options.ownWorkspace = QStringLiteral("/own/workspace");
        options.recordedStudy = recorded;
        auto window = std::make_unique<MainWindow>(options);
        window->resize(1280, 800);
        window->show();
        return window;
    }
};

}  // namespace

class TestRecordedWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyPageShowsTheRunsAndNothingIsWritten() {
        const RecordedDesk desk;
        const auto before = filesIn(desk.workspace.path());
        {
            auto window = desk.look();
            QTRY_COMPARE_WITH_TIMEOUT(window->runs().model().rowCount(), 8, kWaitMs);
            for (const QString& key : window->pageKeys()) {
                window->showPage(key);
                QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
                picture(*window, QStringLiteral("recorded-") + key);
            }
            QVERIFY(window->close());
        }
        QCOMPARE(filesIn(desk.workspace.path()), before);
        QVERIFY(Settings(desk.config.filePath(QStringLiteral("window.ini"))).recentWorkspaces().isEmpty());
    }
    void whatWouldChangeARunIsOffAndSaysWhy() {
        const RecordedDesk desk;
        auto window = desk.look();
        QTRY_VERIFY_WITH_TIMEOUT(!window->runs().selected().empty(), kWaitMs);
        RunsPanel& runs = window->runs();
        for (const QAction* action :
             {runs.resumeAction(), runs.cloneAction(), runs.renameAction(), runs.deleteAction(), runs.visibleAction(), runs.enqueueAction()}) {
            QVERIFY2(!action->isEnabled() && action->toolTip().contains(QStringLiteral("recorded")), qPrintable(action->text()));
        }
        for (const QAction* action : runs.contextMenu()->actions()) {
            const bool isOfTheView = action == runs.pinAction() || action == runs.baselineAction();
            QVERIFY2(action->isSeparator() || action->isEnabled() == isOfTheView, qPrintable(action->text()));
        }
        QVERIFY(!window->actions().resume->isEnabled());
        window->showPage(QStringLiteral("settings"));
        QVERIFY(window->findChild<QLineEdit*>(QStringLiteral("runTags"))->isReadOnly());
        QVERIFY(window->findChild<QPlainTextEdit*>(QStringLiteral("runNotes"))->isReadOnly());
        QVERIFY(window->messages().isVisible() && window->messages().goesByItself());
    }
    void nothingIsMeasuredIntoARecord() {
        const RecordedDesk desk;
        auto window = desk.look();
        QTRY_COMPARE_WITH_TIMEOUT(window->runs().model().rowCount(), 8, kWaitMs);
        window->showPage(QStringLiteral("horizons"));
        QTRY_VERIFY_WITH_TIMEOUT(window->isShowingData(), kWaitMs);
        const auto* button = find<QToolButton>(*window, "measureTimes");
        QVERIFY(!button->isEnabled() && button->toolTip().contains(QStringLiteral("recorded")));
    }
    void aClickOnAnEyeIsRefusedInWords() {
        const RecordedDesk desk;
        const auto before = filesIn(desk.workspace.path());
        auto window = desk.look();
        QTRY_COMPARE_WITH_TIMEOUT(window->runs().model().rowCount(), 8, kWaitMs);
        const QSignalSpy failed(&window->runs(), &RunsPanel::failed);
        RunsModel& model = window->runs().model();
        model.setData(model.index(0, RunsModel::Visible), Qt::Unchecked, Qt::CheckStateRole);
        QTRY_COMPARE_WITH_TIMEOUT(failed.count(), 1, kWaitMs);
        QVERIFY(failed.at(0).at(0).toString().contains(QStringLiteral("only read")));
        QTRY_VERIFY_WITH_TIMEOUT(model.runs().at(0).isVisible, kWaitMs);
        QCOMPARE(filesIn(desk.workspace.path()), before);
    }
    void oneButtonLeadsToAWorkspaceOfOnesOwn() {
        const RecordedDesk desk;
        auto window = desk.look();
        QTRY_COMPARE_WITH_TIMEOUT(window->runs().model().rowCount(), 8, kWaitMs);
        const QSignalSpy chosen(window.get(), &MainWindow::workspaceChosen);
        QVERIFY(window->actions().newRun->text().contains(QStringLiteral("Start your")));
        window->actions().newRun->trigger();
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen.at(0).at(0).toString(), QStringLiteral("/own/workspace"));
        QVERIFY(find<QDialog>(*window, "newRunDialog") == nullptr);
    }
    void anEmptyWorkspaceOffersTheRecord() {
        Desk empty;
        WindowOptions options;
        options.workspace = empty.workspace.path();
        options.factory = fakeRunFactory(kPaced);
        options.library = std::make_shared<FakeLibrary>();
        options.settingsFile = empty.config.filePath(QStringLiteral("window.ini"));
        options.recordedStudy = QStringLiteral("/the/record");
        MainWindow window(options);
        window.show();
        QTRY_COMPARE_WITH_TIMEOUT(window.page(), MainWindow::kWelcome, kWaitMs);
        const QSignalSpy chosen(&window, &MainWindow::workspaceChosen);
        auto* button = find<QPushButton>(window, "welcomeRecord");
        QVERIFY(button->isVisible());
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(chosen.at(0).at(0).toString(), QStringLiteral("/the/record"));
    }
    void withoutARecordNothingIsOffered() {
        const Desk desk;
        auto window = desk.open();
        QTRY_COMPARE_WITH_TIMEOUT(window->page(), MainWindow::kWelcome, kWaitMs);
        QVERIFY(!find<QPushButton>(*window, "welcomeRecord")->isVisible());
    }
};

QTEST_MAIN(TestRecordedWindow)
#include "tst_recorded.moc"
