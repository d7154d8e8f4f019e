#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <cmath>

#include "tests/support/temp_workspace.h"
#include "tests/ui/compare/page_host.h"
#include "ui/bridge/store_service.h"
#include "ui/charts/chart_widget.h"
#include "ui/compare/compare_page.h"
#include "ui/compare/cursor_table.h"
#include "ui/compare/image_row.h"
#include "ui/gallery/image_viewer.h"
#include "ui/runs/runs_model.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;
using namespace rlcm::ui;

class TestComparePage : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light);
        m_ids = m_workspace.addStudy();  // 8 runs, 12 epochs, evaluations at 0, 4, 8, 12
    }
    void init() { make(m_workspace.path()); }
    void cleanup() {
        m_host.reset();
        m_page.reset();
        m_service.reset();
        store::StoreEditor editor(m_workspace.path());
        for (const auto& id : m_ids) {
            editor.setVisible(id, true);
        }
    }

    void offersANewRunWhenThereIsNothing() {
        test::TempWorkspace fresh;
        store::StoreEditor editor(fresh.path());
        make(fresh.path());
        QSignalSpy wanted(m_page.get(), &ComparePage::newRunRequested);
        m_page->show();
        auto* action = m_page->findChild<QPushButton*>(QStringLiteral("emptyStateAction"));
        QTRY_VERIFY(action->isVisible());
        action->click();
        QCOMPARE(wanted.count(), 1);
    }
    void imagesOfTheRowAreComparedInTheViewer() {
        open();
        auto* row = m_page->findChild<ImageRow*>();
        QTRY_VERIFY(row->isSettled() && row->cells().size() == 8 && !row->cells()[5].file.isEmpty());
        auto* canvas = m_page->findChild<QWidget*>(QStringLiteral("imageCanvas"));
        QTest::mouseClick(canvas, Qt::LeftButton, Qt::ShiftModifier, QPoint(canvas->width() - 20, 20));
        ImageViewer& viewer = ImageViewer::of(*m_page);
        QVERIFY(viewer.isVisible());
        QCOMPARE(viewer.image(ImageViewer::Side::A)->run, row->cells().front().fullName);
        const ViewedImage b = *viewer.image(ImageViewer::Side::B);
        QCOMPARE(b.run, row->cells().back().fullName);
        QCOMPARE(b.judgeModel, QStringLiteral("emoji-clip-judge"));
        QVERIFY(b.judge && b.reward && b.noiseSeed == viewer.image(ImageViewer::Side::A)->noiseSeed);
        QTest::keyClick(&viewer, Qt::Key_Left);
        QCOMPARE(viewer.image(ImageViewer::Side::B)->run, row->cells()[6].fullName);
        QTest::keyClick(&viewer, Qt::Key_Escape);
        QVERIFY(!viewer.isVisible());
    }
    void aMissingWorkspaceIsToldWithANextStep() {
        make("/dev/null/workspace");
        m_page->show();
        auto* bar = m_page->findChild<MessageBar*>();
        QTRY_VERIFY(bar->isVisible());
        QVERIFY(bar->text().contains(QStringLiteral("/dev/null/workspace")));
    }
    void drawsAllVisibleRunsWithTheirNamesAndColours() {
        open();
        QCOMPARE(chart()->series().size(), std::size_t{8});
        const store::StoreReader reader(m_workspace.path());
        for (const Series& series : chart()->series()) {
            const auto run = reader.run(series.id.toStdString());
            QVERIFY(series.label.startsWith(QString::fromStdString(run->name)));
            QCOMPARE(series.colour, runColour(run->colour));
            QCOMPARE(series.isDashed, run->method == run::Method::Ddpo);
            const auto points = reader.scalars(run->id, "eval_reward_mean");
            QCOMPARE(series.y.size(), points.size());
            QCOMPARE(series.y.back(), points.back().value);
        }
    }
    void hiddenRunsDisappearAtTheNextRefresh() {
        open();
        {
            store::StoreEditor editor(m_workspace.path());
            editor.setVisible(m_ids[0], false);
        }
        m_page->refresh();
        QTRY_COMPARE(chart()->series().size(), std::size_t{7});
        {
            store::StoreEditor editor(m_workspace.path());
            for (const auto& id : m_ids) {
                editor.setVisible(id, false);
            }
        }
        m_page->refresh();
        auto* title = m_page->findChild<QLabel*>(QStringLiteral("emptyStateTitle"));
        QTRY_COMPARE(title->text(), QStringLiteral("All runs are hidden"));
    }
    void keysChooseTheAxisAndKeepTheTrackedPoint() {
        open();
        m_host->goTo(8);
        QCOMPARE(chart()->cursor(), std::optional(8.0));
        const store::StoreReader reader(m_workspace.path());
        QTest::keyClick(m_page.get(), Qt::Key_4);
        QCOMPARE(m_page->findChild<QComboBox*>(QStringLiteral("xAxis"))->currentText(), QStringLiteral("Reward queries"));
        const auto points = reader.scalars(m_ids[0], "eval_reward_mean");
        QCOMPARE(chart()->cursor(), std::optional(static_cast<double>(points[2].counters.rewardQueries)));
        QCOMPARE(chart()->series()[0].x.back(), static_cast<double>(points.back().counters.rewardQueries));
        QTest::keyClick(m_page.get(), Qt::Key_1);
        QCOMPARE(chart()->cursor(), std::optional(8.0));
    }
    void smoothingKeepsItsShareOfTheAxis() {
        open();
        auto* number = m_page->findChild<QDoubleSpinBox*>(QStringLiteral("halfLife"));
        number->setValue(6);
        QCOMPARE(chart()->halfLife(), 6.0);
        QTest::keyClick(m_page.get(), Qt::Key_BracketLeft);
        QCOMPARE(chart()->halfLife(), 3.0);
        QTest::keyClick(m_page.get(), Qt::Key_3);  // 16 images an epoch
        QCOMPARE(chart()->halfLife(), 48.0);
        QVERIFY(number->text().contains(QStringLiteral("images")));
        QTest::keyClick(m_page.get(), Qt::Key_1);
        QCOMPARE(chart()->halfLife(), 3.0);
    }
    void anotherScalarIsRead() {
        open();
        auto* scalar = m_page->findChild<QComboBox*>(QStringLiteral("scalar"));
        QCOMPARE(scalar->itemData(0).toString(), QStringLiteral("eval_reward_mean"));
        QVERIFY2(scalar->findData(QVariant()) > 1, "groups are parted by lines");
        QCOMPARE(scalar->findData(QStringLiteral("eval_images")), -1);
        const int at = scalar->findData(QStringLiteral("reward_mean"));
        QVERIFY(at >= 0);
        scalar->setCurrentIndex(at);
        Q_EMIT scalar->activated(at);
        QTRY_COMPARE(chart()->series()[0].x.size(), std::size_t{12});
    }
    void groupsAreMeanAndBandOfRunsThatDifferOnlyInSeed() {
        open();
        m_page->findChild<QToolButton*>(QStringLiteral("group"))->setChecked(true);
        QCOMPARE(chart()->series().size(), std::size_t{4});
        const Series& group = chart()->series()[0];
        QVERIFY(group.label.endsWith(QStringLiteral("(2 seeds)")));
        const store::StoreReader reader(m_workspace.path());
        const auto a = reader.scalars(m_ids[0], "eval_reward_mean"), b = reader.scalars(m_ids[4], "eval_reward_mean");
        for (std::size_t i = 0; i < group.x.size(); ++i) {
            QVERIFY(std::abs(group.y[i] - (a[i].value + b[i].value) / 2) < 1e-12);
            QCOMPARE(group.bandLow[i], std::min(a[i].value, b[i].value));
            QCOMPARE(group.bandHigh[i], std::max(a[i].value, b[i].value));
        }
    }
    void tableTellsValuesAtTheCursorAndCopiesThem() {
        open();
        m_page->findChild<QDoubleSpinBox*>(QStringLiteral("halfLife"))->setValue(0);
        m_host->goTo(5);  // the evaluation of epoch 4 is the newest by then
        auto* table = m_page->findChild<CursorTable*>();
        m_page->copyTable();
        const QStringList lines = QGuiApplication::clipboard()->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 9);
        const store::StoreReader reader(m_workspace.path());
        for (const auto& id : m_ids) {
            const auto run = reader.run(id);
            const auto points = reader.scalars(id, "eval_reward_mean");
            const auto line = std::find_if(lines.begin(), lines.end(), [&](const QString& l) { return l.startsWith(QString::fromStdString(run->name)); });
            QVERIFY(line != lines.end());
            const QStringList cells = line->split(QLatin1Char('\t'));
            QCOMPARE(cells[1], QStringLiteral("4"));
            QVERIFY(std::abs(cells[2].toDouble() - points[1].value) < 1e-9);
            QVERIFY(std::abs(cells[4].toDouble() - (points[1].value - points[0].value)) < 1e-9);
        }
        // Sorted by value, best first; a click on a header sorts by it.
        auto* view = table->findChild<QTableView*>(QStringLiteral("cursorTable"));
        QAbstractItemModelTester tester(view->model());
        QVERIFY(lines[1].split(QLatin1Char('\t'))[3].toDouble() >= lines[8].split(QLatin1Char('\t'))[3].toDouble());
        const QString best = view->model()->index(0, 0).data(Qt::UserRole).toString();
        Q_EMIT view->activated(view->model()->index(0, 0));
        QCOMPARE(m_host->view.state().run, best.toStdString());
        QCOMPARE(m_host->view.state().page, QStringLiteral("live"));
    }
    void imagesFallBackToTheNewestEarlierEvaluationAndSaySo() {
        open();
        auto* row = m_page->findChild<ImageRow*>();
        m_host->goTo(8);
        QTRY_COMPARE(row->cells().size() == 8 ? row->cells()[0].place : QString(), QStringLiteral("ep 8"));
        QVERIFY(!row->cells()[0].isFallback);
        QVERIFY(QFile::exists(row->cells()[0].file));
        m_host->goTo(6);
        QTRY_COMPARE(row->cells()[0].place, QStringLiteral("ep 4 (asked 6)"));
        QVERIFY(row->cells()[0].isFallback);
        const store::StoreReader reader(m_workspace.path());
        QTRY_COMPARE(row->cells()[0].file, QString::fromStdString(reader.samples(m_ids[0], 4)[0].file.string()));
        QCOMPARE(m_page->findChild<QSpinBox*>(QStringLiteral("imageIndex"))->maximum(), 6);
        row->setImageIndex(5);
        QCOMPARE(row->cells()[3].prompt, QString::fromStdString(reader.samples(m_ids[3], 4)[5].prompt));
    }
    void groupsKeepTheirNamesWholeAndCountTheirSeeds() {
        open();
        m_page->findChild<QToolButton*>(QStringLiteral("group"))->setChecked(true);
        const CursorModel* model = m_page->findChild<CursorModel*>();
        QCOMPARE(model->rows().size(), std::size_t{4});
        for (const CursorRow& row : model->rows()) {
            QVERIFY2(row.label.endsWith(QStringLiteral(" (n = 2)")), qPrintable(row.label));
            QVERIFY(row.label.count(QLatin1Char('(')) == 1 && !row.label.contains(QStringLiteral("compressibility")));
        }
    }
    void valuesFromElsewhereAreMarkedAndComeLast() {
        test::TempWorkspace study;
        const run::RunId longer = study.addRun(test::smallConfig(12, 4, 0)), shorter = study.addRun(test::smallConfig(4, 8, 0));
        open(study);
        m_host->goTo(12);
        auto* table = m_page->findChild<CursorTable*>();
        auto* view = table->findChild<QTableView*>();
        for (const Qt::SortOrder order : {Qt::AscendingOrder, Qt::DescendingOrder}) {
            view->sortByColumn(CursorModel::Raw, order);
            QCOMPARE(view->model()->index(0, 0).data(Qt::UserRole).toString().toStdString(), longer);
            const QModelIndex other = view->model()->index(1, CursorModel::Raw);
            QVERIFY2(other.data().toString().endsWith(QStringLiteral(" @ ep 4")), qPrintable(other.data().toString()));
            QCOMPARE(other.data(Qt::ForegroundRole).value<QColor>(), colour(Role::MutedText));
        }
        QVERIFY(!view->model()->index(0, CursorModel::Raw).data().toString().contains(QLatin1Char('@')));
        // The same place on an axis where the short run's points lie elsewhere.
        QTest::keyClick(m_page.get(), Qt::Key_5);
        QVERIFY(view->model()->index(1, CursorModel::Raw).data().toString().contains(QStringLiteral(" evals")));
        QTRY_VERIFY(m_page->findChild<ImageRow*>()->cells()[1].place.contains(QStringLiteral("(asked ")));
        QVERIFY2(m_page->findChild<ImageRow*>()->cells()[1].place.endsWith(QStringLiteral(" evals)")),
                 qPrintable(m_page->findChild<ImageRow*>()->cells()[1].place));
        Q_UNUSED(shorter);
    }
    void unlikeRewardsShareNoAxis() {
        test::TempWorkspace study;
        for (const char* terms : {"compressibility", "colourfulness", "compressibility"}) {
            run::RunConfig config = test::smallConfig(8, 4, 0);
            config.reward.terms = terms;
            study.addRun(config);
        }
        open(study);
        auto* choice = m_page->findChild<QComboBox*>(QStringLiteral("rewardChoice"));
        QTRY_VERIFY(choice->isVisible());
        QCOMPARE(choice->count(), 2);
        QCOMPARE(choice->itemText(0), QStringLiteral("compressibility (kB), 2 runs"));
        QCOMPARE(chart()->series().size(), std::size_t{2});
        QVERIFY(chart()->summary().contains(QStringLiteral("compressibility (kB)")));
        choice->setCurrentIndex(1);
        Q_EMIT choice->activated(1);
        QCOMPARE(chart()->series().size(), std::size_t{1});
        m_page->refresh();
        QTest::qWait(100);
        QCOMPARE(choice->currentIndex(), 1);
        // Measures that have no unit of the reward are drawn together.
        auto* scalar = m_page->findChild<QComboBox*>(QStringLiteral("scalar"));
        scalar->setCurrentIndex(scalar->findData(QStringLiteral("eval_judge_accuracy")));
        Q_EMIT scalar->activated(scalar->currentIndex());
        // Not the old values under the new name: they are dimmed at once, and nothing is read from them.
        QVERIFY(chart()->veil().startsWith(QStringLiteral("Reading ")));
        QVERIFY(chart()->summary().startsWith(QStringLiteral("Reading ")));
        QCOMPARE(m_page->findChild<QTableView*>(QStringLiteral("cursorTable"))->model()->rowCount(), 0);
        QTRY_COMPARE(chart()->series().size(), std::size_t{3});
        QCOMPARE(chart()->veil(), QString());
        QVERIFY(!choice->isVisible());
    }
    void imagesAreMatchedByPromptAndNoise() {
        test::TempWorkspace study;
        run::RunConfig small = test::smallConfig(4, 8, 0);
        small.evaluation.trainPrompts = 2;  // another set: what stands third there is held out
        study.addRun(test::smallConfig(4, 4, 0));
        study.addRun(small);
        open(study);
        auto* row = m_page->findChild<ImageRow*>();
        auto* index = m_page->findChild<QSpinBox*>(QStringLiteral("imageIndex"));
        QTRY_COMPARE(index->maximum(), 8);  // 4 + 2 of the first, 2 more of the second
        const auto prompts = [&] { return std::pair(row->cells()[0].prompt, row->cells()[1].prompt); };
        index->setValue(2);
        QCOMPARE(prompts(), std::pair(QStringLiteral("an animal 1"), QStringLiteral("an animal 1")));
        index->setValue(3);
        QCOMPARE(prompts(), std::pair(QStringLiteral("an animal 2"), QString()));
        QVERIFY(row->cells()[1].file.isEmpty());
        QVERIFY(row->cells()[1].absence.contains(QStringLiteral("not in its set")));
        index->setValue(8);
        QCOMPARE(prompts(), std::pair(QString(), QStringLiteral("a held-out thing 3")));
        QCOMPARE(m_page->findChild<QLabel*>(QStringLiteral("imagePrompt"))->text(), QStringLiteral("“a held-out thing 3”"));
    }
    void exportWritesFiguresAndTellsFailures() {
        open();
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("reward.svg"));
        QCOMPARE(test::saveAs(*m_page, *m_service, ExportDialog::Tab::Figure, file), QString());
        QFile svg(file);
        QVERIFY(svg.open(QIODevice::ReadOnly));
        const QByteArray text = svg.readAll();
        for (const Series& series : chart()->series()) {
            QVERIFY(text.contains(series.label.toUtf8()));
        }
        const QString failure = test::saveAs(*m_page, *m_service, ExportDialog::Tab::Figure, QStringLiteral("/no/such/folder/reward.pdf"));
        QVERIFY2(failure.contains(QStringLiteral("/no/such/folder")), qPrintable(failure));
    }
    void cursorOfTheUserMovesTheTimeBar() {
        open();
        QWidget* plot = chart()->findChild<QWidget*>(QStringLiteral("plot"));
        QTest::mouseClick(plot, Qt::LeftButton, {}, plot->rect().center());
        QVERIFY(!m_host->view.state().cursor.isFollowing);
        QCOMPARE(m_host->view.state().cursor.epoch, static_cast<int>(*chart()->cursor()));
        QSignalSpy proposed(m_page.get(), &Page::proposed);
        m_host->goTo(0);
        QCOMPARE(proposed.count(), 0);
    }
    void choicesSurviveARestart() {
        open();
        QTest::keyClick(m_page.get(), Qt::Key_7);
        m_page->findChild<QToolButton*>(QStringLiteral("group"))->setChecked(true);
        m_page->findChild<QDoubleSpinBox*>(QStringLiteral("halfLife"))->setValue(0.5);
        const QJsonObject state = m_host->view.save();
        make(m_workspace.path());
        m_host->view.restore(state);
        QCOMPARE(m_page->findChild<QComboBox*>(QStringLiteral("xAxis"))->currentIndex(), 6);
        QVERIFY(m_page->findChild<QToolButton*>(QStringLiteral("group"))->isChecked());
        QCOMPARE(m_page->findChild<QDoubleSpinBox*>(QStringLiteral("halfLife"))->value(), 0.5);
        m_page->resize(1280, 800);
        open();
        QCOMPARE(m_page->findChild<QDoubleSpinBox*>(QStringLiteral("halfLife"))->value(), 0.5);
    }
    void fitsNarrowWindowsWithoutClipping() {
        m_page->resize(820, 560);
        open();
        for (QToolButton* button : m_page->findChildren<QToolButton*>()) {
            if (button->isVisible()) {
                QTRY_VERIFY2(button->width() >= button->sizeHint().width(), qPrintable(button->objectName()));
            }
        }
        for (QComboBox* box : m_page->findChildren<QComboBox*>()) {
            if (box->isVisible()) {
                QTRY_VERIFY2(box->width() >= box->sizeHint().width(), qPrintable(box->objectName()));
            }
        }
        QVERIFY(m_page->minimumSizeHint().width() <= 820);
        QVERIFY2(m_page->minimumSizeHint().height() <= 560, qPrintable(QString::number(m_page->minimumSizeHint().height())));
    }

private:
    ChartWidget* chart() const { return m_page->findChild<ChartWidget*>(QStringLiteral("compareChart")); }
    void make(const std::filesystem::path& workspace) {
        m_host.reset();
        m_page.reset();
        m_service = std::make_unique<StoreService>(workspace);
        m_page = std::make_unique<ComparePage>(*m_service, m_runs);
        m_host = std::make_unique<test::PageHost>(*m_page);
        m_page->resize(1280, 800);
    }
    void open(const test::TempWorkspace& workspace) {
        make(workspace.path());
        open();
    }
    void open() {
        m_page->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_page.get()));
        QTRY_VERIFY(!chart()->series().empty());
        chart()->replotNow();
    }

    test::TempWorkspace m_workspace;
    std::vector<run::RunId> m_ids;
    std::unique_ptr<StoreService> m_service;
    RunsModel m_runs;
    std::unique_ptr<ComparePage> m_page;
    std::unique_ptr<test::PageHost> m_host;
};

QTEST_MAIN(TestComparePage)
#include "tst_compare_page.moc"
