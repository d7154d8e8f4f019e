// A blind vote from the palette to the table, with the keyboard.
#include <QApplication>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QTest>
#include <QToolButton>
#include <cmath>

#include "core/base/files.h"
#include "core/figure/csv.h"
#include "tests/ui/shell/desk.h"
#include "ui/compare/vote_dialog.h"
#include "ui/compare/vote_pictures.h"
#include "ui/shell/main_window.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;
using test::Desk;
using test::find;
using test::kWaitMs;

namespace {

using Rows = std::vector<std::vector<std::string>>;

QString textOf(const QWidget& dialog, const char* name) {
    return dialog.findChild<QLabel*>(QLatin1String(name))->text();
}

/// The table of the only round that was begun.
Rows keptRows(const Desk& desk, const QString& name = QStringLiteral("r0001@4-r0002@4-1.csv")) {
    const auto file = desk.workspace.path() / "votes" / name.toStdString();
    return std::filesystem::exists(file) ? figure::csvRows(readFile(file)) : Rows();
}

}  // namespace

class TestVote : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void init();
    void cleanup();
    void everyPairGetsAKeyAndTheEndTellsWhichWasWhich();
    void aRoundThatWasLeftGoesOn();
    void theLastVoteIsTakenBack();
    void whatCannotBeComparedIsTold();
    void aPictureThatIsGoneTakesNoVoteButATie();
    void aDiskThatTakesNoVotesIsTold();

private:
    ui::VoteDialog& openByPalette();
    ui::VoteDialog& begun();
    void press(ui::VoteDialog& dialog, Qt::Key key);

    std::unique_ptr<Desk> m_desk;
    std::unique_ptr<ui::MainWindow> m_window;
};

void TestVote::init() {
    m_desk = std::make_unique<Desk>();
    m_desk->workspace.addRun(test::smallConfig(4, 4), {.imageSize = 64});
    m_desk->workspace.addRun(test::smallConfig(4, 8), {.imageSize = 64});  // six images each
    m_window = m_desk->open();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
}

void TestVote::cleanup() {
    m_window.reset();
    m_desk.reset();
}

ui::VoteDialog& TestVote::openByPalette() {
    m_window->view().apply({[](ui::ViewState& state) { state.select("r0001"); }});
    QTest::keyClick(m_window.get(), Qt::Key_K, Qt::ControlModifier);
    auto* search = find<QLineEdit>(*m_window, "commandSearch");
    QTest::keyClicks(search, QStringLiteral("blind vote"));
    QTest::keyClick(search, Qt::Key_Return);
    auto* dialog = m_window->findChild<ui::VoteDialog*>();
    Q_ASSERT(dialog != nullptr);
    return *dialog;
}

ui::VoteDialog& TestVote::begun() {
    ui::VoteDialog& dialog = openByPalette();
    auto* start = dialog.findChild<QPushButton*>(QStringLiteral("voteStart"));
    [&] { QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kWaitMs); }();
    QTest::keyClick(dialog.findChild<QComboBox*>(QStringLiteral("voteRunA")), Qt::Key_Return);  // where the focus is
    return dialog;
}

/// As a person does, who looks at both images first.
void TestVote::press(ui::VoteDialog& dialog, Qt::Key key) {
    QTRY_VERIFY_WITH_TIMEOUT(dialog.findChild<ui::VotePictures*>()->isSettled(), kWaitMs);
    QTest::keyClick(&dialog, key);
}

void TestVote::everyPairGetsAKeyAndTheEndTellsWhichWasWhich() {
    ui::VoteDialog& dialog = begun();
    QTRY_VERIFY_WITH_TIMEOUT(dialog.findChild<ui::VotePictures*>()->isSettled(), kWaitMs);
    test::picture(dialog, QStringLiteral("vote"));
    QVERIFY(!textOf(dialog, "votePrompt").isEmpty());
    QCOMPARE(textOf(dialog, "voteCount"), QStringLiteral("1 of 6"));
    for (const QLabel* label : dialog.findChildren<QLabel*>()) {
        QVERIFY2(!label->isVisible() || !label->text().contains(QStringLiteral("H8")), qPrintable(label->text()));
    }
    const std::vector<Qt::Key> keys{Qt::Key_Left, Qt::Key_Right, Qt::Key_Down, Qt::Key_Left, Qt::Key_Space, Qt::Key_Left};
    for (const Qt::Key key : keys) {
        press(dialog, key);
    }
    const QString result = textOf(dialog, "voteResult");
    test::picture(dialog, QStringLiteral("vote-result"));
    QTRY_COMPARE_WITH_TIMEOUT(keptRows(*m_desk).size(), std::size_t{7}, kWaitMs);
    int a = 0, b = 0;
    const Rows rows = keptRows(*m_desk);
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

    const QString file = m_desk->config.filePath(QStringLiteral("votes.csv"));
    ui::FileDialog::answerNext(file);
    QTest::mouseClick(dialog.findChild<QPushButton*>(QStringLiteral("voteSave")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(file), kWaitMs);
    QVERIFY(figure::csvRows(readFile(file.toStdString())) == rows);

    QTest::mouseClick(dialog.findChild<QPushButton*>(QStringLiteral("voteAgain")), Qt::LeftButton);
    auto* start = dialog.findChild<QPushButton*>(QStringLiteral("voteStart"));
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kWaitMs);
    QCOMPARE(start->text(), QStringLiteral("Start"));
    QTest::keyClick(start, Qt::Key_Return);
    press(dialog, Qt::Key_Left);
    QTRY_COMPARE_WITH_TIMEOUT(keptRows(*m_desk, QStringLiteral("r0001@4-r0002@4-2.csv")).size(), std::size_t{2}, kWaitMs);
}

void TestVote::aRoundThatWasLeftGoesOn() {
    {
        ui::VoteDialog& dialog = begun();
        press(dialog, Qt::Key_Left);
        press(dialog, Qt::Key_Right);
        m_window.reset();  // with the dialog open
    }
    const Rows before = keptRows(*m_desk);
    QCOMPARE(before.size(), std::size_t{3});
    m_window = m_desk->open();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
    ui::VoteDialog& dialog = openByPalette();
    auto* start = dialog.findChild<QPushButton*>(QStringLiteral("voteStart"));
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kWaitMs);
    QCOMPARE(start->text(), QStringLiteral("Go on"));
    QVERIFY(textOf(dialog, "voteNote").startsWith(QStringLiteral("2 of 6")));
    QTest::keyClick(start, Qt::Key_Return);
    QCOMPARE(textOf(dialog, "voteCount"), QStringLiteral("3 of 6"));
    press(dialog, Qt::Key_Down);
    QTRY_COMPARE_WITH_TIMEOUT(keptRows(*m_desk).size(), std::size_t{4}, kWaitMs);
    QVERIFY(std::equal(before.begin(), before.end(), keptRows(*m_desk).begin()));
}

void TestVote::theLastVoteIsTakenBack() {
    ui::VoteDialog& dialog = begun();
    QTest::keyClick(&dialog, Qt::Key_Backspace);  // nothing to take back
    press(dialog, Qt::Key_Left);
    const QString second = textOf(dialog, "votePrompt");
    press(dialog, Qt::Key_Left);
    QTest::keyClick(&dialog, Qt::Key_Backspace);
    QCOMPARE(textOf(dialog, "voteCount"), QStringLiteral("2 of 6"));
    QCOMPARE(textOf(dialog, "votePrompt"), second);
    QTRY_COMPARE_WITH_TIMEOUT(keptRows(*m_desk).size(), std::size_t{2}, kWaitMs);
    for (int i = 0; i < 5; ++i) {
        press(dialog, Qt::Key_Down);
    }
    QVERIFY(dialog.findChild<QLabel*>(QStringLiteral("voteResult"))->isVisible());
    QTest::keyClick(&dialog, Qt::Key_Z, Qt::ControlModifier);  // from the result too
    QCOMPARE(textOf(dialog, "voteCount"), QStringLiteral("6 of 6"));
}

void TestVote::whatCannotBeComparedIsTold() {
    ui::VoteDialog& dialog = openByPalette();
    auto* start = dialog.findChild<QPushButton*>(QStringLiteral("voteStart"));
    auto* run = dialog.findChild<QComboBox*>(QStringLiteral("voteRunB"));
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kWaitMs);
    QCOMPARE(run->currentIndex(), 1 - dialog.findChild<QComboBox*>(QStringLiteral("voteRunA"))->currentIndex());
    run->setFocus();
    QTest::keyClick(run, run->currentIndex() == 0 ? Qt::Key_Down : Qt::Key_Up);
    QTRY_VERIFY_WITH_TIMEOUT(textOf(dialog, "voteNote").startsWith(QStringLiteral("Both sides are the same")), kWaitMs);
    QVERIFY(!start->isEnabled());
    auto* epoch = dialog.findChild<QComboBox*>(QStringLiteral("voteEpochB"));
    QTest::keyClick(epoch, Qt::Key_Up);  // the same run before training
    QTRY_VERIFY_WITH_TIMEOUT(start->isEnabled(), kWaitMs);
    QCOMPARE(textOf(dialog, "voteNote"), QStringLiteral("6 pairs share prompt and noise."));
    QTest::keyClick(&dialog, Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(m_window->findChild<ui::VoteDialog*>() == nullptr, kWaitMs);
    m_window->showPage(QStringLiteral("compare"));
    QTest::mouseClick(find<QToolButton>(*m_window, "blindVote"), Qt::LeftButton);
    QVERIFY(m_window->findChild<ui::VoteDialog*>() != nullptr);
}

void TestVote::aPictureThatIsGoneTakesNoVoteButATie() {
    m_window.reset();  // it has seen them
    for (const auto& sample : store::StoreReader(m_desk->workspace.path()).samples("r0002", 4)) {
        std::filesystem::remove(sample.file);
    }
    m_window = m_desk->open();
    QTRY_VERIFY_WITH_TIMEOUT(m_window->isShowingData(), kWaitMs);
    ui::VoteDialog& dialog = begun();
    press(dialog, Qt::Key_Left);
    QCOMPARE(textOf(dialog, "voteCount"), QStringLiteral("1 of 6"));
    press(dialog, Qt::Key_Down);
    QCOMPARE(textOf(dialog, "voteCount"), QStringLiteral("2 of 6"));
}

void TestVote::aDiskThatTakesNoVotesIsTold() {
    QFile inTheWay(QString::fromStdString((m_desk->workspace.path() / "votes").string()));
    QVERIFY(inTheWay.open(QIODevice::WriteOnly));
    ui::VoteDialog& dialog = begun();
    press(dialog, Qt::Key_Left);
    auto* bar = dialog.findChild<ui::MessageBar*>();
    QTRY_VERIFY_WITH_TIMEOUT(bar->isVisible(), kWaitMs);
    QVERIFY2(bar->text().startsWith(QStringLiteral("The votes are not kept")), qPrintable(bar->text()));
    QCOMPARE(textOf(dialog, "voteCount"), QStringLiteral("2 of 6"));
}

QTEST_MAIN(TestVote)
#include "tst_vote.moc"
