#include <QApplication>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QSignalSpy>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>
#include <clocale>
#include <limits>

#include "ui/theme/theme.h"
#include "ui/widgets/dialogs.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/format.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/short_names.h"
#include "ui/widgets/state_badge.h"
#include "ui/widgets/time_bar.h"
#include "ui/widgets/time_track.h"

using namespace rlcm::ui;
using rlcm::run::RunState;

class TestWidgets : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light); }

    void aNameThatIsCutKeepsMethodHorizonAndSeed() {
        const QFontMetrics metrics{QApplication::font()};
        const QString name = QStringLiteral("rlcm H4 compressibility s0");
        QCOMPARE(elidedName(name, metrics, metrics.horizontalAdvance(name)), name);
        const int narrow = metrics.horizontalAdvance(QStringLiteral("rlcm H16 com…ity s12"));
        QStringList seen;
        for (const QString& term : {QStringLiteral("compressibility"), QStringLiteral("colourfulness"), QStringLiteral("incompressibility")}) {
            const QString shown = elidedName(QStringLiteral("rlcm H16 %1 s12").arg(term), metrics, narrow);
            QVERIFY2(metrics.horizontalAdvance(shown) <= narrow, qPrintable(shown));
            QVERIFY2(shown.startsWith(QStringLiteral("rlcm H16 ")) && shown.endsWith(QStringLiteral(" s12")), qPrintable(shown));
            QVERIFY2(!seen.contains(shown), qPrintable(shown));
            seen << shown;
        }
        QVERIFY(metrics.horizontalAdvance(elidedName(QStringLiteral("one-long-name-without-a-blank"), metrics, 60)) <= 60);
    }
    void shortNamesKeepWhatDiffers() {
        using Names = std::vector<QString>;
        QCOMPARE(shortNames({QStringLiteral("rlcm H4 size s0"), QStringLiteral("ddpo T20 size s0")}),
                 (Names{QStringLiteral("rlcm H4"), QStringLiteral("ddpo T20")}));
        QCOMPARE(shortNames({QStringLiteral("a b"), QStringLiteral("a")}), (Names{QStringLiteral("a b"), QStringLiteral("a")}));
        QCOMPARE(shortNames({QStringLiteral("only one")}), Names{QStringLiteral("only one")});
        QCOMPARE(shortNames({QStringLiteral("rlcm H8 size (3 seeds)"), QStringLiteral("ddpo T20 size (2 seeds)")}),
                 (Names{QStringLiteral("rlcm H8 (3 seeds)"), QStringLiteral("ddpo T20 (2 seeds)")}));
    }
    void numbersReadWell_data() {
        QTest::addColumn<QString>("got");
        QTest::addColumn<QString>("wanted");
        const auto row = [](const char* name, const QString& got, const QString& wanted) { QTest::newRow(name) << got << wanted; };
        row("short", formatDuration(0.84), QStringLiteral("0.8 s"));
        row("rounds up to a minute", formatDuration(59.7), QStringLiteral("1 min 00 s"));
        row("minutes", formatDuration(185), QStringLiteral("3 min 05 s"));
        row("hours", formatDuration(4325), QStringLiteral("1 h 12 min"));
        row("days", formatDuration(187200), QStringLiteral("2 d 4 h"));
        row("unknown", formatDuration(-1), QStringLiteral("–"));
        row("not finite", formatDuration(std::numeric_limits<double>::quiet_NaN()), QStringLiteral("–"));
        row("count", formatCount(999), QStringLiteral("999"));
        row("thousands", formatCount(12345), QStringLiteral("12.3k"));
        row("carries into the next unit", formatCount(999999), QStringLiteral("1.00M"));
        row("reward", formatReward(-12.3456), QStringLiteral("−12.35"));
        row("small reward", formatReward(0.00012345), QStringLiteral("0.0001234"));
        row("NaN", formatReward(std::numeric_limits<double>::quiet_NaN()), QStringLiteral("NaN"));
        row("gain", formatDelta(0.5), QStringLiteral("+0.5000"));
        row("no change", formatDelta(0), QStringLiteral("±0"));
        row("bytes", formatBytes(1234567), QStringLiteral("1.2 MB"));
        row("ago", formatAgo(1000, 1130), QStringLiteral("2 min ago"));
    }
    void numbersReadWell() {
        QFETCH(QString, got);
        QFETCH(QString, wanted);
        QCOMPARE(got, wanted);
    }

    void messageBarShowsTextActionAndGoesAway() {
        MessageBar bar;
        QVERIFY(bar.isHidden());
        bar.showMessage(MessageLevel::Error, QStringLiteral("The disk is full"), QStringLiteral("Choose a folder"));
        QVERIFY(bar.isVisible());
        auto* action = bar.findChild<QPushButton*>(QStringLiteral("messageBarAction"));
        QCOMPARE(action->text(), QStringLiteral("Choose a folder"));
        QSignalSpy triggered(&bar, &MessageBar::actionTriggered), dismissed(&bar, &MessageBar::dismissed);
        action->click();
        bar.findChild<QToolButton*>(QStringLiteral("messageBarDismiss"))->click();
        QCOMPARE(triggered.count(), 1);
        QCOMPARE(dismissed.count(), 1);
        QVERIFY(bar.isHidden());
        bar.showMessage(MessageLevel::Info, QStringLiteral("Saved"));
        QVERIFY(action->isHidden());
    }

    void emptyStateOffersOneAction() {
        EmptyState state(Icon::Chart, QStringLiteral("No runs"), QStringLiteral("Start one."), QStringLiteral("New run"));
        QSignalSpy triggered(&state, &EmptyState::triggered);
        state.findChild<QPushButton*>(QStringLiteral("emptyStateAction"))->click();
        QCOMPARE(triggered.count(), 1);
        state.setContent(Icon::Chart, QStringLiteral("Nothing"), QStringLiteral("…"));
        QVERIFY(state.findChild<QPushButton*>(QStringLiteral("emptyStateAction"))->isHidden());
    }

    void dialogsReturnTheAnswersOfATest() {
        FileDialog::answerNext(QStringLiteral("/x/figure"));
        QCOMPARE(FileDialog::saveFile(nullptr, QStringLiteral("Export"), QStringLiteral("/y/reward.pdf"), QStringLiteral("PDF (*.pdf)")),
                 QStringLiteral("/x/figure.pdf"));
        // A folder that is not there gives way to the one used last, not to the program's.
        QVERIFY(FileDialog::lastSuggestion().endsWith(QStringLiteral("/reward.pdf")));
        QVERIFY(QFileInfo(FileDialog::lastSuggestion()).dir().exists());
        QVERIFY(QFileInfo(FileDialog::lastSuggestion()).absolutePath() != QDir::currentPath());
        MessageBox::answerNext(1);
        QCOMPARE(MessageBox::ask(nullptr, {.title = QStringLiteral("Stop?"), .buttons = {QStringLiteral("Stop"), QStringLiteral("Go on")}}), 1);
        QCOMPARE(MessageBox::lastQuestion().title, QStringLiteral("Stop?"));
    }

    void aQuestionIsReadInFewLinesAndEscapeCancels() {
        int width = 0;
        QTimer::singleShot(0, this, [&width] {
            auto* box = QApplication::activeModalWidget();
            QTRY_VERIFY(box != nullptr && box->isVisible());
            width = box->findChild<QLabel*>(QStringLiteral("qt_msgbox_informativelabel"))->width();
            QTest::keyClick(box, Qt::Key_Escape);
        });
        const QString text = QStringLiteral("Closing stops the run now: the epoch being worked on is lost. It continues from its last checkpoint.");
        QCOMPARE(MessageBox::ask(nullptr, {.title = QStringLiteral("Stop?"), .text = text, .buttons = {QStringLiteral("Stop"), QStringLiteral("Go on")}}), 1);
        QVERIFY2(width >= 340, qPrintable(QString::number(width)));
    }

    void endingsComeBeforeTheQuestionAboutReplacing() {
        const QTemporaryDir folder;
        const auto path = [&](const char* name) { return folder.filePath(QString::fromLatin1(name)); };
        const auto save = [&](const char* typed) {
            FileDialog::answerNext(path(typed));
            return FileDialog::saveFile(nullptr, QStringLiteral("Export"), path("x.png"), QStringLiteral("PNG image (*.png);;PDF figure (*.pdf)"));
        };
        QCOMPARE(save("emoji_v1.5"), path("emoji_v1.5.png"));
        QCOMPARE(save("fig.PDF"), path("fig.PDF"));
        QCOMPARE(save("fig."), path("fig.png"));
        QFile(path("fig.png")).open(QIODevice::WriteOnly);
        MessageBox::answerNext(0);
        QCOMPARE(save("fig"), path("fig.png"));
        QVERIFY(MessageBox::lastQuestion().title.contains(QStringLiteral("fig.png")));
        QVERIFY(MessageBox::lastQuestion().defaultButton != 0);
        MessageBox::answerNext(1);
        FileDialog::answerNext(path("fig"));
        FileDialog::answerNext(path("other"));
        QCOMPARE(FileDialog::saveFile(nullptr, QStringLiteral("Export"), path("x.png"), QStringLiteral("PNG image (*.png)")), path("other.png"));
        QCOMPARE(FileDialog::lastSuggestion(), path("fig.png"));
        FileDialog::answerNext(QString());
        QVERIFY(FileDialog::saveFile(nullptr, QStringLiteral("Export"), path("x.png"), QStringLiteral("PNG image (*.png)")).isEmpty());
    }

    void everyStateHasItsOwnWordAndIcon() {
        QSet<QString> words;
        QSet<int> icons;
        for (int i = 0; i <= static_cast<int>(RunState::Interrupted); ++i) {
            words.insert(stateText(static_cast<RunState>(i)));
            icons.insert(static_cast<int>(stateIcon(static_cast<RunState>(i))));
        }
        QCOMPARE(words.size(), 11);
        QCOMPARE(icons.size(), 11);
    }

    void followsTheNewestEpochUntilScrubbed() {
        TimeBar bar;
        bar.resize(900, 60);
        bar.show();
        QSignalSpy epochs(&bar, &TimeBar::epochChanged), follows(&bar, &TimeBar::followChanged);
        bar.setRange(5, 80);
        bar.setRange(6, 80);
        QCOMPARE(bar.epoch(), 6);
        QCOMPARE(epochs.count(), 2);
        QTest::keyClick(&bar, Qt::Key_Left);
        QCOMPARE(bar.epoch(), 5);
        QVERIFY(!bar.isFollowing());
        bar.setRange(9, 80);
        QCOMPARE(bar.epoch(), 5);
        QTest::keyClick(&bar, Qt::Key_End);
        QCOMPARE(bar.epoch(), 9);
        QVERIFY(bar.isFollowing());
        QCOMPARE(follows.count(), 2);
    }

    void anEpochComesBackWithTheRunThatHasIt() {
        TimeBar bar;
        bar.setRange(40, 80);
        bar.setFollowing(false);
        bar.setEpoch(33);
        bar.setRange(0, 80);  // a look at a run that waits
        QCOMPARE(bar.epoch(), 0);
        bar.setRange(41, 80);
        QCOMPARE(bar.epoch(), 33);
        QVERIFY(!bar.isFollowing());
    }

    void numbersAreTheSameInEveryLanguage() {
        const QLocale before;
        QLocale::setDefault(QLocale(QLocale::German, QLocale::Germany));
        QCOMPARE(QLocale().toString(1.5), QStringLiteral("1,5"));
        useOneNumberFormat();
        QCOMPARE(QLocale().toString(1.5), QStringLiteral("1.5"));
        QDoubleSpinBox box;
        box.setDecimals(3);
        box.setMaximum(1e6);
        box.setValue(1500);
        QCOMPARE(box.text(), QStringLiteral("1500.000"));
        QCOMPARE(box.valueFromText(QStringLiteral("1.500")), 1.5);
        QCOMPARE(QLatin1String(std::localeconv()->decimal_point), QLatin1String("."));
        QCOMPARE(QStringLiteral("%L1").arg(1234567.5, 0, 'f', 1), QStringLiteral("1234567.5"));
        QLocale::setDefault(before);
    }

    void aFloatingSuccessGoesByItself() {
        QWidget host;
        host.resize(600, 300);
        MessageBar bar;
        bar.floatOver(&host);
        host.show();
        bar.showMessage(MessageLevel::Error, QStringLiteral("bad"));
        QVERIFY(bar.isVisible() && !bar.goesByItself());
        bar.showMessage(MessageLevel::Success, QStringLiteral("saved"));
        QVERIFY(bar.goesByItself());
        bar.showMessage(MessageLevel::Warning, QStringLiteral("look here"));
        QVERIFY(!bar.goesByItself());
    }

    void keysStepThroughEpochsAndImages() {
        TimeBar bar;
        bar.setRange(40, 80);
        bar.setMarks({.images = {0, 5, 10, 20, 40}});
        QTest::keyClick(&bar, Qt::Key_Home);
        QCOMPARE(bar.epoch(), 0);
        QTest::keyClick(&bar, Qt::Key_Right, Qt::ShiftModifier);
        QCOMPARE(bar.epoch(), 10);
        QTest::keyClick(&bar, Qt::Key_PageDown);
        QCOMPARE(bar.epoch(), 20);
        QTest::keyClick(&bar, Qt::Key_PageUp);
        QCOMPARE(bar.epoch(), 10);
        QTest::keyClick(&bar, Qt::Key_Right);
        QTest::keyClick(&bar, Qt::Key_PageUp);
        QCOMPARE(bar.epoch(), 10);
    }

    void clickOnTheTrackGoesToThatEpochButNotIntoTheFuture() {
        TimeBar bar;
        bar.resize(900, 60);
        bar.setRange(40, 80);
        bar.show();
        auto* track = bar.findChild<TimeTrack*>(QStringLiteral("timeTrack"));
        const auto at = [&](int epoch) { return QPoint(static_cast<int>(track->pixelOf(epoch)), 14); };
        QTest::mouseClick(track, Qt::LeftButton, {}, at(17));
        QCOMPARE(bar.epoch(), 17);
        QTest::mouseClick(track, Qt::LeftButton, {}, at(70));
        QCOMPARE(bar.epoch(), 40);
        for (int epoch : {0, 1, 39, 40}) {
            QCOMPARE(track->epochAt(track->pixelOf(epoch)), epoch);
        }
    }

    void aTypedPlaceIsGoneTo() {
        TimeBar bar;
        bar.setRange(40, 80);
        bar.show();
        auto* field = bar.findChild<QLineEdit*>(QStringLiteral("timePlace"));
        QCOMPARE(field->text(), QStringLiteral("40"));
        QSignalSpy epochs(&bar, &TimeBar::epochChanged);
        field->setText(QStringLiteral("17"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(bar.epoch(), 17);
        QVERIFY(!bar.isFollowing() && epochs.count() == 1);
        field->setText(QStringLiteral("400"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(bar.epoch(), 40);  // the newest there is
        field->setText(QStringLiteral("soon"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(bar.epoch(), 40);
        QTest::keyClick(field, Qt::Key_Escape);
        bar.setEpoch(3);
        QCOMPARE(field->text(), QStringLiteral("3"));
    }

    void placesAreReadAsPeopleWriteThem() {
        QCOMPARE(readPlace(QStringLiteral(" 120 ")), std::optional(120.0));
        QCOMPARE(readPlace(QStringLiteral("1.2k")), std::optional(1200.0));
        QCOMPARE(readPlace(QStringLiteral("1,5 M")), std::optional(1.5e6));
        QCOMPARE(readPlace(QStringLiteral("3 min 05 s")), std::optional(185.0));
        QCOMPARE(readPlace(QStringLiteral("1 h 12 min")), std::optional(4320.0));
        QCOMPARE(readPlace(QStringLiteral("1:30")), std::optional(90.0));
        QCOMPARE(readPlace(QStringLiteral("1:00:30")), std::optional(3630.0));
        for (const char* bad : {"", "x", "3 apples", "-2", "1:3"}) {
            QVERIFY2(!readPlace(QLatin1String(bad)), bad);
        }
    }

    void countsInTheUnitOfTheAxis() {
        TimeBar bar;
        bar.resize(900, 60);
        bar.setUnit({.name = QStringLiteral("Images"), .places = {0, 100, 250, 1000}, .end = 2000, .text = {}});
        bar.setRange(3, 3);
        bar.setMarks({.images = {0, 1000}, .alarms = {250}});
        bar.show();
        QCOMPARE(bar.findChild<QLabel*>(QStringLiteral("timeLabel"))->text(), QStringLiteral("Images"));
        QCOMPARE(bar.findChild<QLabel*>(QStringLiteral("timeEnd"))->text(), QStringLiteral("of 2000"));
        auto* field = bar.findChild<QLineEdit*>(QStringLiteral("timePlace"));
        QCOMPARE(field->text(), QStringLiteral("1000"));
        field->setText(QStringLiteral("190"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(bar.epoch(), 2);
        QCOMPARE(bar.placeOf(bar.epoch()), 250.0);
        QTest::keyClick(&bar, Qt::Key_PageUp);
        QCOMPARE(bar.epoch(), 0);
        QTest::keyClick(&bar, Qt::Key_PageDown);
        QCOMPARE(bar.epoch(), 3);
        auto* track = bar.findChild<TimeTrack*>(QStringLiteral("timeTrack"));
        QTest::mouseClick(track, Qt::LeftButton, {}, QPoint(static_cast<int>(track->pixelOf(110)), 14));
        QCOMPARE(bar.epoch(), 1);
        QVERIFY2(track->pixelOf(1000) < track->width() / 2 + 2, "half of what is planned");
    }

    void playsToTheEndAndStops() {
        TimeBar bar;
        bar.setRange(3, 3);
        bar.setPlaySpeed(10);
        bar.show();
        QSignalSpy epochs(&bar, &TimeBar::epochChanged);
        QTest::keyClick(&bar, Qt::Key_Space);
        QVERIFY(bar.isPlaying());
        QCOMPARE(bar.epoch(), 0);
        QTRY_COMPARE(bar.epoch(), 3);
        QTRY_VERIFY(!bar.isPlaying());
        QCOMPARE(epochs.count(), 4);
    }
};

QTEST_MAIN(TestWidgets)
#include "tst_widgets.moc"
