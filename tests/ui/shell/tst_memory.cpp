// What the window keeps does not grow with the time that it is used: only with what there is to show, and with that a little.
#include <QTest>
#include <QUndoStack>
#include <malloc.h>

#include "core/run/counters.h"
#include "tests/ui/shell/desk.h"
#include "ui/bridge/run_controller.h"
#include "ui/gallery/thumbnail_cache.h"
#include "ui/runs/runs_panel.h"
#include "ui/theme/theme.h"

using namespace rlcm;
using namespace rlcm::test;

namespace {

constexpr int kStepMs = 4, kWarmUp = 500, kSteps = 1200;
constexpr int kEpochs = 48;             // of a run that has ended
constexpr double kMostPerEpoch = 6;     // KB beside decoded images: points of curves, what stands in the grid
constexpr double kMostAtAll = 2500;     // KB, whatever the session is about
constexpr qsizetype kMoreObjects = 12;  // a menu or a tool tip that is on its way out

/// What is allocated in the process without what its images take, in KB; 0 where the allocator does not say.
double keptKilobytes(const ui::MainWindow& window) {
    const struct mallinfo2 info = ::mallinfo2();
    return info.uordblks == 0 ? 0 : (static_cast<double>(info.uordblks + info.hblkhd) - static_cast<double>(window.images().bytes())) / 1e3;
}

/// Scrubs, goes from page to page, from run to run and from axis to axis, as somebody who looks through everything.
void look(ui::MainWindow& window, int step, const run::RunId& one, const run::RunId& other) {
    const QStringList pages = window.pageKeys();
    const auto axes = static_cast<int>(run::counterFields().size());
    if (step % 20 == 0) {
        window.showPage(pages[step / 20 % static_cast<int>(pages.size())]);
    } else if (step % 50 == 7) {
        window.view().apply({[&](ui::ViewState& state) { state.select(step % 100 == 7 ? one : other); }});
    } else if (step % 10 == 3) {
        window.view().apply({[&](ui::ViewState& state) { state.compare.axis = state.live.axis = static_cast<ui::XAxis>(step / 10 % axes); }});
    } else {
        window.view().apply({[&](ui::ViewState& state) { state.goTo(step * 7 % (kEpochs + 1)); }, ui::MergeKey::Cursor});
    }
}

}  // namespace

class TestMemory : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { ui::apply(*qApp, ui::Mode::Light); }
    void aSessionBesideATrainingRunKeepsOnlyWhatThereIsToShow();
};

void TestMemory::aSessionBesideATrainingRunKeepsOnlyWhatThereIsToShow() {
    Desk desk;
    const run::RunId ended = desk.workspace.addRun(smallConfig(kEpochs));
    run::RunId trained;
    {
        store::StoreEditor editor(desk.workspace.path());
        trained = editor.createRun(smallConfig(100000, 8));
    }
    const auto window = desk.open({.epochTime = std::chrono::milliseconds(4), .imageSize = 16});
    QTRY_VERIFY_WITH_TIMEOUT(window->runs().hasLoaded(), kWaitMs);
    window->controller().start(trained);
    QTRY_VERIFY_WITH_TIMEOUT(desk.row(trained).counters.epoch > 2, kWaitMs);
    const auto walk = [&](int from, int to) {
        for (int step = from; step < to; ++step) {
            look(*window, step, ended, trained);
            QTest::qWait(kStepMs);
        }
        window->showPage(QStringLiteral("live"));
        QTest::qWait(300);
    };
    const auto objects = [&] { return window->findChildren<QObject*>().size(); };
    walk(1, kWarmUp);
    const qsizetype objectsBefore = objects();
    const double keptBefore = keptKilobytes(*window);
    const std::int64_t epochBefore = desk.row(trained).counters.epoch;
    walk(kWarmUp, kWarmUp + kSteps);
    const auto epochs = static_cast<double>(desk.row(trained).counters.epoch - epochBefore);
    const double grown = keptKilobytes(*window) - keptBefore;
    qInfo("%.0f epochs: %lld objects more, %.0f KB more, images %lld KB, %d steps to undo", epochs, static_cast<long long>(objects() - objectsBefore), grown,
          static_cast<long long>(window->images().bytes() / 1000), window->steps().count());
    QVERIFY(epochs > 100);
    QVERIFY2(objects() <= objectsBefore + kMoreObjects, qPrintable(QStringLiteral("%1 objects, %2 before").arg(objects()).arg(objectsBefore)));
    QVERIFY2(grown < kMostAtAll + kMostPerEpoch * epochs, qPrintable(QStringLiteral("%1 KB in %2 epochs").arg(grown).arg(epochs)));
    QVERIFY(window->steps().count() <= window->steps().undoLimit());
    QVERIFY(window->images().bytes() <= ui::ThumbnailCache::kCommonBytes);
    window->controller().stopNow();
    QTRY_VERIFY_WITH_TIMEOUT(!window->controller().isActive(), kWaitMs);
}

QTEST_MAIN(TestMemory)
#include "tst_memory.moc"
