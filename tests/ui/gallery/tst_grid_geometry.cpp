// How large the evaluation images are drawn.
#include <QTest>

#include "ui/gallery/grid_geometry.h"

using namespace rlcm::ui;

class TestGridGeometry : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void allFitAsLargeAsTheyCan_data();
    void allFitAsLargeAsTheyCan();
    void largerOnesAreWholeFactorsAndStayWithinTheWidth();
    void reducedOnesGrowInSteps();

private:
    static bool isWithin(const GridGeometry& one, const GridRoom& room) { return one.columns * (one.cellWidth + kCellGap) - kCellGap <= room.area.width(); }
    static bool isWhole(const GridGeometry& one, const GridRoom& room) {
        const int rows = (room.images + one.columns - 1) / one.columns;
        return isWithin(one, room) && rows * (one.cellHeight + kCellGap) - kCellGap <= room.area.height();
    }
};

void TestGridGeometry::allFitAsLargeAsTheyCan_data() {
    QTest::addColumn<QSize>("area");
    QTest::addColumn<int>("images");
    QTest::addColumn<double>("side");
    QTest::newRow("sixteen") << QSize(900, 700) << 16 << 128.0;
    QTest::newRow("four, wide") << QSize(1400, 346) << 4 << 320.0;
    QTest::newRow("one is not blown up without end") << QSize(3000, 2000) << 1 << 384.0;
    QTest::newRow("too many: small and scrolling") << QSize(400, 300) << 64 << 128.0;
}

void TestGridGeometry::allFitAsLargeAsTheyCan() {
    QFETCH(QSize, area);
    QFETCH(int, images);
    QFETCH(double, side);
    const GridRoom room{.area = area, .images = images, .storedSide = 64, .caption = 18, .scrollBar = 12};
    const GridGeometry one = fitGrid(room);
    QCOMPARE(one.imageSide, side);
    QCOMPARE(one.larger, 0);
    QVERIFY(isWithin(one, room));
    QCOMPARE(isWhole(one, room), images < 64);
}

void TestGridGeometry::largerOnesAreWholeFactorsAndStayWithinTheWidth() {
    const GridRoom room{.area = QSize(900, 700), .images = 16, .storedSide = 64, .caption = 18, .scrollBar = 12};
    double before = fitGrid(room).imageSide;
    for (int larger = 1; larger <= 8; ++larger) {
        const GridGeometry one = fitGrid(room, larger);
        QCOMPARE(one.imageSide, before + 64);
        QCOMPARE(one.larger, larger);
        QVERIFY(isWithin(one, room));
        before = one.imageSide;
    }
    QCOMPARE(fitGrid(room, 100).imageSide, 832.0);  // 13 x 64: the largest beside the scroll bar
    QCOMPARE(fitGrid(room, 100).columns, 1);
}

void TestGridGeometry::reducedOnesGrowInSteps() {
    const GridRoom room{.area = QSize(900, 700), .images = 16, .storedSide = 512, .caption = 18, .scrollBar = 12};
    const GridGeometry fit = fitGrid(room), more = fitGrid(room, 1);
    QVERIFY(isWhole(fit, room) && !isWhole(more, room));
    QCOMPARE(more.imageSide, fit.imageSide + 8);
    QCOMPARE(more.decodeSide, static_cast<int>(more.imageSide));
}

QTEST_GUILESS_MAIN(TestGridGeometry)
#include "tst_grid_geometry.moc"
