// A report of cards: kept in a folder, and as a page.
#include <QTemporaryDir>
#include <QTest>

#include "core/base/error.h"
#include "core/base/files.h"
#include "core/report/cards.h"
#include "tests/core/report/report_fixture.h"

using namespace rlcm;
using namespace rlcm::test;
using report::Card;
using report::CardKind;

namespace {

report::CardReport fullReport() {
    const std::string svg =
        "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"20\" height=\"10\"><g id=\"a\"/><use href=\"#a\"/></svg>";
    return {.title = "Does H matter?",
            .cards = {{.kind = CardKind::Text, .title = "First", .words = "One <line>\nand another\n\nA paragraph"},
                      {.kind = CardKind::Figure, .title = "Curves & bands", .words = "what they are", .content = svg, .spec = "{\"axis\": \"epoch\"}\n"},
                      {.kind = CardKind::Images, .title = "Grid", .words = "same noise", .content = image::encodePng(picture(3, 2))},
                      {.kind = CardKind::Table, .title = "Numbers", .words = "At epoch 4", .content = "Run,Value\n\"a, b\",1.5\n"},
                      {.kind = CardKind::Figure, .title = "Again", .content = svg}}};
}

std::size_t filesIn(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

class TestCards : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aReportComesBackAsItWas() {
        const QTemporaryDir place;
        const fs::path folder = fs::path(place.path().toStdString()) / "new" / "report";
        QVERIFY(report::readCards(folder) == report::CardReport());
        report::CardReport cards = fullReport();
        report::writeCards(cards, folder);
        QVERIFY(report::readCards(folder).cards[1].spec == cards.cards[1].spec);
        cards.cards[4].spec = cards.cards[1].spec;  // the same figure has the same spec
        QVERIFY(report::readCards(folder) == cards);
        QCOMPARE(filesIn(folder), std::size_t{5});  // report.json, the figure and its spec, the grid, the table
        std::swap(cards.cards[0], cards.cards[3]);
        cards.cards.erase(cards.cards.begin() + 2);
        report::writeCards(cards, folder);
        QVERIFY(report::readCards(folder) == cards);
        QCOMPARE(filesIn(folder), std::size_t{4});  // without the grid
    }
    void damageIsSaidWithTheFile() {
        const QTemporaryDir place;
        const fs::path folder = place.path().toStdString();
        const auto problem = [&](const std::string& text) {
            writeFileAtomically(folder / "report.json", text);
            return messageOf(ErrorKind::Format, [&] { report::readCards(folder); });
        };
        for (const char* text : {R"({"version": 1})", R"({"version": 2, "title": "", "cards": []})",
                                 R"({"version": 1, "title": "", "cards": [{"kind": "film", "title": "", "words": ""}]})"}) {
            QVERIFY2(problem(text).find("report.json") != std::string::npos, text);
        }
        QVERIFY(!problem(R"({"version": 1, "title": "", "cards": [{"kind": "images", "title": "", "words": "", "file": "../../secret"}]})").empty());
    }
    void thePageHasEveryCardInItsOrder() {
        const QString html = QString::fromStdString(report::cardsHtml(fullReport()));
        qsizetype at = 0;
        for (const char* words : {"<title>Does H matter?</title>", "<h2>First</h2>", "<p>One &lt;line&gt;<br>and another</p>\n<p>A paragraph</p>",
                                  "data-spec=\"{&quot;axis&quot;: &quot;epoch&quot;} \"", "<h2>Curves &amp; bands</h2>", "<svg", "what they are",
                                  "data:image/png;base64,", "same noise", "<td>1.5</td>", "At epoch 4", "<h2>Again</h2>", "<svg"}) {
            const qsizetype found = html.indexOf(QString::fromUtf8(words), at);
            QVERIFY2(found >= 0, qPrintable(QString::fromUtf8(words) + QStringLiteral(" is not in ") + html.mid(at, 2000)));
            at = found + 1;
        }
        QVERIFY2(html.contains(QStringLiteral("id=\"card1a\"")) && html.contains(QStringLiteral("href=\"#card4a\"")), "figures do not use each other's parts");
        QVERIFY(!html.contains(QStringLiteral("<script")) && !html.contains(QStringLiteral("http://www.w3.org/2000/svg/")));
        QVERIFY(report::cardsHtml({}).find("<h1>Report</h1>") != std::string::npos);
    }
    void largeGridsAreScaledDownOnThePage() {
        image::Rgb8Image wide{5000, 20, std::vector<std::uint8_t>(std::size_t{5000} * 20 * 3, 90)};
        const std::string html = report::cardsHtml({.cards = {{.kind = CardKind::Images, .content = image::encodePng(wide)}}});
        QVERIFY(html.find("data:image/jpeg;base64,") != std::string::npos);
        QVERIFY(messageOf(ErrorKind::Format, [] { report::cardsHtml({.cards = {{.kind = CardKind::Images, .content = "no picture"}}}); }) != "");
    }
};

QTEST_GUILESS_MAIN(TestCards)
#include "tst_cards.moc"
