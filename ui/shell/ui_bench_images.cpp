// The bench's figures of images, and the session in which everything happens at once.
#include <QAbstractEventDispatcher>
#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QLocale>
#include <QScrollBar>
#include <QTimer>
#include <algorithm>
#include <cmath>
#include <fstream>
#include <unistd.h>
#include <utility>

#include "core/base/random.h"
#include "core/image/codec.h"
#include "core/run/measures.h"
#include "core/run/presets.h"
#include "ui/bridge/run_controller.h"
#include "ui/gallery/evaluation_panel.h"
#include "ui/gallery/thumbnail_cache.h"
#include "ui/grid/pivot_view.h"
#include "ui/live/live_page.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/ui_bench_parts.h"

namespace rlcm::ui {

namespace {

constexpr int kImagesPerEvaluation = 24, kPictures = 32, kActionMs = 100, kLookMs = 200, kFrames = 60;
constexpr int kEvaluationEvery = 2;    ///< epochs, of the run of the session
constexpr double kSettledShare = 0.3;  ///< of the session, until every page has been seen
constexpr double kMostMegabytes = 40;  ///< that the process may still grow by afterwards

/// Pictures that cost as much to decode as any.
std::vector<std::shared_ptr<const std::string>> makePictures() {
    std::vector<std::shared_ptr<const std::string>> pictures;
    for (int i = 0; i < kPictures; ++i) {
        Random random(static_cast<std::uint64_t>(i));
        image::Rgb8Image picture{64, 64, std::vector<std::uint8_t>(64 * 64 * 3)};
        for (std::uint8_t& value : picture.pixels) {
            value = static_cast<std::uint8_t>(random.next() >> 58);
        }
        pictures.push_back(std::make_shared<const std::string>(image::encodePng(picture)));
    }
    return pictures;
}

run::RunId makeImages(const QString& folder, int evaluations) {
    const auto pictures = makePictures();
    return makeRun(folder, evaluations, [&](run::RunObserver& writer, const run::RunId& id) {
        for (int epoch = 0; epoch <= evaluations; ++epoch) {
            run::EvaluationDone done{id, epoch, countersAt(epoch), false, 0.1, {{std::string(run::measure::kEvalRewardMean), 0.01 * epoch}}, {}};
            for (int i = 0; i < kImagesPerEvaluation; ++i) {
                done.images.push_back({.index = i,
                                       .prompt = "prompt " + std::to_string(i),
                                       .noiseSeed = static_cast<std::uint64_t>(i),
                                       .reward = 0.01 * epoch,
                                       .width = 64,
                                       .height = 64,
                                       .png = pictures[static_cast<std::size_t>((epoch + i) % kPictures)]});
            }
            if (epoch > 0) {
                writer.onEvent(run::EpochDone{id, epoch - 1, countersAt(epoch), {}, {{std::string(run::measure::kRewardMean), 0.01 * epoch}}, {}});
            }
            writer.onEvent(done);
        }
    });
}

/// Far steps, so that nothing was decoded ahead, and then back and forth.
void benchScrubbing(const Bench& bench, int evaluations) {
    const auto window = bench.open(bench.workspace("images"), QStringLiteral("live"));
    waitFor([&] { return window->isShowingData(); });
    EvaluationPanel& images = window->findChild<LivePage*>()->images();
    const auto goTo = [&](int epoch) {
        window->view().apply({[epoch](ViewState& state) { state.goTo(epoch); }, MergeKey::Cursor});
        waitFor([&] { return images.isSettled() && images.grid().content().epoch == epoch; });
    };
    const int stride = std::max(1, evaluations / (bench.size.times + 1));
    bench.tell(waiting(bench.measured(QStringLiteral("scrubbing to images not seen before"), 150, bench.size.times, [&](int i) { goTo(i * stride); })));
    bench.tell(waiting(bench.measured(QStringLiteral("scrubbing to images seen before"), 33, bench.size.times, [&](int i) { goTo(i % 2 * stride); })));
}

void benchScrolling(const Bench& bench) {
    const auto window = bench.open(bench.workspace("images"), QStringLiteral("grid"));
    auto* view = window->findChild<PivotView*>();
    waitFor([&] { return window->isShowingData() && view->rows() > 1; });
    QScrollBar* bar = view->verticalScrollBar();
    const int step = std::max(1, bar->maximum() / (kFrames + 2));
    bench.tell(
        bench.measured(QStringLiteral("a frame while %1 images scroll").arg(QLocale(QLocale::English).toString(bench.size.images)), 20, kFrames, [&](int i) {
            bar->setValue(i * step);
            QCoreApplication::processEvents();
            view->viewport()->repaint();
        }));
}

double residentMegabytes() {
    std::ifstream file("/proc/self/statm");
    double whole = 0, resident = 0;
    file >> whole >> resident;
    return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

double megabytes(const ThumbnailCache& images) {
    return static_cast<double>(images.bytes()) / 1e6;
}

/// What somebody does who looks through everything: scrubs, changes pages, axes and grouping.
class Walker {
public:
    Walker(MainWindow& window, int evaluations, run::RunId looked, run::RunId trained)
        : m_window(window), m_evaluations(evaluations), m_looked(std::move(looked)), m_trained(std::move(trained)) {}
    void step() {
        const QStringList pages = m_window.pageKeys();
        ++m_steps;
        if (m_steps % 20 == 0) {
            m_window.showPage(pages[m_steps / 20 % static_cast<int>(pages.size())]);
        } else if (m_steps % 50 == 7) {
            m_window.view().apply({[this](ViewState& state) { state.select(m_steps % 100 == 7 ? m_looked : m_trained); }});
        } else if (m_steps % 10 == 3) {
            m_window.view().apply(
                {[this](ViewState& state) { state.compare.axis = static_cast<XAxis>(m_steps / 10 % static_cast<int>(run::counterFields().size())); }});
        } else {
            m_window.view().apply({[this](ViewState& state) { state.goTo(m_steps * 7 % (m_evaluations + 1)); }, MergeKey::Cursor});
        }
    }

private:
    MainWindow& m_window;
    int m_evaluations, m_steps = 0;
    run::RunId m_looked, m_trained;
};

/// The longest processor time between two times at which the event loop looks for the next input.
class LongestStretch : public QObject {
public:
    LongestStretch() {
        QAbstractEventDispatcher* loop = QAbstractEventDispatcher::instance();
        connect(loop, &QAbstractEventDispatcher::awake, this, [this] { look(); });
        connect(loop, &QAbstractEventDispatcher::aboutToBlock, this, [this] { look(); });
    }
    double milliseconds() const { return m_longest; }

private:
    void look() {
        const double now = ownMilliseconds();
        m_longest = std::max(m_longest, now - m_before);
        m_before = now;
    }
    double m_before = ownMilliseconds(), m_longest = 0;
};

void benchSession(const Bench& bench, int evaluations, const run::RunId& looked) {
    run::RunConfig config = run::firstStudy().config;
    config.name = "session";
    config.training.epochs = 100000;
    config.evaluation.every = kEvaluationEvery;
    run::RunId trained;
    {
        store::StoreEditor editor(bench.workspace("images").toStdString(), store::Patience::Minutes);
        trained = editor.createRun(config);
    }
    const auto window = bench.open(bench.workspace("images"), QStringLiteral("live"));
    waitFor([&] { return window->runs().hasLoaded(); });
    window->controller().start(trained);
    Walker walker(*window, evaluations, looked, trained);
    QEventLoop loop;
    QTimer pace;
    QObject::connect(&pace, &QTimer::timeout, window.get(), [&walker] { walker.step(); });
    pace.start(kActionMs);
    const ThumbnailCache& images = window->images();
    // A round takes and gives back several hundred megabytes: what counts are the highest places.
    double highest = 0, before = 0;
    QTimer look;
    QObject::connect(&look, &QTimer::timeout, window.get(), [&] { highest = std::max(highest, residentMegabytes() - megabytes(images)); });
    look.start(kLookMs);
    const int whole = static_cast<int>(bench.size.sessionSeconds * 1000);
    QTimer::singleShot(static_cast<int>(whole * kSettledShare), window.get(), [&] { before = std::exchange(highest, 0); });
    QTimer::singleShot(whole, &loop, &QEventLoop::quit);
    const LongestStretch longest;
    loop.exec();
    const double kept = megabytes(images), grown = highest - before;
    pace.stop();
    window->controller().stopNow();
    waitFor([&] { return !window->controller().isActive(); });
    bench.tell({QStringLiteral("longest time without an answer in a session of %1 s").arg(bench.size.sessionSeconds), longest.milliseconds(),
                longest.milliseconds(), 50});
    bench.tell({QStringLiteral("decoded images that were kept at its end"), kept, kept, ThumbnailCache::kCommonBytes / 1e6, false, QStringLiteral("MB")});
    bench.tell({QStringLiteral("memory beside them that the rest of the session added"), grown, grown, kMostMegabytes, false, QStringLiteral("MB")});
}

}  // namespace

void benchImages(const Bench& bench) {
    const int evaluations = std::max(2, bench.size.images / kImagesPerEvaluation);
    const run::RunId looked = makeImages(bench.workspace("images"), evaluations);
    benchScrubbing(bench, evaluations);
    benchScrolling(bench);
    benchSession(bench, evaluations, looked);
}

}  // namespace rlcm::ui
