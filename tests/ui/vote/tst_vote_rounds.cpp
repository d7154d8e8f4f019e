// The table of rounds, and going on with one that was left.
#include <QClipboard>
#include <QTableView>

#include "tests/ui/vote/vote_test.h"
#include "ui/bridge/store_service.h"
#include "ui/gallery/export_dialog.h"
#include "ui/runs/runs_panel.h"
#include "ui/widgets/dialogs.h"

using namespace rlcm;
using test::kWaitMs;
using test::Rows;

class TestVoteRounds : public test::VoteTest {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void init() { make(); }
    void cleanup() { close(); }
    void aPairStaysWhileAnotherPageIsShown();
    void aRoundThatWasPutOffGoesOn();
    void aRoundGoesOnInTheNextWindow();
    void everyRoundHasItsRow();
    void anOpenRoundTellsNothingOfItsVotes();
    void aRowIsOpenedByEnterAndByADoubleClick();
    void aRoundWhoseImagesAreGoneKeepsItsResult();
    void aRoundOfADeletedRunSaysSo();
    void filesOfOthersAreLeftOut();
    void theTableIsCopiedAndExported();
    void votesAboutARecordAreKeptBesideTheSettings();

private:
    QTableView& table() const { return part<QTableView>("roundsTable"); }
    QString cell(int row, int column) const { return table().model()->index(row, column).data().toString(); }
    void toRounds(const char* button) {
        click(button);
        waitForPage();
    }
};

void TestVoteRounds::aPairStaysWhileAnotherPageIsShown() {
    begin();
    press(Qt::Key_Left);
    const QString prompt = text("votePrompt");
    m_window->showPage(QStringLiteral("live"));
    m_window->view().apply({[](ui::ViewState& state) { state.select("r0002"); }});
    m_window->showPage(QStringLiteral("vote"));
    QVERIFY(ballot().isVisible());
    QCOMPARE(text("voteCount"), QStringLiteral("2 of 6"));
    QCOMPARE(text("votePrompt"), prompt);
    press(Qt::Key_Down);
    QTRY_COMPARE_WITH_TIMEOUT(kept().size(), std::size_t{3}, kWaitMs);
}

void TestVoteRounds::aRoundThatWasPutOffGoesOn() {
    begin();
    press(Qt::Key_Left);
    QTest::keyClick(&ballot(), Qt::Key_Escape);
    waitForPage();
    QVERIFY(!ballot().isVisible());
    QCOMPARE(button("voteStart").text(), QStringLiteral("Go on"));
    QVERIFY(text("voteNote").startsWith(QStringLiteral("1 of 6")));
    click("voteStart");
    QCOMPARE(text("voteCount"), QStringLiteral("2 of 6"));
    press(Qt::Key_Left);
    toRounds("voteLater");
    QVERIFY(text("voteNote").startsWith(QStringLiteral("2 of 6")));
}

void TestVoteRounds::aRoundGoesOnInTheNextWindow() {
    begin();
    press(Qt::Key_Left);
    press(Qt::Key_Right);
    m_window.reset();  // in the middle of a pair
    const Rows before = kept();
    QCOMPARE(before.size(), std::size_t{3});
    open();
    openByPalette();
    QCOMPARE(button("voteStart").text(), QStringLiteral("Go on"));
    QCOMPARE(table().model()->rowCount(), 1);
    QTest::keyClick(&button("voteStart"), Qt::Key_Return);
    QCOMPARE(text("voteCount"), QStringLiteral("3 of 6"));
    press(Qt::Key_Down);
    QTRY_COMPARE_WITH_TIMEOUT(kept().size(), std::size_t{4}, kWaitMs);
    const Rows after = kept();
    QVERIFY(std::equal(before.begin(), before.end(), after.begin()));
}

void TestVoteRounds::everyRoundHasItsRow() {
    openByPalette();
    QVERIFY(part<QLabel>("noRounds").isVisible());
    click("voteStart");
    pressAll({Qt::Key_Left, Qt::Key_Left, Qt::Key_Left, Qt::Key_Left, Qt::Key_Left, Qt::Key_Down});
    toRounds("voteRounds");
    test::picture(*m_window, QStringLiteral("vote-rounds"));
    QCOMPARE(table().model()->rowCount(), 1);
    QVERIFY2(cell(0, 0).endsWith(QStringLiteral("\nepoch 4")) && cell(0, 0) != cell(0, 1), qPrintable(cell(0, 0)));
    QCOMPARE(cell(0, 2), QStringLiteral("6 of 6"));
    int a = 0;
    for (const auto& row : kept()) {
        a += row[6] == "a" ? 1 : 0;
    }
    const figure::Interval interval = figure::wilsonInterval(a, 5);
    QCOMPARE(cell(0, 3), QStringLiteral("%1 % (%2 to %3 %)").arg(a * 20).arg(qRound(100 * interval.low)).arg(qRound(100 * interval.high)));
    QCOMPARE(cell(0, 4), QStringLiteral("over"));
}

void TestVoteRounds::anOpenRoundTellsNothingOfItsVotes() {
    begin();
    pressAll(std::vector<Qt::Key>(4, Qt::Key_Left));
    toRounds("voteLater");
    QCOMPARE(cell(0, 2), QStringLiteral("4 of 6"));
    QCOMPARE(cell(0, 3), QStringLiteral("–"));
    QCOMPARE(cell(0, 4), QStringLiteral("goes on"));
}

void TestVoteRounds::aRowIsOpenedByEnterAndByADoubleClick() {
    begin();
    pressAll(std::vector<Qt::Key>(6, Qt::Key_Left));
    const QString result = text("voteResult");
    click("voteAgain");
    QTRY_VERIFY_WITH_TIMEOUT(ballot().isVisible(), kWaitMs);
    press(Qt::Key_Right);
    toRounds("voteLater");
    QCOMPARE(table().model()->rowCount(), 2);
    const int open = cell(0, 4) == QStringLiteral("goes on") ? 0 : 1;  // both may be of the same instant
    const QPoint place = table().visualRect(table().model()->index(open, 0)).center();
    QTest::mouseClick(table().viewport(), Qt::LeftButton, {}, place);
    QTest::mouseDClick(table().viewport(), Qt::LeftButton, {}, place);
    QVERIFY(ballot().isVisible());
    QCOMPARE(text("voteCount"), QStringLiteral("2 of 6"));
    toRounds("voteLater");
    table().selectRow(cell(0, 4) == QStringLiteral("goes on") ? 1 : 0);
    QTest::keyClick(&table(), Qt::Key_Return);
    QCOMPARE(text("voteResult"), result);
    QVERIFY2(!button("voteReopen").isVisible(), "a vote of another day is not taken back by a slip");
    QTest::keyClick(m_window->findChild<ui::VotePage*>(), Qt::Key_Backspace);
    QVERIFY(!ballot().isVisible());
    QCOMPARE(kept().size(), std::size_t{7});
}

void TestVoteRounds::aRoundWhoseImagesAreGoneKeepsItsResult() {
    begin();
    press(Qt::Key_Left);
    press(Qt::Key_Down);
    toRounds("voteLater");
    const auto folder = m_desk->workspace.path() / "votes";
    std::string other = readFile(folder / "r0001@4-r0002@4-1.csv");
    for (std::size_t at = 0; (at = other.find("r0002@4", at)) != std::string::npos; at += 8) {
        other.replace(at, 7, "r0002@99");
    }
    writeFileAtomically(folder / "r0001@4-r0002@99-1.csv", other);
    m_window->showPage(QStringLiteral("live"));
    m_window->showPage(QStringLiteral("vote"));
    QTRY_COMPARE_WITH_TIMEOUT(table().model()->rowCount(), 2, kWaitMs);
    const int gone = cell(0, 4) == QStringLiteral("images gone") ? 0 : 1;
    QCOMPARE(cell(gone, 4), QStringLiteral("images gone"));
    QVERIFY(cell(gone, 1).endsWith(QStringLiteral("epoch 99")));
    table().selectRow(gone);
    QTest::keyClick(&table(), Qt::Key_Return);
    QVERIFY2(text("voteResult").contains(QStringLiteral("Neither: 1")), qPrintable(text("voteResult")));
    QVERIFY(!button("voteAgain").isEnabled());
    const QString file = m_desk->config.filePath(QStringLiteral("gone.csv"));
    ui::FileDialog::answerNext(file);
    click("voteSave");
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(file), kWaitMs);
    QCOMPARE(readFile(file.toStdString()), other);
}

void TestVoteRounds::aRoundOfADeletedRunSaysSo() {
    begin();
    press(Qt::Key_Left);
    toRounds("voteLater");
    m_window.reset();
    store::StoreEditor(m_desk->workspace.path()).remove("r0002");
    open();
    m_window->showPage(QStringLiteral("vote"));
    waitForPage();
    QCOMPARE(table().model()->rowCount(), 1);
    QVERIFY2(cell(0, 1).startsWith(QStringLiteral("r0002, deleted")), qPrintable(cell(0, 1)));
    QCOMPARE(part<QComboBox>("voteRunB").currentData(), part<QComboBox>("voteRunA").currentData());  // what is left to compare
}

void TestVoteRounds::filesOfOthersAreLeftOut() {
    const auto folder = m_desk->workspace.path() / "votes";
    makeFolders(folder);
    writeFileAtomically(folder / "notes.csv", "a,b\n");
    writeFileAtomically(folder / "r0001@4-r0002@4-1.csv", "not a table of votes");
    openByPalette();
    QCOMPARE(table().model()->rowCount(), 0);
    click("voteStart");
    press(Qt::Key_Left);
    QTRY_COMPARE_WITH_TIMEOUT(kept("r0001@4-r0002@4-2.csv").size(), std::size_t{2}, kWaitMs);
    QCOMPARE(readFile(folder / "r0001@4-r0002@4-1.csv"), std::string("not a table of votes"));
}

void TestVoteRounds::theTableIsCopiedAndExported() {
    begin();
    pressAll(std::vector<Qt::Key>(6, Qt::Key_Left));
    QTRY_COMPARE_WITH_TIMEOUT(kept().size(), std::size_t{7}, kWaitMs);
    int a = 0;
    for (const auto& row : kept()) {
        a += row[6] == "a" ? 1 : 0;
    }
    toRounds("voteRounds");
    test::activate(*m_window);
    table().setFocus();
    QTest::keyClick(&table(), Qt::Key_C, Qt::ControlModifier);
    const QStringList lines = QGuiApplication::clipboard()->text().split(QLatin1Char('\n'));
    QCOMPARE(lines.at(0), QStringLiteral("a\tb\tround\tpairs\tvotes\tfor_a\tfor_b\tties\tshare_of_a\tlow\thigh\tover"));
    QVERIFY2(lines.at(1).startsWith(QStringLiteral("r0001@4\tr0002@4\t1\t6\t6\t%1\t%2\t0\t").arg(a).arg(6 - a)), qPrintable(lines.at(1)));
    m_window->openExport();
    auto* dialog = m_window->findChild<ui::ExportDialog*>();
    QVERIFY(dialog != nullptr && dialog->choose(ui::ExportDialog::Tab::Numbers, QStringLiteral("csv")));
    const QString file = m_desk->config.filePath(QStringLiteral("rounds.csv"));
    ui::FileDialog::answerNext(file);
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("exportSave")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(file), kWaitMs);
    QCOMPARE(QString::fromStdString(readFile(file.toStdString())), lines.join(QLatin1Char('\n')).replace(QLatin1Char('\t'), QLatin1Char(',')));
}

void TestVoteRounds::votesAboutARecordAreKeptBesideTheSettings() {
    m_window.reset();
    writeFileAtomically(m_desk->workspace.path() / "recorded", "a record\n");
    open();
    begin();
    press(Qt::Key_Left);
    const auto folder = std::filesystem::path(m_desk->config.path().toStdString()) / "votes" / m_desk->workspace.path().filename();
    QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(folder / "r0001@4-r0002@4-1.csv"), kWaitMs);
    QVERIFY(!std::filesystem::exists(m_desk->workspace.path() / "votes"));
    toRounds("voteLater");
    QCOMPARE(table().model()->rowCount(), 1);
}

QTEST_MAIN(TestVoteRounds)
#include "tst_vote_rounds.moc"
