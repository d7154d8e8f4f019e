// The bench's figures of long curves: another measure of them, and files.
#include <QCoreApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QLocale>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/base/order_statistics.h"
#include "core/report/report.h"
#include "core/run/measures.h"
#include "core/run/presets.h"
#include "ui/charts/chart_widget.h"
#include "ui/shell/ui_bench_parts.h"

namespace rlcm::ui {

run::Counters countersAt(std::int64_t epoch) {
    run::Counters counters;
    counters.epoch = epoch;
    counters.images = counters.rewardQueries = 32 * epoch;
    counters.denoiserEvaluations = counters.nominalDenoiserEvaluations = 128 * epoch;
    counters.activeSeconds = counters.wallSeconds = static_cast<double>(epoch);
    return counters;
}

/// A run that has ended, with what `tellEpochs` tells of it.
run::RunId makeRun(const QString& folder, int epochs, const std::function<void(run::RunObserver&, const run::RunId&)>& tellEpochs) {
    store::StoreEditor editor(folder.toStdString(), store::Patience::Minutes);
    run::RunConfig config = run::firstStudy().config;
    config.training.epochs = epochs;
    const run::RunId id = editor.createRun(config);
    editor.claim(id);
    run::RunCommands commands;
    store::StoreWriter writer(folder.toStdString(), id, commands);
    writer.onEvent(run::RunStarted{id, "{}", 0, {}});
    tellEpochs(writer, id);
    writer.onEvent(run::RunFinished{id, run::RunState::Finished, {}, countersAt(epochs), {}});
    return id;
}

namespace {

constexpr int kRuns = 8;
const std::array kMeasures{std::string(run::measure::kRewardMean), std::string(run::measure::kLoss)};

void makeCurves(const QString& folder, int points) {
    for (int i = 0; i < kRuns; ++i) {
        makeRun(folder, points, [&](run::RunObserver& writer, const run::RunId& id) {
            for (int epoch = 1; epoch <= points; ++epoch) {
                const double value = std::log1p(epoch) / 8 + 0.2 * std::sin(epoch * 12.9898 + i);
                writer.onEvent(run::EpochDone{id, epoch - 1, countersAt(epoch), {}, {{kMeasures[0], value}, {kMeasures[1], -value}}, {}});
            }
        });
    }
}

}  // namespace

void benchMeasure(const Bench& bench) {
    const QString folder = bench.workspace("curves");
    makeCurves(folder, bench.size.curvePoints);
    const auto window = bench.open(folder, QStringLiteral("compare"));
    auto* chart = window->findChild<ChartWidget*>(QStringLiteral("compareChart"));
    std::vector<double> dimmed, dimming, shown, showing;
    for (int i = 0; i <= bench.size.times; ++i) {
        waitFor([&] { return window->isShowingData() && chart->veil().isEmpty(); });
        QElapsedTimer clock;
        clock.start();
        const double before = ownMilliseconds();
        window->view().apply({[i](ViewState& state) { state.compare.measure = kMeasures[static_cast<std::size_t>(i % 2)]; }});
        const bool isDimmed = !chart->veil().isEmpty();
        chart->repaint();
        const double ownSoFar = ownMilliseconds() - before, soFar = static_cast<double>(clock.nsecsElapsed()) / 1e6;
        waitFor([&] { return window->isShowingData() && chart->veil().isEmpty(); });
        chart->replotNow();
        if (i > 0) {
            dimmed.push_back(isDimmed ? soFar : std::numeric_limits<double>::infinity());
            dimming.push_back(ownSoFar);
            shown.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
            showing.push_back(ownMilliseconds() - before);
        }
    }
    const QString curves = QStringLiteral("8 curves of ") + QLocale(QLocale::English).toString(bench.size.curvePoints);
    bench.tell({QStringLiteral("dimming %1 when another measure is chosen").arg(curves), quantile(dimmed, 0.5), quantile(dimming, 0.5), 50});
    bench.tell(waiting({QStringLiteral("another measure of ") + curves, quantile(shown, 0.5), quantile(showing, 0.5), 1000}));
}

void benchExport(const Bench& bench) {
    const QString folder = bench.workspace("curves");
    const store::StoreReader reader(folder.toStdString());
    const figure::FigureSpec spec{.series = {{kMeasures[0], {reader.runs().front().id}}}, .halfLife = 50};
    for (const char* suffix : {"pdf", "svg", "png"}) {
        const std::string file = QDir(folder).filePath(QStringLiteral("figure.") + QLatin1String(suffix)).toStdString();
        bench.tell(bench.measured(
            QStringLiteral("a curve of %1 points as %2").arg(QLocale(QLocale::English).toString(bench.size.curvePoints), QString::fromLatin1(suffix).toUpper()),
            3000, std::min(3, bench.size.times), [&](int) { report::exportFigure(reader, spec, file); }));
    }
    const std::string table = QDir(folder).filePath(QStringLiteral("figure.csv")).toStdString();
    bench.tell(bench.measured(QStringLiteral("the same as a table"), 3000, std::min(3, bench.size.times),
                              [&](int) { report::exportFigureTable(reader, spec, table); }));
}

}  // namespace rlcm::ui
