// Testing a reward from the form: pictures, scores, errors, and closing while something runs.
#include <QApplication>
#include <QComboBox>
#include <QElapsedTimer>
#include <QImage>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <semaphore>

#include "tests/support/fake_library.h"
#include "tests/support/temp_workspace.h"
#include "ui/runs/config_form.h"
#include "ui/runs/new_run_dialog.h"
#include "ui/bridge/store_service.h"
#include "ui/runs/reward_trial_dialog.h"
#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/message_bar.h"

using namespace rlcm;

namespace {

constexpr int kWaitMs = 20000;

run::RewardConfig rewardOf(const char* terms) {
    run::RewardConfig reward;
    reward.terms = terms;
    return reward;
}

QStringList texts(const QWidget& dialog, const char* name) {
    QStringList all;
    for (const auto* label : dialog.findChildren<QLabel*>(QLatin1String(name))) {
        all << label->text();
    }
    return all;
}

QStringList prompts(const QWidget& dialog) {
    QStringList all;
    for (const auto* edit : dialog.findChildren<QLineEdit*>(QStringLiteral("trialPrompt"))) {
        all << edit->text();
    }
    return all;
}

QString status(const QWidget& dialog) {
    return dialog.findChild<QLabel*>(QStringLiteral("trialStatus"))->text();
}

}  // namespace

class TestRewardTrial : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void theButtonOfTheFormScoresAtOnce();
    void imagesOfTheNewestEvaluationAreTakenWithTheirPrompts();
    void chosenFilesAreScoredAndBadOnesNamed();
    void promptsCanBeChanged();
    void aFailureStandsInTheDialog();
    void closingOrCancellingNeverWaits();
    void aTrialDoesNotWaitAsLongAsARun();
};

void TestRewardTrial::theButtonOfTheFormScoresAtOnce() {
    ui::NewRunDialog form(test::fakeTrial, {});
    form.show();
    auto* button = form.findChild<QPushButton*>(QStringLiteral("testReward"));
    QVERIFY(button->isVisible() && button->isEnabled());
    QTest::mouseClick(button, Qt::LeftButton);
    auto* dialog = form.findChild<ui::RewardTrialDialog*>();
    QVERIFY(dialog != nullptr && dialog->isVisible() && !dialog->isModal());
    QTRY_VERIFY_WITH_TIMEOUT(status(*dialog).contains(QLatin1String("4 ms for one image")), kWaitMs);
    QVERIFY(status(*dialog).contains(QLatin1String("250 ms to get ready")));
    QCOMPARE(dialog->findChild<QComboBox*>(QStringLiteral("trialSource"))->currentIndex(), 1);  // drawn: there is no workspace
    const QStringList totals = texts(*dialog, "trialTotal");
    QCOMPARE(totals.size(), 4);
    // Mean red of white stripes on black is that of half the picture.
    QVERIFY2(std::abs(totals.back().toDouble() - 127.5) < 1, qPrintable(totals.back()));
    QVERIFY(texts(*dialog, "trialTerms").front().startsWith(QLatin1String("compressibility")));
    // The dialog follows what is typed.
    form.findChild<QComboBox*>(QStringLiteral("field:reward.terms"))->setCurrentText(QStringLiteral("colourfulness"));
    QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("trialScore")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(texts(*dialog, "trialTerms").front().startsWith(QLatin1String("colourfulness")), kWaitMs);
}

void TestRewardTrial::imagesOfTheNewestEvaluationAreTakenWithTheirPrompts() {
    test::TempWorkspace workspace;
    workspace.addRun(test::smallConfig(4));
    ui::StoreService service(workspace.path());
    ui::RewardTrialDialog dialog(test::fakeTrial, &service);
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.setReward(rewardOf("compressibility"));
    dialog.score();
    QVERIFY(dialog.isBusy());
    QTRY_VERIFY_WITH_TIMEOUT(!dialog.isBusy(), kWaitMs);
    QCOMPARE(dialog.findChild<QComboBox*>(QStringLiteral("trialSource"))->currentIndex(), 0);
    const auto stored = ui::latestEvaluation(store::StoreReader(workspace.path()));
    QVERIFY(!stored.empty() && stored.size() <= ui::kTrialImages);
    QCOMPARE(prompts(dialog).size(), static_cast<int>(stored.size()));
    QCOMPARE(prompts(dialog).front(), stored.front().prompt);
}

void TestRewardTrial::chosenFilesAreScoredAndBadOnesNamed() {
    const QTemporaryDir folder;
    QImage red(40, 30, QImage::Format_RGB32);
    red.fill(QColor(200, 10, 10));
    const QString good = folder.filePath(QStringLiteral("a_red-wall.png")), bad = folder.filePath(QStringLiteral("broken.png"));
    red.save(good);
    QFile file(bad);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("not an image");
    file.close();
    ui::RewardTrialDialog dialog(test::fakeTrial, {});
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.setReward(rewardOf("compressibility"));
    dialog.show();
    auto* source = dialog.findChild<QComboBox*>(QStringLiteral("trialSource"));
    ui::FileDialog::answerNext(good);
    Q_EMIT source->activated(2);
    QTRY_COMPARE_WITH_TIMEOUT(texts(dialog, "trialTotal"), QStringList{QStringLiteral("200.0")}, kWaitMs);
    QCOMPARE(prompts(dialog), QStringList{QStringLiteral("a red wall")});
    ui::FileDialog::answerNext(good + QLatin1Char('\n') + bad);
    Q_EMIT source->activated(2);
    auto* message = dialog.findChild<ui::MessageBar*>(QStringLiteral("trialMessage"));
    QTRY_VERIFY_WITH_TIMEOUT(message->isVisible(), kWaitMs);
    QVERIFY(message->text().contains(bad));
    QVERIFY(!dialog.isBusy());
}

void TestRewardTrial::promptsCanBeChanged() {
    std::atomic<int> calls{0};
    std::vector<std::string> last;
    ui::RewardTrialDialog dialog(
        [&](const run::RewardConfig& reward, const auto& images, const std::vector<std::string>& asked) {
            last = asked;
            ++calls;
            return test::fakeTrial(reward, images, asked);
        },
        {});
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.setReward(rewardOf("compressibility"));
    dialog.score();
    QTRY_VERIFY_WITH_TIMEOUT(calls == 1 && !dialog.isBusy(), kWaitMs);
    dialog.findChildren<QLineEdit*>(QStringLiteral("trialPrompt"))[1]->setText(QStringLiteral("a walrus"));
    dialog.score();
    QTRY_VERIFY_WITH_TIMEOUT(calls == 2 && !dialog.isBusy(), kWaitMs);
    QCOMPARE(last[1], std::string("a walrus"));
}

void TestRewardTrial::aFailureStandsInTheDialog() {
    ui::RewardTrialDialog dialog(test::fakeTrial, {});
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.setReward(rewardOf("server"));
    dialog.show();
    dialog.score();
    auto* message = dialog.findChild<ui::MessageBar*>(QStringLiteral("trialMessage"));
    QTRY_VERIFY_WITH_TIMEOUT(message->isVisible(), kWaitMs);
    QVERIFY(message->text().contains(QLatin1String("http://127.0.0.1:8085")));
    QCOMPARE(texts(dialog, "trialTotal").front(), QStringLiteral("–"));
    dialog.setReward(rewardOf("compressibility"));
    QTest::mouseClick(dialog.findChild<QPushButton*>(QStringLiteral("trialScore")), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(texts(dialog, "trialTotal").front() != QStringLiteral("–"), kWaitMs);
    QVERIFY(!message->isVisible());
}

void TestRewardTrial::closingOrCancellingNeverWaits() {
    auto gate = std::make_shared<std::counting_semaphore<8>>(0);
    std::atomic<int> entered{0};
    const run::RewardTester slow = [gate, &entered](const run::RewardConfig& reward, const auto& images, const auto& asked) {
        ++entered;
        gate->acquire();
        return test::fakeTrial(reward, images, asked);
    };
    QPointer<ui::RewardTrialDialog> dialog = new ui::RewardTrialDialog(slow, {});
    dialog->setReward(rewardOf("compressibility"));
    dialog->show();
    dialog->score();
    QTRY_COMPARE_WITH_TIMEOUT(entered.load(), 1, kWaitMs);
    auto* button = dialog->findChild<QPushButton*>(QStringLiteral("trialScore"));
    QCOMPARE(button->text(), QStringLiteral("Cancel"));
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(!dialog->isBusy());
    QCOMPARE(status(*dialog), QStringLiteral("Cancelled"));
    QTest::mouseClick(button, Qt::LeftButton);  // once more, beside the one that still waits
    QTRY_COMPARE_WITH_TIMEOUT(entered.load(), 2, kWaitMs);
    QElapsedTimer clock;
    clock.start();
    dialog->close();
    QTRY_VERIFY_WITH_TIMEOUT(dialog.isNull(), kWaitMs);
    QVERIFY(clock.elapsed() < 5000);
    gate->release(2);  // their results find nobody
    QTest::qWait(100);
}

void TestRewardTrial::aTrialDoesNotWaitAsLongAsARun() {
    std::atomic<bool> isBounded{false};
    ui::RewardTrialDialog dialog(
        [&](const run::RewardConfig& reward, const auto& images, const auto& asked) {
            isBounded = reward.serverPatience <= run::kShownTrialPatience && reward.serverTimeout <= run::kShownTrialAnswer &&
                        reward.programTimeout <= run::kShownTrialAnswer;
            return test::fakeTrial(reward, images, asked);
        },
        {});
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    run::RewardConfig reward = rewardOf("compressibility");
    reward.serverPatience = 600;
    dialog.setReward(reward);
    dialog.score();
    QTRY_VERIFY_WITH_TIMEOUT(isBounded.load() && !dialog.isBusy(), kWaitMs);
}

QTEST_MAIN(TestRewardTrial)
#include "tst_reward_trial.moc"
