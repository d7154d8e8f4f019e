// A blind vote from the palette to the table, with the keyboard.
#include <QFile>
#include <QTabWidget>
#include <QToolButton>
#include <cmath>

#include "tests/ui/vote/vote_test.h"
#include "ui/runs/runs_panel.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/time_bar.h"

using namespace rlcm;
using test::find;
using test::kWaitMs;
using test::Rows;

class TestVotePage : public test::VoteTest {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void init() { make(); }
    void cleanup() { close(); }
    void everyPairGetsAKeyAndTheEndTellsWhichWasWhich();
    void votesAreTakenToAFile();
    void anotherRoundHasAnotherOrder();
    void theLastVoteIsTakenBack();
    void nothingInTheWindowChangesWithAPair();
    void keysOfAVoteAreNoneOfTheWindow();
    void whatCannotBeComparedIsTold();
    void theSidesAreStepsToUndo();
    void aRunThatIsComparedByItsButtonIsSideA();
    void aPictureThatIsGoneTakesNoVoteButATie();
    void aDiskThatTakesNoVotesIsTold();
    void withoutRunsThePageSaysWhatIsMissing();
};

void TestVotePage::everyPairGetsAKeyAndTheEndTellsWhichWasWhich() {
    begin();
    QTRY_VERIFY_WITH_TIMEOUT(ballot().isSettled(), kWaitMs);
    test::picture(*m_window, QStringLiteral("vote"));
    QVERIFY(!text("votePrompt").isEmpty());
    QCOMPARE(text("voteCount"), QStringLiteral("1 of 6"));
    for (const QLabel* label : m_window->findChild<ui::VotePage*>()->findChildren<QLabel*>()) {
        QVERIFY2(!label->isVisible() || !label->text().contains(QStringLiteral("H8")), qPrintable(label->text()));
    }
    const std::vector<Qt::Key> keys{Qt::Key_Left, Qt::Key_Right, Qt::Key_Down, Qt::Key_Left, Qt::Key_Space, Qt::Key_Left};
    pressAll(keys);
    const QString result = text("voteResult");
    test::picture(*m_window, QStringLiteral("vote-result"));
    QTRY_COMPARE_WITH_TIMEOUT(kept().size(), std::size_t{7}, kWaitMs);
    int a = 0, b = 0;
    const Rows rows = kept();
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const bool isTie = keys[i - 1] == Qt::Key_Down || keys[i - 1] == Qt::Key_Space, isLeft = keys[i - 1] == Qt::Key_Left;
        const std::string expected = isTie ? "tie" : isLeft == (rows[i][5] == "a") ? "a" : "b";
        QCOMPARE(rows[i][6], expected);
        a += expected == "a" ? 1 : 0;
        b += expected == "b" ? 1 : 0;
    }
    QVERIFY2(result.contains(QStringLiteral("at epoch 4: %1\nB, ").arg(a)), qPrintable(result));
    QVERIFY2(result.contains(QStringLiteral("at epoch 4: %1\nNeither: 2").arg(b)), qPrintable(result));
    QVERIFY2(result.contains(QStringLiteral("Wilson interval")), qPrintable(result));
    // By hand: Wilson with z = 1.96 for a of 4.
    const double p = a / 4.0, z = 1.959964, middle = (p + z * z / 8) / (1 + z * z / 4), half = z / (1 + z * z / 4) * std::sqrt(p * (1 - p) / 4 + z * z / 64);
    QVERIFY2(result.contains(QStringLiteral("interval %1 to %2 %").arg(qRound(100 * (middle - half))).arg(qRound(100 * (middle + half)))), qPrintable(result));
}

void TestVotePage::votesAreTakenToAFile() {
    begin();
    pressAll(std::vector<Qt::Key>(6, Qt::Key_Right));
    QTRY_COMPARE_WITH_TIMEOUT(kept().size(), std::size_t{7}, kWaitMs);
    const QString file = m_desk->config.filePath(QStringLiteral("votes.csv"));
    ui::FileDialog::answerNext(file);
    click("voteSave");
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(file), kWaitMs);
    QVERIFY(figure::csvRows(readFile(file.toStdString())) == kept());
}

void TestVotePage::anotherRoundHasAnotherOrder() {
    begin();
    pressAll(std::vector<Qt::Key>(6, Qt::Key_Left));
    click("voteAgain");
    QTRY_VERIFY_WITH_TIMEOUT(ballot().isVisible(), kWaitMs);
    QCOMPARE(text("voteCount"), QStringLiteral("1 of 6"));
    pressAll(std::vector<Qt::Key>(6, Qt::Key_Left));
    QTRY_COMPARE_WITH_TIMEOUT(kept("r0001@4-r0002@4-2.csv").size(), std::size_t{7}, kWaitMs);
    Rows first = kept(), second = kept("r0001@4-r0002@4-2.csv");
    QVERIFY(first != second);
    for (Rows* rows : {&first, &second}) {  // the same pairs
        for (std::vector<std::string>& row : *rows) {
            row = {row[1], row[2], row[3], row[4]};
        }
        std::ranges::sort(*rows);
    }
    QVERIFY(first == second);
}

void TestVotePage::theLastVoteIsTakenBack() {
    begin();
    QTest::keyClick(&ballot(), Qt::Key_Backspace);  // nothing to take back
    press(Qt::Key_Left);
    const QString second = text("votePrompt");
    press(Qt::Key_Left);
    QTest::keyClick(&ballot(), Qt::Key_Backspace);
    QCOMPARE(text("voteCount"), QStringLiteral("2 of 6"));
    QCOMPARE(text("votePrompt"), second);
    QTRY_COMPARE_WITH_TIMEOUT(kept().size(), std::size_t{2}, kWaitMs);
    pressAll(std::vector<Qt::Key>(5, Qt::Key_Down));
    QVERIFY(part<QLabel>("voteResult").isVisible());
    const int steps = m_window->steps().index();
    QTest::keyClick(m_window->findChild<ui::VotePage*>(), Qt::Key_Z, Qt::ControlModifier);  // from the result too
    QCOMPARE(text("voteCount"), QStringLiteral("6 of 6"));
    QCOMPARE(m_window->steps().index(), steps);
    press(Qt::Key_Down);
    click("voteReopen");
    QCOMPARE(text("voteCount"), QStringLiteral("6 of 6"));
}

void TestVotePage::nothingInTheWindowChangesWithAPair() {
    begin();
    const auto rest = [this] {
        const ui::ViewState state = m_window->view().state();
        return std::tuple(toJson(state), m_window->runs().selected(), m_window->windowTitle(), m_window->steps().index(), m_window->timeBar().isVisible());
    };
    const auto before = rest();
    QVERIFY(!std::get<4>(before));
    for (int i = 0; i < 5; ++i) {
        press(i % 2 == 0 ? Qt::Key_Left : Qt::Key_Right);
        QVERIFY(rest() == before);
    }
    for (const QWidget* widget : m_window->findChild<ui::VotePage*>()->findChildren<QWidget*>()) {
        QVERIFY(!widget->isVisible() || !widget->toolTip().contains(QStringLiteral("r000")));
    }
}

/// Wherever they are pressed in the window.
void TestVotePage::keysOfAVoteAreNoneOfTheWindow() {
    begin();
    QTRY_VERIFY_WITH_TIMEOUT(ballot().isSettled(), kWaitMs);
    const ui::Cursor cursor = m_window->view().state().cursor;
    QTest::keyClick(m_window.get(), Qt::Key_Left);
    QCOMPARE(text("voteCount"), QStringLiteral("2 of 6"));
    for (const Qt::Key key : {Qt::Key_Home, Qt::Key_End}) {
        QTest::keyClick(&ballot(), key);
    }
    press(Qt::Key_Space);
    QTest::keyClick(&ballot(), Qt::Key_Left, Qt::ShiftModifier);
    QCOMPARE(text("voteCount"), QStringLiteral("3 of 6"));
    QVERIFY(m_window->view().state().cursor == cursor && !m_window->timeBar().isPlaying());
    pressAll(std::vector<Qt::Key>(4, Qt::Key_Down));
    QTest::keyClick(m_window->findChild<ui::VotePage*>(), Qt::Key_Left);  // of somebody who was faster than the last pair
    QVERIFY(m_window->view().state().cursor == cursor);
    QVERIFY(part<QLabel>("voteResult").isVisible());
}

void TestVotePage::whatCannotBeComparedIsTold() {
    openByPalette();
    auto& run = part<QComboBox>("voteRunB");
    QCOMPARE(run.currentIndex(), 1 - part<QComboBox>("voteRunA").currentIndex());
    QTest::keyClick(&run, run.currentIndex() == 0 ? Qt::Key_Down : Qt::Key_Up);
    waitForPage();
    QCOMPARE(part<QComboBox>("voteEpochB").currentText(), QStringLiteral("epoch 0"));  // the same run before training
    QCOMPARE(text("voteNote"), QStringLiteral("6 pairs share prompt and noise."));
    QVERIFY(button("voteStart").isEnabled());
    QTest::keyClick(&part<QComboBox>("voteEpochB"), Qt::Key_Down);
    waitForPage();
    QVERIFY(text("voteNote").startsWith(QStringLiteral("Both sides are the same")));
    QVERIFY(!button("voteStart").isEnabled());
    QTest::keyClick(&run, Qt::Key_Return);
    QVERIFY(!ballot().isVisible());
}

void TestVotePage::theSidesAreStepsToUndo() {
    openByPalette();
    auto& epoch = part<QComboBox>("voteEpochA");
    QTest::keyClick(&epoch, Qt::Key_Up);
    waitForPage();
    QCOMPARE(epoch.currentText(), QStringLiteral("epoch 0"));
    m_window->steps().undo();
    waitForPage();
    QCOMPARE(epoch.currentText(), QStringLiteral("epoch 4"));
    m_window->steps().redo();
    m_window->close();
    m_window.reset();
    open();  // the page and its sides are remembered
    waitForPage();
    QCOMPARE(part<QComboBox>("voteEpochA").currentText(), QStringLiteral("epoch 0"));
}

void TestVotePage::aRunThatIsComparedByItsButtonIsSideA() {
    for (const char* id : {"r0002", "r0001"}) {
        m_window->showPage(QStringLiteral("compare"));
        m_window->view().apply({[id](ui::ViewState& state) { state.select(id); }});
        QTest::mouseClick(find<QToolButton>(*m_window, "blindVote"), Qt::LeftButton);
        waitForPage();
        QCOMPARE(part<QComboBox>("voteRunA").currentData().toString(), QLatin1String(id));
        QVERIFY(part<QComboBox>("voteRunB").currentData() != part<QComboBox>("voteRunA").currentData());
    }
}

void TestVotePage::aPictureThatIsGoneTakesNoVoteButATie() {
    m_window.reset();  // it has seen them
    for (const auto& sample : store::StoreReader(m_desk->workspace.path()).samples("r0002", 4)) {
        std::filesystem::remove(sample.file);
    }
    open();
    begin();
    press(Qt::Key_Left);
    QCOMPARE(text("voteCount"), QStringLiteral("1 of 6"));
    press(Qt::Key_Down);
    QCOMPARE(text("voteCount"), QStringLiteral("2 of 6"));
}

void TestVotePage::aDiskThatTakesNoVotesIsTold() {
    QFile inTheWay(QString::fromStdString((m_desk->workspace.path() / "votes").string()));
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    begin();
    press(Qt::Key_Left);
    auto& bar = part<ui::MessageBar>("voteMessage");
    QTRY_VERIFY_WITH_TIMEOUT(bar.isVisible(), kWaitMs);
    QVERIFY2(bar.text().startsWith(QStringLiteral("The votes are not kept")), qPrintable(bar.text()));
    QCOMPARE(text("voteCount"), QStringLiteral("2 of 6"));
}

void TestVotePage::withoutRunsThePageSaysWhatIsMissing() {
    m_window.reset();
    m_desk = std::make_unique<test::Desk>();
    open();
    m_window->actions().vote->trigger();
    QCOMPARE(m_window->page(), QStringLiteral("vote"));
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
    QVERIFY(part<QWidget>("voteEmpty").isVisible());
}

QTEST_MAIN(TestVotePage)
#include "tst_vote_page.moc"
