// The viewer: two images against each other, by what is on the screen.
#include <QApplication>
#include <QLabel>
#include <QSignalSpy>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "ui/gallery/image_viewer.h"
#include "ui/theme/theme.h"

using namespace rlcm::ui;

namespace {

constexpr int kWaitMs = 20000;

/// Each pixel of its own colour, so that a place on the screen tells which it is.
QColor pixelOf(int x, int y, bool isB) {
    return isB ? QColor(10 * y, 200, 10 * x) : QColor(10 * x, 10 * y, 40);
}

}  // namespace

class TestImageViewer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void oneImageIsShownAloneByWholeFactors();
    void sideBySideTheyHaveOneZoomAndPlace();
    void theWipeHasALeftOfItsLineAndBRightOfIt();
    void theBlendIsBetweenBoth();
    void flickerShowsThemInTurnAtTheSamePlace();
    void theDifferenceIsMultiplied();
    void fourAtOnceHaveOneZoomAndPlace();
    void pixelsUnderThePointerAreTold();
    void zoomStaysWhenTheImageChangesAndPixelsStaySharp();
    void unlikeSizesSayWhyThereIsNoDifference();
    void arrowsStepTheSideThatWasChosenLast();
    void bothAreToldInNumbers();
    void looksRight();

private:
    QString write(const QString& name, int side, bool isB);
    ViewedImage viewed(bool isB);
    void compare();
    QImage shown() { return m_viewer->canvas().grab().toImage().convertToFormat(QImage::Format_RGB32); }
    /// The colour on the screen in the middle of a pixel of an image.
    QColor at(const QImage& screen, int side, int x, int y) const;
    QLabel* label(const char* name) { return m_viewer->findChild<QLabel*>(QLatin1String(name)); }

    QTemporaryDir m_folder;
    std::unique_ptr<QWidget> m_window;
    ImageViewer* m_viewer = nullptr;
};

void TestImageViewer::initTestCase() {
    apply(*qApp, Mode::Light);
}

void TestImageViewer::init() {
    m_window = std::make_unique<QWidget>();
    m_window->resize(900, 640);
    m_window->show();
    m_viewer = &ImageViewer::of(*m_window);
    QCOMPARE(&ImageViewer::of(*m_window), m_viewer);
}

void TestImageViewer::cleanup() {
    m_window.reset();
}

QString TestImageViewer::write(const QString& name, int side, bool isB) {
    QImage picture(side, side, QImage::Format_RGB32);
    for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
            picture.setPixelColor(x, y, pixelOf(x % 16, y % 16, isB));
        }
    }
    const QString file = m_folder.filePath(name);
    picture.save(file);
    return file;
}

ViewedImage TestImageViewer::viewed(bool isB) {
    return {.file = write(isB ? QStringLiteral("b.png") : QStringLiteral("a.png"), 16, isB),
            .run = isB ? QStringLiteral("rlcm H8") : QStringLiteral("rlcm H4"),
            .prompt = QStringLiteral("an ant"),
            .place = QStringLiteral("ep 40"),
            .noiseSeed = 7,
            .reward = isB ? -1.02 : -1.94,
            .judge = isB ? 0.75 : 1.0};
}

void TestImageViewer::compare() {
    m_viewer->chooseA(viewed(false), nullptr);
    m_viewer->compare(viewed(true), nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(m_viewer->isSettled(), kWaitMs);
}

QColor TestImageViewer::at(const QImage& screen, int side, int x, int y) const {
    const QRectF place = m_viewer->canvas().imageRect(side);
    return screen.pixelColor(static_cast<int>(place.x() + place.width() * (x + 0.5) / 16), static_cast<int>(place.y() + place.height() * (y + 0.5) / 16));
}

void TestImageViewer::oneImageIsShownAloneByWholeFactors() {
    m_viewer->open(viewed(false), nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(m_viewer->isSettled(), kWaitMs);
    QCOMPARE(m_viewer->size(), m_window->size());
    const QRectF place = m_viewer->canvas().imageRect(0);
    QCOMPARE(std::fmod(place.width(), 16), 0.0);
    QVERIFY(place.width() > 400);
    const QImage screen = shown();
    for (const int x : {0, 7, 15}) {
        QCOMPARE(at(screen, 0, x, 15 - x), pixelOf(x, 15 - x, false));
    }
    m_window->resize(500, 400);
    QTRY_COMPARE(m_viewer->size(), QSize(500, 400));
    QTest::keyClick(m_viewer, Qt::Key_Escape);
    QVERIFY(!m_viewer->isVisible());
}

void TestImageViewer::sideBySideTheyHaveOneZoomAndPlace() {
    compare();
    ViewerCanvas& canvas = m_viewer->canvas();
    QVERIFY(canvas.mode() == CompareMode::SideBySide);
    QCOMPARE(canvas.imageRect(0).size(), canvas.imageRect(1).size());
    canvas.zoomBy(3, canvas.imageRect(1).center() + QPointF(30, -20));
    QCOMPARE(canvas.imageRect(0).size(), canvas.imageRect(1).size());
    QCOMPARE(canvas.imageRect(0).y(), canvas.imageRect(1).y());
    canvas.setZoom(std::nullopt);
    const QImage screen = shown();
    QCOMPARE(at(screen, 0, 3, 9), pixelOf(3, 9, false));
    QCOMPARE(at(screen, 1, 3, 9), pixelOf(3, 9, true));
}

void TestImageViewer::theWipeHasALeftOfItsLineAndBRightOfIt() {
    compare();
    QTest::keyClick(m_viewer, Qt::Key_W);
    const auto check = [this](int line) {
        const QImage screen = shown();
        for (int x = 0; x < 16; ++x) {
            if (x != line && x != line - 1) {
                QCOMPARE(at(screen, 0, x, 5), pixelOf(x, 5, x >= line));
            }
        }
    };
    check(8);
    // The line is dragged.
    ViewerCanvas& canvas = m_viewer->canvas();
    const QRectF place = canvas.imageRect(0);
    const auto onLine = [&](double share) { return QPoint(static_cast<int>(place.left() + place.width() * share), static_cast<int>(place.center().y())); };
    QTest::mousePress(&canvas, Qt::LeftButton, {}, onLine(0.5));
    QTest::mouseMove(&canvas, onLine(0.3));
    QTest::mouseMove(&canvas, onLine(0.25));
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, onLine(0.25));
    QVERIFY(std::abs(canvas.share() - 0.25) < 0.02);
    check(4);
    QVERIFY(m_viewer->isVisible());
}

void TestImageViewer::theBlendIsBetweenBoth() {
    compare();
    QTest::keyClick(m_viewer, Qt::Key_L);
    m_viewer->findChild<QSlider*>(QStringLiteral("viewerAmount"))->setValue(25);
    const QColor a = pixelOf(3, 9, false), b = pixelOf(3, 9, true), mixed = at(shown(), 0, 3, 9);
    QCOMPARE(mixed.red(), static_cast<int>(std::lround(0.75 * a.red() + 0.25 * b.red())));
    QCOMPARE(mixed.green(), static_cast<int>(std::lround(0.75 * a.green() + 0.25 * b.green())));
    QCOMPARE(mixed.blue(), static_cast<int>(std::lround(0.75 * a.blue() + 0.25 * b.blue())));
}

void TestImageViewer::flickerShowsThemInTurnAtTheSamePlace() {
    compare();
    for (const int key : {Qt::Key_Tab, Qt::Key_Space, Qt::Key_Tab}) {
        const bool wasB = m_viewer->canvas().showsB();
        QTest::keyClick(m_viewer, static_cast<Qt::Key>(key));
        QCOMPARE(m_viewer->canvas().showsB(), !wasB);
        QCOMPARE(at(shown(), 0, 3, 9), pixelOf(3, 9, !wasB));
        QVERIFY(label(wasB ? "viewerA" : "viewerB")->text().contains(QStringLiteral("seen")));
    }
    QCOMPARE(m_viewer->canvas().imageRect(0), m_viewer->canvas().imageRect(1));
    QVERIFY(m_viewer->hasFocus() || !m_window->isActiveWindow());
}

void TestImageViewer::theDifferenceIsMultiplied() {
    compare();
    QTest::keyClick(m_viewer, Qt::Key_D);
    const QColor a = pixelOf(3, 9, false), b = pixelOf(3, 9, true);
    const auto wanted = [&](int gain) {
        const auto one = [gain](int x, int y) { return std::min(255, std::abs(x - y) * gain); };
        return QColor(one(a.red(), b.red()), one(a.green(), b.green()), one(a.blue(), b.blue()));
    };
    QCOMPARE(at(shown(), 0, 3, 9), wanted(4));
    QTest::keyClick(m_viewer, Qt::Key_BracketLeft);
    QTest::keyClick(m_viewer, Qt::Key_BracketLeft);
    QCOMPARE(m_viewer->canvas().gain(), 1);
    QCOMPARE(at(shown(), 0, 3, 9), wanted(1));
}

void TestImageViewer::fourAtOnceHaveOneZoomAndPlace() {
    compare();
    QTest::keyClick(m_viewer, Qt::Key_4);
    ViewerCanvas& canvas = m_viewer->canvas();
    const QColor a = pixelOf(3, 9, false), b = pixelOf(3, 9, true);
    const auto mixed = [](int x, int y) { return std::abs(x + y) / 2; };
    const QImage screen = shown();
    QCOMPARE(at(screen, 0, 3, 9), a);
    QCOMPARE(at(screen, 1, 3, 9), b);
    QCOMPARE(at(screen, 2, 3, 9), QColor(std::min(255, 4 * std::abs(a.red() - b.red())), std::min(255, 4 * std::abs(a.green() - b.green())),
                                         std::min(255, 4 * std::abs(a.blue() - b.blue()))));
    QVERIFY(std::abs(at(screen, 3, 3, 9).green() - mixed(a.green(), b.green())) <= 1);
    canvas.zoomBy(2, canvas.imageRect(3).center() + QPointF(20, 10));
    for (const int side : {1, 2, 3}) {
        QCOMPARE(canvas.imageRect(side).size(), canvas.imageRect(0).size());
    }
    QCOMPARE(canvas.imageRect(3).x(), canvas.imageRect(1).x());
    QCOMPARE(canvas.imageRect(3).y(), canvas.imageRect(2).y());
}

void TestImageViewer::pixelsUnderThePointerAreTold() {
    compare();
    ViewerCanvas& canvas = m_viewer->canvas();
    const QRectF place = canvas.imageRect(1);
    const QPointF pixel = place.topLeft() + QPointF(place.width() * 3.5 / 16, place.height() * 9.5 / 16);
    QTest::mouseMove(&canvas, pixel.toPoint());
    QCOMPARE(label("viewerPixel")->text(), QStringLiteral("x 3, y 9   A 30 90 40   B 90 200 30"));
    QTest::mouseMove(&canvas, QPoint(canvas.width() / 2, 1));
    QCOMPARE(label("viewerPixel")->text(), QString());
}

void TestImageViewer::zoomStaysWhenTheImageChangesAndPixelsStaySharp() {
    compare();
    QTest::keyClick(m_viewer, Qt::Key_W);
    ViewerCanvas& canvas = m_viewer->canvas();
    QTest::keyClick(m_viewer, Qt::Key_1);
    QCOMPARE(canvas.imageRect(0).width(), 16.0);
    for (int i = 0; i < 30; ++i) {
        QTest::keyClick(m_viewer, Qt::Key_Plus);
    }
    QCOMPARE(canvas.zoom(), 64.0);
    // Dragging moves both, and never the image out of sight.
    const QPoint middle = canvas.rect().center() + QPoint(120, 0);
    QTest::mousePress(&canvas, Qt::LeftButton, {}, middle);
    QTest::mouseMove(&canvas, middle + QPoint(50, 40));
    QTest::mouseMove(&canvas, middle + QPoint(5000, 5000));
    QTest::mouseRelease(&canvas, Qt::LeftButton, {}, middle + QPoint(5000, 5000));
    QVERIFY(m_viewer->isVisible());
    const QRectF before = canvas.imageRect(0);
    QVERIFY(std::abs(before.left()) < 1 && std::abs(before.top()) < 1);
    ViewedImage other = viewed(false);
    other.place = QStringLiteral("ep 44");
    m_viewer->compare(other, nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(m_viewer->isSettled(), kWaitMs);
    QCOMPARE(canvas.imageRect(0), before);
    const QImage screen = shown();
    QCOMPARE(screen.pixelColor(10, 10), pixelOf(0, 0, false));  // to the edge of a pixel it is one colour
    QCOMPARE(screen.pixelColor(62, 62), pixelOf(0, 0, false));
    QCOMPARE(screen.pixelColor(66, 66), pixelOf(1, 1, false));
    QTest::keyClick(m_viewer, Qt::Key_0);
    QVERIFY(canvas.isFitted());
}

void TestImageViewer::unlikeSizesSayWhyThereIsNoDifference() {
    m_viewer->chooseA(viewed(false), nullptr);
    ViewedImage large = viewed(true);
    large.file = write(QStringLiteral("large.png"), 32, true);
    m_viewer->compare(large, nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(m_viewer->isSettled(), kWaitMs);
    QTest::keyClick(m_viewer, Qt::Key_D);
    QVERIFY(m_viewer->canvas().combined().isNull());
    QVERIFY(!label("viewerNumbers")->text().contains(QStringLiteral("mean |A")));
    QTest::keyClick(m_viewer, Qt::Key_S);
    QCOMPARE(m_viewer->canvas().imageRect(0).size(), m_viewer->canvas().imageRect(1).size());
    ViewedImage lost = viewed(true);
    lost.file = m_folder.filePath(QStringLiteral("no such file.png"));
    m_viewer->compare(lost, nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(m_viewer->isSettled(), kWaitMs);
    shown();
}

void TestImageViewer::arrowsStepTheSideThatWasChosenLast() {
    ImageLink here, there;
    QSignalSpy ofHere(&here, &ImageLink::stepAsked), ofThere(&there, &ImageLink::stepAsked);
    m_viewer->chooseA(viewed(false), &here);
    m_viewer->compare(viewed(true), &there);
    QTest::keyClick(m_viewer, Qt::Key_Right);
    QTest::keyClick(m_viewer, Qt::Key_Up);
    QCOMPARE(ofThere.count(), 2);
    QCOMPARE(ofThere.at(0).at(0).toInt(), 1);
    QCOMPARE(ofThere.at(1).at(1).toInt(), -1);
    ViewedImage next = viewed(true);
    next.place = QStringLiteral("ep 44");
    Q_EMIT there.shown(next);
    QCOMPARE(m_viewer->image(ImageViewer::Side::B)->place, QStringLiteral("ep 44"));
    Q_EMIT here.shown(next);
    QCOMPARE(m_viewer->image(ImageViewer::Side::A)->place, QStringLiteral("ep 40"));
    QTest::keyClick(m_viewer, Qt::Key_A);
    QTest::keyClick(m_viewer, Qt::Key_Left);
    QCOMPARE(ofHere.count(), 1);
    QTest::keyClick(m_viewer, Qt::Key_X);
    QCOMPARE(m_viewer->image(ImageViewer::Side::A)->place, QStringLiteral("ep 44"));
    QTest::keyClick(m_viewer, Qt::Key_Left);
    QCOMPARE(ofHere.count(), 2);  // the image that was stepped is still the one
    QTest::keyClick(m_viewer, Qt::Key_Backspace);
    QVERIFY(!m_viewer->image(ImageViewer::Side::B));
    QTest::keyClick(m_viewer, Qt::Key_B);  // begins as A
    QCOMPARE(m_viewer->image(ImageViewer::Side::B)->place, QStringLiteral("ep 44"));
    QVERIFY(m_viewer->stepped() == ImageViewer::Side::B);
}

void TestImageViewer::bothAreToldInNumbers() {
    compare();
    QVERIFY2(label("viewerA")->text().contains(QStringLiteral("rlcm H4  ·  ep 40  ·  reward −1.940  ·  judge 1.000")), qPrintable(label("viewerA")->text()));
    QVERIFY(label("viewerB")->text().contains(QStringLiteral("“an ant”  ·  training prompt  ·  noise 7")));
    const QString numbers = label("viewerNumbers")->text();
    QVERIFY2(numbers.contains(QStringLiteral("reward B − A +0.920")) && numbers.contains(QStringLiteral("judge B − A −0.250")), qPrintable(numbers));
    QVERIFY2(numbers.contains(QStringLiteral("mean |A − B| 0.")) && !numbers.contains(QStringLiteral("unlike")), qPrintable(numbers));
    ViewedImage other = viewed(true);
    other.noiseSeed = 8;
    m_viewer->compare(other, nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(m_viewer->isSettled(), kWaitMs);
    QVERIFY(label("viewerNumbers")->text().contains(QStringLiteral("unlike noise")));
}

void TestImageViewer::looksRight() {
    const QString folder = qEnvironmentVariable("RLCM_SCREENSHOT_DIR");
    compare();
    for (int mode = 0; mode < kCompareModes; ++mode) {
        m_viewer->findChild<QToolButton*>(QStringLiteral("viewerMode%1").arg(mode))->click();
        QVERIFY(m_viewer->canvas().mode() == static_cast<CompareMode>(mode));
        if (!folder.isEmpty()) {
            m_window->grab().save(folder + QStringLiteral("/viewer-%1.png").arg(mode));
        }
    }
}

QTEST_MAIN(TestImageViewer)
#include "tst_image_viewer.moc"
