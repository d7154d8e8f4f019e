#include "ui/shell/ui_bench.h"

#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <algorithm>
#include <cmath>
#include <ctime>
#include <memory>

#include "core/base/order_statistics.h"
#include "core/run/measures.h"
#include "core/run/presets.h"
#include "core/store/workspace.h"
#include "ui/charts/chart_widget.h"
#include "ui/runs/runs_panel.h"
#include "ui/theme/theme.h"

namespace rlcm::ui {

namespace {

constexpr int kTimes = 9, kRuns = 10000, kStudyRuns = 200, kEvaluations = 20, kPatienceMs = 60000;

/// Of this thread, whatever else the processor does.
double ownMilliseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Once to warm up, then `times` times.
UiTime measured(const QString& what, double limit, int times, const std::function<void(int)>& work) {
    std::vector<double> all, own;
    work(0);
    for (int i = 1; i <= times; ++i) {
        QElapsedTimer clock;
        clock.start();
        const double before = ownMilliseconds();
        work(i);
        own.push_back(ownMilliseconds() - before);
        all.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
    }
    return {what, quantile(all, 0.5), quantile(own, 0.5), limit};
}

UiTime waiting(UiTime time) {
    time.isWaiting = true;
    return time;
}

/// Eight curves that look like rewards: a rise with noise.
std::vector<Series> curves(std::size_t points, double unit) {
    std::vector<Series> all;
    for (int i = 0; i < 8; ++i) {
        Series one{.id = QString::number(i), .label = QStringLiteral("rlcm H4 compressibility s%1").arg(i), .colour = runColour(i)};
        for (std::size_t at = 0; at < points; ++at) {
            const double x = static_cast<double>(at);
            one.x.push_back(x * unit);
            one.y.push_back(std::log1p(x) / 8 + 0.2 * std::sin(x * 12.9898 + i) * std::sin(x * 78.233));
        }
        all.push_back(std::move(one));
    }
    return all;
}

void benchCharts(const std::function<void(const UiTime&)>& tell) {
    ChartWidget chart;
    chart.resize(900, 500);
    chart.setRawVisible(true);
    chart.show();
    QCoreApplication::processEvents();
    chart.setHalfLife(3);
    const auto small = curves(1000, 1), smallNext = curves(1001, 1);
    tell(measured(QStringLiteral("new points on 8 curves of 1,000"), 15, kTimes, [&](int i) {
        chart.setSeries(i % 2 == 0 ? small : smallNext);
        chart.replotNow();
    }));
    const auto byEpoch = curves(100000, 1), byImages = curves(100000, 32);
    tell(measured(QStringLiteral("another x axis for 8 curves of 100,000"), 150, kTimes, [&](int i) {
        chart.setSeries(i % 2 == 0 ? byEpoch : byImages);
        chart.replotNow();
    }));
    tell(measured(QStringLiteral("8 curves of 100,000, raw and smoothed"), 80, kTimes, [&](int i) {
        chart.setHalfLife(50 + i);
        chart.replotNow();
    }));
    tell(measured(QStringLiteral("a step of the cursor over them"), 8, 4 * kTimes, [&](int i) { chart.setCursor(1000.0 * i); }));
}

void waitFor(const std::function<bool()>& isDone) {
    QElapsedTimer clock;
    clock.start();
    while (!isDone() && clock.elapsed() < kPatienceMs) {
        QCoreApplication::processEvents(QEventLoop::AllEvents, 5);
    }
}

std::unique_ptr<MainWindow> open(WindowOptions options, const QString& workspace, const QString& page) {
    options.workspace = workspace.toStdString();
    options.settingsFile = workspace + QStringLiteral("/window.ini");
    auto window = std::make_unique<MainWindow>(std::move(options));
    window->resize(1280, 800);
    window->showPage(page);
    window->show();
    return window;
}

void benchList(const QString& folder, const WindowOptions& options, const std::function<void(const UiTime&)>& tell) {
    {
        store::StoreEditor editor(folder.toStdString(), store::Patience::Minutes);
        run::RunConfig config = run::firstStudy().config;
        for (int i = 0; i < kRuns; ++i) {
            config.seed = i;
            config.sampling.steps = std::int64_t{2} << (i % 4);
            editor.createRun(config);
        }
    }
    std::unique_ptr<MainWindow> window;
    tell(waiting(measured(QStringLiteral("opening a workspace of 10,000 runs"), 1500, 3, [&](int) {
        window.reset();
        window = open(options, folder, QStringLiteral("live"));
        waitFor([&] { return window->runs().hasLoaded(); });
        window->grab();
    })));
    tell(measured(QStringLiteral("filtering 10,000 runs"), 50, kTimes, [&](int i) {
        window->runs().setFilterText(i % 2 == 0 ? QStringLiteral("H8 s1") : QStringLiteral("H4 s2"));
        QCoreApplication::processEvents();
    }));
}

/// Evaluations of `kStudyRuns` runs of four horizons, none of them trained.
void makeStudy(const QString& folder) {
    store::StoreEditor editor(folder.toStdString(), store::Patience::Minutes);
    run::RunConfig config = run::firstStudy().config;
    config.training.epochs = kEvaluations;
    for (int i = 0; i < kStudyRuns; ++i) {
        config.seed = i / 4;
        config.sampling.steps = std::int64_t{2} << (i % 4);
        const run::RunId id = editor.createRun(config);
        editor.claim(id);
        run::RunCommands commands;
        store::StoreWriter writer(folder.toStdString(), id, commands);
        writer.onEvent(run::RunStarted{id, "{}", 0, {}});
        for (int epoch = 0; epoch <= kEvaluations; ++epoch) {
            run::Counters counters;
            counters.epoch = epoch;
            counters.images = counters.rewardQueries = 32 * epoch;
            counters.denoiserEvaluations = counters.nominalDenoiserEvaluations = 64 * config.sampling.steps * epoch;
            counters.activeSeconds = counters.wallSeconds = epoch;
            const double reward = -2.5 + 0.02 * epoch * static_cast<double>(i % 4 + 1) + 0.01 * (i % 7);
            writer.onEvent(run::EvaluationDone{id, epoch, counters, false, 0.1, {{std::string(run::measure::kEvalRewardMean), reward}}, {}});
        }
        run::Counters end;
        end.epoch = kEvaluations;
        writer.onEvent(run::RunFinished{id, run::RunState::Finished, {}, end, {}});
    }
}

void benchHorizons(const QString& folder, const WindowOptions& options, const std::function<void(const UiTime&)>& tell) {
    makeStudy(folder);
    const auto window = open(options, folder, QStringLiteral("horizons"));
    waitFor([&] { return window->isShowingData(); });
    tell(measured(QStringLiteral("a step of the budget of 200 runs"), 33, kTimes, [&](int i) {
        window->view().apply({[i](ViewState& state) { state.horizons.budget = 64.0 * (i + 1); }, MergeKey::Budget});
        QCoreApplication::processEvents();
    }));
    tell(waiting(measured(QStringLiteral("changing between two pages with 200 runs"), 150, kTimes, [&](int i) {
        window->showPage(i % 2 == 0 ? QStringLiteral("horizons") : QStringLiteral("compare"));
        waitFor([&] { return window->isShowingData(); });
        window->grab();
    })));
}

}  // namespace

void benchUi(const QString& folder, const WindowOptions& options, const std::function<void(const UiTime&)>& tell) {
    benchCharts(tell);
    benchList(QDir(folder).filePath(QStringLiteral("list")), options, tell);
    benchHorizons(QDir(folder).filePath(QStringLiteral("study")), options, tell);
}

}  // namespace rlcm::ui
