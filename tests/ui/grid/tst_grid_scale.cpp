// Ten thousand images in one grid: only what is seen is decoded, and it scrolls.
#include <QApplication>
#include <QImage>
#include <QScrollBar>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "ui/grid/pivot_view.h"
#include "ui/theme/theme.h"

using namespace rlcm;
using namespace rlcm::ui;

namespace {

constexpr int kEpochs = 400, kPrompts = 25;

/// Files of their own for 10,000 images, as links to a few.
std::shared_ptr<const figure::PivotImages> manyImages(const QTemporaryDir& folder) {
    for (int i = 0; i < 8; ++i) {
        QImage picture(64, 64, QImage::Format_RGB32);
        picture.fill(QColor::fromHsv(i * 40, 180, 220));
        picture.save(folder.filePath(QStringLiteral("%1.png").arg(i)));
    }
    auto run = std::make_shared<figure::PivotRun>();
    run->run.id = run->run.name = "a run";
    for (int epoch = 0; epoch < kEpochs; ++epoch) {
        for (int prompt = 0; prompt < kPrompts; ++prompt) {
            const QString file = folder.filePath(QStringLiteral("e%1p%2.png").arg(epoch).arg(prompt));
            QFile::link(folder.filePath(QStringLiteral("%1.png").arg((epoch + prompt) % 8)), file);
            store::SampleRow sample;
            sample.epoch = epoch;
            sample.index = prompt;
            sample.prompt = "an animal " + std::to_string(prompt);
            sample.reward = -2 + 0.001 * epoch + 0.01 * prompt;
            sample.width = sample.height = 64;
            sample.file = file.toStdString();
            run->samples.push_back(sample);
        }
    }
    return std::make_shared<const figure::PivotImages>(std::vector<std::shared_ptr<const figure::PivotRun>>{run});
}

}  // namespace

class TestGridScale : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { apply(*qobject_cast<QApplication*>(QCoreApplication::instance()), Mode::Light); }

    void longPromptsAndAnyLettersTakeNoMoreRoom() {
        std::vector<std::shared_ptr<const figure::PivotRun>> runs;
        for (const std::string& name :
             {std::string("a\nb\tc"), std::string(600, 'W'), std::string("\u202E\u65E5\u672C <b>x</b> \U0001F41C"), std::string("\xff\xfe")}) {
            auto run = std::make_shared<figure::PivotRun>();
            run->run.id = run->run.name = name;
            for (const std::string& prompt : {std::string(500, 'M'), name}) {
                store::SampleRow sample;
                sample.prompt = prompt;
                sample.width = sample.height = 16;
                sample.file = "/no/such/" + name;
                run->samples.push_back(sample);
            }
            runs.push_back(run);
        }
        figure::PivotSpec spec;
        spec.axes = {figure::PivotAxis::Run, figure::PivotAxis::Prompt, figure::PivotAxis::Epoch};
        PivotView view;
        view.resize(700, 500);
        view.setGrid(figure::PivotGrid(std::make_shared<const figure::PivotImages>(runs), spec, {}), 0);
        view.show();
        QTRY_VERIFY_WITH_TIMEOUT(view.isSettled(), 20000);
        QVERIFY(view.cellRect({0, 0}).left() <= 170);
        view.grab();
        for (int row = 0; row < view.rows(); ++row) {
            QVERIFY(!view.headerText(figure::PivotSlot::Rows, row).contains(QLatin1Char('\n')));
            QVERIFY(!view.describe({row, 0}).isEmpty());
        }
    }
    void tenThousandImagesScrollAndOnlyThoseInSightAreDecoded() {
        const QTemporaryDir folder;
        const auto images = manyImages(folder);
        QCOMPARE(images->images(), std::size_t{kEpochs * kPrompts});
        PivotView view;
        view.resize(1200, 760);
        view.setLook({.side = 64});
        QSignalSpy decoded(&view.cache(), &ThumbnailCache::ready);
        view.setGrid(figure::PivotGrid(images, {}, {}), 0);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        QTRY_VERIFY_WITH_TIMEOUT(view.isSettled(), 20000);
        QVERIFY2(decoded.count() < 400, qPrintable(QString::number(decoded.count())));
        for (int frame = 0; frame < 300; ++frame) {
            view.verticalScrollBar()->setValue(frame * 90);
            QCoreApplication::processEvents();  // paints, and takes what was decoded meanwhile
        }
        QTRY_VERIFY_WITH_TIMEOUT(view.isSettled(), 20000);
        QVERIFY2(decoded.count() < 10000, "what was passed is not decoded");
        QCOMPARE(view.verticalScrollBar()->value(), 299 * 90);
    }
};

QTEST_MAIN(TestGridScale)
#include "tst_grid_scale.moc"
