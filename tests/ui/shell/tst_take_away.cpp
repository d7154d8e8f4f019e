// Taking away from the whole window and coming back: a report of cards, images that are dropped, runs that others are told against.
#include <QAction>
#include <QApplication>
#include <QDropEvent>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>
#include <QUrl>

#include "core/base/files.h"
#include "core/report/report.h"
#include "tests/ui/shell/desk.h"
#include "ui/charts/chart_widget.h"
#include "ui/gallery/export_dialog.h"
#include "ui/grid/grid_page.h"
#include "ui/report/card_view.h"
#include "ui/report/report_desk.h"
#include "ui/runs/runs_panel.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;
using test::Desk;
using test::find;
using test::kWaitMs;
using test::picture;

class TestTakeAway : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        ui::apply(*qApp, ui::Mode::Light);
        m_desk = std::make_unique<Desk>();
        m_ids = m_desk->workspace.addStudy();
        open();
    }
    void cleanup() {
        m_window.reset();
        m_desk.reset();
    }

    void cardsFromEveryPageBecomeAReport() {
        addCard(QStringLiteral("live"), ui::ExportDialog::Tab::Images, QStringLiteral("png"));
        addCard(QStringLiteral("compare"), ui::ExportDialog::Tab::Figure, QStringLiteral("pdf"));
        addCard(QStringLiteral("compare"), ui::ExportDialog::Tab::Numbers, QStringLiteral("md"));
        addCard(QStringLiteral("horizons"), ui::ExportDialog::Tab::Figure, QStringLiteral("svg"));
        addCard(QStringLiteral("grid"), ui::ExportDialog::Tab::Images, QStringLiteral("png"));
        m_window->showPage(QStringLiteral("report"));
        test::activate(*m_window);
        auto* list = find<QListWidget>(*m_window, "reportCards");
        QCOMPARE(list->count(), 5);
        list->setCurrentRow(1);
        QVERIFY(!m_window->findChild<ui::CardView*>()->picture().isNull());
        write(find<QLineEdit>(*m_window, "reportTitle"), QStringLiteral("What H brings"));
        find<QPushButton>(*m_window, "addText")->click();
        write(find<QLineEdit>(*m_window, "cardTitle"), QStringLiteral("In short"));
        find<QPlainTextEdit>(*m_window, "cardWords")->setFocus();
        QTest::keyClicks(find<QPlainTextEdit>(*m_window, "cardWords"), QStringLiteral("Two steps are enough."));
        list->setFocus();
        QTRY_COMPARE(m_window->report().report().cards[2].words, std::string("Two steps are enough."));
        find<QPushButton>(*m_window, "cardUp")->click();
        find<QPushButton>(*m_window, "cardUp")->click();
        QCOMPARE(list->item(0)->text(), QStringLiteral("In short"));
        QCOMPARE(list->currentRow(), 0);
        list->setCurrentRow(2);
        picture(*m_window, QStringLiteral("report"));
        const QString html = save(QStringLiteral("report.html"));
        qsizetype at = 0;
        for (const char* words : {"<h1>What H brings</h1>", "<h2>In short</h2>", "Two steps are enough.", "data:image/png;base64,", "<svg", "<table>", "<svg",
                                  "<img class=\"wide\""}) {
            const qsizetype found = html.indexOf(QString::fromUtf8(words), at);
            QVERIFY2(found >= 0, words);
            at = found + 1;
        }
        QVERIFY2(html.contains(QStringLiteral("data-spec=")), "the chart can be drawn again");
        const QByteArray pdf = save(QStringLiteral("report.pdf")).toLatin1();
        QVERIFY(pdf.startsWith("%PDF") && pdf.size() > 20000);
        // Taken back and kept.
        m_window->steps().undo();
        QCOMPARE(list->item(1)->text(), QStringLiteral("In short"));
        list->setCurrentRow(1);
        find<QPushButton>(*m_window, "removeCard")->click();
        QCOMPARE(list->count(), 5);
        m_window->steps().undo();
        QCOMPARE(list->count(), 6);
        const report::CardReport before = m_window->report().report();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->report().isSettled(), kWaitMs);
        open();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->report().isLoaded(), kWaitMs);
        QVERIFY(m_window->report().report() == before);
    }
    void aCardIsDraggedToAnotherPlace() {
        m_window->showPage(QStringLiteral("report"));
        QTRY_VERIFY_WITH_TIMEOUT(m_window->report().isLoaded(), kWaitMs);
        for (const char* title : {"one", "two", "three"}) {
            m_window->report().add({.title = title});
        }
        auto* list = find<QListWidget>(*m_window, "reportCards");
        QVERIFY(list->model()->moveRow({}, 0, {}, 3));  // as the list does when it is dropped there
        QTRY_COMPARE(m_window->report().report().cards[2].title, std::string("one"));
        QCOMPARE(list->item(0)->text(), QStringLiteral("two"));
    }
    void whatCannotStandOnAPageSaysWhy() {
        const QPointer dialog = openExport(QStringLiteral("live"));
        QVERIFY(dialog->choose(ui::ExportDialog::Tab::Numbers, QStringLiteral("csv")));
        QVERIFY(!dialog->findChild<QPushButton*>(QStringLiteral("exportToReport"))->isEnabled());
        dialog->close();
    }

    void aPictureThatIsDroppedLeadsBackToItsRunAndEpoch() {
        const store::StoreReader reader(m_desk->workspace.path());
        const QString file = m_desk->config.filePath(QStringLiteral("grid.png"));
        report::exportGrid(reader, m_ids[2], file.toStdString(), {.epoch = 8});
        m_window->showPage(QStringLiteral("models"));
        drop(file);
        QTRY_COMPARE_WITH_TIMEOUT(m_window->view().state().run, m_ids[2], kWaitMs);
        QCOMPARE(m_window->view().state().cursor.epoch, 8);
        QCOMPARE(m_window->page(), QStringLiteral("live"));
        m_window->steps().undo();
        QVERIFY(m_window->view().state().run != m_ids[2]);
        // The workspace's own file, through the menu.
        ui::FileDialog::answerNext(QString::fromStdString(reader.samples(m_ids[3], 4)[1].file.string()));
        m_window->actions().findImage->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(m_window->view().state().run, m_ids[3], kWaitMs);
        QCOMPARE(m_window->view().state().cursor.epoch, 4);
    }
    void aSheetLeadsToThePageOfImages() {
        const store::StoreReader reader(m_desk->workspace.path());
        const auto samples = reader.samples(m_ids[1], 4);
        const QString file = m_desk->config.filePath(QStringLiteral("sheet.png"));
        report::exportSheet({.title = "t", .rows = {"a"}, .columns = {"b", "c"}, .cells = {{m_ids[1], std::nullopt, {}}, {m_ids[1], samples[0], {}}}},
                            file.toStdString());
        std::vector<int> epochs;  // shown on the way
        connect(&m_window->view(), &ui::ViewModel::changed, this, [this, &epochs] { epochs.push_back(m_window->view().state().cursor.epoch); });
        drop(file);
        QTRY_COMPARE_WITH_TIMEOUT(m_window->page(), QStringLiteral("grid"), kWaitMs);
        QCOMPARE(m_window->view().state().run, m_ids[1]);
        QTRY_VERIFY_WITH_TIMEOUT(find<ui::GridPage>(*m_window, "gridPage")->isShowingData(), kWaitMs);
        QVERIFY2(!epochs.empty() && std::ranges::all_of(epochs, [](int epoch) { return epoch == 4; }),
                 "no other epoch is shown before the page has read its runs");
    }
    void picturesFromElsewhereAreRefusedWithAReason() {
        const QString plain = m_desk->config.filePath(QStringLiteral("plain.png"));
        QImage(4, 4, QImage::Format_RGB32).save(plain);
        drop(plain);
        const auto message = [this] { return m_window->messages().text(); };
        QTRY_VERIFY_WITH_TIMEOUT(message().contains(QStringLiteral("plain.png does not say where it comes from")), kWaitMs);
        test::TempWorkspace other;
        const run::RunId id = other.addRun(test::smallConfig(12, 4, 77));  // the same id, other noise
        const QString foreign = m_desk->config.filePath(QStringLiteral("foreign.png"));
        report::exportGrid(store::StoreReader(other.path()), id, foreign.toStdString());
        drop(foreign);
        QTRY_VERIFY_WITH_TIMEOUT(message().contains(QStringLiteral("foreign.png are not in this workspace")), kWaitMs);
        const auto refused = [this](const QString& file) {
            QMimeData data;
            data.setUrls({QUrl::fromLocalFile(file)});
            QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &data, Qt::LeftButton, {});
            enter.setAccepted(false);
            QCoreApplication::sendEvent(m_window.get(), &enter);
            return !enter.isAccepted();
        };
        QVERIFY(refused(m_desk->config.filePath(QStringLiteral("notes.txt"))) && !refused(plain));
    }

    void pinAndBaselineOfTheListAreThoseOfTheWindowAndComeBack() {
        ui::RunsPanel& runs = m_window->runs();
        runs.select(m_ids[0]);
        runs.pinAction()->trigger();
        runs.baselineAction()->trigger();
        QCOMPARE(m_window->view().state().pinned, (std::vector{m_ids[0]}));
        QCOMPARE(m_window->view().state().baseline, m_ids[0]);
        QVERIFY(runs.baselineAction()->isChecked());
        m_window->showPage(QStringLiteral("compare"));
        auto* chart = find<ui::ChartWidget>(*m_window, "compareChart");
        QTRY_VERIFY_WITH_TIMEOUT(!chart->series().empty(), kWaitMs);
        QTRY_VERIFY_WITH_TIMEOUT(chart->readoutAt(8).join(QLatin1Char('|')).contains(QStringLiteral("  Δ ")), kWaitMs);
        picture(*m_window, QStringLiteral("baseline"));
        open();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->runs().model().isPinned(m_ids[0]), kWaitMs);
        QCOMPARE(m_window->runs().model().baseline(), m_ids[0]);
        m_window->runs().select(m_ids[0]);
        m_window->runs().pinAction()->trigger();
        QVERIFY(m_window->view().state().pinned.empty());
        m_window->steps().undo();
        QVERIFY(m_window->runs().model().isPinned(m_ids[0]));
    }

private:
    void open() {
        if (m_window) {
            m_window->close();
        }
        m_window.reset();
        m_window = m_desk->open();
        QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
        test::activate(*m_window);
    }
    QPointer<ui::ExportDialog> openExport(const QString& page) {
        m_window->showPage(page);
        const bool isThere = QTest::qWaitFor([this] { return m_window->isShowingData(); }, kWaitMs);
        m_window->openExport();
        const auto dialogs = m_window->findChildren<ui::ExportDialog*>();
        return isThere && !dialogs.isEmpty() ? dialogs.last() : nullptr;
    }
    void addCard(const QString& page, ui::ExportDialog::Tab tab, const QString& suffix) {
        const std::size_t before = m_window->report().report().cards.size();
        const QPointer dialog = openExport(page);
        QVERIFY2(dialog, qPrintable(page));
        QVERIFY2(dialog->choose(tab, suffix), qPrintable(page));
        QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("exportToReport")), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(m_window->report().report().cards.size(), before + 1, kWaitMs);
        QTRY_VERIFY(dialog->findChild<ui::MessageBar*>()->text().contains(QStringLiteral("in the report")));
        dialog->close();
        QCoreApplication::sendPostedEvents(dialog, QEvent::DeferredDelete);
    }
    static void write(QLineEdit* edit, const QString& text) {
        edit->setFocus();
        edit->selectAll();
        QTest::keyClicks(edit, text);
        QTest::keyClick(edit, Qt::Key_Return);
    }
    QString save(const QString& name) {
        const QString file = m_desk->config.filePath(name);
        ui::FileDialog::answerNext(file);
        QTest::mouseClick(find<QPushButton>(*m_window, "saveReport"), Qt::LeftButton);
        const bool isSaved = QTest::qWaitFor([&] { return find<ui::MessageBar>(*m_window, "reportMessage")->text().contains(name); }, kWaitMs);
        if (const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR"); !folder.isEmpty()) {
            QFile::copy(file, folder + QLatin1Char('/') + name);
        }
        const std::string bytes = isSaved ? readFile(file.toStdString()) : std::string();
        return name.endsWith(QLatin1String("pdf")) ? QString::fromLatin1(bytes.data(), static_cast<qsizetype>(bytes.size())) : QString::fromStdString(bytes);
    }
    void drop(const QString& file) {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(file)});
        QDragEnterEvent enter(QPoint(400, 300), Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(m_window.get(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent event(QPointF(400, 300), Qt::CopyAction, &data, Qt::LeftButton, {});
        QCoreApplication::sendEvent(m_window.get(), &event);
    }

    std::unique_ptr<Desk> m_desk;
    std::unique_ptr<ui::MainWindow> m_window;
    std::vector<run::RunId> m_ids;
};

QTEST_MAIN(TestTakeAway)
#include "tst_take_away.moc"
