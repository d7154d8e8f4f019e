// The page of studies: the list, what is trained and queued, what the runs say, the report.
#include <QLabel>
#include <QListView>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <memory>

#include "core/base/files.h"
#include "core/store/recorded.h"
#include "tests/support/temp_workspace.h"
#include "ui/bridge/store_service.h"
#include "ui/studies/studies_page.h"
#include "ui/studies/study_view.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/summary_delegate.h"

using namespace rlcm;

namespace {

constexpr int kWaitMs = 20000;
constexpr const char* kStudy = R"({
  "title": "Two horizons", "question": "Does a longer horizon gain more?", "preset": "compress-rlcm-h4",
  "settings": {"training.epochs": 4, "evaluation.every": 4, "evaluation.train_prompts": 4, "evaluation.held_out_prompts": 2},
  "seeds": 2,
  "axes": [{"name": "horizon", "values": [{"name": "H2", "settings": {"sampling.steps": 2}}, {"name": "H4", "settings": {"sampling.steps": 4}}]}],
  "budgets": [{"counter": "reward_queries"}],
  "answers": [{"ask": "difference", "axis": "horizon", "x": "H4", "y": "H2"}]
})";

/// A user's folder with a study, a workspace, and the page on it.
struct Desk {
    QTemporaryDir data;
    test::TempWorkspace workspace;
    std::unique_ptr<ui::StoreService> service;
    std::unique_ptr<ui::StudiesPage> page;

    Desk() {
        qputenv("XDG_DATA_HOME", data.path().toUtf8());
        const std::filesystem::path folder = std::filesystem::path(data.path().toStdString()) / "rlcm-workbench" / "studies";
        std::filesystem::create_directories(folder);
        writeFileAtomically(folder / "two-horizons.json", kStudy);
        writeFileAtomically(folder / "no-study.json", R"({"title": "?", "axis": []})");
        store::StoreEditor(workspace.path());  // the database is there
    }
    void open(const QString& study) {
        service = std::make_unique<ui::StoreService>(workspace.path());
        page = std::make_unique<ui::StudiesPage>(*service);
        QObject::connect(page.get(), &ui::Page::proposed, page.get(), [this](const ui::ViewChange& change) {
            change.apply(state);
            page->showView(state);
        });
        page->resize(1000, 700);
        page->show();
        state.studies.study = study;
        page->showView(state);
        QTRY_VERIFY_WITH_TIMEOUT(page->isShowingData(), kWaitMs);
    }
    ~Desk() {
        page.reset();
        service.reset();
    }
    template <typename Widget>
    Widget* find(const char* name) const {
        return page->findChild<Widget*>(QLatin1String(name));
    }
    QString text(const char* name) const { return find<QLabel>(name)->text(); }
    void trainAll() {
        const ui::StudyDetail detail = ui::readStudy(store::StoreReader(workspace.path()), "two-horizons", 0);
        for (const study::PlannedRun& run : detail.plan.runs) {
            workspace.addRun(run.config);
        }
    }
    ui::ViewState state;
};

}  // namespace

class TestStudiesPage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void studiesOfTheProgramAndOfTheUserAreListed() {
        Desk desk;
        desk.open({});
        const QAbstractItemModel* list = desk.find<QListView>("studiesList")->model();
        QVERIFY(list->rowCount() >= 9);
        const auto rowOf = [list](const QString& title) {
            const QModelIndexList found = list->match(list->index(0, 0), Qt::DisplayRole, title);
            return found.isEmpty() ? QModelIndex() : found.front();
        };
        QVERIFY(rowOf(QStringLiteral("Two horizons")).data(ui::SummaryDelegate::SummaryRole).toString().startsWith(QStringLiteral("4 runs, ")));
        QVERIFY(list->index(1, 0).data(ui::SummaryDelegate::SummaryRole).toString().endsWith(QStringLiteral("; recorded")));
        const QModelIndex broken = rowOf(QStringLiteral("no-study"));
        QVERIFY(broken.data(ui::SummaryDelegate::HasProblemsRole).toBool());
        desk.find<QListView>("studiesList")->setCurrentIndex(broken);
        QTRY_VERIFY_WITH_TIMEOUT(desk.page->findChild<QLabel*>(QStringLiteral("emptyStateText"))->text().contains(QStringLiteral("no-study.json")), kWaitMs);
        QVERIFY(!desk.find<QPushButton>("trainStudy")->isEnabled() && !desk.find<QPushButton>("reportStudy")->isEnabled());
    }

    void nothingIsReadBeforeThePageIsShown() {
        Desk desk;
        ui::StoreService service(desk.workspace.path());
        ui::StudiesPage page(service);
        ui::ViewState state;
        state.studies.study = QStringLiteral("two-horizons");
        page.showView(state);
        QTest::qWait(300);
        QCOMPARE(page.findChild<QListView*>(QStringLiteral("studiesList"))->model()->rowCount(), 0);
        QVERIFY(!page.isShowingData());
        page.show();
        QTRY_VERIFY_WITH_TIMEOUT(page.isShowingData(), kWaitMs);
        QCOMPARE(page.findChild<QLabel*>(QStringLiteral("studyTitle"))->text(), QStringLiteral("Two horizons"));
    }

    void whatIsMissingIsQueuedOnce() {
        Desk desk;
        desk.open(QStringLiteral("two-horizons"));
        QCOMPARE(desk.text("studyTitle"), QStringLiteral("Two horizons"));
        QVERIFY(desk.text("studyState").startsWith(QStringLiteral("0 of 4 runs finished, about ")));
        QVERIFY(!desk.find<QPushButton>("reportStudy")->isEnabled());
        QSignalSpy queued(desk.page.get(), &ui::Page::runsQueued);
        desk.find<QPushButton>("trainStudy")->click();
        QTRY_COMPARE_WITH_TIMEOUT(queued.count(), 1, kWaitMs);
        const std::vector<store::RunRow> runs = store::StoreReader(desk.workspace.path()).runs();
        QCOMPARE(runs.size(), std::size_t{4});
        QVERIFY(std::all_of(runs.begin(), runs.end(), [](const store::RunRow& run) { return run.queuePosition > 0; }));
        QTRY_VERIFY_WITH_TIMEOUT(desk.find<QPushButton>("trainStudy")->toolTip().contains(QStringLiteral("wait in the queue")), kWaitMs);
        QVERIFY(!desk.find<QPushButton>("trainStudy")->isEnabled());
    }

    void whatItsRunsSayIsShownAndReported() {
        Desk desk;
        desk.trainAll();
        desk.open(QStringLiteral("two-horizons"));
        QCOMPARE(desk.text("studyState"), QStringLiteral("4 of 4 runs finished"));
        QCOMPARE(desk.find<QProgressBar>("studyProgress")->value(), 4);
        QCOMPARE(desk.text("studyAnswersHeading"), QStringLiteral("What its runs say so far"));
        QVERIFY(!desk.find<QPushButton>("openRecord")->isVisible());
        QVERIFY2(desk.text("studyAnswers").contains(QStringLiteral("H4")), qPrintable(desk.text("studyAnswers")));
        const auto* cells = desk.find<QTableWidget>("studyCells");
        QCOMPARE(cells->rowCount(), 2);
        QCOMPARE(cells->item(1, 5)->text(), QStringLiteral("2 of 2"));
        const QString file = desk.data.filePath(QStringLiteral("answer.html"));
        ui::FileDialog::answerNext(file);
        desk.find<QPushButton>("reportStudy")->click();
        QTRY_VERIFY_WITH_TIMEOUT(desk.find<ui::MessageBar>("studiesMessage")->text().contains(QStringLiteral("answer.html")), kWaitMs);
        QVERIFY(readFile(file.toStdString()).find("Does a longer horizon gain more?") != std::string::npos);
        const QString pages = desk.data.filePath(QStringLiteral("answer.pdf"));
        ui::FileDialog::answerNext(pages);
        desk.find<QPushButton>("reportStudy")->click();
        QTRY_VERIFY_WITH_TIMEOUT(desk.find<ui::MessageBar>("studiesMessage")->text().contains(QStringLiteral("answer.pdf")), kWaitMs);
        const std::string pdf = readFile(pages.toStdString());
        QVERIFY(pdf.starts_with("%PDF") && pdf.find("/Type /Page\n") != std::string::npos);
        QVERIFY(pdf.size() > 20000);  // with figures and images
        if (const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !folder.isEmpty()) {
            desk.page->grab().save(folder + QStringLiteral("/studies.png"));
            QFile::copy(pages, folder + QStringLiteral("/answer.pdf"));
        }
    }

    void recordedRunsAnswerUntilOnesOwnDo() {
        Desk desk;
        desk.open(QStringLiteral("first-study"));
        QVERIFY(desk.text("studyState").startsWith(QStringLiteral("0 of 30 runs finished")));
        QCOMPARE(desk.text("studyAnswersHeading"), QStringLiteral("What 30 runs say that came with the program"));
        QVERIFY2(desk.text("studyAnswers").contains(QStringLiteral("DDPO")), qPrintable(desk.text("studyAnswers")));
        QVERIFY(desk.find<QPushButton>("trainStudy")->isEnabled());
        desk.page->resize(832, 640);
        QTRY_VERIFY2(!desk.page->findChild<ui::StudyView*>()->horizontalScrollBar()->isVisible(), "all of it fits a small window");
        QSignalSpy asked(desk.page.get(), &ui::Page::workspaceRequested);
        desk.find<QPushButton>("openRecord")->click();
        QCOMPARE(asked.count(), 1);
        QVERIFY(store::isRecorded(asked.front().front().toString().toStdString()));
        const QString file = desk.data.filePath(QStringLiteral("recorded.html"));
        ui::FileDialog::answerNext(file);
        desk.find<QPushButton>("reportStudy")->click();
        QTRY_VERIFY_WITH_TIMEOUT(desk.find<ui::MessageBar>("studiesMessage")->text().contains(QStringLiteral("recorded.html")), kWaitMs);
        QVERIFY(readFile(file.toStdString()).find("DDPO") != std::string::npos);
        if (const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !folder.isEmpty()) {
            desk.page->grab().save(folder + QStringLiteral("/studies_record.png"));
        }
    }

    void moreSeedsAreMoreRuns() {
        Desk desk;
        desk.trainAll();
        desk.open(QStringLiteral("two-horizons"));
        desk.find<QSpinBox>("studySeeds")->setValue(3);
        QTRY_VERIFY_WITH_TIMEOUT(desk.text("studyState").startsWith(QStringLiteral("4 of 6 runs finished")), kWaitMs);
        QVERIFY(desk.find<QPushButton>("trainStudy")->isEnabled());
        QVERIFY(desk.find<QPushButton>("trainStudy")->toolTip().contains(QStringLiteral("2 runs")));
        QCOMPARE(desk.state.studies.seeds, 3);
    }
};

QTEST_MAIN(TestStudiesPage)
#include "tst_studies_page.moc"
