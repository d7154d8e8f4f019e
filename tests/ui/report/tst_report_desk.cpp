// The owner of the report: what is added early, what is damaged, and pages as PDF.
#include <QPointer>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QAbstractTextDocumentLayout>
#include <QTest>
#include <QTextBlock>
#include <QTextDocument>
#include <QUndoStack>
#include <memory>

#include "core/base/files.h"
#include "core/image/codec.h"
#include "ui/report/card_view.h"
#include "ui/report/report_desk.h"
#include "ui/studies/page_breaks.h"

using namespace rlcm;
using namespace rlcm::ui;
using report::Card;
using report::CardKind;

namespace {

constexpr int kWaitMs = 20000;

Card figure(int width, int height) {
    return {.kind = CardKind::Figure,
            .title = "A figure",
            .words = "its caption",
            .content = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + std::to_string(width) + "\" height=\"" + std::to_string(height) +
                       "\"><rect width=\"100%\" height=\"100%\" fill=\"#888\"/></svg>"};
}

Card grid(int width, int height) {
    return {
        .kind = CardKind::Images,
        .title = "A grid",
        .content = image::encodePng({width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, 90)})};
}

}  // namespace

class TestReportDesk : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void whatIsAddedBeforeTheReportIsReadComesBehindIt() {
        report::writeCards({.title = "kept", .cards = {{.title = "first"}}}, path());
        QUndoStack steps;
        ReportDesk desk(path(), steps);
        desk.add({.title = "second"});
        QTRY_VERIFY_WITH_TIMEOUT(desk.isSettled(), kWaitMs);
        QCOMPARE(desk.report().cards.size(), std::size_t{2});
        QCOMPARE(desk.report().cards[1].title, std::string("second"));
        QVERIFY(report::readCards(path()) == desk.report());
        steps.undo();
        QTRY_VERIFY_WITH_TIMEOUT(desk.isSettled(), kWaitMs);
        QCOMPARE(report::readCards(path()).cards.size(), std::size_t{1});
    }
    void aDamagedReportIsSaidAndLeftAlone() {
        std::filesystem::create_directories(path());
        writeFileAtomically(path() / "report.json", "{");
        QUndoStack steps;
        ReportDesk desk(path(), steps);
        QSignalSpy failed(&desk, &ReportDesk::failed);
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kWaitMs);
        QVERIFY(failed.front().front().toString().contains(QStringLiteral("report.json")));
        desk.change(QStringLiteral("anything"), {.title = "new"});
        QVERIFY(!steps.canUndo());
        QCOMPARE(readFile(path() / "report.json"), std::string("{"));
    }
    void pagesOfAPdfCutNoFigure_data() {
        QTest::addColumn<std::vector<Card>>("cards");
        QTest::addColumn<int>("pages");
        QTest::newRow("one that is far too tall") << std::vector{figure(300, 5000)} << 1;
        QTest::newRow("two that share no page") << std::vector{figure(600, 640), figure(600, 640)} << 2;
        QTest::newRow("two that do") << std::vector{figure(600, 300), figure(600, 300)} << 1;
        QTest::newRow("a wide grid") << std::vector{grid(4000, 300)} << 1;
        QTest::newRow("grids as tall as a page") << std::vector{grid(900, 2300), grid(900, 2300), grid(900, 2300)} << 3;
    }
    void pagesOfAPdfCutNoFigure() {
        QFETCH(std::vector<Card>, cards);
        QFETCH(int, pages);
        QUndoStack steps;
        ReportDesk desk(path(), steps);
        QTRY_VERIFY_WITH_TIMEOUT(desk.isLoaded(), kWaitMs);
        desk.change({}, {.cards = cards});
        QSignalSpy saved(&desk, &ReportDesk::saved), failed(&desk, &ReportDesk::failed);
        const QString file = m_folder->filePath(QStringLiteral("pages.PDF"));
        desk.save(file);
        QTRY_COMPARE_WITH_TIMEOUT(saved.size(), 1, kWaitMs);
        QFile in(file);
        QVERIFY(in.open(QIODevice::ReadOnly));
        QCOMPARE(in.readAll().count("/Type /Page\n"), pages);
        desk.save(QStringLiteral("/no/such/folder/report.html"));
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kWaitMs);
        QVERIFY(failed.front().front().toString().contains(QStringLiteral("/no/such/folder")));
    }
    void headingsStandOnThePageOfWhatTheyAreOf() {
        const QSizeF page(400, 300);
        for (int lines = 1; lines < 40; ++lines) {  // wherever the heading falls
            QString html;
            for (int i = 0; i < lines; ++i) {
                html += QStringLiteral("<p>line</p>");
            }
            QTextDocument document;
            document.setHtml(html + QStringLiteral("<h2>A heading</h2><p><img src=\"none\" width=\"100\" height=\"200\"></p>"));
            document.setPageSize(page);
            keepHeadings(document);
            const QTextBlock last = document.lastBlock(), heading = last.previous();
            const auto pageOf = [&](double y) { return static_cast<int>(y / page.height()); };
            const double foot = document.documentLayout()->blockBoundingRect(last).top() + last.layout()->lineAt(0).y() + last.layout()->lineAt(0).height() - 1;
            QCOMPARE(pageOf(document.documentLayout()->blockBoundingRect(heading).top()), pageOf(foot));
        }
    }
    void cardsAreSeenAsTheyAre() {
        QCOMPARE(pictureOf(figure(200, 100), 400).size(), QSize(400, 200));
        QCOMPARE(pictureOf(grid(50, 20), 400).size(), QSize(50, 20));
        QCOMPARE(pictureOf(grid(800, 400), 400).size(), QSize(400, 200));
        QVERIFY(pictureOf({.kind = CardKind::Figure, .content = "no drawing"}, 400).isNull());
        QVERIFY(pictureOf({.kind = CardKind::Text, .words = "words"}, 400).isNull());
    }

private:
    std::filesystem::path path() const { return std::filesystem::path(m_folder->path().toStdString()) / "report"; }

    std::unique_ptr<QTemporaryDir> m_folder;
};

QTEST_MAIN(TestReportDesk)
#include "tst_report_desk.moc"
