// The viewer tells how alike two images are to the judge of their runs.
#include <QApplication>
#include <QLabel>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <QToolButton>
#include <atomic>
#include <memory>
#include <semaphore>

#include "core/base/error.h"
#include "core/image/rgb8_image.h"
#include "ui/gallery/image_viewer.h"
#include "ui/theme/theme.h"

using namespace rlcm::ui;

namespace {
constexpr int kWaitMs = 20000, kSide = 16;
constexpr int kGreenOfB = 200;
}  // namespace

class TestPairLikeness : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { apply(*qApp, Mode::Light); }
    void init();
    void cleanup() { m_window.reset(); }
    void theCosineIsMeasuredOnceForAPairAndTold();
    void aMeasurementCanBeCancelledAndBegunAgain();
    void aCosineThatCannotBeMeasuredSaysWhyAndCanBeTriedAgain();
    void withoutAJudgeThereIsNoCosine();
    void pairsAreKeptUpToABound();

private:
    /// A picture of one colour; `name` is that of its file.
    ViewedImage viewed(const QString& name, bool isB);
    ViewedImage a() { return viewed(QStringLiteral("a.png"), false); }
    ViewedImage b() { return viewed(QStringLiteral("b.png"), true); }
    void compare(const ViewedImage& a, const ViewedImage& b);
    QToolButton* button() { return m_viewer->findChild<QToolButton*>(QStringLiteral("viewerLikeness")); }
    bool isMeasuringShown() { return m_viewer->findChild<QWidget*>(QStringLiteral("viewerMeasuring"))->isVisible(); }
    QLabel* numbers() { return m_viewer->findChild<QLabel*>(QStringLiteral("viewerNumbers")); }

    QTemporaryDir m_folder;
    std::unique_ptr<QWidget> m_window;
    ImageViewer* m_viewer = nullptr;
};

void TestPairLikeness::init() {
    m_window = std::make_unique<QWidget>();
    m_window->resize(900, 640);
    m_window->show();
    m_viewer = &ImageViewer::of(*m_window);
}

ViewedImage TestPairLikeness::viewed(const QString& name, bool isB) {
    QImage picture(kSide, kSide, QImage::Format_RGB32);
    picture.fill(isB ? QColor(30, kGreenOfB, 30) : QColor(30, 40, 30));
    const QString file = m_folder.filePath(name);
    picture.save(file);
    return {.file = file, .run = QStringLiteral("rlcm H4"), .prompt = QStringLiteral("an ant"), .judgeModel = QStringLiteral("judge")};
}

void TestPairLikeness::compare(const ViewedImage& a, const ViewedImage& b) {
    m_viewer->chooseA(a, nullptr);
    m_viewer->compare(b, nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(m_viewer->isSettled(), kWaitMs);
}

void TestPairLikeness::theCosineIsMeasuredOnceForAPairAndTold() {
    std::atomic<int> calls = 0;
    const Qt::HANDLE here = QThread::currentThreadId();
    m_viewer->setLikenessMeter([&](const std::string& model, const rlcm::image::Rgb8Image& a, const rlcm::image::Rgb8Image& b) {
        ++calls;
        const bool isRight = model == "judge" && a.width == kSide && b.pixels[1] == kGreenOfB && QThread::currentThreadId() != here;
        return isRight ? 0.7124 : -1;
    });
    compare(a(), b());
    QTRY_VERIFY_WITH_TIMEOUT(numbers()->text().contains(QStringLiteral("CLIP cosine 0.712")), kWaitMs);
    QVERIFY(numbers()->toolTip().contains(QStringLiteral("judge")));
    QVERIFY(!button()->isVisible());
    QTest::keyClick(m_viewer, Qt::Key_X);
    QTest::keyClick(m_viewer, Qt::Key_X);
    compare(a(), b());
    QVERIFY(numbers()->text().contains(QStringLiteral("CLIP cosine 0.712")));
    QCOMPARE(calls.load(), 1);
    QTest::keyClick(m_viewer, Qt::Key_Backspace);
    QVERIFY(!numbers()->text().contains(QStringLiteral("CLIP")));
}

void TestPairLikeness::aMeasurementCanBeCancelledAndBegunAgain() {
    auto gate = std::make_shared<std::binary_semaphore>(0);
    m_viewer->setLikenessMeter([gate](const std::string&, const rlcm::image::Rgb8Image&, const rlcm::image::Rgb8Image&) {
        gate->acquire();
        return 0.25;
    });
    compare(a(), b());
    QVERIFY(m_viewer->likeness().state() == PairLikeness::State::Measuring);
    QVERIFY(isMeasuringShown());
    QCOMPARE(button()->text(), QStringLiteral("Cancel"));
    QTest::mouseClick(button(), Qt::LeftButton);
    QVERIFY(!isMeasuringShown());
    QVERIFY(!numbers()->text().contains(QStringLiteral("CLIP")));
    gate->release();  // an answer that nobody wants any more
    compare(a(), viewed(QStringLiteral("next.png"), true));
    QVERIFY(m_viewer->likeness().state() == PairLikeness::State::Cancelled);  // nor is the next pair measured
    QCOMPARE(button()->text(), QStringLiteral("CLIP cosine"));
    gate->release();
    QTest::keyClick(m_viewer, Qt::Key_C);
    QTRY_VERIFY_WITH_TIMEOUT(numbers()->text().contains(QStringLiteral("CLIP cosine 0.250")), kWaitMs);
}

void TestPairLikeness::aCosineThatCannotBeMeasuredSaysWhyAndCanBeTriedAgain() {
    std::atomic<bool> isThere = false;
    m_viewer->setLikenessMeter([&](const std::string& model, const rlcm::image::Rgb8Image&, const rlcm::image::Rgb8Image&) {
        rlcm::ensure(isThere, "there is no model " + model);
        return 0.5;
    });
    compare(a(), b());
    QTRY_VERIFY_WITH_TIMEOUT(m_viewer->likeness().state() == PairLikeness::State::Failed, kWaitMs);
    QVERIFY(numbers()->text().contains(QStringLiteral("CLIP cosine not known")));
    QVERIFY(numbers()->toolTip().contains(QStringLiteral("there is no model judge")));
    isThere = true;
    QTest::mouseClick(button(), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(numbers()->text().contains(QStringLiteral("CLIP cosine 0.500")), kWaitMs);
}

void TestPairLikeness::withoutAJudgeThereIsNoCosine() {
    std::atomic<int> calls = 0;
    m_viewer->setLikenessMeter([&](const std::string&, const rlcm::image::Rgb8Image&, const rlcm::image::Rgb8Image&) {
        ++calls;
        return 0.5;
    });
    ViewedImage unjudged = a(), other = b();
    unjudged.judgeModel = other.judgeModel = QString();
    compare(unjudged, other);
    QVERIFY(m_viewer->likeness().state() == PairLikeness::State::None && calls == 0);
    QVERIFY(!button()->isVisible());
    compare(unjudged, b());  // that of B will do
    QTRY_VERIFY_WITH_TIMEOUT(numbers()->text().contains(QStringLiteral("CLIP cosine 0.500")), kWaitMs);
    QCOMPARE(calls.load(), 1);
}

void TestPairLikeness::pairsAreKeptUpToABound() {
    PairLikeness likeness;
    likeness.setMeter([](const std::string&, const rlcm::image::Rgb8Image&, const rlcm::image::Rgb8Image&) { return 0.5; });
    QImage picture(1, 1, QImage::Format_RGB32);
    picture.fill(Qt::white);
    ViewedImage one{.file = QStringLiteral("one"), .judgeModel = QStringLiteral("judge")}, other = one;
    qsizetype most = 0;
    for (int i = 0; i < PairLikeness::kMostKept + 10; ++i) {
        other.file = QString::number(i);
        likeness.look(one, picture, other, picture);
        while (likeness.state() == PairLikeness::State::Measuring) {
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents);
        }
        most = std::max(most, likeness.kept());
    }
    QCOMPARE(most, PairLikeness::kMostKept);
}

QTEST_MAIN(TestPairLikeness)
#include "tst_pair_likeness.moc"
