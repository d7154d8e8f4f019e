// Tags, notes and events of the selected run, on the page of the window that has all of it.
#include <QApplication>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTest>
#include <QTreeWidget>

#include "tests/support/temp_workspace.h"
#include "tests/ui/compare/page_host.h"
#include "ui/bridge/store_service.h"
#include "ui/inspect/inspect_page.h"
#include "ui/inspect/run_history.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/theme.h"

using namespace rlcm;
using namespace rlcm::ui;

namespace {
constexpr int kWaitMs = 20000;
}

class TestRunNotes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light); }
    void init();
    void cleanup();

    void tagsAreStoredAndTakenBack();
    void notesAreStoredWhenTheyAreLeft();
    void whatIsTypedStaysWithItsRun();
    void theEventsOfARunAreListedAndLeadThere();

private:
    void refresh() { m_runs.setRuns(store::StoreReader(m_workspace->path()).runs()); }
    store::RunRow row(const run::RunId& id) const { return store::StoreReader(m_workspace->path()).run(id).value(); }
    template <typename T>
    T* child(const char* name) const {
        return m_page->findChild<T*>(QLatin1String(name));
    }
    void select(const run::RunId& id) {
        m_host->view.follow([id](ViewState& state) { state.select(id); });
    }

    std::unique_ptr<test::TempWorkspace> m_workspace;
    run::RunId m_first, m_second;
    RunsModel m_runs;
    std::unique_ptr<QUndoStack> m_edits;
    std::unique_ptr<StoreService> m_store;
    std::unique_ptr<InspectPage> m_page;
    std::unique_ptr<test::PageHost> m_host;
};

void TestRunNotes::init() {
    m_workspace = std::make_unique<test::TempWorkspace>();
    m_first = m_workspace->addRun(test::smallConfig(12));
    m_second = m_workspace->addRun(test::smallConfig(4, 4, 1));
    refresh();
    m_edits = std::make_unique<QUndoStack>();
    m_store = std::make_unique<StoreService>(m_workspace->path());
    m_page = std::make_unique<InspectPage>(InspectPage::Sources{m_runs, *m_store, *m_edits});
    m_host = std::make_unique<test::PageHost>(*m_page);
    connect(m_store.get(), &StoreService::changed, m_page.get(), [this] {
        refresh();
        m_page->refresh();
    });
    m_page->resize(1000, 600);
    m_page->show();
    select(m_first);
}

void TestRunNotes::cleanup() {
    m_host.reset();
    m_page.reset();
    m_store.reset();
    m_edits.reset();
    m_runs.setRuns({});
}

void TestRunNotes::tagsAreStoredAndTakenBack() {
    auto* tags = child<QLineEdit>("runTags");
    QTest::keyClicks(tags, QStringLiteral(" paper ,two  words, paper,"));
    QTest::keyClick(tags, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(row(m_first).tags, (std::vector<std::string>{"paper", "two words"}), kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(m_edits->undoText(), QStringLiteral("tags of “%1”").arg(QString::fromStdString(row(m_first).name)), kWaitMs);
    m_edits->undo();
    QTRY_VERIFY_WITH_TIMEOUT(row(m_first).tags.empty() && tags->text().isEmpty(), kWaitMs);
    m_edits->redo();
    QTRY_COMPARE_WITH_TIMEOUT(tags->text(), QStringLiteral("paper, two words"), kWaitMs);
    QTest::keyClick(tags, Qt::Key_Return);  // nothing new
    QTest::qWait(50);
    QCOMPARE(m_edits->count(), 1);
}

void TestRunNotes::notesAreStoredWhenTheyAreLeft() {
    auto* notes = child<QPlainTextEdit>("runNotes");
    notes->setPlainText(QStringLiteral("first\nsecond, „ü“"));
    QVERIFY2(row(m_first).notes.empty(), "while one types nothing is stored");
    QTRY_COMPARE_WITH_TIMEOUT(row(m_first).notes, std::string("first\nsecond, „ü“"), kWaitMs);  // a pause in typing
    QTRY_COMPARE_WITH_TIMEOUT(m_edits->count(), 1, kWaitMs);
    m_edits->undo();
    QTRY_VERIFY_WITH_TIMEOUT(row(m_first).notes.empty() && notes->toPlainText().isEmpty(), kWaitMs);
}

void TestRunNotes::whatIsTypedStaysWithItsRun() {
    child<QPlainTextEdit>("runNotes")->setPlainText(QStringLiteral("of the first"));
    child<QLineEdit>("runTags")->setText(QStringLiteral("one"));
    select(m_second);
    QVERIFY(child<QPlainTextEdit>("runNotes")->toPlainText().isEmpty() && child<QLineEdit>("runTags")->text().isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(row(m_first).notes, std::string("of the first"), kWaitMs);
    QTRY_COMPARE_WITH_TIMEOUT(row(m_first).tags, (std::vector<std::string>{"one"}), kWaitMs);
    QVERIFY(row(m_second).notes.empty() && row(m_second).tags.empty());
    refresh();
    select(m_first);
    QCOMPARE(child<QPlainTextEdit>("runNotes")->toPlainText(), QStringLiteral("of the first"));
}

void TestRunNotes::theEventsOfARunAreListedAndLeadThere() {
    {
        store::StoreEditor(m_workspace->path()).claim(m_first);
        run::RunCommands commands;
        store::StoreWriter writer(m_workspace->path(), m_first, commands);
        writer.onEvent(run::SettingEdited{m_first, 4, "training.learning_rate", "0.001", "0.0005"});
        writer.onEvent(run::AlertRaised{.id = m_first, .epoch = 8, .rule = "blur", .measure = "eval_sharpness", .before = 2, .after = 1, .text = "blurred"});
        writer.onEvent(run::LogLine{m_first, log::Level::Warning, "blurred The run pauses."});
        writer.onEvent(run::LogLine{m_first, log::Level::Info, "resumed after epoch 8"});
        writer.onEvent(run::RunFinished{.id = m_first, .state = run::RunState::Stopped, .error = {}, .counters = {}});
    }
    refresh();
    m_page->refresh();
    auto* list = child<QTreeWidget>("runEvents");
    const auto lineWith = [&](const QString& text) {
        const auto found = list->findItems(text, Qt::MatchContains, 2);
        return found.isEmpty() ? nullptr : found.front();
    };
    QTRY_VERIFY_WITH_TIMEOUT(lineWith(QStringLiteral("Blur at epoch 8")) != nullptr, kWaitMs);
    QVERIFY(lineWith(QStringLiteral("Made")) == list->topLevelItem(0));
    QCOMPARE(lineWith(QStringLiteral("Learning rate 0.001 → 0.0005 from epoch 5 on"))->text(1), QStringLiteral("4"));
    QVERIFY(lineWith(QStringLiteral("Checkpoint (")) != nullptr && lineWith(QStringLiteral("resumed after")) != nullptr);
    QVERIFY2(lineWith(QStringLiteral("The run pauses")) == nullptr, "the alarm has been listed already");
    QCOMPARE(list->topLevelItem(list->topLevelItemCount() - 1)->text(2), QStringLiteral("Stopped"));
    Q_EMIT list->itemActivated(lineWith(QStringLiteral("Blur at epoch 8")), 2);
    QCOMPARE(m_host->view.state().cursor.epoch, 8);
    Q_EMIT list->itemActivated(list->topLevelItem(0), 2);  // no epoch of its own
    QCOMPARE(m_host->view.state().cursor.epoch, 8);
    select({});
    QCOMPARE(list->topLevelItemCount(), 0);
}

QTEST_MAIN(TestRunNotes)
#include "tst_run_notes.moc"
