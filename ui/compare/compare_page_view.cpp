// What the compare page shows once curves and images are there, and what can be taken away.
#include <QStackedWidget>
#include <algorithm>
#include <cmath>
#include <map>

#include "core/figure/panels.h"
#include "core/report/report.h"
#include "core/run/measures.h"
#include "ui/bridge/store_service.h"
#include "ui/compare/compare_page_impl.h"
#include "ui/widgets/empty_state.h"
#include "ui/widgets/short_names.h"

namespace rlcm::ui {
namespace {

/// The curves' names only, while the values of another measure are read.
std::vector<Series> withoutPoints(std::vector<Series> all) {
    for (Series& series : all) {
        series.x.clear();
        series.y.clear();
        series.bandLow.clear();
        series.bandHigh.clear();
        series.counts.clear();
    }
    return all;
}

/// Seeds of one kind beside each other, in the order of their first runs.
void sortByGroup(std::vector<const RunCurve*>& runs) {
    std::map<std::string, std::size_t> first;
    for (const RunCurve* run : runs) {
        first.emplace(run->groupKey, first.size());
    }
    std::ranges::stable_sort(runs, {}, [&first](const RunCurve* run) { return first[run->groupKey]; });
}

double firstFinite(const std::vector<double>& y) {
    const auto first = std::ranges::find_if(y, [](double value) { return std::isfinite(value); });
    return first == y.end() ? std::numeric_limits<double>::quiet_NaN() : *first;
}

/// The best value of a curve up to a place; NaN for a measure of which nobody can say which way is better.
double bestUpTo(const Series& series, double x, const std::string& measure) {
    const run::Measure* known = run::findMeasure(measure);
    const run::Better better = known == nullptr ? run::Better::Neither : known->better;
    double best = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t i = 0; i < series.x.size() && series.x[i] <= x && better != run::Better::Neither; ++i) {
        const bool isBetter = better == run::Better::Higher ? series.y[i] > best : series.y[i] < best;
        best = std::isfinite(series.y[i]) && (std::isnan(best) || isBetter) ? series.y[i] : best;
    }
    return best;
}

/// The image of the same prompt from the same noise, or why there is none: another prompt beside it would compare nothing.
void fillCell(ImageCell& cell, const std::vector<store::SampleRow>& samples, const ImageKey& key) {
    bool hasPrompt = false;
    for (const store::SampleRow& sample : samples) {
        hasPrompt = hasPrompt || sample.prompt == key.prompt;
        if (imageKeyOf(sample) != key) {
            continue;
        }
        cell.file = QString::fromStdString(sample.file.string());
        cell.prompt = QString::fromStdString(sample.prompt);
        cell.reward = sample.reward;
        cell.noiseSeed = sample.noiseSeed;
        cell.isHeldOut = sample.isHeldOut;
        return;
    }
    if (!samples.empty()) {
        cell.absence = hasPrompt ? ImageRow::tr("this prompt only from other noise") : ImageRow::tr("this prompt is not in its set");
    }
}

}  // namespace

void ComparePage::Impl::showEmptyState() {
    if (!data().runs.empty()) {
        stack->setCurrentIndex(1);
        return;
    }
    stack->setCurrentIndex(0);
    if (!isLoaded) {
        empty->setContent(Icon::Chart, tr("Reading runs…"), {});
    } else if (data().hiddenRuns > 0) {
        empty->setContent(Icon::EyeOff, tr("All runs are hidden"), tr("Tick the eye of a run in the list on the left to draw it here."));
    } else {
        empty->setContent(Icon::Chart, tr("Nothing to compare yet"), tr("Curves of all visible runs appear here, on any axis, with their images side by side."),
                          tr("New run"));
    }
}

std::vector<CompareControls::RewardChoice> ComparePage::Impl::rewards() const {
    std::vector<CompareControls::RewardChoice> choices;
    for (const RunCurve& run : data().runs) {
        const auto at = std::find_if(choices.begin(), choices.end(), [&](const auto& choice) { return choice.key == run.rewardKey; });
        if (at == choices.end()) {
            choices.push_back({run.rewardKey, QString::fromStdString(figure::rewardTitle(run.run)), 1});
        } else {
            ++at->runs;
        }
    }
    std::stable_sort(choices.begin(), choices.end(), [](const auto& a, const auto& b) { return a.runs > b.runs; });
    return choices;
}

std::vector<const RunCurve*> ComparePage::Impl::comparable() const {
    return comparableRuns(data(), view.measure, controls->reward());
}

/// Until the values of another measure have come those of the one before stay, dimmed and under their own name, unless they would stand on another axis.
void ComparePage::Impl::showReading() {
    const QString text = tr("Reading “%1”…").arg(scalarTitle(view.measure));
    chart->setEmptyText(text);
    if (drawnAxis != view.axis) {
        chart->setSeries(withoutPoints(chart->series()));
    }
    chart->setVeil(data().scalar.empty() || drawnAxis != view.axis ? QString() : text);
    table->setRows({});
    table->setHeading(text);
}

QString ComparePage::Impl::baselineCurve() const {
    const std::vector<const RunCurve*> runs = comparable();
    const auto own = std::ranges::find(runs, baseline, [](const RunCurve* run) { return run->run.id; });
    if (own == runs.end()) {
        return {};
    }
    // Seeds of one kind are drawn under the name of the first of them.
    const auto drawn = isGrouped() ? std::ranges::find(runs, (*own)->groupKey, [](const RunCurve* run) { return run->groupKey; }) : own;
    return QString::fromStdString((*drawn)->run.id);
}

void ComparePage::Impl::showCurves() {
    if (isReading()) {
        showReading();
        return;
    }
    drawnAxis = view.axis;
    chart->setVeil({});
    const std::vector<const RunCurve*> runs = comparable();
    const std::string title = runs.empty() ? run::measureTitle(view.measure) : figure::valueTitle(view.measure, runs.front()->run);
    chart->setAxisTitles(axisTitle(view.axis), QString::fromStdString(title));
    chart->setHalfLife(view.halfLife);
    chart->setSmoother(view.smoother);
    chart->setRawVisible(view.hasRaw);
    chart->setRobustRange(view.ignoresOutliers);
    chart->setLogY(view.isLogY);
    controls->setGroupedByItself(areBetterGrouped(runs));
    chart->setBandNote(QString::fromStdString(figure::bandNote(view.band)));
    chart->setEmptyText(tr("No run has this value yet."));
    chart->setMarks(makeMarks(runs, view.axis));
    range = makeRange(runs, view.axis);
    std::vector<Series> all = makeSeries(runs, {.axis = view.axis, .isGrouped = isGrouped(), .band = view.band});
    nameBriefly(all);
    chart->setBaseline(baselineCurve());
    chart->setSeries(std::move(all));
    showCursor();
}

void ComparePage::Impl::showCursor() {
    if (isReading()) {
        showReading();
        return;
    }
    const double x = cursorX();
    const bool isNewest = !std::isfinite(x);
    std::vector<CursorRow> rows;
    std::vector<QString> names;
    const auto& all = chart->series();
    const std::vector<CursorValue> values = chart->valuesAt(isNewest ? std::numeric_limits<double>::infinity() : x);
    const QString base = baselineCurve();
    const auto against = std::ranges::find_if(values, [&](const CursorValue& value) { return all[value.series].id == base; });
    for (const CursorValue& value : values) {
        const Series& series = all[value.series];
        names.push_back(series.label.chopped(static_cast<qsizetype>(figure::seedsText(series.runs).size())));
        QString behind = series.runs < 2              ? QString()
                         : value.count == series.runs ? tr(" (n = %1)").arg(series.runs)
                                                      : tr(" (n = %1 of %2)").arg(value.count).arg(series.runs);
        behind += series.id == base ? tr(" · base") : QString();
        rows.push_back({.id = series.id,
                        .label = behind,
                        .fullLabel = series.label,
                        .place = value.isExact || (value.isHere && isTime(view.axis)) ? QString() : placeText(view.axis, value.x),
                        .colour = series.colour,
                        .x = value.x,
                        .raw = value.raw,
                        .smoothed = value.smoothed,
                        .best = bestUpTo(series, value.x, view.measure),
                        .against = against == values.end()            ? firstFinite(series.y)
                                   : std::isfinite(against->smoothed) ? against->smoothed
                                                                      : against->raw,
                        .isHere = value.isHere});
    }
    table->setDeltaOf(against == values.end() ? CursorModel::DeltaOf::First : CursorModel::DeltaOf::Baseline);
    names = shortNames(names);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].label.prepend(names[i]);
    }
    table->setRows(std::move(rows));
    table->setHeading(isNewest ? tr("Newest values") : tr("At %1 %2").arg(axisTitle(view.axis).toLower(), axisValue(view.axis, x)));
    askForImages();
}

void ComparePage::Impl::askForImages() {
    if (!self->isVisible()) {
        isStale = true;
        return;
    }
    std::vector<std::pair<std::string, std::int64_t>> places;
    for (const RunCurve* run : comparable()) {
        places.emplace_back(run->run.id, imagesAt(*run, view.axis, cursorX()).epoch);
    }
    if (places == askedImages) {
        showImages();  // the same images at another place
        return;
    }
    askedImages = places;
    loader.loadImages(std::move(places));
}

QString ComparePage::Impl::imagePlace(const ImageChoice& choice) const {
    if (choice.epoch < 0) {
        return {};
    }
    if (choice.isExact) {
        return tr("ep %1").arg(choice.epoch);
    }
    const double x = cursorX();
    const QString asked = view.axis == XAxis::Epoch ? axisValue(view.axis, x) : placeText(view.axis, x);
    return tr("ep %1 (asked %2)").arg(choice.epoch).arg(asked);
}

void ComparePage::Impl::showImages() {
    std::vector<const RunCurve*> runs = comparable();
    if (isGrouped()) {
        sortByGroup(runs);  // as the curves are
    }
    std::map<std::string, const RunImages*> byRun;
    for (const RunImages& one : images) {
        byRun[one.runId] = &one;
    }
    std::vector<const std::vector<store::SampleRow>*> sets;
    std::vector<QString> names;
    for (const RunCurve* run : runs) {
        names.push_back(QString::fromStdString(run->run.name));
        if (const auto loaded = byRun.find(run->run.id); loaded != byRun.end()) {
            sets.push_back(&loaded->second->samples);
        }
    }
    const std::vector<ImageKey> keys = imageKeys(sets);
    const auto wanted = static_cast<std::size_t>(view.image);
    const ImageKey* key = keys.empty() ? nullptr : &keys[std::min(wanted, keys.size() - 1)];
    const std::vector<QString> brief = shortNames(names);
    std::vector<ImageCell> cells;
    for (const RunCurve* run : runs) {
        ImageCell cell{.run = brief[cells.size()], .fullName = names[cells.size()], .colour = runColour(run->run.colour)};
        if (const auto loaded = byRun.find(run->run.id); loaded != byRun.end()) {
            const ImageChoice choice = imagesAt(*run, view.axis, cursorX());
            cell.place = imagePlace(choice);
            cell.isFallback = choice.epoch >= 0 && !choice.isExact;
            cell.judge = loaded->second->judge;
            cell.judgeModel = run->judgeModel;
            if (key != nullptr) {
                fillCell(cell, loaded->second->samples, *key);
            }
        }
        cells.push_back(std::move(cell));
    }
    row->setCells(std::move(cells), static_cast<int>(keys.size()), key == nullptr ? QString() : QString::fromStdString(key->prompt));
    const QSignalBlocker quiet(row);
    row->setImageIndex(view.image);
}

// --- export
// ------------------------------------------------------------------------------------------------------

std::optional<ExportSubject> ComparePage::Impl::subject() const {
    if (comparable().empty()) {
        return std::nullopt;
    }
    const QString title = scalarTitle(view.measure);
    ExportSubject subject{.name = title};
    subject.figure =
        ExportSubject::Figure{.note = tr("The chart as it is: %1 of all visible runs against %2, with smoothing, bands and the part that is zoomed into.")
                                          .arg(title, axisTitle(view.axis)),
                              .spec = figureSpec()};
    subject.tables.push_back({.note = tr("The points of the chart: series, x, raw and smoothed value, band, and how many runs stand behind each."),
                              .suffix = QStringLiteral("csv"),
                              .write = [spec = figureSpec()](const store::StoreReader& reader, const std::filesystem::path& file) {
                                  report::exportFigureTable(reader, spec, file);
                              }});
    subject.tables.push_back(runEvents(figureSpec().series.front().runs));
    figure::TextTable words = table->toTable();
    words.caption = title.toStdString() + ", " + words.caption;
    subject.words = ExportSubject::Words{.note = tr("The table at the cursor: a row for each curve."), .table = std::move(words)};
    return subject;
}

figure::FigureSpec ComparePage::Impl::figureSpec() const {
    std::vector<run::RunId> ids;
    for (const RunCurve* run : comparable()) {
        ids.push_back(run->run.id);
    }
    figure::FigureSpec spec{.axis = std::string(run::counterField(view.axis).name),
                            .series = {{view.measure, ids}},
                            .grouping = isGrouped() ? figure::Grouping::Seeds : figure::Grouping::None,
                            .band = view.band,
                            .halfLife = view.halfLife,
                            .smoother = view.smoother,
                            .hasRaw = view.hasRaw,
                            .isLogY = view.isLogY,
                            .ignoresOutliers = view.ignoresOutliers};
    if (chart->isZoomed()) {
        const ChartWidget::Range seen = chart->visibleRange();
        spec.extract = {seen.x0, seen.x1, seen.y0, seen.y1};
    }
    return spec;
}

}  // namespace rlcm::ui
