// The list of runs, its queue, and deleted runs.
#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QUndoStack>
#include <QTest>
#include <QToolButton>
#include <QTreeWidget>
#include <algorithm>

#include "tests/support/temp_workspace.h"
#include "tests/ui/runs/run_rows.h"
#include "ui/bridge/store_service.h"
#include "ui/runs/deleted_runs_dialog.h"
#include "ui/runs/runs_filter.h"
#include "ui/runs/queue_box.h"
#include "ui/runs/runs_panel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;
using rlcm::test::makeRow;
using rlcm::test::storedRuns;

namespace {

constexpr int kWaitMs = 20000;

/// The editor of a run's name, opened in the list as the menu does, its text selected; null when none opens.
QLineEdit* openNameEditor(ui::RunsPanel& panel, const run::RunId& id) {
    panel.select(id);
    panel.renameAction()->trigger();
    auto* editor = panel.findChild<QTableView*>(QStringLiteral("runsTable"))->findChild<QLineEdit*>();
    if (editor != nullptr) {
        editor->selectAll();
    }
    return editor;
}

/// The runs that wait, in order.
std::vector<run::RunId> queued(const std::filesystem::path& workspace) {
    std::vector<store::RunRow> waiting = storedRuns(workspace);
    std::erase_if(waiting, [](const store::RunRow& run) { return run.queuePosition == 0; });
    std::sort(waiting.begin(), waiting.end(), [](const auto& a, const auto& b) { return a.queuePosition < b.queuePosition; });
    std::vector<run::RunId> ids;
    for (const auto& run : waiting) {
        ids.push_back(run.id);
    }
    return ids;
}

std::vector<run::RunId> shownIn(const QListWidget& queue) {
    std::vector<run::RunId> ids;
    for (int row = 0; row < queue.count(); ++row) {
        ids.push_back(queue.item(row)->data(Qt::UserRole).toString().toStdString());
    }
    return ids;
}

}  // namespace

class TestRuns : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void modelKeepsItsContractAndSelectionAcrossUpdates();
    void whatAllNamesShareIsLeftOutWhereThereIsNoRoom();
    void aTypedNameStaysWhileTheRunTrains();
    void epochsAreWholeFromAThousandOn();
    void markupInANameIsShownAsItStands();
    void anEyeIsClickedWithoutSelectingItsRun();
    void deletedRunsAreRestoredOrGiveTheirDiskBack();
    void deleteIsUndoneByOneClick();
    void renameAndEyeReachTheStore();
    void queueIsReorderedAndRemoved();
    void emptyListAndEmptyFilterSayWhatToDo();
};

void TestRuns::initTestCase() {
    ui::apply(*qApp, ui::Mode::Light);
}

void TestRuns::modelKeepsItsContractAndSelectionAcrossUpdates() {
    ui::RunsModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRuns({makeRow("r0002", "b"), makeRow("r0001", "a")});
    const QPersistentModelIndex kept = model.index(model.rowOf("r0001"), ui::RunsModel::Name);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    model.setRuns({makeRow("r0004", "d"), makeRow("r0003", "c"), makeRow("r0001", "renamed")});
    QVERIFY(kept.isValid());
    QCOMPARE(kept.row(), 2);
    QCOMPARE(kept.data().toString(), QStringLiteral("renamed"));
    QCOMPARE(resets.count(), 0);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    model.setRuns(
        {makeRow("r0006", "f"), makeRow("r0005", "e"), makeRow("r0004", "d"), makeRow("r0003", "c"), makeRow("r0002", "b"), makeRow("r0001", "renamed")});
    QCOMPARE(inserted.count(), 2);  // those that follow each other at once
    QCOMPARE(inserted[0][2].toInt(), 1);
    QCOMPARE(model.at(4).id, std::string("r0002"));
    QCOMPARE(model.rowCount(), 6);
    model.setRuns({makeRow("r0001", "renamed"), makeRow("r0004", "d")});  // another order
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.at(0).id, std::string("r0001"));
    model.setLive("r0004", run::RunState::Sampling, 40.0);
    QCOMPARE(model.index(1, ui::RunsModel::Progress).data(ui::RunsModel::FractionRole).toDouble(), 0.5);
}

void TestRuns::whatAllNamesShareIsLeftOutWhereThereIsNoRoom() {
    ui::RunsModel model;
    const auto brief = [&model](const char* id) { return model.index(model.rowOf(id), ui::RunsModel::Name).data(ui::RunsModel::BriefNameRole).toString(); };
    model.setRuns({makeRow("r0002", "size, RLCM H16 · first-study s2"), makeRow("r0001", "size, DDPO 20 · first-study s2")});
    QCOMPARE(brief("r0001"), QStringLiteral("DDPO 20"));
    model.setRuns({makeRow("r0003", "size, DDPO 20 · first-study s3"), makeRow("r0002", "size, RLCM H16 · first-study s2"),
                   makeRow("r0001", "size, DDPO 20 · first-study s2")});
    QCOMPARE(brief("r0001"), QStringLiteral("DDPO 20 s2"));
    model.setData(model.index(0, ui::RunsModel::Name), QStringLiteral("another"), Qt::EditRole);
    QCOMPARE(brief("r0001"), QStringLiteral("size, DDPO 20 · first-study s2"));
}

void TestRuns::aTypedNameStaysWhileTheRunTrains() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig(4));
    ui::StoreService store(workspace.path());
    QUndoStack steps;
    ui::RunsPanel panel(store, steps);
    panel.show();
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 1, kWaitMs);
    panel.setFilterText(QStringLiteral("rlcm"));
    const QPointer<QLineEdit> editor = openNameEditor(panel, id);
    QVERIFY(editor != nullptr);
    QTest::keyClicks(editor, QStringLiteral("half a na"));
    panel.setLive(id, run::RunState::Sampling, 1.5);
    {
        store::StoreEditor other(workspace.path());
        other.rename(id, "named by another window");  // no longer matches the filter
    }
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().at(0).name, std::string("named by another window"), kWaitMs);
    panel.setLive(id, run::RunState::Updating, 2.5);
    QVERIFY2(editor, "the row stays while its name is edited");
    QCOMPARE(editor->text(), QStringLiteral("half a na"));
    QTest::keyClicks(editor, QStringLiteral("me"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(storedRuns(workspace.path()).front().name, std::string("half a name"), kWaitMs);
}

void TestRuns::epochsAreWholeFromAThousandOn() {
    test::TempWorkspace workspace;
    store::StoreEditor(workspace.path()).createRun(test::smallConfig(100000));
    ui::StoreService store(workspace.path());
    QUndoStack steps;
    ui::RunsPanel panel(store, steps);
    panel.resize(424, 500);
    panel.show();
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 1, kWaitMs);
    auto* table = panel.findChild<QTableView*>(QStringLiteral("runsTable"));
    QVERIFY(table->columnWidth(ui::RunsModel::Progress) > table->fontMetrics().horizontalAdvance(QStringLiteral("99999 / 100000")));
}

void TestRuns::markupInANameIsShownAsItStands() {
    ui::RunsModel model;
    model.setRuns({makeRow("r1", "<b>bold</b> & <img src=x>")});
    const QString tip = model.index(0, ui::RunsModel::Name).data(Qt::ToolTipRole).toString();
    QVERIFY2(tip.contains(QStringLiteral("&lt;b&gt;bold&lt;/b&gt; &amp;")), qPrintable(tip));
    ui::MessageBar bar;
    bar.showMessage(ui::MessageLevel::Info, QStringLiteral("<b>bold</b>"));
    QCOMPARE(bar.findChild<QLabel*>(QStringLiteral("messageBarText"))->textFormat(), Qt::PlainText);
}

void TestRuns::anEyeIsClickedWithoutSelectingItsRun() {
    test::TempWorkspace workspace;
    const run::RunId first = workspace.addRun(test::smallConfig(4));
    const run::RunId second = workspace.addRun(test::smallConfig(4, 4, 1));
    ui::StoreService store(workspace.path());
    QUndoStack steps;
    ui::RunsPanel panel(store, steps);
    panel.resize(424, 500);
    panel.show();
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 2, kWaitMs);
    panel.select(second);
    auto* table = panel.findChild<QTableView*>(QStringLiteral("runsTable"));
    const QModelIndex eye = table->model()->index(1, ui::RunsModel::Visible);
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(eye).center());
    QTRY_VERIFY_WITH_TIMEOUT(!store::StoreReader(workspace.path()).run(first)->isVisible, kWaitMs);
    QCOMPARE(panel.selected(), second);
}

void TestRuns::deletedRunsAreRestoredOrGiveTheirDiskBack() {
    test::TempWorkspace workspace;
    const run::RunId kept = workspace.addRun(test::smallConfig(4)), gone = workspace.addRun(test::smallConfig(4, 4, 1));
    {
        store::StoreEditor editor(workspace.path());
        editor.remove(kept);
        editor.remove(gone);
    }
    ui::StoreService store(workspace.path());
    ui::DeletedRunsDialog dialog(store);
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.show();
    auto* list = dialog.findChild<QTreeWidget*>(QStringLiteral("deletedRuns"));
    QTRY_COMPARE_WITH_TIMEOUT(list->topLevelItemCount(), 2, kWaitMs);
    const QString size = ui::formatBytes(store::StoreEditor(workspace.path()).bytesOnDisk(gone));
    QTRY_COMPARE_WITH_TIMEOUT(list->topLevelItem(0)->text(2), size, kWaitMs);
    list->topLevelItem(0)->setSelected(true);  // newest first
    ui::MessageBox::answerNext(1);
    QTest::mouseClick(dialog.findChild<QPushButton*>(QStringLiteral("purgeRuns")), Qt::LeftButton);
    QVERIFY2(ui::MessageBox::lastQuestion().text.contains(size), "says what becomes free");
    ui::MessageBox::answerNext(0);
    QTest::mouseClick(dialog.findChild<QPushButton*>(QStringLiteral("purgeRuns")), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(list->topLevelItemCount(), 1, kWaitMs);
    QVERIFY(!std::filesystem::exists(workspace.path() / "runs" / gone));
    QVERIFY(std::filesystem::exists(workspace.path() / "runs" / kept));
    list->topLevelItem(0)->setSelected(true);
    QTest::mouseClick(dialog.findChild<QPushButton*>(QStringLiteral("restoreRuns")), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(storedRuns(workspace.path()).size(), std::size_t{1}, kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(list->topLevelItemCount(), 0, kWaitMs);
}

void TestRuns::deleteIsUndoneByOneClick() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig(4));
    workspace.addRun(test::smallConfig(4, 4, 1));
    ui::StoreService store(workspace.path());
    QUndoStack steps;
    ui::RunsPanel panel(store, steps);
    panel.show();
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 2, kWaitMs);
    panel.select(id);
    panel.deleteAction()->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 1, kWaitMs);
    auto* bar = panel.findChild<ui::MessageBar*>(QStringLiteral("undoBar"));
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kWaitMs);
    QTest::mouseClick(bar->findChild<QPushButton*>(QStringLiteral("messageBarAction")), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 2, kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(panel.selected(), id, kWaitMs);
    QVERIFY(!bar->isVisible());
}

void TestRuns::renameAndEyeReachTheStore() {
    test::TempWorkspace workspace;
    const run::RunId id = workspace.addRun(test::smallConfig(4));
    ui::StoreService store(workspace.path());
    QUndoStack steps;
    ui::RunsPanel panel(store, steps);
    panel.show();
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 1, kWaitMs);
    QLineEdit* editor = openNameEditor(panel, id);
    QVERIFY(editor != nullptr);
    QTest::keyClicks(editor, QStringLiteral("my best run"));
    QTest::keyClick(editor, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(storedRuns(workspace.path()).front().name, std::string("my best run"), kWaitMs);
    auto* table = panel.findChild<QTableView*>(QStringLiteral("runsTable"));
    const QModelIndex eye = table->model()->index(0, ui::RunsModel::Visible);
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualRect(eye).center());
    QTRY_VERIFY_WITH_TIMEOUT(!storedRuns(workspace.path()).front().isVisible, kWaitMs);
}

void TestRuns::queueIsReorderedAndRemoved() {
    test::TempWorkspace workspace;
    std::vector<run::RunId> ids;
    {
        store::StoreEditor editor(workspace.path());
        for (int seed = 0; seed < 3; ++seed) {
            ids.push_back(editor.createRun(test::smallConfig(4, 4, seed)));
            editor.enqueue(ids.back());
        }
    }
    ui::StoreService store(workspace.path());
    QUndoStack steps;
    ui::RunsPanel panel(store, steps);
    panel.show();
    auto* list = panel.findChild<QListWidget*>(QStringLiteral("queueList"));
    QTRY_COMPARE_WITH_TIMEOUT(list->count(), 3, kWaitMs);
    const auto order = [&] { return queued(workspace.path()); };
    const auto shown = [&] { return shownIn(*list); };
    QVERIFY2(list->item(0)->text().endsWith(QStringLiteral(" s")) || list->item(0)->text().contains(QStringLiteral(" min ")),
             qPrintable(list->item(0)->text()));
    QVERIFY(panel.findChild<ui::QueueBox*>()->findChild<QLabel*>()->text().contains(QStringLiteral("3 waiting · about ")));
    QVERIFY(list->model()->moveRow({}, 2, {}, 0));  // as a drag does
    QTRY_VERIFY_WITH_TIMEOUT((order() == std::vector<run::RunId>{ids[2], ids[0], ids[1]}), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(steps.index() == 1 && list->item(0)->data(Qt::UserRole).toString().toStdString() == ids[2], kWaitMs);
    QVERIFY(list->model()->moveRow({}, 0, {}, 3));
    QTRY_VERIFY_WITH_TIMEOUT((order() == std::vector<run::RunId>{ids[0], ids[1], ids[2]}), kWaitMs);
    QTRY_VERIFY_WITH_TIMEOUT(steps.index() == 2 && list->item(2)->data(Qt::UserRole).toString().toStdString() == ids[2], kWaitMs);
    list->setCurrentRow(2);
    QTest::mouseClick(panel.findChild<QToolButton*>(QStringLiteral("queueUp")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT((order() == std::vector<run::RunId>{ids[0], ids[2], ids[1]}), kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(steps.index(), 3, kWaitMs);
    steps.undo();
    QTRY_VERIFY_WITH_TIMEOUT(order() == ids && shown() == ids, kWaitMs);
    QVERIFY(list->model()->moveRow({}, 2, {}, 0));  // a second move before the first is stored takes back to the first
    QVERIFY(list->model()->moveRow({}, 0, {}, 2));
    QTRY_COMPARE_WITH_TIMEOUT(steps.index(), 4, kWaitMs);
    steps.undo();
    steps.undo();
    QTRY_VERIFY_WITH_TIMEOUT(order() == ids && shown() == ids, kWaitMs);
    list->setCurrentRow(2);
    QTest::mouseClick(panel.findChild<QToolButton*>(QStringLiteral("queueUp")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT((order() == std::vector<run::RunId>{ids[0], ids[2], ids[1]}), kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(list->currentRow(), 1, kWaitMs);
    QTest::mouseClick(panel.findChild<QToolButton*>(QStringLiteral("queueRemove")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT((order() == std::vector<run::RunId>{ids[0], ids[1]}), kWaitMs);
    QSignalSpy start(&panel, &ui::RunsPanel::queueStartRequested);
    QTest::mouseClick(panel.findChild<QPushButton*>(QStringLiteral("queueStart")), Qt::LeftButton);
    QCOMPARE(start.count(), 1);
}

void TestRuns::emptyListAndEmptyFilterSayWhatToDo() {
    test::TempWorkspace workspace;
    ui::StoreService store(workspace.path());
    QUndoStack steps;
    ui::RunsPanel panel(store, steps);
    panel.show();
    QSignalSpy newRun(&panel, &ui::RunsPanel::newRunRequested);
    auto* action = panel.findChild<QPushButton*>(QStringLiteral("emptyStateAction"));
    QTRY_VERIFY_WITH_TIMEOUT(action->isVisible(), kWaitMs);
    QTest::mouseClick(action, Qt::LeftButton);
    QCOMPARE(newRun.count(), 1);
    workspace.addRun(test::smallConfig(4));
    QTRY_COMPARE_WITH_TIMEOUT(panel.model().rowCount(), 1, kWaitMs);  // noticed without being told
    panel.setFilterText(QStringLiteral("no such run"));
    QVERIFY(action->isVisible());
    QTest::mouseClick(action, Qt::LeftButton);
    QVERIFY(!action->isVisible());
}

QTEST_MAIN(TestRuns)
#include "tst_runs.moc"
